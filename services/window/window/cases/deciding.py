"""What a department does with the cases that buildings hand to it. It acts as the party that the case
names: the database lets it write its own columns only, and every event stays the building's."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chassis.calendar import BusinessCalendar
from chassis.statements import Row
from chassis.units import UnitOfWork
from window.cases import events, rules
from window.cases.commands import move, papers_of, take, tell
from window.cases.rules import Verb

_CALENDAR = BusinessCalendar()


async def accept(unit: UnitOfWork, case_id: str, etag: str, words: str) -> Row:
    """Take a case on. The promised days begin, and the caller handles it."""
    case, state = await take(unit, case_id, Verb.ACCEPT, etag)
    case = await move(
        unit,
        case,
        state,
        "accepted",
        words,
        handler=unit.context.caller.account_id or None,
        last_word=words,
        wanted={},
        accepted_at=unit.now,
        due_at=rules.due(unit.now, case.promised_days, _CALENDAR.works_on),
    )
    tell(unit, case, events.accepted(case))
    return case


async def request_correction(
    unit: UnitOfWork, case_id: str, etag: str, items: Iterable[tuple[str, str]], words: str
) -> Row:
    """Say everything that has to be corrected. CORRECTION_ALREADY_ASKED the second time."""
    case, state = await take(unit, case_id, Verb.CORRECTION, etag)
    wanted = rules.itemise(papers_of(case), items)
    case = await move(
        unit,
        case,
        state,
        "correction_asked",
        words,
        wanted=wanted,
        last_word=words,
        corrections=case.corrections + 1,
    )
    tell(unit, case, events.correction_needed(case))
    return case


async def refuse(unit: UnitOfWork, case_id: str, etag: str, reason: str) -> Row:
    """Do not take a case on, and say why."""
    case, state = await take(unit, case_id, Verb.REFUSE, etag)
    case = await move(unit, case, state, "refused", reason, last_word=reason)
    tell(unit, case, events.refused(case))
    return case


async def start(unit: UnitOfWork, case_id: str, etag: str) -> Row:
    """Begin to work on a case."""
    case, state = await take(unit, case_id, Verb.START, etag)
    case = await move(unit, case, state, "started", "")
    tell(unit, case, events.started(case))
    return case


async def decide(
    unit: UnitOfWork,
    case_id: str,
    etag: str,
    decision: str,
    words: str,
    results: Sequence[Mapping[str, Any]],
) -> Row:
    """Decide a case, with the papers that carry the result."""
    case, state = await take(unit, case_id, Verb.DECIDE, etag)
    case = await move(
        unit,
        case,
        state,
        "decided",
        words,
        decision=decision,
        last_word=words,
        results=list(results),
        decided_at=unit.now,
    )
    tell(unit, case, events.decided(case))
    return case


async def deliver(unit: UnitOfWork, case_id: str, etag: str, delivery: str, trips: int, words: str) -> Row:
    """Record that the result was handed over, and how often the applicant had to come."""
    case, state = await take(unit, case_id, Verb.DELIVER, etag)
    case = await move(
        unit, case, state, "delivered", words, delivery=delivery, trips=trips, delivered_at=unit.now
    )
    tell(unit, case, events.delivered(case))
    return case


async def close_callback(unit: UnitOfWork, case_id: str, etag: str, words: str) -> Row:
    """Record the call-back after a bad grade."""
    case, state = await take(unit, case_id, Verb.CALLBACK, etag)
    case = await move(unit, case, state, "called_back", words, callback_open=False, callback_note=words)
    tell(unit, case, events.callback_closed(case))
    return case
