"""What is done with commitments: one function a verb, each in the caller's unit of work."""

from dataclasses import dataclass
from datetime import date

from chassis import days
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork
from membership.commitments import events, queries, rules
from membership.commitments.rules import State
from membership.commitments.tables import commitments
from membership.enterprises import queries as enterprises
from membership.texts import clean


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an enterprise wants to commit itself to."""

    enterprise_id: str
    kind: str
    promise: str
    until_on: date | None
    synthetic: bool


async def make(unit: UnitOfWork, wanted: Wanted) -> Row:
    """Commit an enterprise that the caller acts for, from today on. ENTERPRISE_NOT_FOUND for any other."""
    enterprise = await enterprises.own(unit, wanted.enterprise_id)
    today = days.day_of(unit.now)
    rules.check_period(wanted.until_on, today)
    row = unit.add(
        commitments,
        {
            **unit.fresh(synthetic=wanted.synthetic),
            "enterprise_id": enterprise.id,
            "kind": wanted.kind,
            **clean(promise=wanted.promise),
            "made_on": today,
            "until_on": wanted.until_on,
            "withdrawn_at": None,
            "reason": "",
        },
    )
    unit.audit("commitments.make", row.id)
    unit.emit(events.changed(row, State.IN_FORCE), aggregate_id=row.id)
    return row


async def withdraw(unit: UnitOfWork, commitment_id: str, reason: str) -> Row:
    """Take a commitment back. COMMITMENT_OVER for one that holds no more."""
    row = await queries.own(unit, commitment_id)
    rules.check_withdrawal(standing(unit, row))
    row = unit.change(commitments, row, {"withdrawn_at": unit.now, **clean(reason=reason)})
    unit.audit("commitments.withdraw", row.id)
    unit.emit(events.changed(row, State.WITHDRAWN), aggregate_id=row.id)
    return row


def standing(reader: Reader, row: Row) -> State:
    """Where a stored commitment stands today."""
    return rules.state(
        withdrawn=row.withdrawn_at is not None, until_on=row.until_on, today=days.day_of(reader.now)
    )
