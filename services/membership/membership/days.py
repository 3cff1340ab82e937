"""Days as people write them, and today in the district's time."""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from chassis.errors import FieldError, Invalid

DISTRICT_TIME: Final = ZoneInfo("Asia/Shanghai")


def today(now: datetime) -> date:
    """The district's day at a moment."""
    return now.astimezone(DISTRICT_TIME).date()


def parse(field: str, text: str) -> date | None:
    """A day written as 2016-07-01; None for the empty text, DATE_INVALID for what is no day."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _wrong(field, "DATE_INVALID") from None


def past(field: str, text: str, now: datetime, default: date | None = None) -> date:
    """A day that is not in the future; `default`, else today, for the empty text. DATE_IN_FUTURE."""
    day = parse(field, text) or default or today(now)
    if day > today(now):
        raise _wrong(field, "DATE_IN_FUTURE")
    return day


def written(day: date | None) -> str:
    """As it was written; empty for none."""
    return day.isoformat() if day else ""


def _wrong(field: str, reason: str) -> Invalid:
    return Invalid(reason, fields=[FieldError(field, reason)])
