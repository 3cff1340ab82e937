"""Units of work: all or nothing, once per key, in one tenant."""

import asyncio
import hmac
from typing import TypeAlias

import asyncpg
import pytest
from sqlalchemy import insert, text

from chassis import audit
from chassis.context import bind
from chassis.errors import InProgress, KeyReused
from chassis.ids import new_id
from chassis.statements import NewRow
from chassis.tables import number_blocks
from chassis.units import UnitOfWork, Units
from louyu.ticket.v1 import requests_pb2 as pb
from tests.integration.chassis.conftest import TENANT, caller, crowd, telling
from ticket.requests.tables import tickets

Superuser: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
REQUEST = pb.StartTicketRequest(tenant=TENANT, id=new_id())


async def answer(unit: UnitOfWork) -> pb.Ticket:
    unit.emit(pb.TicketStarted(), aggregate_id=REQUEST.id)
    return pb.Ticket(id=new_id())


async def test_a_failing_unit_leaves_nothing(units: Units, superuser: Superuser) -> None:
    async def fails(unit: UnitOfWork) -> None:
        unit.emit(pb.TicketStarted(), aggregate_id=new_id())
        unit.audit("tried", "x")
        await unit.flush()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await units.run(caller(), fails)
    assert await superuser.fetchval("SELECT count(*) FROM outbox") == 0
    assert await superuser.fetchval("SELECT count(*) FROM audit_entries") == 0


async def test_event_numbers_are_dense_per_aggregate_under_concurrency(
    units: Units, superuser: Superuser
) -> None:
    aggregates = [new_id() for _ in range(3)]
    await crowd(units, (telling(one, 2) for one in aggregates for _ in range(20)))
    for one in aggregates:
        rows = await superuser.fetch("SELECT seq FROM outbox WHERE aggregate_id = $1 ORDER BY id", one)
        assert [row["seq"] for row in rows] == list(range(1, 41))


async def test_one_event_and_several_are_numbered_alike(units: Units, superuser: Superuser) -> None:
    one = new_id()
    for events in (1, 3, 1, 1, 2):
        await units.run(caller(), telling(one, events))
    rows = await superuser.fetch(
        "SELECT seq, type, audience FROM outbox WHERE aggregate_id = $1 ORDER BY id", one
    )
    assert [row["seq"] for row in rows] == list(range(1, 9))
    assert len({(row["type"], tuple(row["audience"])) for row in rows}) == 1


@pytest.mark.parametrize(("rows", "events"), [(1, 0), (1, 1), (3, 1), (2, 3), (9, 1), (9, 0)])
async def test_added_rows_are_written_with_the_events(
    units: Units, superuser: Superuser, rows: int, events: int
) -> None:
    async def adds(unit: UnitOfWork) -> None:
        for number in range(rows):
            row = unit.add(number_blocks, {"tenant_id": TENANT, "series": f"S{number}", "next": number})
            assert (row.series, dict(row)["next"]) == (f"S{number}", number)
        for _ in range(events):
            unit.emit(pb.TicketStarted(), aggregate_id=REQUEST.id)

    await units.run(caller(), adds)
    assert await superuser.fetchval("SELECT count(*) FROM number_blocks") == rows
    assert await superuser.fetchval("SELECT count(*) FROM outbox") == events


async def test_added_rows_go_with_a_failing_unit(units: Units, superuser: Superuser) -> None:
    async def fails(unit: UnitOfWork) -> None:
        unit.add(number_blocks, {"tenant_id": TENANT, "series": "S", "next": 1})
        unit.add(number_blocks, {"tenant_id": new_id(), "series": "S", "next": 1})
        unit.emit(pb.TicketStarted(), aggregate_id=REQUEST.id)

    with pytest.raises(asyncpg.InsufficientPrivilegeError):  # the second row is another tenant's
        await units.run(caller(), fails)
    assert await superuser.fetchval("SELECT count(*) FROM number_blocks") == 0
    assert await superuser.fetchval("SELECT count(*) FROM outbox") == 0


@pytest.mark.parametrize(("events", "rows"), [(0, 0), (1, 0), (2, 0), (1, 9)])
async def test_a_change_that_finds_no_row_ends_the_unit(
    units: Units, superuser: Superuser, events: int, rows: int
) -> None:
    async def changes(unit: UnitOfWork) -> None:
        for number in range(rows):
            unit.add(number_blocks, {"tenant_id": TENANT, "series": f"S{number}", "next": number})
        gone = NewRow({"tenant_id": TENANT, "id": new_id(), "version": 1})
        unit.change(tickets, gone, {"summary": "a ticket that is not there"})
        for _ in range(events):
            unit.emit(pb.TicketStarted(), aggregate_id=REQUEST.id)

    with pytest.raises(LookupError):
        await units.run(caller(), changes)
    assert await superuser.fetchval("SELECT count(*) FROM outbox") == 0
    assert await superuser.fetchval("SELECT count(*) FROM number_blocks") == 0


async def test_a_savepoint_undoes_only_its_part(units: Units, superuser: Superuser) -> None:
    row = {"tenant_id": TENANT, "series": "S", "next": 1}

    async def part(unit: UnitOfWork) -> None:
        async with unit.savepoint():
            await unit.execute(insert(number_blocks), {**row, "series": "T"})
            await unit.execute(insert(number_blocks), row)

    async def half(unit: UnitOfWork) -> None:
        await unit.execute(insert(number_blocks), row)
        with pytest.raises(asyncpg.UniqueViolationError):
            await part(unit)

    await units.run(caller(), half)
    assert [r["series"] for r in await superuser.fetch("SELECT series FROM number_blocks")] == ["S"]


async def test_one_key_has_one_effect_and_one_answer(units: Units, superuser: Superuser) -> None:
    with bind(caller(idempotency_key="once")):
        first = await units.command(REQUEST, pb.Ticket, answer)
        second = await units.command(REQUEST, pb.Ticket, answer)
    assert first.id == second.id
    assert await superuser.fetchval("SELECT count(*) FROM outbox") == 1


async def test_a_key_does_not_serve_another_payload(units: Units) -> None:
    other = pb.StartTicketRequest(tenant=TENANT, id=new_id())
    with bind(caller(idempotency_key="same")):
        await units.command(REQUEST, pb.Ticket, answer)
        with pytest.raises(KeyReused):
            await units.command(other, pb.Ticket, answer)


async def test_a_key_in_use_is_refused_at_once(units: Units) -> None:
    inside, leave = asyncio.Event(), asyncio.Event()

    async def slow(unit: UnitOfWork) -> pb.Ticket:
        inside.set()
        await leave.wait()
        return await answer(unit)

    with bind(caller(idempotency_key="busy")):
        running = asyncio.create_task(units.command(REQUEST, pb.Ticket, slow))
        await inside.wait()
        with pytest.raises(InProgress):
            await units.command(REQUEST, pb.Ticket, answer)
        leave.set()
        assert (await running).id


async def test_without_context_there_are_no_rows(units: Units) -> None:
    await units.run(caller(), lambda unit: _setting(unit, TENANT))
    nobody = caller("")

    async def count(unit: UnitOfWork) -> int:
        return int(await unit.scalar(text("SELECT count(*) FROM requests_settings")))

    assert await units.run(nobody, count) == 0
    assert await units.run(caller(new_id()), count) == 0
    assert await units.run(caller(), count) == 1


async def test_a_row_for_another_tenant_is_refused_by_the_database(units: Units) -> None:
    with pytest.raises(Exception, match="row-level security"):
        await units.run(caller(), lambda unit: _setting(unit, new_id()))


async def _setting(unit: UnitOfWork, tenant_id: str) -> None:
    await unit.execute(
        text(
            "INSERT INTO requests_settings (tenant_id, version, auto_close_days, created_at, created_by) "
            "VALUES (CAST(:tenant AS uuid), 1, 5, now(), '')"
        ).bindparams(tenant=tenant_id)
    )


async def test_numbers_are_unique_and_rising(units: Units) -> None:
    async def draw(unit: UnitOfWork) -> int:
        return await unit.number("G20261121")

    drawn = await crowd(units, [draw] * 120)
    assert sorted(drawn) == list(range(1, 121))
    assert await units.run(caller(new_id()), draw) == 1


TAMPERING = {
    "nothing": ("SELECT 1",),
    "edit": ("UPDATE audit_entries SET action = 'undid' WHERE chain_seq = 4",),
    "delete": ("DELETE FROM audit_entries WHERE chain_seq = 6",),
    "first": ("DELETE FROM audit_entries WHERE chain_seq = 1",),
    "truncate": ("DELETE FROM audit_entries WHERE chain_seq > 7",),
    "reorder": (
        "DROP INDEX audit_entries_chain",
        "UPDATE audit_entries SET chain_seq = 11 - chain_seq WHERE chain_seq IN (5, 6)",
    ),
}


def sign(message: bytes) -> bytes:
    return hmac.digest(b"sealer", message, "sha256")


@pytest.mark.parametrize("kind", TAMPERING)
async def test_the_audit_chain_finds_tampering(units: Units, superuser: Superuser, kind: str) -> None:
    async def acts(unit: UnitOfWork) -> None:
        for number in range(10):
            unit.audit("did", f"thing-{number}", count=number)

    await units.run(caller(), acts)
    job = units.job_context("audit-sealer")
    assert await units.run(job, lambda unit: audit.seal(unit, sign)) == 10
    assert await units.run(job, lambda unit: audit.seal(unit, sign)) == 0
    for statement in TAMPERING[kind]:
        await superuser.execute(statement)
    verdict = await units.run(
        caller(),
        lambda unit: audit.verify(unit, TENANT, lambda message, signature: sign(message) == signature),
    )
    assert verdict.intact is (kind == "nothing")
