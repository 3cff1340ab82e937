"""Hazards, inspections and safety on a real database, through what the RPCs call."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest
import pytest_asyncio

from chassis.clocks import BusinessClock
from chassis.context import Caller, Context, Scope
from chassis.database import Database
from chassis.days import day_of, monday_of
from chassis.errors import DomainError, Forbidden, Invalid, NotFound, Stale, WrongState
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import Units
from tests.fixtures.clocks import at_noon
from tests.fixtures.servers import Databases, ServiceDatabase
from ticket.hazards import commands, queries
from ticket.hazards.jobs import overdue
from ticket.hazards.rules import State
from ticket.hazards.settings import SETTINGS
from ticket.inspections import commands as inspecting
from ticket.inspections import queries as inspections
from ticket.inspections.rules import CLASSES, Answer, Result
from ticket.safety import commands as safety
from ticket.safety import queries as figures
from ticket.safety.rules import Kind
from ticket.sites import commands as sites

TENANT, OTHER, SUPERIOR, SUBDISTRICT, ELSEWHERE = (new_id() for _ in range(5))
DESK_ACCOUNT, OWNER_ACCOUNT, SECOND_ACCOUNT, VERIFIER_ACCOUNT, WORKER_ACCOUNT = (new_id() for _ in range(5))
PERSONS = {OWNER_ACCOUNT: "p-owner", SECOND_ACCOUNT: "p-owner", VERIFIER_ACCOUNT: "p-verifier"}
PERSON_IDS = {name: new_id() for name in set(PERSONS.values())}


def caller(account: str, *letters: str, tenant: str = TENANT, mode: str = "tenant") -> Context:
    person = PERSON_IDS[PERSONS[account]] if account in PERSONS else account
    return Context(
        mode=mode,  # type: ignore[arg-type]
        tenant_id=tenant,
        caller=Caller("account", account, person_id=person),
        scopes=tuple(Scope(letter) for letter in letters),
        method="test",
    )


DESK = caller(DESK_ACCOUNT, "B")
OWNER = caller(OWNER_ACCOUNT, "C")
VERIFIER = caller(VERIFIER_ACCOUNT, "C")
WORKER = caller(WORKER_ACCOUNT, "O")


async def persons_behind(tenant_id: str, accounts: Sequence[str]) -> Mapping[str, str]:
    return {one: PERSON_IDS[PERSONS[one]] for one in accounts if one in PERSONS}


async def anyone(tenant_id: str, account_id: str) -> bool:
    return account_id in (DESK_ACCOUNT, VERIFIER_ACCOUNT)


@pytest_asyncio.fixture
async def ticket_database(databases: Databases) -> ServiceDatabase:
    return await databases.fresh("ticket")


@pytest.fixture
def clock() -> BusinessClock:
    return at_noon(30)


@pytest_asyncio.fixture
async def units(ticket_database: ServiceDatabase, clock: BusinessClock) -> AsyncIterator[Units]:
    database = Database("ticket", ticket_database.app_url)
    found = Units(database, clock)
    connection = await asyncpg.connect(ticket_database.superuser_url)
    await connection.execute(
        "INSERT INTO tenants (tenant_id, kind, name_zh, name_en, state, region_id, superior_id, synthetic,"
        " updated_at) VALUES ($1, 'multi_site', '矿业', 'Mining', 'active', $2, $3, true, now())",
        TENANT,
        SUBDISTRICT,
        SUPERIOR,
    )
    await connection.close()
    yield found
    await database.close()


@pytest_asyncio.fixture
async def site(units: Units) -> Row:
    return await units.run(DESK, lambda unit: sites.add(unit, "东矿区", "3", "", synthetic=True))


async def found(units: Units, site: Row, context: Context = WORKER) -> Row:
    finding = commands.Finding(site.id, "wiring", "general", "配电箱", "线路老化", (), True)
    return await units.run(context, lambda unit: commands.report(unit, finding))


async def assigned(
    units: Units, site: Row, *, owner: str = OWNER_ACCOUNT, verifier: str = VERIFIER_ACCOUNT, hours: int = 48
) -> Row:
    hazard = await found(units, site)
    charge = commands.Charge(owner, verifier, units.clock.now() + timedelta(hours=hours), "尽快")
    return await units.run(DESK, lambda u: commands.assign(u, hazard.id, "1", charge, persons_behind))


async def submitted(units: Units, site: Row) -> Row:
    hazard = await assigned(units, site)
    await units.run(OWNER, lambda u: commands.start(u, hazard.id, ""))
    return await units.run(OWNER, lambda u: commands.submit(u, hazard.id, "", "已换线", ()))


async def verified(units: Units, site: Row) -> Row:
    hazard = await submitted(units, site)
    return await units.run(VERIFIER, lambda u: commands.verify(u, hazard.id, "", "看过了", ()))


async def stored(database: ServiceDatabase, query: str, *args: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(database.superuser_url)
    try:
        return list(await connection.fetch(query, *args))
    finally:
        await connection.close()


async def test_from_found_to_verified_with_events_that_carry_no_words(
    units: Units, site: Row, ticket_database: ServiceDatabase
) -> None:
    done = await verified(units, site)
    assert (done.state, done.returned) == (State.VERIFIED, 0)
    assert done.number.startswith("H")
    told = await stored(
        ticket_database, "SELECT type, seq, payload FROM outbox WHERE aggregate_id = $1 ORDER BY id", done.id
    )
    assert [row["seq"] for row in told] == [1, 2, 3, 4, 5]
    assert [row["type"].rsplit(".", 1)[-1] for row in told] == [
        "HazardFound",
        "HazardAssigned",
        "HazardStarted",
        "HazardSubmitted",
        "HazardClosed",
    ]
    assert not any("线路老化".encode() in row["payload"] for row in told)


async def test_nobody_verifies_their_own_work_by_any_account(
    units: Units, site: Row, ticket_database: ServiceDatabase
) -> None:
    with pytest.raises(Invalid, match="VERIFIER_IS_OWNER"):
        await assigned(units, site, verifier=SECOND_ACCOUNT)
    with pytest.raises(Invalid, match="HANDLER_NOT_ENTITLED"):
        await assigned(units, site, owner=WORKER_ACCOUNT)
    hazard = await submitted(units, site)
    for own in (OWNER, caller(SECOND_ACCOUNT, "B")):
        with pytest.raises(Forbidden, match="NOT_THE_VERIFIER"):
            await units.run(own, lambda u: commands.verify(u, hazard.id, "", "", ()))
    # The database refuses it again.
    with pytest.raises(asyncpg.CheckViolationError):
        await stored(
            ticket_database,
            "UPDATE hazards_hazards SET verifier_person = owner_person WHERE id = $1",
            hazard.id,
        )


async def test_there_is_no_way_round_the_verification(units: Units, site: Row) -> None:
    hazard = await assigned(units, site)
    for who in (OWNER, VERIFIER, DESK):
        with pytest.raises(DomainError) as refused:
            await units.run(who, lambda u: commands.verify(u, hazard.id, "", "", ()))
        assert isinstance(refused.value, WrongState)
    await units.run(OWNER, lambda u: commands.start(u, hazard.id, ""))
    await units.run(OWNER, lambda u: commands.submit(u, hazard.id, "", "已换线", ()))
    back = await units.run(VERIFIER, lambda u: commands.send_back(u, hazard.id, "", "还没换", ()))
    assert (back.state, back.returned) == (State.RETURNED, 1)


async def test_who_sees_which_hazard(units: Units, site: Row) -> None:
    hazard = await assigned(units, site)

    async def sees(context: Context) -> bool:
        rows = await units.run(context, lambda u: queries.page(u, queries.Filter(), None, 10))
        return hazard.id in {row.id for row in rows}

    floor = replace(caller(new_id()), scopes=(Scope("F", "3"),))
    other_floor = replace(caller(new_id()), scopes=(Scope("F", "9"),))
    for one in (DESK, OWNER, VERIFIER, WORKER, floor, caller(new_id(), "S"), caller(new_id(), "T")):
        assert await sees(one)
    for one in (
        caller(new_id(), "O"),
        caller(new_id(), "A"),
        other_floor,
        caller(DESK_ACCOUNT, "B", tenant=OTHER),
    ):
        assert not await sees(one)
    with pytest.raises(NotFound):
        await units.run(caller(new_id(), "O"), lambda u: queries.hazard(u, hazard.id))


async def test_two_people_assign_at_once_and_one_is_told_to_look_again(units: Units, site: Row) -> None:
    hazard = await found(units, site)
    charge = commands.Charge(OWNER_ACCOUNT, VERIFIER_ACCOUNT, units.clock.now() + timedelta(days=1), "")
    tries = (
        units.run(DESK, lambda u: commands.assign(u, hazard.id, "1", charge, persons_behind))
        for _ in range(6)
    )
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, Stale) for one in outcomes) == 5


async def test_an_overdue_hazard_reaches_those_above_once_for_each_deadline_and_nobody_else(
    units: Units, site: Row, clock: BusinessClock, ticket_database: ServiceDatabase
) -> None:
    hazard = await assigned(units, site, hours=48)
    in_time = await submitted(units, site)
    assert await overdue().run(units) == 0
    clock.apply(clock.offset + timedelta(hours=49))
    assert await overdue().run(units) == 1
    assert await overdue().run(units) == 0

    async def before(tenant: str) -> list[Row]:
        context = caller(new_id(), "T", tenant=tenant, mode="party")
        return list(await units.run(context, lambda u: queries.escalated_to(u, None, 10, only_open=True)))

    for above in (SUPERIOR, SUBDISTRICT):
        (row,) = await before(above)
        assert (row.hazard_id, row.tenant_id, row.state) == (hazard.id, TENANT, State.ASSIGNED)
    for other in (ELSEWHERE, OTHER, TENANT):
        assert await before(other) == []
    # Policies alone: a party sees nothing that does not name it, and can write nothing but that it took note.
    assert in_time.id not in {row.hazard_id for row in await before(SUPERIOR)}
    (row,) = await before(SUPERIOR)
    above_context = caller(new_id(), "T", tenant=SUPERIOR, mode="party")
    noted = await units.run(above_context, lambda u: commands.acknowledge(u, row.id))
    assert noted.acknowledged_at is not None
    foreign = caller(new_id(), "T", tenant=ELSEWHERE, mode="party")
    with pytest.raises(NotFound):
        await units.run(foreign, lambda u: commands.acknowledge(u, row.id))

    # A new deadline can pass anew.
    charge = commands.Charge(OWNER_ACCOUNT, VERIFIER_ACCOUNT, clock.now() + timedelta(hours=1), "")
    current = await units.run(DESK, lambda u: queries.hazard(u, hazard.id))
    await units.run(
        DESK, lambda u: commands.assign(u, hazard.id, str(current.version), charge, persons_behind)
    )
    clock.apply(clock.offset + timedelta(hours=2))
    assert await overdue().run(units) == 1
    assert len(await before(SUPERIOR)) == 2

    await units.run(OWNER, lambda u: commands.start(u, hazard.id, ""))
    await units.run(OWNER, lambda u: commands.submit(u, hazard.id, "", "已换线", ()))
    await units.run(VERIFIER, lambda u: commands.verify(u, hazard.id, "", "", ()))
    assert await before(SUPERIOR) == []
    told = await stored(
        ticket_database, "SELECT type FROM outbox WHERE aggregate_id = $1 ORDER BY seq", hazard.id
    )
    names = [row["type"].rsplit(".", 1)[-1] for row in told]
    assert names.count("HazardEscalated") == 4
    assert names.count("HazardOverdue") == 2


async def test_a_hazard_that_nobody_takes_becomes_overdue_as_well(
    units: Units, site: Row, clock: BusinessClock
) -> None:
    await found(units, site)
    clock.apply(clock.offset + timedelta(days=7, hours=1))
    assert await overdue().run(units) == 1


async def test_the_same_again_at_the_same_place_is_a_recurrence(
    units: Units, site: Row, clock: BusinessClock
) -> None:
    before = await verified(units, site)
    again = await found(units, site)
    assert (again.recurrence, again.recurs_id) == (1, before.id)
    elsewhere = await units.run(DESK, lambda unit: sites.add(unit, "西矿区", "", "", synthetic=True))
    assert (await found(units, elsewhere)).recurrence == 0
    await units.run(
        DESK,
        lambda u: SETTINGS.begin(
            u, "0", deadline_days=7, recurrence_days=10, inspections_per_week=1, desk="safety-desk"
        ),
    )
    clock.apply(clock.offset + timedelta(days=11))
    assert (await found(units, site)).recurrence == 0


def answers(problem: str = "") -> list[Answer]:
    return [
        Answer(
            name,
            Result.PROBLEM if name == problem else Result.GOOD,
            "压力不足" if name == problem else "",
            "major",
            (),
        )
        for name in CLASSES
    ]


async def test_whoever_is_inspected_sees_nothing_before_it_is_done(
    units: Units, site: Row, ticket_database: ServiceDatabase
) -> None:
    today = day_of(units.clock.now())
    inspector = caller(VERIFIER_ACCOUNT, "B")
    plan = await units.run(
        DESK, lambda u: inspecting.plan(u, site.id, VERIFIER_ACCOUNT, today, anyone, synthetic=True)
    )
    assert await stored(ticket_database, "SELECT 1 FROM outbox") == []
    assert await stored(ticket_database, "SELECT 1 FROM audit_entries WHERE object_id = $1", plan.id) == []

    async def seen(context: Context) -> set[str]:
        rows = await units.run(
            context, lambda u: inspections.page(u, states=(), site_id="", mine=False, after=None, size=10)
        )
        return {row.id for row in rows}

    secretary, owner = caller(new_id(), "B"), caller(OWNER_ACCOUNT, "B")
    for one in (inspector, DESK):
        assert await seen(one) == {plan.id}
    for one in (secretary, owner, caller(new_id(), "S"), caller(new_id(), "T")):
        assert await seen(one) == set()
        with pytest.raises(NotFound):
            await units.run(one, lambda u: inspections.inspection(u, plan.id))

    report = inspecting.Report(site.id, plan.id, None, answers("extinguisher"), "", True)
    with pytest.raises(Forbidden, match="NOT_THE_INSPECTOR"):
        await units.run(DESK, lambda u: inspecting.record(u, report))
    done = await units.run(inspector, lambda u: inspecting.record(u, report))
    assert (done.state, done.problems) == ("done", 1)
    assert await seen(secretary) == {plan.id}
    hazard_id = next(check["hazard_id"] for check in done.checks if check["hazard_id"])
    hazard = await units.run(DESK, lambda u: queries.hazard(u, hazard_id))
    assert (hazard.source, hazard.inspection_id, hazard.severity) == ("inspection", plan.id, "major")
    with pytest.raises(WrongState):
        await units.run(inspector, lambda u: inspecting.record(u, report))


async def test_the_weekly_gap_counts_the_week_in_which_the_inspector_was_there(
    units: Units, site: Row, clock: BusinessClock
) -> None:
    monday = monday_of(day_of(clock.now()))
    report = inspecting.Report(site.id, "", None, answers(), "", True)
    await units.run(DESK, lambda u: inspecting.record(u, report))
    assert await units.run(DESK, lambda u: inspections.in_week(u, monday)) == {site.id: 1}
    assert await units.run(DESK, lambda u: inspections.in_week(u, monday + timedelta(days=7))) == {}


async def test_an_incident_begins_the_days_anew_and_a_near_miss_keeps_nobody(
    units: Units, site: Row, ticket_database: ServiceDatabase
) -> None:
    with pytest.raises(Forbidden, match="ACCIDENT_BY_SAFETY_DESK"):
        await units.run(
            WORKER, lambda u: safety.report(u, Kind.ACCIDENT, site.id, None, "滑倒", synthetic=True)
        )
    near = await units.run(
        WORKER, lambda u: safety.report(u, Kind.NEAR_MISS, site.id, None, "差点滑倒", synthetic=True)
    )
    (kept,) = await stored(
        ticket_database, "SELECT s::text AS whole FROM safety_incidents s WHERE id = $1", near.id
    )
    assert WORKER_ACCOUNT not in kept["whole"]
    assert await stored(ticket_database, "SELECT 1 FROM audit_entries WHERE actor = $1", WORKER_ACCOUNT) == []
    (told,) = await stored(
        ticket_database, "SELECT audience, payload FROM outbox WHERE aggregate_id = $1", near.id
    )
    assert told["audience"] == []
    assert await units.run(DESK, figures.last_accidents) == {}
    accident = await units.run(
        DESK, lambda u: safety.report(u, Kind.ACCIDENT, site.id, None, "滑倒", synthetic=True)
    )
    assert await units.run(DESK, figures.last_accidents) == {site.id: accident.occurred_at}
