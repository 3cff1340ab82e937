"""Service requests on a real database, through the commands and queries that the RPCs call."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest
import pytest_asyncio

from chassis.context import Caller, Context, Scope
from chassis.database import Database
from chassis.errors import Conflict, Forbidden, Invalid, NotFound, Stale, WrongState
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork, Units
from tests.fixtures.clocks import at_noon
from tests.fixtures.servers import Databases, ServiceDatabase
from ticket.affairs import Affairs, Sensitivity, Station
from ticket.catalogue import commands as catalogue
from ticket.catalogue.rules import Draft
from ticket.requests import commands, queries, subtasks
from ticket.requests.jobs import auto_close
from ticket.requests.rules import FiledFor, State, Urgency

TENANT, OTHER = new_id(), new_id()
CONTACT, CLERK, HANDLER, FIRM = new_id(), new_id(), new_id(), new_id()


@pytest_asyncio.fixture
async def ticket_database(databases: Databases) -> ServiceDatabase:
    return await databases.fresh("ticket")


@pytest_asyncio.fixture
async def units(ticket_database: ServiceDatabase) -> AsyncIterator[Units]:
    database = Database("ticket", ticket_database.app_url)
    yield Units(database, at_noon(30))
    await database.close()


def caller(account: str, *scopes: Scope, tenant: str = TENANT) -> Context:
    return Context(
        mode="tenant",
        tenant_id=tenant,
        caller=Caller("account", account, person_id=account),
        scopes=scopes,
        method="test",
    )


CONTACT_OF_FIRM = caller(CONTACT, Scope("E", FIRM), Scope("O"))
DESK = caller(CLERK, Scope("B"), Scope("O"))
CASE = caller(HANDLER, Scope("C"), Scope("O"))


async def anyone(tenant_id: str, account_id: str) -> bool:
    return account_id in (HANDLER, CLERK)


async def publish(units: Units, sensitivity: Sensitivity = Sensitivity.P1) -> Row:
    draft = Draft(
        code=f"item-{new_id()[-12:]}",
        name_zh="代理记账",
        name_en="Bookkeeping",
        summary_zh="代企业记账",
        summary_en="Keeps the books of a firm",
        affairs=Affairs.BUSINESS,
        station=Station.ENTERPRISE,
        desk="enterprise-desk",
        form={
            "type": "object",
            "properties": {"months": {"type": "integer", "minimum": 1}},
            "required": ["months"],
            "additionalProperties": False,
        },
        first_response_hours=2,
        resolution_hours=24,
        price_note="",
        sensitivity=sensitivity,
        synthetic=False,
    )
    return await units.run(DESK, lambda unit: catalogue.publish(unit, draft))


async def order(units: Units, item: Row, context: Context = CONTACT_OF_FIRM) -> Row:
    wanted = commands.Order(
        service_item_id=item.id,
        filed_for=FiledFor.ENTERPRISE if context.ids("E") else FiledFor.PERSON,
        enterprise_id="",
        floor="12",
        summary="需要代理记账三个月",
        form={"months": 3.0},
        attachments=(),
        urgency=Urgency.NORMAL,
        synthetic=True,
    )
    return await units.run(context, lambda unit: commands.open_ticket(unit, wanted))


async def resolved(units: Units) -> Row:
    ticket = await order(units, await publish(units))
    await units.run(DESK, lambda u: commands.triage(u, ticket.id, "1", Urgency.NORMAL, ""))
    await units.run(DESK, lambda u: commands.assign(u, ticket.id, "2", HANDLER, "", anyone))
    await units.run(CASE, lambda u: commands.accept(u, ticket.id, ""))
    await units.run(CASE, lambda u: commands.start(u, ticket.id, ""))
    return await units.run(CASE, lambda u: commands.resolve(u, ticket.id, "", "账已记好", 0))


async def stored(database: ServiceDatabase, query: str, *args: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(database.superuser_url)
    try:
        return list(await connection.fetch(query, *args))
    finally:
        await connection.close()


async def test_a_request_goes_from_filed_to_rated(units: Units, ticket_database: ServiceDatabase) -> None:
    ticket = await resolved(units)
    done = await units.run(CONTACT_OF_FIRM, lambda u: commands.confirm(u, ticket.id, "", 5, "很及时"))
    assert (done.state, done.rating, done.closed_automatically) == (State.CLOSED, 5, False)
    assert done.number.startswith("G")
    assert done.number.endswith("-000001")
    told = await stored(
        ticket_database, "SELECT type, seq FROM outbox WHERE aggregate_id = $1 ORDER BY id", ticket.id
    )
    assert [row["seq"] for row in told] == list(range(1, len(told) + 1))
    assert [row["type"].rsplit(".", 1)[-1] for row in told] == [
        "TicketOpened",
        "TicketTriaged",
        "TicketAssigned",
        "TicketAccepted",
        "TicketStarted",
        "TicketResolved",
        "TicketClosed",
        "TicketRated",
    ]


async def test_events_carry_no_words_of_people(units: Units, ticket_database: ServiceDatabase) -> None:
    ticket = await resolved(units)
    for row in await stored(ticket_database, "SELECT payload FROM outbox"):
        assert "三个月".encode() not in row["payload"]
        assert "账已记好".encode() not in row["payload"]
    assert ticket.summary == "需要代理记账三个月"


async def test_a_form_names_the_field_that_is_wrong(units: Units) -> None:
    item = await publish(units)
    wrong = commands.Order(item.id, FiledFor.PERSON, "", "", "记账", {"months": 0}, (), Urgency.NORMAL, True)
    with pytest.raises(Invalid) as refused:
        await units.run(caller(CONTACT, Scope("O")), lambda u: commands.open_ticket(u, wrong))
    assert [fault.field for fault in refused.value.fields] == ["form.months"]
    missing = replace(wrong, form={})
    with pytest.raises(Invalid) as refused:
        await units.run(caller(CONTACT, Scope("O")), lambda u: commands.open_ticket(u, missing))
    assert [fault.field for fault in refused.value.fields] == ["form.months"]


async def test_only_the_firms_own_contact_files_in_its_name(units: Units) -> None:
    item = await publish(units)
    foreign = commands.Order(
        item.id, FiledFor.ENTERPRISE, new_id(), "", "记账", {"months": 1}, (), Urgency.NORMAL, True
    )
    with pytest.raises(Forbidden, match="NOT_THIS_ENTERPRISE"):
        await units.run(CONTACT_OF_FIRM, lambda u: commands.open_ticket(u, foreign))


async def test_a_wrong_verb_says_which_ones_are_allowed(units: Units) -> None:
    ticket = await order(units, await publish(units))
    with pytest.raises(WrongState) as refused:
        await units.run(DESK, lambda u: commands.start(u, ticket.id, ""))
    assert refused.value.state == State.SUBMITTED
    assert refused.value.allowed == ("triage", "assign", "reject")


async def test_an_old_etag_changes_nothing(units: Units) -> None:
    ticket = await order(units, await publish(units))
    await units.run(DESK, lambda u: commands.triage(u, ticket.id, "1", Urgency.URGENT, ""))
    with pytest.raises(Stale):
        await units.run(DESK, lambda u: commands.assign(u, ticket.id, "1", HANDLER, "", anyone))


async def test_it_is_not_assigned_to_its_requester_or_to_a_stranger(units: Units) -> None:
    ticket = await order(units, await publish(units))
    with pytest.raises(Conflict, match="ASSIGNEE_IS_REQUESTER"):
        await units.run(DESK, lambda u: commands.assign(u, ticket.id, "1", CONTACT, "", anyone))
    with pytest.raises(Invalid, match="ASSIGNEE_NOT_A_HANDLER"):
        await units.run(DESK, lambda u: commands.assign(u, ticket.id, "1", new_id(), "", anyone))


async def test_the_desk_does_not_confirm_for_the_requester(units: Units) -> None:
    ticket = await resolved(units)
    with pytest.raises(Forbidden, match="NOT_THE_REQUESTER"):
        await units.run(DESK, lambda u: commands.confirm(u, ticket.id, "", 5, ""))


async def test_open_subtasks_hold_the_result_back(units: Units) -> None:
    ticket = await order(units, await publish(units))
    await units.run(DESK, lambda u: commands.assign(u, ticket.id, "1", HANDLER, "", anyone))
    await units.run(DESK, lambda u: subtasks.add(u, ticket.id, "开票", CLERK, anyone))
    with pytest.raises(Conflict, match="SUBTASKS_OPEN"):
        await units.run(CASE, lambda u: commands.resolve(u, ticket.id, "", "好了", 0))
    part = (await units.run(DESK, lambda u: queries.parts(u, ticket.id)))[0]
    await units.run(DESK, lambda u: subtasks.complete(u, ticket.id, part.id))
    done = await units.run(CASE, lambda u: commands.resolve(u, ticket.id, "", "好了", 0))
    assert done.state == State.RESOLVED
    assert done.accepted_at is not None


async def test_what_a_verb_answers_is_what_is_kept(units: Units, ticket_database: ServiceDatabase) -> None:
    ticket = await order(units, await publish(units))
    assigned = await units.run(DESK, lambda u: commands.assign(u, ticket.id, "1", HANDLER, "", anyone))
    # Accepts on the way: the row changes twice in one unit, and is written once.
    done = await units.run(CASE, lambda u: commands.resolve(u, ticket.id, "2", "好了", 1))
    kept = await units.run(CASE, lambda u: queries.ticket(u, ticket.id))
    assert dict(done) == dict(kept)
    assert [row.version for row in (ticket, assigned, done)] == [1, 2, 4]
    assert None not in (done.accepted_at, done.resolved_at)
    notes = await stored(
        ticket_database, "SELECT kind FROM requests_timeline WHERE ticket_id = $1 ORDER BY id", ticket.id
    )
    assert [row["kind"] for row in notes] == ["assigned", "accepted", "resolved"]


async def test_a_change_goes_with_a_failing_unit(units: Units) -> None:
    ticket = await order(units, await publish(units))

    async def fails(unit: UnitOfWork) -> None:
        await commands.triage(unit, ticket.id, "1", Urgency.URGENT, "")
        await unit.flush()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await units.run(DESK, fails)
    kept = await units.run(DESK, lambda u: queries.ticket(u, ticket.id))
    assert (kept.state, kept.urgency, kept.version) == (State.SUBMITTED, Urgency.NORMAL, 1)


async def test_reopening_voids_the_rating(units: Units) -> None:
    ticket = await resolved(units)
    await units.run(CONTACT_OF_FIRM, lambda u: commands.confirm(u, ticket.id, "", 2, ""))
    again = await units.run(CONTACT_OF_FIRM, lambda u: commands.reopen(u, ticket.id, "", "还没好"))
    assert (again.state, again.rating, again.reopened) == (State.ASSIGNED, 0, 1)


async def test_nobody_confirms_so_it_closes_by_itself_and_can_still_be_rated(units: Units) -> None:
    ticket = await resolved(units)
    job = auto_close()
    assert await job.run(units) == 0
    units.clock.apply(units.clock.offset + timedelta(days=8))
    assert await job.run(units) == 1
    assert await job.run(units) == 0
    closed = await units.run(CONTACT_OF_FIRM, lambda u: queries.ticket(u, ticket.id))
    assert (closed.state, closed.closed_automatically, closed.rating) == (State.CLOSED, True, 0)
    rated = await units.run(CONTACT_OF_FIRM, lambda u: commands.rate(u, ticket.id, "", 4, ""))
    assert (rated.rating, rated.closed_automatically) == (4, True)


async def test_each_caller_sees_only_what_the_scope_reaches(units: Units) -> None:
    item = await publish(units)
    firms = await order(units, item)
    own = await order(units, item, caller(CONTACT, Scope("O")))
    everything = queries.Filter()

    async def seen(context: Context) -> set[str]:
        rows = await units.run(context, lambda u: queries.page(u, everything, None, 100))
        return {row.id for row in rows}

    assert await seen(DESK) == {firms.id, own.id}
    colleague = caller(new_id(), Scope("E", FIRM), Scope("O"))
    assert await seen(colleague) == {firms.id}, "the employer never sees a personal request"
    assert await seen(caller(new_id(), Scope("O"))) == set()
    assert await seen(caller(new_id(), Scope("F", "12"))) == {firms.id, own.id}
    assert await seen(caller(new_id(), Scope("F", "3"))) == set()
    assert await seen(caller(CLERK, Scope("B"), tenant=OTHER)) == set()
    stranger = caller(CLERK, Scope("B"), tenant=OTHER)
    with pytest.raises(NotFound):
        await units.run(stranger, lambda u: queries.ticket(u, firms.id))


async def test_a_p3_request_is_out_of_the_buildings_sight(units: Units) -> None:
    item = await publish(units, Sensitivity.P3)
    hidden = await order(units, item, caller(CONTACT, Scope("O")))
    with pytest.raises(NotFound):
        await units.run(DESK, lambda u: queries.ticket(u, hidden.id))
    mine = await units.run(caller(CONTACT, Scope("O")), lambda u: queries.ticket(u, hidden.id))
    assert mine.summary


async def test_pages_neither_skip_nor_repeat(units: Units) -> None:
    item = await publish(units)
    made = [(await order(units, item)).id for _ in range(7)]
    seen: list[str] = []
    after: list[str] | None = None
    while True:
        rows = await units.run(DESK, lambda u, at=after: queries.page(u, queries.Filter(), at, 3))  # type: ignore[misc]
        seen += [row.id for row in rows[:3]]
        if len(rows) <= 3:
            break
        after = [rows[2].id]
    assert seen == made[::-1]
