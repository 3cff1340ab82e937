"""Days as people here count and write them, and the numbers that they draw.

A day is that of the platform's one time zone, whatever a process' or a caller's own may be.
"""

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from chassis.errors import FieldError, Invalid

ZONE: Final = ZoneInfo("Asia/Shanghai")


def day_of(moment: datetime) -> date:
    """The day on which a moment lies."""
    return moment.astimezone(ZONE).date()


def beginning_of(day: date) -> datetime:
    """The moment at which a day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def parse(field: str, text: str) -> date | None:
    """A day written as 2016-07-01; None for the empty text, DATE_INVALID for what is no day."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _wrong(field, "DATE_INVALID") from None


def required(field: str, text: str) -> date:
    """The same where there has to be one. DATE_INVALID."""
    day = parse(field, text)
    if day is None:
        raise _wrong(field, "DATE_INVALID")
    return day


def past(field: str, text: str, now: datetime, default: date | None = None) -> date:
    """A day that is not in the future; `default`, else today, for the empty text. DATE_IN_FUTURE."""
    day = parse(field, text) or default or day_of(now)
    if day > day_of(now):
        raise _wrong(field, "DATE_IN_FUTURE")
    return day


def written(day: date | None) -> str:
    """As it was written; empty for none."""
    return day.isoformat() if day else ""


def series(letter: str, now: datetime) -> str:
    """The number series of a day: `H20261121`."""
    return f"{letter}{now.astimezone(ZONE):%Y%m%d}"


def numbered(series: str, drawn: int) -> str:
    """`H20261121-000012`: the day, and a number of the organisation."""
    return f"{series}-{drawn:06d}"


def _wrong(field: str, reason: str) -> Invalid:
    return Invalid(reason, fields=[FieldError(field, reason)])
