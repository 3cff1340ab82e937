"""When a counter is open. Pure: no I/O, no SQL, no protobuf."""

from collections.abc import Sequence
from enum import StrEnum

from chassis.errors import FieldError, Invalid


class Kind(StrEnum):
    """How a counter is staffed."""

    STANDING = "standing"
    MOBILE = "mobile"


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
OPENS, CLOSES = "09:00", "17:00"


def check(kind: str, weekdays: Sequence[str], opens: str, closes: str) -> None:
    """A mobile counter says on which weekdays it comes, a standing one does not; it closes after it
    opens. Invalid names every field that is wrong."""
    wrong = []
    if kind == Kind.MOBILE and not weekdays:
        wrong.append(FieldError("weekdays", "WEEKDAYS_NEEDED"))
    if kind == Kind.STANDING and weekdays:
        wrong.append(FieldError("weekdays", "WEEKDAYS_NOT_EXPECTED"))
    if opens >= closes:
        wrong.append(FieldError("closes", "CLOSES_BEFORE_OPENING"))
    if wrong:
        raise Invalid("INVALID_REQUEST", fields=wrong)


def in_week_order(weekdays: Sequence[str]) -> list[str]:
    """Weekdays from Monday on."""
    return sorted(weekdays, key=WEEKDAYS.index)
