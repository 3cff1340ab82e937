"""What operators do about dead letters: look, and apply again."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import Update, delete, select, update

from chassis import tables
from chassis.consumer import ConsumerRunner, describe, is_transient
from chassis.context import Caller, Context
from chassis.errors import NotFound
from chassis.events import decode
from chassis.pages import beyond
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units

_T = tables.dead_letters


async def page(reader: Reader, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """A page of dead letters of all tenants, oldest first; one row more than asked tells of a next page."""
    statement = select(_T).order_by(_T.c.created_at, _T.c.event_id).limit(size + 1)
    if after:
        statement = statement.where(beyond((_T.c.created_at, _T.c.event_id), after))
    return await reader.fetch(statement)


async def replay(units: Units, runners: dict[str, ConsumerRunner], event_id: str) -> tuple[int, int]:
    """Apply the aggregate of a letter from its first letter on; (applied, remaining).

    Stops at the first event that fails again; its error is written down. Safe to repeat.
    """
    context = Context(mode="consumer", caller=Caller(kind="system", service="replay"))

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

    letters = await units.run(context, parked)
    applied = 0
    for letter in letters:
        try:
            event = decode(letter.headers, letter.payload)
            await runners[letter.consumer].apply([event])
        except Exception as error:
            if is_transient(error):
                raise
            failed = (
                update(_T)
                .where(_T.c.consumer == letter.consumer, _T.c.event_id == letter.event_id)
                .values(error=describe(error), attempts=_T.c.attempts + 1, waiting=False)
            )
            await units.run(context, partial(_written, failed))
            break
        await units.run(
            context,
            lambda unit, done=letter: unit.execute(  # type: ignore[misc]
                delete(_T).where(_T.c.consumer == done.consumer, _T.c.event_id == done.event_id)
            ),
        )
        applied += 1
    return applied, len(letters) - applied


async def _written(statement: Update, unit: UnitOfWork) -> int:
    return await unit.execute(statement)
