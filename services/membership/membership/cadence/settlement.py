"""What became of obligations: worked out from the evidence, as often as one likes, with the same result."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import bindparam, case, select, true, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis import days
from chassis.statements import Row, Values
from chassis.units import UnitOfWork
from membership.cadence import events
from membership.cadence.rules import NAMED, Evidence, State, outcome
from membership.cadence.tables import evidence, obligations

_O: Final = obligations.c
_E: Final = evidence.c

# The earliest evidence decides: for what is filed in time, later evidence makes no difference.
_FIRST: Final = (
    select(_E.id, _E.filed_on, _E.reference)
    .where(
        _E.tenant_id == _O.tenant_id,
        _E.kind == _O.evidence,
        _E.subject_id == case((_O.evidence.in_(NAMED), _O.id), else_=_O.subject_id),
        _E.happened_on.between(_O.start_on, _O.until_on),
        _E.filed_on <= _O.closes_on,
        _E.counts,
        (_O.activity_kind == "") | (_E.activity_kind == _O.activity_kind),
    )
    .order_by(_E.filed_on, _E.id)
    .limit(1)
    .lateral("first")
)
_WITH_EVIDENCE: Final = (
    select(
        obligations,
        _FIRST.c.id.label("shown_by"),
        _FIRST.c.filed_on.label("shown_on"),
        _FIRST.c.reference.label("shown_as"),
    )
    .select_from(obligations.outerjoin(_FIRST, true()))
    .where(
        _O.tenant_id == bindparam("own_tenant"),
        _O.until_on >= bindparam("first"),
        _O.start_on <= bindparam("last"),
        _O.state != State.WAIVED,
    )
    .order_by(_O.id)
    .with_for_update(of=obligations)
)
_ONE: Final = _WITH_EVIDENCE.where(_O.id == bindparam("own_id"))
_SHOWN: Final = _WITH_EVIDENCE.where(_O.state == State.OPEN, _FIRST.c.id.is_not(None))
_OVER: Final = _WITH_EVIDENCE.where(_O.state == State.OPEN, _O.closes_on < bindparam("today"))
_ALWAYS: Final = {"first": date.min, "last": date.max}
_SETTLED: Final = (
    update(obligations)
    .where(_O.tenant_id == bindparam("own_tenant"), _O.id == bindparam("own_id"))
    .values(
        version=_O.version + 1,
        updated_at=bindparam("at"),
        state=bindparam("to_state"),
        evidence_id=bindparam("shown_by"),
        filed_on=bindparam("shown_on"),
        attested=bindparam("by_word"),
        reference=bindparam("shown_as"),
    )
)


async def settle(unit: UnitOfWork, first: date, last: date, kinds: Collection[Evidence]) -> int:
    """Look again at the obligations of some kinds of evidence in the periods between two days; how many of
    them stand otherwise now."""
    span = {"own_tenant": unit.tenant_id, "first": first, "last": last}
    return await _write(unit, await unit.fetch(_WITH_EVIDENCE.where(_O.evidence.in_(kinds)), span))


async def settle_one(unit: UnitOfWork, obligation_id: str) -> int:
    """Look again at one obligation."""
    one = {"own_tenant": unit.tenant_id, "own_id": obligation_id, **_ALWAYS}
    return await _write(unit, await unit.fetch(_ONE, one))


async def settle_shown(unit: UnitOfWork, first: date, last: date) -> int:
    """Look at what is open and for which there is evidence already: records may come before their period."""
    span = {"own_tenant": unit.tenant_id, "first": first, "last": last}
    return await _write(unit, await unit.fetch(_SHOWN, span))


async def close(unit: UnitOfWork) -> int:
    """Look again at what is still open although its days of grace are over."""
    over = {"own_tenant": unit.tenant_id, "today": days.day_of(unit.now), **_ALWAYS}
    return await _write(unit, await unit.fetch(_OVER, over))


async def _write(unit: UnitOfWork, rows: Sequence[Row]) -> int:
    today = days.day_of(unit.now)
    changed: list[Values] = []
    for row in rows:
        state = outcome(row.due_on, row.closes_on, row.shown_on, today)
        if (state, row.shown_by) == (row.state, row.evidence_id):
            continue
        changed.append(_settled(unit, row, state))
        if state != row.state:
            events.settled(unit, row, state)
    await unit.execute_many(_SETTLED, changed)
    return len(changed)


def _settled(unit: UnitOfWork, row: Row, state: State) -> dict[str, Any]:
    return {
        "own_tenant": row.tenant_id,
        "own_id": row.id,
        "at": unit.now,
        "to_state": state,
        "shown_by": row.shown_by,
        "shown_on": row.shown_on,
        "by_word": row.shown_by is not None and row.evidence == Evidence.ATTESTED,
        "shown_as": row.shown_as or "",
    }


async def keep(unit: UnitOfWork, found: Sequence[Values]) -> None:
    """Keep evidence; what comes twice is kept once, and what was objected to stays so."""
    if not found:
        return
    await unit.execute_many(_KEPT, found)


_KEPT: Final = upsert(evidence).on_conflict_do_nothing(index_elements=["tenant_id", "kind", "id"])


async def withdraw(unit: UnitOfWork, kind: Evidence, record_id: str, *, counts: bool) -> Row | None:
    """Somebody objected to a record, or it was decided upon; the piece of evidence, if there is one."""
    changed = (
        update(evidence)
        .where(_E.tenant_id == unit.tenant_id, _E.kind == kind, _E.id == record_id, _E.counts.is_(not counts))
        .values(counts=counts)
    )
    return await unit.first(changed.returning(evidence))
