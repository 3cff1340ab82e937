"""Promised times on a real database: clocks of tickets, the ladder over all tenants, changing calendars."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
import pytest_asyncio

from chassis.calendar import ROUND_THE_CLOCK, BusinessCalendar
from chassis.clocks import BusinessClock, system_now
from chassis.context import Caller, Context, Scope
from chassis.database import Database
from chassis.errors import NotFound, Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import Units
from louyu.ticket.v1 import sla_pb2
from tests.fixtures.servers import Databases, ServiceDatabase
from ticket.affairs import Affairs, Sensitivity, Station
from ticket.catalogue import commands as catalogue
from ticket.catalogue.rules import Draft
from ticket.requests import commands, escalations, queries
from ticket.requests.rules import FiledFor, State, Urgency
from ticket.requests.settings import SETTINGS
from ticket.sla import commands as sla
from ticket.sla import queries as decisions
from ticket.sla.owners import Roster
from ticket.sla.settings import Calendar, Level, Quiet, Settings, defaults

MONDAY = datetime(2025, 6, 9, 1, 0, tzinfo=UTC)
"""Nine o'clock in Shanghai."""
HOUR = timedelta(hours=1)
TENANT, OTHER, SUPERIOR, REGION = new_id(), new_id(), new_id(), new_id()
WORKER, CLERK, LEAD, SECRETARY, ADMIN, ABOVE, FALLBACK = (new_id() for _ in range(7))
ALWAYS = Calendar("office", "全天", "Always", BusinessCalendar(shifts=ROUND_THE_CLOCK, every_day=True))
NEVER_QUIET = Quiet(0, 0, rest_days=False)


@dataclass
class Standing:
    """Who stands on the ladder, as the tests arrange it."""

    roles: dict[Level, Sequence[str]] = field(
        default_factory=lambda: {Level.SECRETARY: (SECRETARY,), Level.ADMINISTRATOR: (ADMIN,)}
    )
    above: Sequence[str] = (ABOVE,)
    away: set[str] = field(default_factory=set)

    async def roster(
        self, tenant_id: str, above: Sequence[str], desks: Iterable[str], fallback: str
    ) -> Roster:
        if tenant_id in self.away:
            raise ConnectionError("identity is away")
        return Roster(dict.fromkeys(desks, (LEAD,)), self.roles, self.above if above else (), fallback)


class Building:
    """A tenant with one service item, and time to walk."""

    def __init__(self, units: Units, database: ServiceDatabase) -> None:
        self.units = units
        self.database = database
        self.owners = Standing()

    def now(self) -> datetime:
        return self.units.clock.now()

    def walk(self, to: datetime) -> None:
        """Business time moves to a moment, which is a little later by the time it is asked for."""
        self.units.clock.apply(to - system_now())

    async def item(
        self, *, first: int = 2, result: int = 24, sealed: bool = False, tenant: str = TENANT
    ) -> Row:
        draft = Draft(
            code=f"item-{new_id()[-12:]}",
            name_zh="报修",
            name_en="Repairs",
            summary_zh="",
            summary_en="",
            affairs=Affairs.SOCIAL,
            station=Station.NONE,
            desk="service-desk",
            form={},
            first_response_hours=first,
            resolution_hours=result,
            price_note="",
            sensitivity=Sensitivity.P3 if sealed else Sensitivity.P1,
            synthetic=True,
        )
        return await self.units.run(desk(tenant), lambda unit: catalogue.publish(unit, draft))

    async def order(
        self, item: Row, *, urgency: Urgency = Urgency.NORMAL, tenant: str = TENANT, who: str = WORKER
    ) -> Row:
        wanted = commands.Order(item.id, FiledFor.PERSON, "", "", "灯坏了", {}, (), urgency, True)
        return await self.units.run(
            caller(who, Scope("O"), tenant=tenant), lambda unit: commands.open_ticket(unit, wanted)
        )

    async def ticket(self, ticket: Row) -> Row:
        found = await self.stored("SELECT * FROM requests_tickets WHERE id = $1", ticket.id)
        return found[0]  # type: ignore[return-value]

    async def look(self) -> int:
        return await escalations.look(self.units, self.owners)

    async def told(self) -> list[sla_pb2.TicketEscalated]:
        rows = await self.stored(
            "SELECT payload FROM outbox WHERE type = 'louyu.ticket.v1.TicketEscalated' ORDER BY id"
        )
        return [sla_pb2.TicketEscalated.FromString(row["payload"]) for row in rows]

    async def stored(self, query: str, *args: object) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.database.superuser_url)
        try:
            return list(await connection.fetch(query, *args))
        finally:
            await connection.close()

    async def decide(self, **changes: object) -> Settings:
        present = await self.units.run(desk(), decisions.decided_now)
        wanted = replace(present.settings, note="演示", **changes)  # type: ignore[arg-type]

        async def change(unit: object) -> Settings:
            made = await sla.change(unit, str(present.settings.version), wanted)  # type: ignore[arg-type]
            await commands.look_again(unit)  # type: ignore[arg-type]
            return made

        return await self.units.run(desk(), change)


@pytest_asyncio.fixture
async def building(databases: Databases) -> AsyncIterator[Building]:
    database = await databases.fresh("ticket")
    decisions.RECENT.forget(TENANT)
    pool = Database("ticket", database.app_url)
    clock = BusinessClock(MONDAY - system_now())
    yield Building(Units(pool, clock), database)
    await pool.close()


def caller(account: str, *scopes: Scope, tenant: str = TENANT) -> Context:
    return Context(
        mode="tenant",
        tenant_id=tenant,
        caller=Caller("account", account, account),
        scopes=scopes,
        method="test",
    )


def desk(tenant: str = TENANT) -> Context:
    return caller(CLERK, Scope("B"), Scope("O"), tenant=tenant)


OWN = caller(WORKER, Scope("O"))


async def anyone(tenant_id: str, account_id: str) -> bool:
    return True


def near(moment: datetime, wanted: datetime) -> bool:
    return abs(moment - wanted) < timedelta(minutes=2)


async def test_due_times_are_working_time(building: Building) -> None:
    ticket = await building.order(await building.item(first=2, result=23))
    assert near(ticket.first_response_due_at, MONDAY + 2 * HOUR)
    # Six and a half hours of Monday, seven each of Tuesday and Wednesday, two and a half of Thursday.
    assert near(ticket.resolution_due_at, datetime(2025, 6, 12, 3, 0, tzinfo=UTC))
    assert (ticket.next_due_clock, ticket.next_due_at) == ("first_response", ticket.first_response_due_at)
    urgent = await building.order(await building.item(), urgency=Urgency.URGENT)
    assert near(urgent.resolution_due_at, MONDAY + 2 * HOUR)


async def test_triage_changes_what_is_promised(building: Building) -> None:
    ticket = await building.order(await building.item())
    building.walk(MONDAY + HOUR)
    urgent = await building.units.run(
        desk(), lambda u: commands.triage(u, ticket.id, "1", Urgency.URGENT, "")
    )
    assert near(urgent.resolution_due_at, MONDAY + 2 * HOUR)


async def test_a_paused_clock_neither_runs_nor_climbs(building: Building) -> None:
    ticket = await building.order(await building.item(first=2, result=4))
    await building.units.run(desk(), lambda u: commands.assign(u, ticket.id, "1", CLERK, "", anyone))
    await building.units.run(desk(), lambda u: commands.accept(u, ticket.id, ""))
    held = await building.units.run(desk(), lambda u: commands.hold(u, ticket.id, "", "几楼？"))
    assert (held.next_due_at, held.look_at) == (None, None)
    building.walk(MONDAY + timedelta(days=3))
    assert await building.look() == 0
    resumed = await building.units.run(OWN, lambda u: commands.resume(u, ticket.id, "", "三楼"))
    assert near(resumed.resolution_due_at, MONDAY + timedelta(days=3) + 6 * HOUR)  # over the lunch break


async def test_an_overdue_request_climbs_to_the_top_over_all_tenants(building: Building) -> None:
    await building.decide(
        calendars={"office": ALWAYS, "always": replace(ALWAYS, code="always")}, quiet=NEVER_QUIET
    )
    await building.stored(
        "INSERT INTO tenants VALUES ($1, 'building', '楼', 'B', 'active', $2, $3, true, now())",
        TENANT,
        REGION,
        SUPERIOR,
    )
    ticket = await building.order(await building.item())
    there = await building.order(await building.item(tenant=OTHER), tenant=OTHER)
    building.walk(MONDAY + timedelta(days=9))
    assert await building.look() == 2
    assert await building.look() == 0
    kept = await building.ticket(ticket)
    assert kept["version"] == 1, "who is deciding something about it has missed nothing"
    assert (kept["escalation"], kept["look_at"]) == (5, None)
    assert kept["escalated_at"] is not None
    mine = [one for one in await building.told() if one.ticket_id == ticket.id and one.clock == 3]
    assert [(one.level, list(one.recipients), list(one.above)) for one in mine] == [
        (1, [LEAD], []),  # nobody handles it yet: its desk is told
        (2, [LEAD], []),
        (3, [SECRETARY], []),
        (4, [ADMIN], []),
        (5, [], [ABOVE]),
    ]
    overdue = await building.stored(
        "SELECT aggregate_id FROM outbox WHERE type = 'louyu.ticket.v1.TicketOverdue'"
    )
    assert {str(row["aggregate_id"]) for row in overdue} == {ticket.id, there.id}
    kinds = await building.stored(
        "SELECT kind FROM requests_timeline WHERE ticket_id = $1 ORDER BY id", ticket.id
    )
    assert kinds[0]["kind"] == "overdue_first_response"
    assert "escalated_superior" in {row["kind"] for row in kinds}


async def test_an_escalated_request_is_seen_above_and_nowhere_else(building: Building) -> None:
    await test_an_overdue_request_climbs_to_the_top_over_all_tenants(building)

    def above(*tenants: str) -> Context:
        return Context(
            mode="span",
            tenant_id=SUPERIOR,
            caller=Caller("account", ABOVE, ABOVE),
            scopes=(Scope("T", SUPERIOR),),
            span=(SUPERIOR, *tenants),
        )

    async def seen(context: Context) -> set[str]:
        rows = await building.units.run(
            context, lambda u: queries.escalated(u, settled=False, after=None, size=10)
        )
        return {row.tenant_id for row in rows}

    assert await seen(above(TENANT)) == {TENANT}
    assert await seen(above()) == set()
    [ticket] = await building.units.run(
        above(TENANT), lambda u: queries.escalated(u, settled=False, after=None, size=10)
    )
    with pytest.raises(NotFound):
        await building.units.run(above(), lambda u: queries.escalated_one(u, ticket.id))


async def test_a_vacant_level_falls_to_the_fallback_owner(building: Building) -> None:
    await building.decide(fallback=FALLBACK, quiet=NEVER_QUIET)
    building.owners.roles = {}
    building.owners.above = ()
    await building.order(await building.item(first=1, result=1))
    building.walk(MONDAY + timedelta(days=30))
    await building.look()
    told = {one.level: (list(one.recipients), one.vacant) for one in await building.told()}
    assert told == {
        1: ([LEAD], False),
        2: ([LEAD], False),
        3: ([FALLBACK], True),
        4: ([FALLBACK], True),
        5: ([FALLBACK], True),
    }


async def test_what_only_the_case_team_may_see_stays_with_its_desk(building: Building) -> None:
    ticket = await building.order(await building.item(sealed=True))
    building.walk(MONDAY + timedelta(days=40))
    await building.look()
    told = await building.told()
    assert {account for one in told for account in (*one.recipients, *one.above)} == {LEAD}
    assert (await building.ticket(ticket))["escalated_at"] is None


async def test_quiet_hours_keep_it_out_of_the_mail_until_morning(building: Building) -> None:
    ticket = await building.order(await building.item(), urgency=Urgency.URGENT)
    night = datetime(2025, 6, 9, 14, 0, tzinfo=UTC)  # 22:00 in Shanghai
    building.walk(night)
    await building.look()
    assert {(one.quiet, one.again) for one in await building.told()} == {(True, False)}
    told = len(await building.told())
    building.walk(datetime(2025, 6, 10, 0, 5, tzinfo=UTC))
    await building.look()
    again = [one for one in await building.told() if one.again]
    assert {(one.quiet, one.clock) for one in again} == {(False, 1), (False, 3)}
    assert len(await building.told()) > told
    assert ticket.state == State.SUBMITTED


async def test_nobody_is_told_once_the_handler_replied(building: Building) -> None:
    ticket = await building.order(await building.item(first=2, result=200))
    await building.units.run(desk(), lambda u: commands.comment(u, ticket.id, "已联系电工", ()))
    building.walk(MONDAY + 5 * HOUR)
    await building.look()
    assert await building.told() == []
    assert "stopped" in (await building.ticket(ticket))["clocks"]


async def test_reopening_goes_on_with_what_was_left(building: Building) -> None:
    ticket = await building.order(await building.item(first=1, result=4))
    await building.units.run(desk(), lambda u: commands.assign(u, ticket.id, "1", CLERK, "", anyone))
    building.walk(MONDAY + 2 * HOUR)
    done = await building.units.run(desk(), lambda u: commands.resolve(u, ticket.id, "", "好了", 0))
    assert (done.next_due_at, done.look_at) == (None, None)
    tuesday = MONDAY + timedelta(days=1)
    building.walk(tuesday)
    again = await building.units.run(OWN, lambda u: commands.reopen(u, ticket.id, "", "还是不亮"))
    assert near(again.resolution_due_at, tuesday + 2 * HOUR)
    assert again.next_due_clock == "resolution"


async def test_a_calendar_changed_in_flight_counts_from_the_change_on(building: Building) -> None:
    ticket = await building.order(await building.item(first=2, result=10))
    building.walk(MONDAY + 3 * HOUR)  # noon: three hours are used
    await building.decide(calendars={"office": ALWAYS}, targets={}, urgent_target="", quiet=NEVER_QUIET)
    await building.look()
    changed = await building.ticket(ticket)
    assert near(changed["resolution_due_at"], MONDAY + 10 * HOUR)
    assert near(changed["first_response_due_at"], MONDAY + 2 * HOUR), "what was due stays so"


async def test_two_people_who_change_the_settings_do_not_undo_each_other(building: Building) -> None:
    await building.decide(fallback=FALLBACK)
    with pytest.raises(Stale):
        await building.units.run(desk(), lambda u: sla.change(u, "0", defaults()))


async def test_where_identity_is_away_the_other_buildings_are_looked_at(building: Building) -> None:
    here = await building.order(await building.item(first=1, result=1))
    there = await building.order(await building.item(first=1, result=1, tenant=OTHER), tenant=OTHER)
    building.owners.away = {TENANT}
    building.walk(MONDAY + timedelta(days=9))
    with pytest.raises(ConnectionError):
        await building.look()
    assert (await building.ticket(here))["escalation"] == 0
    assert (await building.ticket(there))["escalation"] > 0
    building.owners.away = set()
    assert await building.look() == 1


async def test_a_request_from_before_there_were_clocks_gets_them(building: Building) -> None:
    ticket = await building.order(await building.item(first=2, result=4))
    connection = await asyncpg.connect(building.database.superuser_url)
    await connection.execute(
        "UPDATE requests_tickets SET clocks = DEFAULT, look_at = DEFAULT, next_due_at = NULL WHERE id = $1",
        ticket.id,
    )
    await connection.close()
    assert await building.look() == 1
    kept = await building.ticket(ticket)
    assert near(kept["next_due_at"], MONDAY + 2 * HOUR)


async def test_the_queue_is_worked_on_by_what_falls_due_and_urgent_ones_first(building: Building) -> None:
    slow = await building.order(await building.item(first=20, result=40))
    quick = await building.order(await building.item(first=2, result=4))
    await building.decide(urgent_target="", targets={})
    urgent = await building.order(await building.item(first=90, result=90), urgency=Urgency.URGENT)
    narrowed = queries.Filter(by_due=True)
    seen: list[str] = []
    after = None
    while True:
        rows = await building.units.run(desk(), lambda u, at=after: queries.page(u, narrowed, at, 1))  # type: ignore[misc]
        seen.append(rows[0].id)
        if len(rows) < 2:
            break
        key = narrowed.key(rows[0])
        after = [str(part) for part in key]
    assert seen == [urgent.id, quick.id, slow.id]


async def test_waiting_days_still_have_versions(building: Building) -> None:
    await building.units.run(desk(), lambda u: SETTINGS.begin(u, "0", auto_close_days=9))
    assert (await building.units.run(desk(), SETTINGS.current)).auto_close_days == 9
