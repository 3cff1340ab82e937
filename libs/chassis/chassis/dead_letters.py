"""The dead letters of this process, as operators see them and apply them again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Delete, Update, delete, select, update

from chassis import tables
from chassis.consumer import ConsumerRunner, describe, is_transient
from chassis.context import Caller, Context
from chassis.errors import NotFound
from chassis.events import decode
from chassis.pages import PageTokens, beyond, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.operations.v1 import dead_letters_pb2 as pb
from louyu.operations.v1.dead_letters_pb2_grpc import DeadLettersServiceServicer

_T = tables.dead_letters
# Read and written as a consumer: a dead letter may name no tenant at all.
_CONSUMER = Context(mode="consumer", caller=Caller(kind="system", service="dead-letters"))


async def page(reader: Reader, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """A page of dead letters of all tenants, oldest first; one row more than asked tells of a next page."""
    statement = select(_T).order_by(_T.c.created_at, _T.c.event_id).limit(size + 1)
    if after:
        statement = statement.where(beyond((_T.c.created_at, _T.c.event_id), after))
    return await reader.fetch(statement)


async def replay(units: Units, runners: Mapping[str, ConsumerRunner], event_id: str) -> tuple[int, int]:
    """Apply the aggregate of a letter from its first letter on; (applied, remaining).

    Stops at the first event that fails again; its error is written down. Safe to repeat.
    """

    async def parked(reader: Reader) -> Sequence[Row]:
        letter = await reader.first(select(_T).where(_T.c.event_id == event_id).limit(1))
        if letter is None:
            raise NotFound("DEAD_LETTER_NOT_FOUND")
        same = (
            (_T.c.consumer == letter.consumer)
            & (_T.c.tenant_id == letter.tenant_id)
            & (_T.c.aggregate_id == letter.aggregate_id)
        )
        return await reader.fetch(select(_T).where(same).order_by(_T.c.seq))

    letters = await units.run(_CONSUMER, parked)
    applied = 0
    for letter in letters:
        this = (_T.c.consumer == letter.consumer) & (_T.c.event_id == letter.event_id)
        try:
            event = decode(letter.headers, letter.payload)
            await runners[letter.consumer].apply([event])
        except Exception as error:
            if is_transient(error):
                raise
            failed = {"error": describe(error), "attempts": _T.c.attempts + 1, "waiting": False}
            await units.run(_CONSUMER, partial(_written, update(_T).where(this).values(failed)))
            break
        await units.run(_CONSUMER, partial(_written, delete(_T).where(this)))
        applied += 1
    return applied, len(letters) - applied


async def _written(statement: Update | Delete, unit: UnitOfWork) -> int:
    return await unit.execute(statement)


class DeadLetters(DeadLettersServiceServicer):
    """Lists and replays what this process could not apply."""

    def __init__(self, units: Units, runners: Mapping[str, ConsumerRunner], pages: PageTokens) -> None:
        self._units = units
        self._runners = dict(runners)
        self._pages = pages

    def _check(self, service: str) -> None:
        if service != self._units.database.service:
            raise NotFound("SERVICE_NOT_FOUND")

    async def ListDeadLetters(
        self, request: pb.ListDeadLettersRequest, context: Any
    ) -> pb.ListDeadLettersResponse:
        self._check(request.service)
        after = self._pages.decode(request)
        key = (datetime.fromisoformat(after[0]), after[1]) if after else None
        size = page_size(request.page_size)
        rows = await self._units.run(_CONSUMER, lambda unit: page(unit, key, size))
        reply = pb.ListDeadLettersResponse(dead_letters=[_letter(row) for row in rows[:size]])
        if len(rows) > size:
            last = rows[size - 1]
            reply.next_page_token = self._pages.encode(request, (last.created_at.isoformat(), last.event_id))
        return reply

    async def ReplayDeadLetter(
        self, request: pb.ReplayDeadLetterRequest, context: Any
    ) -> pb.ReplayDeadLetterResponse:
        self._check(request.service)
        applied, remaining = await replay(self._units, self._runners, request.id)
        return pb.ReplayDeadLetterResponse(applied=applied, remaining=remaining)


def _letter(row: Row) -> pb.DeadLetter:
    letter = pb.DeadLetter(
        id=row.event_id,
        consumer=row.consumer,
        event_tenant=row.tenant_id,
        event_type=row.event_type,
        aggregate_id=row.aggregate_id,
        event_seq=row.seq,
        error=row.error,
        waiting=row.waiting,
        attempts=row.attempts,
    )
    letter.create_time.FromDatetime(row.created_at)
    return letter
