"""Rules of conveniences. No I/O.

Source: mechanisms 0-13 (爱心驿站: 服务咨询, 饭菜加热, 免费开水). That what was counted on paper is noted
within a week, and taken back on the day of the note only, is a choice of the design.
"""

from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from chassis.errors import Conflict, FieldError, Forbidden, Invalid

NOTED_WITHIN: Final = timedelta(days=7)


class Kind(StrEnum):
    """What was used."""

    HEATING = "heating"
    HOT_WATER = "hot_water"
    CONSULTATION = "consultation"


def check_day(day: date, today: date) -> None:
    """USE_DAY_OUT_OF_RANGE for the future, and for what is too long ago to be remembered."""
    if not today - NOTED_WITHIN <= day <= today:
        raise Invalid("USE_DAY_OUT_OF_RANGE", fields=[FieldError("date", "USE_DAY_OUT_OF_RANGE")])


def check_undo(note: Any, noted_on: date, account: str, today: date) -> None:
    """NOT_YOUR_USE, USE_SETTLED: whoever noted it takes it back, on the day of the note."""
    if note.created_by != account:
        raise Forbidden("NOT_YOUR_USE")
    if noted_on != today:
        raise Conflict("USE_SETTLED")


def verbs(note: Any, noted_on: date, account: str, today: date) -> list[str]:
    """What a reader can do with a note."""
    own = note.created_by == account and noted_on == today
    return ["undo"] if own and not note.undone else []


def next_month(first: date) -> date:
    """The first day of the month after."""
    return (first + timedelta(days=31)).replace(day=1)
