"""The overview on a real database: facts, figures, scopes, records, rebuild."""

import random
import statistics
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from chassis.consumer import Transient
from chassis.context import Context, Scope
from chassis.errors import Forbidden, Invalid
from chassis.ids import new_id
from dashboard.overview import commands, rules
from dashboard.overview.rules import Ended, Fact
from dashboard.overview.tables import tickets
from louyu.activity.v1 import calendar_pb2
from louyu.dashboard.v1 import overview_pb2 as pb
from louyu.ticket.v1 import catalogue_pb2, requests_pb2
from louyu.window.v1 import cases_pb2
from tests.integration.dashboard.conftest import CONSUMER, IN_MARCH, MARCH, Board

HOUR = timedelta(hours=1)


async def test_response_closure_reopening_and_satisfaction_of_a_building(board: Board) -> None:
    one, stream = board.buildings[0], board.stream
    waits = [1, 2, 3, 4, 10]
    tickets = [stream.open(one) for _ in range(6)]
    for ticket, hours in zip(tickets, waits, strict=False):
        stream.accept(one, ticket, MARCH + hours * HOUR, in_time=hours <= 4)
    stream.close(one, tickets[0], MARCH + 5 * HOUR, rating=5)
    stream.close(one, tickets[1], MARCH + 6 * HOUR, rating=2)
    stream.close(one, tickets[2], MARCH + 7 * HOUR)  # by itself
    stream.reopen(one, tickets[1], MARCH + 8 * HOUR)
    stream.close(one, tickets[1], MARCH + 9 * HOUR, rating=4)
    await board.apply()

    found = await board.figures(one)
    assert found[pb.INDICATOR_CODE_FIRST_RESPONSE_MEDIAN].value == 180
    p90 = found[pb.INDICATOR_CODE_FIRST_RESPONSE_P90]
    assert p90.value == pytest.approx(
        statistics.quantiles([60 * h for h in waits], n=10, method="inclusive")[8]
    )
    in_time = found[pb.INDICATOR_CODE_FIRST_RESPONSE_IN_TIME]
    assert (in_time.numerator, in_time.denominator) == (4, 6), "the unanswered sixth is late"
    closure = found[pb.INDICATOR_CODE_CLOSURE]
    assert (closure.numerator, closure.denominator, closure.value) == (3, 6, 0.5)
    assert found[pb.INDICATOR_CODE_CLOSURE_MEDIAN].value == 7 * 60
    reopening = found[pb.INDICATOR_CODE_REOPENING]
    assert (reopening.numerator, reopening.denominator) == (1, 3)
    satisfaction = found[pb.INDICATOR_CODE_SATISFACTION]
    assert (satisfaction.numerator, satisfaction.denominator, satisfaction.value) == (9, 2, 4.5)
    coverage = found[pb.INDICATOR_CODE_RATING_COVERAGE]
    assert (coverage.numerator, coverage.denominator) == (2, 2), "what closed by itself is left out"


async def test_an_empty_period_is_not_available(board: Board) -> None:
    found = await board.figures(board.buildings[0])
    for code in (pb.INDICATOR_CODE_CLOSURE, pb.INDICATOR_CODE_SATISFACTION, pb.INDICATOR_CODE_ATTENDANCE):
        assert not found[code].HasField("value")
        assert found[code].denominator == 0


async def test_activities_attendance_and_distinct_persons(board: Board) -> None:
    one, two, stream = *board.buildings[:2], board.stream
    both, guest, absent = new_id(), new_id(), new_id()
    stream.hold(one, MARCH, [(both, True), (absent, False)])
    stream.hold(two, MARCH, [(both, True), (guest, True)], calendar_pb2.ACTIVITY_KIND_CIRCLE)
    await board.apply()
    found = await board.figures(board.region)
    held = found[pb.INDICATOR_CODE_ACTIVITIES_HELD]
    kinds = {part.key: part.count for part in held.parts if part.dimension == "kind"}
    assert (held.value, kinds) == (2, {"SALON": 1, "CIRCLE": 1})
    attendance = found[pb.INDICATOR_CODE_ATTENDANCE]
    assert (attendance.numerator, attendance.denominator) == (3, 4)
    assert found[pb.INDICATOR_CODE_PERSONS_ATTENDED].value == 2, "a person counts once in the district"
    assert (await board.figures(one))[pb.INDICATOR_CODE_PERSONS_ATTENDED].value == 1


@pytest.mark.row("2-02/DSH", partial=True)
async def test_activities_count_by_brand_and_by_whom_they_serve(board: Board) -> None:
    """Row 2-02: 服务党员、服务职工、服务企业, as far as activities go."""
    one, stream = board.buildings[0], board.stream
    members, workers = calendar_pb2.AUDIENCE_MEMBERS, calendar_pb2.AUDIENCE_WORKERS
    stream.hold(one, MARCH, [], brand="红咖沙龙", audience=[members, workers])
    stream.hold(one, MARCH, [], brand="红咖沙龙", audience=[calendar_pb2.AUDIENCE_ENTERPRISES])
    stream.hold(one, MARCH, [], audience=[workers])
    await board.apply()
    held = (await board.figures(one))[pb.INDICATOR_CODE_ACTIVITIES_HELD]
    parts = {(part.dimension, part.key): part.count for part in held.parts}
    assert parts["brand", "红咖沙龙"] == 2
    assert [parts["audience", key] for key in ("MEMBERS", "WORKERS", "ENTERPRISES")] == [1, 2, 1]


@pytest.mark.row("1-30/DSH")
async def test_the_five_affairs_sum_to_the_distinct_demands(board: Board) -> None:
    """Row 1-30: Σ of the five = distinct correlation ids, also where a demand crosses services."""
    one, stream = board.buildings[0], board.stream
    for affairs in (1, 2, 3, 4, 4, 5):
        stream.open(one, affairs=affairs)
    demand = new_id()  # 工商注册: asked as a business affair, continued as a government case
    stream.open(one, MARCH, affairs=catalogue_pb2.AFFAIRS_BUSINESS, correlation_id=demand)
    case, alone = new_id(), new_id()
    submitted = [
        stream.tell(one, cases_pb2.CaseSubmitted(case_id=case), case, MARCH + HOUR, demand),
        stream.tell(one, cases_pb2.CaseSubmitted(case_id=alone), alone, MARCH, ""),
    ]
    # The streams of two services are read independently: the case may come before its ticket.
    await board.apply(submitted)
    await board.apply([event for event in stream.events if event not in submitted])

    volume = (await board.figures(one))[pb.INDICATOR_CODE_AFFAIRS_VOLUME]
    parts = {part.key: part.count for part in volume.parts}
    assert parts == {"PARTY": 1, "GOVERNMENT": 2, "SOCIAL": 1, "BUSINESS": 3, "LEGAL": 1}
    assert volume.value == sum(parts.values()) == len({e.correlation_id for e in stream.events}) == 8


async def test_the_catalogue_counts_what_can_be_ordered(board: Board) -> None:
    one, stream = board.buildings[0], board.stream
    items = [new_id() for _ in range(22)]
    for item in items:
        stream.offer(one, item, live=True)
    stream.offer(one, items[0], live=False)
    await board.apply()
    live = (await board.figures(one))[pb.INDICATOR_CODE_LIVE_ITEMS]
    assert (live.value, live.target) == (21, 20)


async def test_periods_bound_what_is_counted(board: Board) -> None:
    one, stream = board.buildings[0], board.stream
    for days in (0, 1, 7, 31, 100):
        stream.open(one, MARCH + timedelta(days=days))
    await board.apply()
    for period, expected in (
        (pb.PERIOD_DAY, 1),
        (pb.PERIOD_WEEK, 2),
        (pb.PERIOD_MONTH, 3),
        (pb.PERIOD_QUARTER, 3),
    ):
        found = await board.figures(one, period=period)
        assert found[pb.INDICATOR_CODE_CLOSURE].denominator == expected
    custom = await board.figures(one, period=pb.PERIOD_CUSTOM, to_time=MARCH + timedelta(days=101))
    assert custom[pb.INDICATOR_CODE_CLOSURE].denominator == 5
    with pytest.raises(Invalid):
        await board.figures(one, period=pb.PERIOD_CUSTOM)


async def _busy(board: Board, seed: int = 7) -> None:
    """Some weeks of a small district."""
    chance, stream = random.Random(seed), board.stream
    for number in range(150):
        tenant = chance.choice(board.buildings)
        at = MARCH + timedelta(hours=chance.randrange(24 * 28))
        ticket = stream.open(tenant, at, affairs=chance.randrange(1, 6))
        if chance.random() < 0.9:
            stream.accept(tenant, ticket, at + chance.random() * 9 * HOUR, in_time=chance.random() < 0.8)
        for _ in range(chance.randrange(3)):
            stream.close(tenant, ticket, at + chance.random() * 90 * HOUR, rating=chance.randrange(6))
            if chance.random() < 0.3:
                stream.reopen(tenant, ticket, at + 100 * HOUR)
        if number % 10 == 0:
            stream.hold(tenant, at, [(new_id(), chance.random() < 0.7) for _ in range(5)])
            stream.offer(tenant, new_id(), live=True)


async def test_however_batches_are_cut_the_facts_are_those_of_the_model(board: Board) -> None:
    await _busy(board)
    chance, events = random.Random(3), board.stream.events
    while events:
        cut = chance.randrange(1, 60)
        await board.apply(events[:cut])
        events = events[cut:]

    model: dict[str, Fact] = {}
    for event in board.stream.events:
        said = event.message
        match said:
            case requests_pb2.TicketOpened():
                model[event.aggregate_id] = Fact()
                continue
            case requests_pb2.TicketAccepted():
                patch = rules.accepted(event.occurred_at, in_time=said.within_first_response)
            case requests_pb2.TicketClosed():
                patch = rules.closed(event.occurred_at, automatically=said.automatically)
            case requests_pb2.TicketRated():
                patch = rules.rated(said.rating)
            case requests_pb2.TicketReopened():
                patch = rules.reopened()
            case _:
                continue
        model[event.aggregate_id] = model[event.aggregate_id].with_patch(patch)
    rows = await board.stored(
        "SELECT id::text, accepted_at, in_time, first_closed_at, closed_at, automatically, reopened, rating, "
        "ended FROM overview_tickets"
    )
    stored = {
        row["id"]: Fact(**{name: row[name] for name in Fact.__slots__} | {"ended": Ended(row["ended"])})
        for row in rows
    }
    assert stored == model


async def test_the_district_is_the_sum_of_its_tenants(board: Board) -> None:
    await _busy(board)
    await board.apply()
    district = await board.figures(board.district)
    each = [await board.figures(tenant) for tenant in board.buildings]
    additive = (
        pb.INDICATOR_CODE_ACTIVITIES_HELD,
        pb.INDICATOR_CODE_ATTENDANCE,
        pb.INDICATOR_CODE_FIRST_RESPONSE_IN_TIME,
        pb.INDICATOR_CODE_CLOSURE,
        pb.INDICATOR_CODE_REOPENING,
        pb.INDICATOR_CODE_SATISFACTION,
        pb.INDICATOR_CODE_RATING_COVERAGE,
        pb.INDICATOR_CODE_AFFAIRS_VOLUME,
        pb.INDICATOR_CODE_LIVE_ITEMS,
    )
    for code in additive:
        assert district[code].numerator == sum(found[code].numerator for found in each) > 0
        assert district[code].denominator == sum(found[code].denominator for found in each)
    region = await board.figures(board.region)
    assert region[pb.INDICATOR_CODE_CLOSURE].denominator == sum(
        found[pb.INDICATOR_CODE_CLOSURE].denominator for found in each[:2]
    )
    superior = await board.figures(board.superior)
    assert superior[pb.INDICATOR_CODE_CLOSURE] == each[1][pb.INDICATOR_CODE_CLOSURE]

    compared = await board.call(
        board.district,
        "CompareTenants",
        pb.CompareTenantsRequest(code=pb.INDICATOR_CODE_CLOSURE, period=pb.PERIOD_MONTH, from_time=IN_MARCH),
    )
    assert compared.total == district[pb.INDICATOR_CODE_CLOSURE]
    by_tenant = {line.tenant: line.indicator for line in compared.tenants}
    assert by_tenant == {
        tenant: found[pb.INDICATOR_CODE_CLOSURE] for tenant, found in zip(board.buildings, each, strict=True)
    }


async def test_a_building_sees_no_other_buildings_facts(board: Board) -> None:
    board.stream.open(board.buildings[0])
    await board.apply()
    found = await board.figures(board.buildings[2])
    assert found[pb.INDICATOR_CODE_CLOSURE].denominator == 0
    request = pb.ListRecordsRequest(
        code=pb.INDICATOR_CODE_CLOSURE, from_time=IN_MARCH, of_tenant=board.buildings[0]
    )
    listed = await board.call(board.buildings[2], "ListRecords", request)
    assert not listed.records


async def test_policies_hold_even_where_a_query_forgets_its_predicate(board: Board) -> None:
    for tenant in board.buildings:
        board.stream.open(tenant)
    await board.apply()
    expected = {
        board.buildings[0]: 1,
        board.region: 2,
        board.superior: 1,
        board.district: 3,
        new_id(): 0,
        "": 0,
    }
    for tenant, count in expected.items():
        context = Context(mode="tenant", tenant_id=tenant)
        seen = await board.units.run(
            context, lambda unit: unit.scalar(select(func.count()).select_from(tickets))
        )
        assert seen == count


async def test_a_firms_contact_sees_the_firms_tickets_and_a_worker_the_own_ones(board: Board) -> None:
    one, firm, worker = board.buildings[0], new_id(), new_id()
    board.stream.open(one, enterprise_id=firm, requester=new_id())
    board.stream.open(one, requester=worker)
    board.stream.open(one, requester=new_id())
    await board.apply()
    for scope, account, expected in (
        (Scope("B"), "", 3),
        (Scope("A"), "", 3),
        (Scope("E", firm), new_id(), 1),
        (Scope("O"), worker, 1),
        (Scope("O"), new_id(), 0),
    ):
        found = await board.figures(one, scope, account=account)
        assert found[pb.INDICATOR_CODE_CLOSURE].denominator == expected
        assert found[pb.INDICATOR_CODE_AFFAIRS_VOLUME].value == expected


async def test_every_figure_drills_down_to_its_records(board: Board) -> None:
    await _busy(board)
    await board.apply()
    found = await board.figures(board.region)
    for code in pb.IndicatorCode.values():
        if not code:
            continue
        listed: dict[int, int] = {}
        for side in (pb.SIDE_UNSPECIFIED, pb.SIDE_NUMERATOR, pb.SIDE_MISSING):
            token, seen = "", set()
            while True:
                page = await board.call(
                    board.region,
                    "ListRecords",
                    pb.ListRecordsRequest(
                        code=code, side=side, from_time=IN_MARCH, page_size=50, page_token=token
                    ),
                )
                seen |= {record.id for record in page.records}
                token = page.next_page_token
                if not token:
                    break
            listed[side] = len(seen)
        assert listed[pb.SIDE_UNSPECIFIED] == listed[pb.SIDE_NUMERATOR] + listed[pb.SIDE_MISSING]
        figure = found[code]
        if figure.unit == pb.UNIT_RATIO:
            assert (listed[pb.SIDE_NUMERATOR], listed[pb.SIDE_UNSPECIFIED]) == (
                figure.numerator,
                figure.denominator,
            )
        elif code not in (pb.INDICATOR_CODE_SATISFACTION, pb.INDICATOR_CODE_PERSONS_ATTENDED):
            assert listed[pb.SIDE_NUMERATOR] == figure.numerator, pb.IndicatorCode.Name(code)
    with pytest.raises(Forbidden):
        await board.call(
            board.region, "ListRecords", pb.ListRecordsRequest(code=pb.INDICATOR_CODE_CLOSURE), Scope("A")
        )


async def test_a_trend_has_every_step_and_adds_up(board: Board) -> None:
    await _busy(board)
    await board.apply()
    found = await board.call(
        board.district, "GetTrend", pb.GetTrendRequest(period=pb.PERIOD_MONTH, from_time=IN_MARCH)
    )
    assert (found.step, len(found.points)) == (pb.STEP_DAY, 31)
    district = await board.figures(board.district)
    assert sum(point.opened for point in found.points) == district[pb.INDICATOR_CODE_CLOSURE].denominator
    quarter = await board.call(board.district, "GetTrend", pb.GetTrendRequest(period=pb.PERIOD_QUARTER))
    assert quarter.points[-1].start_time.seconds <= board.units.clock.now().timestamp(), "no zeros to come"
    held = sum(point.held for point in found.points)
    assert held == district[pb.INDICATOR_CODE_ACTIVITIES_HELD].value


async def test_freshness_is_told_source_by_source(board: Board) -> None:
    board.stream.open(board.buildings[0], MARCH + HOUR)
    await board.apply()
    found = await board.call(board.district, "GetFreshness", pb.GetFreshnessRequest())
    by_source = {source.service: source for source in found.sources}
    assert by_source["ticket"].last_event_time.ToDatetime(MARCH.tzinfo) == MARCH + HOUR
    assert not by_source["window"].HasField("last_event_time")


async def test_the_touched_tenants_are_told(board: Board) -> None:
    board.stream.open(board.buildings[1])
    await board.apply()
    assert board.touched == {board.buildings[1]}


async def test_a_telling_of_an_unknown_ticket_is_refused_whole(board: Board) -> None:
    known = board.stream.open(board.buildings[0])
    board.stream.accept(board.buildings[0], known, MARCH)
    board.stream.accept(board.buildings[0], new_id(), MARCH)
    with pytest.raises(LookupError):
        await board.apply()
    assert not await board.stored("SELECT FROM overview_tickets")


async def test_nothing_is_applied_while_the_facts_are_being_emptied(board: Board) -> None:
    board.stream.open(board.buildings[0])
    await board.units.run(CONSUMER, commands.close)
    with pytest.raises(Transient):
        await board.apply(board.stream.events)
    await board.units.run(CONSUMER, commands.empty)
    await board.units.run(CONSUMER, commands.reopen)
    await board.apply(board.stream.events)
    found = await board.call(board.district, "GetFreshness", pb.GetFreshnessRequest())
    assert found.rebuilding
    assert await board.units.run(CONSUMER, commands.finish) == 1
    assert not (await board.call(board.district, "GetFreshness", pb.GetFreshnessRequest())).rebuilding
