"""Rules of visits. No I/O.

Source: mechanisms 0-19 (定期走访), 1-17 (逐一走访: the list of those not visited reaches nothing) and
3-14 (经常化、制度化巡查走访).
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from chassis.days import beginning_of
from chassis.errors import FieldError, Invalid

LATEST: Final = timedelta(days=2)
"""A phone may be without a link for so long."""
_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""What nobody reads wrong from a sign: without 0 and O, 1, I and L."""
_CODE_LENGTH: Final = 6


class Target(StrEnum):
    """What is visited."""

    ENTERPRISE = "enterprise"
    SITE = "site"
    SYMPOSIUM = "symposium"


def check_plan(target: Target, start: date, due: date, every_days: int) -> None:
    """A plan is about enterprises or places, its round ends on the day it begins or later and before the
    next one begins."""
    if target is Target.SYMPOSIUM:
        raise _fault("SYMPOSIUM_UNPLANNED", "target")
    if due < start:
        raise _fault("DUE_BEFORE_START", "due_date")
    if every_days and due - start >= timedelta(days=every_days):
        raise _fault("ROUNDS_OVERLAP", "every_days")


def next_round(plan: Any, missed: int) -> Mapping[str, Any]:
    """What becomes of a plan whose round is over: the next round, or nothing more to remind of."""
    if not plan.every_days:
        return {"missed": missed, "settled": True}
    on = timedelta(days=plan.every_days)
    return {
        "missed": missed,
        "start_date": plan.start_date + on,
        "due_date": plan.due_date + on,
        "round": plan.round + 1,
    }


def end_of(due: date) -> datetime:
    """The moment at which a round's last day is over."""
    return beginning_of(due + timedelta(days=1))


def is_overdue(plan: Any, unvisited: int, now: datetime) -> bool:
    """The last day has passed and some have not been visited."""
    return unvisited > 0 and plan.closed_at is None and now >= end_of(plan.due_date)


def visited_at(said: datetime | None, now: datetime) -> datetime:
    """When the visitor was there; VISIT_TIME_OUT_OF_RANGE ahead of now or more than two days ago."""
    if said is None:
        return now
    if not now - LATEST <= said <= now:
        raise _fault("VISIT_TIME_OUT_OF_RANGE", "visit_time")
    return said


def check_said(target: Target, target_id: str, topic: str, remark: str) -> None:
    """A visit says whom it was to; a symposium says what it was about, and has minutes."""
    if target is not Target.SYMPOSIUM:
        if not target_id:
            raise _fault("TARGET_NOT_FOUND", "target_id")
        return
    if not topic.strip():
        raise _fault("TOPIC_MISSING", "topic")
    if not remark.strip():
        raise _fault("MINUTES_MISSING", "remark")


def code(secret: bytes, tenant_id: str, site_id: str) -> str:
    """The code of a place: always the same, to be had only from the building or from the wall."""
    digest = hmac.digest(secret, f"visits/{tenant_id}/{site_id}".encode(), hashlib.sha256)
    number = int.from_bytes(digest)
    found = ""
    for _ in range(_CODE_LENGTH):
        number, place = divmod(number, len(_LETTERS))
        found += _LETTERS[place]
    return found


def check_code(given: str, expected: str) -> None:
    """CHECKIN_CODE_WRONG for whoever was not at the place; small letters and spaces do not matter."""
    plain = "".join(given.split()).upper()
    if not hmac.compare_digest(plain.encode(), expected.encode()):
        raise _fault("CHECKIN_CODE_WRONG", "checkin_code")


def _fault(reason: str, field: str) -> Invalid:
    return Invalid(reason, fields=[FieldError(field, reason)])
