"""What others see of a member's points: what the member chose, for as long as the member chose it."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from chassis.context import Context, Scope
from chassis.errors import Conflict, Forbidden, NotFound, Unavailable
from chassis.ids import new_id
from louyu.membership.v1 import points_pb2 as pb
from tests.integration.membership.conftest import Building
from tests.integration.membership.points import Ledger, Someone


class Agreeing:
    """Stands for identity: who consents, and whether it can be asked."""

    def __init__(self) -> None:
        self.people: set[str] = set()
        self.away = False

    async def agreeing(self, tenant_id: str, people: Iterable[str]) -> set[str]:
        if self.away:
            raise Unavailable("CONSENTS_UNKNOWN")
        return self.people & set(people)


class Firm:
    """An enterprise of the building and its contact."""

    def __init__(self, ledger: Ledger, enterprise_id: str) -> None:
        self.ledger = ledger
        self.id = enterprise_id
        self.contact = ledger.member()

    def context(self, *, firm: str = "") -> Context:
        context = self.ledger.context(self.contact, "E")
        return self.ledger.building.context(
            Scope("E", firm or self.id), tenant_id=context.tenant_id, caller=context.caller
        )

    async def call(self, method: Any, request: Any) -> Any:
        return await self.ledger.building.call(method, request, self.context())

    async def export(self) -> list[tuple[str, int]]:
        request = pb.ExportPointsBandsRequest(enterprise_id=self.id)
        reply = await self.call(self.ledger.rpc.ExportPointsBands, request)
        return [(one.shown_as, one.band) for one in reply.bands]


@pytest.fixture
def agreeing() -> Agreeing:
    return Agreeing()


@pytest.fixture
def ledger(building: Building, agreeing: Agreeing) -> Ledger:
    return Ledger(building, agreeing)


@pytest.fixture
async def firm(ledger: Ledger) -> Firm:
    made = await ledger.building.register("演示企业01", "12")
    return Firm(ledger, made.id)


async def share(ledger: Ledger, firm: Firm, who: Someone, name: str) -> pb.PointsShare:
    request = pb.ShareMyPointsBandRequest(enterprise_id=firm.id, shown_as=name)
    made: pb.PointsShare = await ledger.as_member(who, ledger.rpc.ShareMyPointsBand, request)
    return made


@pytest.mark.row("1-43/MEM")
async def test_without_consent_the_employer_gets_nothing_and_with_it_a_band(
    ledger: Ledger, firm: Firm, agreeing: Agreeing
) -> None:
    who, silent = ledger.member(), ledger.member()
    await ledger.post(who, 25)
    await ledger.post(who, -7, "扣减")
    await ledger.post(silent, 99)
    with pytest.raises(Forbidden):
        await firm.export()
    with pytest.raises(NotFound):  # nobody shares with an enterprise that did not ask
        await share(ledger, firm, who, "演示党员01")
    await firm.call(ledger.rpc.AskForPointsBands, pb.AskForPointsBandsRequest(enterprise_id=firm.id))
    made = await share(ledger, firm, who, "演示党员01")
    with pytest.raises(Forbidden):  # the share is there, the consent is not
        await firm.export()
    agreeing.people = {who.person, silent.person}
    assert await firm.export() == [("演示党员01", pb.POINTS_BAND_ACTIVE)]

    seen = await ledger.as_member(who, ledger.rpc.ListMyPointsExports, pb.ListMyPointsExportsRequest())
    assert [(one.enterprise_name, one.band) for one in seen.exports] == [
        ("演示企业01", pb.POINTS_BAND_ACTIVE)
    ]
    audit = "SELECT actor, detail FROM audit_entries WHERE action = 'points.export'"
    (written,) = await ledger.building.stored(audit)
    assert written["actor"] == firm.contact.account

    agreeing.away = True
    with pytest.raises(Unavailable):
        await firm.export()
    agreeing.away = False
    agreeing.people.clear()
    with pytest.raises(Forbidden):
        await firm.export()
    agreeing.people = {who.person}
    end = pb.EndMyPointsShareRequest(id=made.id)
    with pytest.raises(NotFound):
        await ledger.as_member(silent, ledger.rpc.EndMyPointsShare, end)
    await ledger.as_member(who, ledger.rpc.EndMyPointsShare, end)
    with pytest.raises(Forbidden):
        await firm.export()


async def test_a_band_shows_no_deduction_no_reversal_and_nothing_below_taking_part(
    ledger: Ledger, firm: Firm, agreeing: Agreeing
) -> None:
    await firm.call(ledger.rpc.AskForPointsBands, pb.AskForPointsBandsRequest(enterprise_id=firm.id))
    high, wrong, old = ledger.member(), ledger.member(), ledger.member()
    await ledger.rule(delta=70)
    await ledger.post(high, 60)
    await ledger.post(high, -60, "扣减")
    entry = await ledger.post(wrong, 60)
    reverse = pb.ReversePointsRequest(id=entry.id, reason="误记")
    await ledger.as_office(ledger.rpc.ReversePoints, reverse)
    await ledger.deliver(ledger.attended(old, ledger.building.units.clock.now() - timedelta(days=400)))
    await ledger.post(old, 1)
    people = (high, wrong, old)
    for number, who in enumerate(people):
        await share(ledger, firm, who, f"演示党员{number}")
    agreeing.people = {who.person for who in people}
    assert await firm.export() == [
        ("演示党员0", pb.POINTS_BAND_OUTSTANDING),
        ("演示党员1", pb.POINTS_BAND_TAKING_PART),
        ("演示党员2", pb.POINTS_BAND_TAKING_PART),
    ]


async def test_an_enterprise_asks_for_its_own_people_only_and_once(ledger: Ledger, firm: Firm) -> None:
    ask = pb.AskForPointsBandsRequest(enterprise_id=firm.id)
    await asyncio.gather(*(firm.call(ledger.rpc.AskForPointsBands, ask) for _ in range(3)))
    listed = await ledger.as_member(ledger.member(), ledger.rpc.ListPointsAsks, pb.ListPointsAsksRequest())
    assert [one.enterprise_name for one in listed.asks] == ["演示企业01"]
    other = (await ledger.building.register("演示企业02", "12")).id
    for method, request in (
        (ledger.rpc.AskForPointsBands, pb.AskForPointsBandsRequest(enterprise_id=other)),
        (ledger.rpc.ExportPointsBands, pb.ExportPointsBandsRequest(enterprise_id=other)),
        (ledger.rpc.ExportPointsBands, pb.ExportPointsBandsRequest(enterprise_id=new_id())),
    ):
        with pytest.raises(NotFound):
            await firm.call(method, request)


async def test_the_leaderboard_shows_those_who_chose_and_only_the_first(ledger: Ledger) -> None:
    people = [ledger.member() for _ in range(6)]
    for number, who in enumerate(people):
        await ledger.post(who, 10 + 5 * (number // 2))
    change = pb.UpdatePointsSettingsRequest(etag="0", leaderboard_size=3)
    await ledger.as_office(ledger.rpc.UpdatePointsSettings, change)

    async def board(who: Someone) -> pb.PointsLeaderboard:
        found: pb.PointsLeaderboard = await ledger.as_member(
            who, ledger.rpc.GetPointsLeaderboard, pb.GetPointsLeaderboardRequest()
        )
        return found

    assert list((await board(people[0])).places) == []
    for number, who in enumerate(people[:5]):
        request = pb.ShowMeOnPointsLeaderboardRequest(shown=True, shown_as=f"昵称{number}")
        await ledger.as_member(who, ledger.rpc.ShowMeOnPointsLeaderboard, request)
    seen = await board(people[4])
    assert [(one.place, one.shown_as, one.points, one.mine) for one in seen.places] == [
        (1, "昵称4", 20, True),
        (2, "昵称2", 15, False),
        (2, "昵称3", 15, False),
    ]
    hide = pb.ShowMeOnPointsLeaderboardRequest(shown=False)
    await ledger.as_member(people[4], ledger.rpc.ShowMeOnPointsLeaderboard, hide)
    assert "昵称4" not in {one.shown_as for one in (await board(people[0])).places}
    stranger = pb.ShowMeOnPointsLeaderboardRequest(shown=True, shown_as="路人")
    with pytest.raises(Conflict):
        await ledger.as_member(ledger.member(), ledger.rpc.ShowMeOnPointsLeaderboard, stranger)
