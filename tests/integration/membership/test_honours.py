"""Honours on a real database: two of the branch and the nominee, a term, and what the public may read."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from chassis import days
from chassis.clocks import BusinessClock
from chassis.context import Caller, Context, Scope, bind
from chassis.errors import Conflict, Forbidden, Invalid, NotFound, Stale, WrongState
from chassis.events import Event
from chassis.ids import new_id
from louyu.membership.v1 import honours_pb2 as pb
from louyu.membership.v1 import members_pb2
from membership.honours import commands, events, jobs
from membership.honours.queries import ONESELF
from tests.integration.membership.network_of import Network, Person, person

PIONEER, MERCHANT = pb.HONOUR_KIND_PIONEER_POST, pb.HONOUR_KIND_MERCHANT_POST


class Wall:
    """The honours of one building: a clerk nominates, the secretary decides."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.secretary = network.secretary
        self.clerk = person(self.secretary.tenant, "B")
        self.began = network.units.clock.offset

    async def do(self, who: Person, verb: str, **fields: Any) -> Any:
        """A verb, in somebody's name."""
        request = getattr(pb, f"{verb}Request")(**fields)
        mine = verb in _OWN
        return await self.network.call(
            who, getattr(self.network.honours, verb), request, permission=ONESELF if mine else "honours"
        )

    async def member(self) -> Person:
        """A member of the party on the roster."""
        network = self.network
        orgs = await network.listed()
        branch = orgs[0] if orgs else await network.branch()
        who = self.other()
        enrol = members_pb2.EnrolMemberRequest(
            person_id=who.id, body=members_pb2.MEMBER_BODY_PARTY, org_id=branch.id
        )
        made = await network.call(self.secretary, network.members.EnrolMember, enrol)
        confirm = members_pb2.ConfirmMyMembershipRequest(id=made.id)
        await network.call(who, network.members.ConfirmMyMembership, confirm)
        return who

    def other(self) -> Person:
        """Somebody of the building, whose letter for what everybody may do is the building's."""
        return Person(self.secretary.tenant, self.network.people.add("李四"), (Scope("B"),))

    async def nominated(self, who: Person, kind: int = PIONEER, **more: Any) -> pb.Honour:
        """A nomination by the clerk."""
        wanted = {
            "place": "收银台",
            "shown_as": "李师傅",
            "citation": "三年零投诉，首问负责",
            "grounds": "服务好",
        }
        found: pb.Honour = await self.do(
            self.clerk, "NominateHonour", person_id=who.id, kind=kind, **{**wanted, **more}
        )
        return found

    async def approved(self, who: Person, kind: int = PIONEER, *, until: str = "", **more: Any) -> pb.Honour:
        """Approved by the secretary."""
        made = await self.nominated(who, kind, **more)
        found: pb.Honour = await self.do(
            self.secretary, "ApproveHonour", id=made.id, etag=made.etag, until_date=until
        )
        return found

    async def displayed(self, who: Person, kind: int = PIONEER, **more: Any) -> pb.Honour:
        """Consented to by the nominee; as the clerk sees it."""
        made = await self.approved(who, kind, **more)
        await self.do(who, "ConsentToMyHonour", id=made.id, etag=made.etag)
        return await self.now(made)

    async def now(self, made: pb.Honour) -> pb.Honour:
        """As the clerk sees it now."""
        found: pb.Honour = await self.do(self.clerk, "GetHonour", id=made.id)
        return found

    async def scan(self, code: str, tenant: str = "") -> pb.HonourPlaque:
        """What anybody sees who scans a plaque."""
        request = pb.GetHonourPlaqueRequest(tenant=tenant or self.secretary.tenant, code=code)
        read: Any = self.network.honours.GetHonourPlaque
        with bind(Context(mode="public", caller=Caller())):
            found: pb.HonourPlaque = await read(request, None)
        return found

    async def shown(self, floor: str = "") -> list[str]:
        """Who is on the wall."""
        wall = await self.do(self.other(), "GetHonourWall", floor=floor)
        return [one.shown_as for each in wall.floors for one in each.honours]

    def walk_to(self, count: int) -> None:
        """The clock goes on until so many days have passed since the beginning."""
        self.network.units.clock = BusinessClock(self.began + timedelta(days=count))

    async def pass_days(self, count: int) -> None:
        """The same, and the job looks."""
        self.walk_to(count)
        await jobs.expire_honours().run(self.network.units)


_OWN = (
    "ListMyHonours",
    "ConsentToMyHonour",
    "DeclineMyHonour",
    "StepDownFromMyHonour",
    "GetHonourWall",
)


@pytest.fixture
def wall(network: Network) -> Wall:
    return Wall(network)


async def test_a_plaque_shows_what_was_approved_and_consented_to_and_nothing_else(wall: Wall) -> None:
    member = await wall.member()
    made = await wall.nominated(member, floor="2")
    assert list(made.verbs) == ["withdraw"]
    assert not (await wall.do(member, "ListMyHonours")).honours
    approved = await wall.do(wall.secretary, "ApproveHonour", id=made.id, etag=made.etag)
    mine = (await wall.do(member, "ListMyHonours")).honours[0]
    assert (list(mine.verbs), mine.grounds, mine.code) == (["consent", "decline"], "", "")
    assert await wall.shown() == []
    with pytest.raises(Stale):
        await wall.do(member, "ConsentToMyHonour", id=made.id, etag=made.etag)
    await wall.do(member, "ConsentToMyHonour", id=made.id, etag=approved.etag)
    held = await wall.now(made)
    plaque = await wall.scan(held.code)
    today = days.day_of(wall.network.units.clock.now())
    assert {field.name: value for field, value in plaque.ListFields()} == {
        "kind": PIONEER,
        "shown_as": "李师傅",
        "floor": "2",
        "place": "收银台",
        "citation": "三年零投诉，首问负责",
        "from_date": today.isoformat(),
        "until_date": (today + timedelta(days=365)).isoformat(),
        "number": held.number,
        "building_zh": "building",
        "building_en": "building",
    }
    assert await wall.shown("2") == await wall.shown() == ["李师傅"]
    assert await wall.shown("3") == []
    with pytest.raises(NotFound):
        await wall.scan(held.code, wall.network.neighbour.tenant)
    pdf = await wall.do(wall.clerk, "ExportHonourPlaques", origin="https://louyu.example", ids=[held.id])
    assert pdf.data.startswith(b"%PDF-")


async def test_nobody_decides_alone_and_once_is_enough(wall: Wall) -> None:
    member = await wall.member()
    made = await wall.nominated(member)
    verdict = {"id": made.id, "etag": made.etag}
    with pytest.raises(Forbidden) as nominator:
        await wall.do(wall.clerk, "ApproveHonour", **verdict)
    assert nominator.value.reason == "HONOUR_NOMINATED_BY_YOU"
    itself = replace(member, scopes=(Scope("B"),))
    with pytest.raises(Forbidden) as own:
        await wall.do(itself, "ApproveHonour", **verdict)
    assert own.value.reason == "HONOUR_IS_OWN"
    with pytest.raises(Forbidden):
        await wall.do(itself, "NominateHonour", person_id=member.id, kind=PIONEER, shown_as="我", place="门")
    for field in ("citation", "grounds", "shown_as"):
        with pytest.raises(Invalid):  # no number of anybody's, in whatever letters it is written
            await wall.nominated(await wall.member(), PIONEER, **{field: "电话１３８00000000"})
    with pytest.raises(Conflict) as twice:
        await wall.nominated(member)
    assert twice.value.reason == "HONOUR_EXISTS"
    both = [wall.do(wall.secretary, "ApproveHonour", **verdict) for _ in range(2)]
    done = await asyncio.gather(*both, return_exceptions=True)
    assert [type(one) for one in done if isinstance(one, Exception)] == [Stale]
    seen = await wall.now(made)
    with pytest.raises(WrongState):
        await wall.do(wall.secretary, "ApproveHonour", id=made.id, etag=seen.etag)
    with pytest.raises(NotFound):
        await wall.do(wall.network.neighbour, "ApproveHonour", id=made.id, etag=seen.etag)
    with pytest.raises(asyncpg.CheckViolationError):
        await wall.network.stored("UPDATE honours_honours SET state = 'displayed'")


async def test_who_does_not_consent_is_never_public(wall: Wall) -> None:
    member = await wall.member()
    made = await wall.approved(member)
    with pytest.raises(NotFound):
        await wall.do(await wall.member(), "DeclineMyHonour", id=made.id)
    await wall.do(member, "DeclineMyHonour", id=made.id)
    assert await wall.shown() == []
    rows = await wall.network.stored("SELECT code FROM honours_honours")
    with pytest.raises(NotFound):
        await wall.scan(str(rows[0]["code"]))
    assert len(await wall.network.told("HonourDeclined")) == 1
    assert not await wall.network.told("HonourDisplayed")
    # Asked again, the same person can say otherwise; a nomination that is turned down reaches nobody.
    again = await wall.nominated(member)
    await wall.do(wall.secretary, "RejectHonour", id=again.id, etag=again.etag, reason="名额已满")
    assert [one.id for one in (await wall.do(member, "ListMyHonours")).honours] == [made.id]
    back = await wall.do(wall.clerk, "WithdrawHonour", id=(await wall.approved(member)).id)
    assert back.state == pb.HONOUR_STATE_WITHDRAWN


async def test_a_term_runs_out_with_the_clock(wall: Wall) -> None:
    today = days.day_of(wall.network.units.clock.now())
    first = await wall.displayed(await wall.member(), until=(today + timedelta(days=5)).isoformat())
    asked = await wall.approved(await wall.member(), until=(today + timedelta(days=5)).isoformat())
    await wall.pass_days(5)
    assert (await wall.scan(first.code)).shown_as == "李师傅"
    wall.walk_to(6)
    # Over it is, before the job has noticed.
    assert await wall.shown() == []
    with pytest.raises(NotFound):
        await wall.scan(first.code)
    with pytest.raises(Conflict) as late:
        await wall.do(
            Person(wall.secretary.tenant, asked.person_id, ()),
            "ConsentToMyHonour",
            id=asked.id,
            etag=asked.etag,
        )
    assert late.value.reason == "HONOUR_TERM_OVER"
    await wall.pass_days(6)
    over = [await wall.now(one) for one in (first, asked)]
    assert {(one.state, one.ending) for one in over} == {(pb.HONOUR_STATE_ENDED, pb.HONOUR_ENDING_TERM_OVER)}
    await wall.pass_days(7)
    assert len(await wall.network.told("HonourEnded")) == 2
    with pytest.raises(Invalid):
        await wall.approved(await wall.member(), until="2020-01-01")


async def test_a_revoked_honour_is_gone_and_says_so(wall: Wall) -> None:
    held = await wall.displayed(await wall.member(), floor="3")
    gone = await wall.do(wall.secretary, "RevokeHonour", id=held.id, etag=held.etag, reason="与事实不符")
    assert (gone.state, gone.code) == (pb.HONOUR_STATE_REVOKED, "")
    assert await wall.shown() == []
    with pytest.raises(NotFound):
        await wall.scan(held.code)
    (told,) = await wall.network.told("HonourRevoked")
    assert (told.honour_id, told.kind, told.floor) == (held.id, PIONEER, "3")


async def test_holders_step_down_and_posts_are_given_up(wall: Wall) -> None:
    member = await wall.member()
    held = await wall.displayed(member)
    left = await wall.do(member, "StepDownFromMyHonour", id=held.id)
    assert left.ending == pb.HONOUR_ENDING_STEPPED_DOWN
    held = await wall.displayed(member)
    closed = pb.HONOUR_ENDING_POST_CLOSED
    over = await wall.do(wall.clerk, "EndHonour", id=held.id, etag=held.etag, ending=closed)
    assert (over.ending, await wall.shown()) == (closed, [])


async def test_merchants_have_posts_of_their_own_without_any_roster(wall: Wall) -> None:
    merchant = wall.other()
    with pytest.raises(Conflict) as no_member:
        await wall.nominated(merchant)
    assert no_member.value.reason == "NOMINEE_NOT_MEMBER"
    with pytest.raises(Invalid):
        await wall.nominated(merchant, MERCHANT, place="")
    held = await wall.displayed(merchant, MERCHANT, place="演示面馆")
    assert (await wall.scan(held.code)).kind == MERCHANT
    assert not await wall.network.stored("SELECT FROM members_members")
    listed = await wall.do(wall.clerk, "ListHonours", kind=MERCHANT, page_size=1)
    assert [one.id for one in listed.honours] == [held.id]


async def test_who_leaves_the_roster_leaves_the_wall(wall: Wall) -> None:
    member, network = await wall.member(), wall.network
    held = await wall.displayed(member)
    found = await network.call(
        member, network.members.ListMyMemberships, members_pb2.ListMyMembershipsRequest()
    )
    mine = found.members[0]

    async def follow() -> None:
        said = members_pb2.MemberEnded(
            member_id=mine.id, person_id=member.id, belongs_to=members_pb2.MEMBER_BODY_PARTY
        )
        event = Event(
            id=new_id(),
            type=said.DESCRIPTOR.full_name,
            tenant_id=member.tenant,
            aggregate="member",
            aggregate_id=mine.id,
            seq=1,
            occurred_at=network.units.clock.now(),
            correlation_id="",
            audience=(),
            traceparent="",
            message=said,
        )
        consumer = events.departures(commands.end_departed)
        context = Context(mode="consumer", tenant_id=member.tenant)
        await network.units.run(context, lambda unit: consumer.apply(unit, [event]))

    await follow()  # still on the roster, by another membership
    assert await wall.shown() == ["李师傅"]
    end = members_pb2.EndMemberRequest(id=mine.id, etag=mine.etag, ending=members_pb2.MEMBER_ENDING_LEFT)
    await network.call(wall.secretary, network.members.EndMember, end)
    await follow()
    assert (await wall.now(held)).ending == pb.HONOUR_ENDING_LEFT
    assert await wall.shown() == []


async def test_a_building_says_how_long_a_term_is(wall: Wall) -> None:
    settings = await wall.do(wall.secretary, "GetHonourSettings")
    assert (settings.term_days, settings.source) == (365, "default")
    said = await wall.do(wall.secretary, "UpdateHonourSettings", etag="0", term_days=30)
    assert (said.term_days, said.source) == (30, "tenant")
    with pytest.raises(Stale):
        await wall.do(wall.secretary, "UpdateHonourSettings", etag="0", term_days=60)
    made = await wall.approved(await wall.member())
    today = days.day_of(wall.network.units.clock.now())
    assert made.until_date == (today + timedelta(days=30)).isoformat()
