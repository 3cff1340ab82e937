"""Changes to hazards: one function a verb, each in the caller's unit of work.

Every verb locks the hazard, asks the rules, changes the row, writes the timeline and tells the other
services. The edge commits.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from google.protobuf.message import Message
from sqlalchemy import update

from chassis.days import numbered, series
from chassis.errors import FieldError, Invalid, Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from ticket.hazards import access, events, queries, rules
from ticket.hazards.rules import Source, State, Verb
from ticket.hazards.settings import SETTINGS
from ticket.hazards.tables import escalations, hazards, timeline
from ticket.sites import queries as sites

Photos = Sequence[Mapping[str, Any]]
PersonsBehind = Callable[[str, Sequence[str]], Awaitable[Mapping[str, str]]]
"""The person behind each of some accounts, as far as these may handle hazards of a tenant (first)."""

_FRESH: Final[dict[str, Any]] = {
    "version": 1,
    "state": State.FOUND,
    "after": [],
    "measure": "",
    "last_word": "",
    "returned": 0,
    **dict.fromkeys(
        (
            "owner",
            "owner_person",
            "verifier",
            "verifier_person",
            "overdue_at",
            "assigned_at",
            "submitted_at",
            "closed_at",
        )
    ),
}
"""What every hazard begins with."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What somebody found."""

    site_id: str
    hazard_class: str
    severity: str
    whereabouts: str
    description: str
    photos: Photos
    synthetic: bool
    inspection_id: str = ""
    """The inspection that found it, if one did."""


async def report(unit: UnitOfWork, finding: Finding) -> Row:
    """A hazard was found at a place in use. SITE_NOT_FOUND and SITE_NOT_IN_USE name the field."""
    site = await sites.in_use(unit, finding.site_id)
    decided = await SETTINGS.current(unit)
    alike = await queries.alike(unit, site.id, finding.hazard_class, decided.recurrence_days)
    of_day = series("H", unit.now)
    hazard = unit.add(
        hazards,
        {
            **_FRESH,
            **unit.fresh(synthetic=finding.synthetic),
            "number": numbered(of_day, await unit.number(of_day)),
            "site_id": site.id,
            "site_name": site.name,
            "floor": site.floor,
            "whereabouts": finding.whereabouts,
            "hazard_class": finding.hazard_class,
            "severity": finding.severity,
            "description": finding.description,
            "source": Source.INSPECTION if finding.inspection_id else Source.REPORT,
            "inspection_id": finding.inspection_id or None,
            "reporter": unit.context.caller.account_id,
            "deadline_at": rules.first_deadline(unit.now, decided.deadline_days),
            "before": list(finding.photos),
            "recurrence": len(alike),
            "recurs_id": alike[0].id if alike else None,
        },
    )
    _note(unit, hazard, "found", finding.description, finding.photos)
    _tell(unit, hazard, events.found(hazard, decided.desk))
    return hazard


@dataclass(frozen=True, slots=True)
class Charge:
    """Who puts a hazard right, who verifies it, until when."""

    owner: str
    verifier: str
    deadline: datetime
    note: str


async def assign(
    unit: UnitOfWork, hazard_id: str, etag: str, charge: Charge, persons_behind: PersonsBehind
) -> Row:
    """Name the owner, the verifier and the deadline.

    HANDLER_NOT_ENTITLED for an account that cannot handle hazards here, VERIFIER_IS_OWNER where both are one
    person, DEADLINE_NOT_AHEAD.
    """
    hazard, state = await _take(unit, hazard_id, Verb.ASSIGN, etag)
    rules.check_deadline(charge.deadline, unit.now)
    persons = await persons_behind(unit.tenant_id, (charge.owner, charge.verifier))
    for name, account in (("owner", charge.owner), ("verifier", charge.verifier)):
        if account not in persons:
            raise Invalid("HANDLER_NOT_ENTITLED", fields=[FieldError(name, "HANDLER_NOT_ENTITLED")])
    rules.check_apart(persons[charge.owner], persons[charge.verifier])
    hazard = await _move(
        unit,
        hazard,
        state,
        "assigned",
        charge.note,
        owner=charge.owner,
        owner_person=persons[charge.owner],
        verifier=charge.verifier,
        verifier_person=persons[charge.verifier],
        deadline_at=charge.deadline,
        assigned_at=unit.now,
    )
    unit.audit("hazards.assign", hazard.id, owner=charge.owner, verifier=charge.verifier)
    _tell(unit, hazard, events.assigned(hazard))
    return hazard


async def start(unit: UnitOfWork, hazard_id: str, etag: str) -> Row:
    """The owner begins."""
    hazard, state = await _take(unit, hazard_id, Verb.START, etag)
    hazard = await _move(unit, hazard, state, "started", "")
    _tell(unit, hazard, events.started(hazard))
    return hazard


async def submit(unit: UnitOfWork, hazard_id: str, etag: str, measure: str, photos: Photos) -> Row:
    """The owner says what was done, and shows it."""
    hazard, state = await _take(unit, hazard_id, Verb.SUBMIT, etag)
    hazard = await _move(
        unit,
        hazard,
        state,
        "submitted",
        measure,
        photos,
        measure=measure,
        after=list(photos),
        submitted_at=unit.now,
    )
    _tell(unit, hazard, events.submitted(hazard))
    return hazard


async def verify(unit: UnitOfWork, hazard_id: str, etag: str, note: str, photos: Photos) -> Row:
    """The verifier has seen that it is right: closed."""
    hazard, state = await _take(unit, hazard_id, Verb.VERIFY, etag)
    hazard = await _move(unit, hazard, state, "verified", note, photos, last_word=note, closed_at=unit.now)
    unit.audit("hazards.verify", hazard.id)
    _tell(unit, hazard, events.closed(hazard))
    return hazard


async def send_back(unit: UnitOfWork, hazard_id: str, etag: str, reason: str, photos: Photos) -> Row:
    """The verifier is not satisfied."""
    hazard, state = await _take(unit, hazard_id, Verb.RETURN, etag)
    hazard = await _move(
        unit,
        hazard,
        state,
        "returned",
        reason,
        photos,
        last_word=reason,
        returned=hazard.returned + 1,
    )
    _tell(unit, hazard, events.returned(hazard))
    return hazard


async def acknowledge(unit: UnitOfWork, escalation_id: str) -> Row:
    """The organisation above takes note, as the party that the escalation names; the first time counts."""
    row = await queries.escalation(unit, escalation_id)
    if row.acknowledged_at is not None:
        return row
    account = unit.context.caller.account_id
    return unit.change(escalations, row, {"acknowledged_at": unit.now, "acknowledged_by": account})


async def _take(unit: UnitOfWork, hazard_id: str, verb: Verb, etag: str) -> tuple[Row, State]:
    """Lock a hazard for a verb; the state it leads to."""
    hazard = await queries.hazard(unit, hazard_id, lock=True)
    if etag and etag != str(hazard.version):
        raise Stale
    return hazard, rules.move(hazard, verb, access.actor(unit.context))


async def _move(
    unit: UnitOfWork,
    hazard: Row,
    state: State,
    kind: str,
    words: str,
    photos: Photos = (),
    **values: Any,
) -> Row:
    moved = unit.change(hazards, hazard, {**values, "state": state})
    _note(unit, moved, kind, words, photos)
    if hazard.overdue_at is not None:
        # Those above see where the hazards stand that were brought before them.
        e = escalations.c
        await unit.execute(
            update(escalations)
            .where(e.tenant_id == unit.tenant_id, e.hazard_id == hazard.id)
            .values(state=state, closed_at=moved.closed_at, updated_at=unit.now, version=e.version + 1)
        )
    return moved


def _note(unit: UnitOfWork, hazard: Row, kind: str, words: str, photos: Photos = ()) -> None:
    entry = {
        "tenant_id": hazard.tenant_id,
        "hazard_id": hazard.id,
        "id": new_id(),
        "kind": kind,
        "actor": unit.context.caller.account_id or None,
        "text": words,
        "state": hazard.state,
        "attachments": list(photos),
        "created_at": unit.now,
    }
    unit.add(timeline, entry)


def _tell(unit: UnitOfWork, hazard: Row, *told: Message) -> None:
    for event in told:
        unit.emit(event, aggregate_id=hazard.id, audience=rules.audience(hazard))
