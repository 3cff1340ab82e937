"""Points on a real database: posted once, never edited, balanced after whatever people and events do."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from chassis.context import Scope
from chassis.errors import Conflict, Forbidden, Invalid, NotFound, Stale, WrongState
from chassis.events import Event
from chassis.ids import new_id
from louyu.activity.v1 import calendar_pb2
from louyu.membership.v1 import points_pb2 as pb
from louyu.membership.v1 import rewards_pb2 as rpb
from tests.integration.membership.conftest import Building
from tests.integration.membership.points import Ledger, Someone

BRANDS = ("温馨服务情满机关", "量化积分党员先行", "勤·学思享", "最美青年志愿服务集体")


@pytest.fixture
def ledger(building: Building) -> Ledger:
    return Ledger(building)


async def test_an_event_posts_once_however_often_it_comes(ledger: Ledger) -> None:
    made = await ledger.rule(delta=5)
    who = ledger.member()
    event = ledger.attended(who, brand="勤·学思享")
    for _ in range(3):
        await ledger.deliver(event)
    await asyncio.gather(*(ledger.deliver(event) for _ in range(4)))
    # The same attendance told by another event is still one attendance; so it stays under the next version.
    await ledger.rule(id=made.id, version=1, delta=8)
    await ledger.deliver(ledger.attended(who, enrolment_id=event.aggregate_id))
    (entry,) = await ledger.entries(who)
    assert (entry.delta, entry.balance_after, entry.title) == (5, 5, "主题党日")
    assert (entry.rule_id, entry.rule_version, entry.brand) == (made.id, 1, "勤·学思享")
    told = await ledger.building.told("PointsPosted")
    assert [(one.entry_id, one.delta) for one in told] == [(entry.id, 5)]
    await ledger.check_balanced()


async def test_absence_takes_nothing_and_a_limit_holds_over_deliveries(ledger: Ledger) -> None:
    await ledger.rule(delta=5, cap=12, cap_period=pb.POINTS_PERIOD_DAY)
    who = ledger.member()
    await ledger.deliver(ledger.attended(who, attendance=calendar_pb2.ENROLMENT_STATE_ABSENT))
    assert (await ledger.account(who)).id == ""
    for _ in range(2):
        await ledger.deliver(*(ledger.attended(who) for _ in range(2)))
    assert [entry.delta for entry in await ledger.entries(who)] == [2, 5, 5]
    await ledger.check_balanced()


async def test_a_rule_has_versions_and_what_was_posted_stays(ledger: Ledger) -> None:
    first = await ledger.rule(delta=5)
    who = ledger.member()
    await ledger.deliver(ledger.attended(who))
    request = pb.SetPointsRuleRequest(
        id=first.id, version=1, title="参加组织生活", source=pb.POINTS_SOURCE_ATTENDANCE, delta=9
    )
    second = await ledger.as_office(ledger.rpc.SetPointsRule, request)
    assert (second.version, second.latest) == (2, True)
    with pytest.raises(Stale):
        await ledger.as_office(ledger.rpc.SetPointsRule, request)
    await ledger.deliver(ledger.attended(who))
    assert [entry.delta for entry in await ledger.entries(who)] == [9, 5]
    shown = await ledger.as_member(who, ledger.rpc.ListPointsRules, pb.ListPointsRulesRequest())
    assert [(one.version, one.delta) for one in shown.rules] == [(2, 9)]
    history = pb.ListPointsRulesRequest(history=True)
    versions = await ledger.as_member(who, ledger.rpc.ListPointsRules, history)
    assert [(one.version, one.latest) for one in versions.rules] == [(2, True), (1, False)]
    await ledger.rule(id=first.id, version=2, retired=True)
    await ledger.deliver(ledger.attended(who))
    assert len(await ledger.entries(who)) == 2
    shown = await ledger.as_member(who, ledger.rpc.ListPointsRules, pb.ListPointsRulesRequest())
    assert list(shown.rules) == []
    with pytest.raises(Invalid):
        await ledger.rule(from_time=ledger.building.units.clock.now() - timedelta(days=1))


async def test_points_by_hand_have_a_reason_and_another_person(ledger: Ledger) -> None:
    who = ledger.member()
    entry = await ledger.post(who, 20, "台风天值守")
    assert (entry.title, entry.balance_after, entry.kind) == ("台风天值守", 20, pb.POINTS_ENTRY_KIND_MANUAL)
    with pytest.raises(Conflict):
        await ledger.post(who, -21, "扣减")
    # Another account of the same person is the same person.
    same = Someone(who.person, new_id())
    request = pb.PostPointsRequest(id=entry.account_id, delta=5, reason="给自己")
    with pytest.raises(Forbidden):
        await ledger.as_office(ledger.rpc.PostPoints, request, same)
    with pytest.raises(Forbidden):
        await ledger.as_office(
            ledger.rpc.ReversePoints, pb.ReversePointsRequest(id=entry.id, reason="误记"), same
        )
    assert (await ledger.account(who)).balance == 20


async def test_a_reversal_is_the_opposite_entry_once(ledger: Ledger) -> None:
    who = ledger.member()
    entry = await ledger.post(who, 20)
    request = pb.ReversePointsRequest(id=entry.id, reason="记错了人")

    async def reverse() -> str:
        try:
            await ledger.as_office(ledger.rpc.ReversePoints, request)
        except Conflict as refused:
            return refused.reason
        return "reversed"

    outcomes = await asyncio.gather(*(reverse() for _ in range(3)))
    assert sorted(outcomes) == ["ENTRY_REVERSED_ALREADY", "ENTRY_REVERSED_ALREADY", "reversed"]
    back, original = await ledger.entries(who)
    assert (back.delta, back.reverses, original.reversed_by) == (-20, entry.id, back.id)
    assert (await ledger.account(who)).balance == 0
    with pytest.raises(WrongState):
        await ledger.as_office(
            ledger.rpc.ReversePoints, pb.ReversePointsRequest(id=back.id, reason="再来一次")
        )
    await ledger.check_balanced()


async def test_a_group_leader_proposes_and_the_office_decides(ledger: Ledger) -> None:
    who, leader = ledger.member(), ledger.member()
    opened = await ledger.as_member(who, ledger.rpc.OpenMyPoints, pb.OpenMyPointsRequest())
    ask = pb.ProposePointsRequest(number=opened.number, delta=3, reason="帮邻里搬家")
    leading = ledger.context(leader, "F")
    made = await ledger.building.call(ledger.rpc.ProposePoints, ask, leading)
    assert made.state == pb.POINTS_PROPOSAL_STATE_PROPOSED
    accept = pb.AcceptPointsProposalRequest(id=made.id)
    for party in (leader, who):
        with pytest.raises(Forbidden):
            await ledger.as_office(ledger.rpc.AcceptPointsProposal, accept, party)
    done = await ledger.as_office(ledger.rpc.AcceptPointsProposal, accept)
    assert done.state == pb.POINTS_PROPOSAL_STATE_ACCEPTED
    decline = pb.DeclinePointsProposalRequest(id=made.id)
    with pytest.raises(WrongState):
        await ledger.as_office(ledger.rpc.DeclinePointsProposal, decline)
    assert [(entry.title, entry.delta) for entry in await ledger.entries(who)] == [("帮邻里搬家", 3)]
    listing = pb.ListPointsProposalsRequest()
    own = await ledger.building.call(ledger.rpc.ListPointsProposals, listing, leading)
    others = await ledger.building.call(
        ledger.rpc.ListPointsProposals, pb.ListPointsProposalsRequest(), ledger.context(who, "F")
    )
    assert (len(own.proposals), len(others.proposals)) == (1, 0)


@pytest.mark.row("4-26/MEM")
async def test_four_brands_are_counted_and_the_second_uses_points(ledger: Ledger) -> None:
    await ledger.rule(brand=BRANDS[1], title="量化积分", delta=10)
    first, second = ledger.member(), ledger.member()
    for number, brand in enumerate(BRANDS):
        activity_id = new_id()
        for who in (first, second)[: 1 + number % 2]:
            await ledger.deliver(ledger.attended(who, brand=brand, activity_id=activity_id))
    shown = await ledger.as_office(ledger.rpc.ListPointsBrands, pb.ListPointsBrandsRequest())
    counts = {
        one.brand: (one.uses_points, one.activities, one.attendances, one.people, one.points)
        for one in shown.brands
    }
    assert counts == {
        BRANDS[0]: (False, 1, 1, 1, 0),
        BRANDS[1]: (True, 1, 2, 2, 20),
        BRANDS[2]: (False, 1, 1, 1, 0),
        BRANDS[3]: (False, 1, 2, 2, 0),
    }


async def test_the_figures_are_versions_with_a_source(ledger: Ledger) -> None:
    present = await ledger.as_office(ledger.rpc.GetPointsSettings, pb.GetPointsSettingsRequest())
    assert (present.etag, present.source, present.band_high) == ("0", "louyu-default", 60)
    change = pb.UpdatePointsSettingsRequest(etag="0", band_high=100)
    changed = await ledger.as_office(ledger.rpc.UpdatePointsSettings, change)
    assert (changed.etag, changed.source, changed.band_high) == ("1", "building", 100)
    assert changed.band_middle == present.band_middle
    with pytest.raises(Stale):
        await ledger.as_office(ledger.rpc.UpdatePointsSettings, change)
    crossing = pb.UpdatePointsSettingsRequest(etag="1", band_middle=200)
    with pytest.raises(Invalid):
        await ledger.as_office(ledger.rpc.UpdatePointsSettings, crossing)


async def test_another_building_finds_nothing(ledger: Ledger) -> None:
    who = ledger.member()
    entry = await ledger.post(who, 5)
    elsewhere = ledger.building.context(Scope("B"), tenant_id=new_id())
    for method, request in (
        (ledger.rpc.GetPointsAccount, pb.GetPointsAccountRequest(id=entry.account_id)),
        (ledger.rpc.ReversePoints, pb.ReversePointsRequest(id=entry.id, reason="冲正")),
        (ledger.rpc.PostPoints, pb.PostPointsRequest(id=entry.account_id, delta=1, reason="记分")),
    ):
        with pytest.raises(NotFound):
            await ledger.building.call(method, request, elsewhere)


async def test_the_database_itself_refuses_to_edit_an_entry(ledger: Ledger) -> None:
    entry = await ledger.post(ledger.member(), 5)
    context = ledger.context(ledger.office, "B")
    for statement in (
        "UPDATE points_entries SET amount = 500 WHERE id = $1",
        "DELETE FROM points_entries WHERE id = $1",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with ledger.building.units.database.transaction(context) as connection:
                await connection.execute(statement, entry.id)


MEMBERS = st.integers(0, 2)
REVERSIBLE = (pb.POINTS_ENTRY_KIND_RULE, pb.POINTS_ENTRY_KIND_MANUAL)


class Life(RuleBasedStateMachine):
    """Members, events and the office in any order; `work` runs in the loop that owns the database."""

    ledger: Ledger
    work: Callable[[Coroutine[Any, Any, Any]], Any]

    @initialize()
    def begin(self) -> None:
        life = type(self)
        life.ledger.tenant = life.ledger.building.tenant = new_id()
        self.people = [life.ledger.member() for _ in range(3)]
        self.sent: list[tuple[int, Event]] = []
        self.expected = [0, 0, 0]
        self.work(life.ledger.rule(delta=4))
        self.reward = self.work(life.ledger.reward(price=6, stock=4))
        self.reserved: list[tuple[int, rpb.Redemption]] = []

    @rule(who=MEMBERS)
    def attend(self, who: int) -> None:
        event = self.ledger.attended(self.people[who])
        self.work(self.ledger.deliver(event))
        self.sent.append((who, event))
        self.expected[who] += 4

    @rule(data=st.data())
    def deliver_again(self, data: st.DataObject) -> None:
        if self.sent:
            self.work(self.ledger.deliver(data.draw(st.sampled_from(self.sent))[1]))

    @rule(who=MEMBERS, delta=st.integers(-6, 9).filter(bool))
    def post(self, who: int, delta: int) -> None:
        try:
            self.work(self.ledger.post(self.people[who], delta))
            self.expected[who] += delta
        except Conflict:
            assert self.expected[who] + delta < 0

    @rule(who=MEMBERS, data=st.data())
    def reverse(self, who: int, data: st.DataObject) -> None:
        entries = [one for one in self.work(self.ledger.entries(self.people[who])) if one.kind in REVERSIBLE]
        if not entries:
            return
        entry = data.draw(st.sampled_from(entries))
        request = pb.ReversePointsRequest(id=entry.id, reason="冲正")
        try:
            self.work(self.ledger.as_office(self.ledger.rpc.ReversePoints, request))
            self.expected[who] -= entry.delta
        except Conflict:
            assert entry.reversed_by

    @rule(who=MEMBERS)
    def redeem(self, who: int) -> None:
        if len(self.reserved) == 4 or self.expected[who] < 6:
            with pytest.raises(Conflict):
                self.work(self.ledger.redeem(self.people[who], self.reward))
            return
        self.reserved.append((who, self.work(self.ledger.redeem(self.people[who], self.reward))))
        self.expected[who] -= 6

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        if self.reserved:
            who, redemption = self.reserved.pop(data.draw(st.integers(0, len(self.reserved) - 1)))
            request = rpb.CancelMyRedemptionRequest(id=redemption.id)
            self.work(self.ledger.as_member(self.people[who], self.ledger.shop.CancelMyRedemption, request))
            self.expected[who] += 6

    @invariant()
    def the_ledger_balances(self) -> None:
        if hasattr(self, "people"):
            self.work(self.ledger.check_balanced())
            for who, expected in zip(self.people, self.expected, strict=True):
                assert self.work(self.ledger.account(who)).balance == expected
            assert self.work(self.ledger.stock(self.reward)) == 4 - len(self.reserved)


async def test_the_ledger_balances_whatever_happens(ledger: Ledger) -> None:
    loop = asyncio.get_running_loop()

    def work(_: Life, call: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(call, loop).result(60)

    lived = type("Lived", (Life,), {"ledger": ledger, "work": work})
    limits = settings(max_examples=8, stateful_step_count=14, deadline=None)
    await asyncio.to_thread(run_state_machine_as_test, lived, settings=limits)
