"""Days and weeks as the district counts them."""

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from chassis.errors import FieldError, Invalid

DISTRICT_TIME: Final = ZoneInfo("Asia/Shanghai")


def day_of(moment: datetime) -> date:
    """The day on which a moment lies."""
    return moment.astimezone(DISTRICT_TIME).date()


def read_day(text: str, field: str) -> date | None:
    """A day written as 2026-03-01; None for the empty text, DATE_INVALID for what is no day."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid("DATE_INVALID", fields=[FieldError(field, "DATE_INVALID")]) from None


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def beginning_of(day: date) -> datetime:
    """The moment at which a day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=DISTRICT_TIME)


def series(letter: str, now: datetime) -> str:
    """The number series of a day: `H20261121`."""
    return f"{letter}{now.astimezone(DISTRICT_TIME):%Y%m%d}"


def numbered(series: str, drawn: int) -> str:
    """`H20261121-000012`: the day in the district's time, and a number of the organisation."""
    return f"{series}-{drawn:06d}"
