"""Months of a period. Pure: no I/O, no SQL, no protobuf. A month is its first day."""

from datetime import date, timedelta
from typing import Final

from chassis.errors import FieldError, Invalid

LONGEST: Final = 12
_DAY: Final = timedelta(days=1)


def parse(field: str, text: str) -> date:
    """A month written 2026-01. MONTH_INVALID."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise Invalid("MONTH_INVALID", fields=[FieldError(field, "MONTH_INVALID")]) from None


def written(month: date) -> str:
    """As it was written."""
    return f"{month:%Y-%m}"


def of(day: date) -> date:
    """The month of a day."""
    return day.replace(day=1)


def following(month: date) -> date:
    """The month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def last_day(month: date) -> date:
    """Its last day."""
    return following(month) - _DAY


def between(first: date, last: date) -> list[date]:
    """The months from one to another, both included."""
    found = []
    while first <= last:
        found.append(first)
        first = following(first)
    return found


def check_period(first: date, last: date, today: date) -> None:
    """MONTH_IN_PAST: nobody is appraised for what was before; PERIOD_LENGTH for none or more than twelve."""
    if first < of(today):
        raise Invalid("MONTH_IN_PAST", fields=[FieldError("from_month", "MONTH_IN_PAST")])
    # Compared before they are listed: the last month may be any.
    if last < first or (last.year - first.year) * 12 + last.month - first.month >= LONGEST:
        raise Invalid("PERIOD_LENGTH", fields=[FieldError("until_month", "PERIOD_LENGTH")])
