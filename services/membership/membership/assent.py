"""Nobody is on a roster without knowing. Pure: no I/O, no SQL, no protobuf."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol

from chassis.errors import Conflict, FieldError, Invalid


class Told(StrEnum):
    """How somebody was told outside of Louyu."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    LETTER = "letter"


class Asked(Protocol):
    """The columns of a record that waits for a person's word."""

    @property
    def confirmed_at(self) -> object | None: ...
    @property
    def told_on(self) -> date | None: ...


def check_telling(told_on: date | None, told_how: str) -> None:
    """A day and a way of telling come together. TELLING_INCOMPLETE."""
    if (told_on is None) != (not told_how):
        raise Invalid("TELLING_INCOMPLETE", fields=[FieldError("told_how", "TELLING_INCOMPLETE")])


def notice_until(asked: Asked, notice_days: int) -> date | None:
    """The last day on which the person can still object; None where no notice runs."""
    if asked.confirmed_at is not None or asked.told_on is None:
        return None
    return asked.told_on + timedelta(days=notice_days)


def holds(asked: Asked, today: date, notice_days: int) -> bool:
    """Whether the person confirmed, or was told and let the days of notice pass."""
    until = notice_until(asked, notice_days)
    return asked.confirmed_at is not None or (until is not None and today > until)


def check(asked: Asked, today: date, notice_days: int) -> None:
    """NOT_CONFIRMED where nobody asked the person, NOTICE_RUNNING before the days are over."""
    if holds(asked, today, notice_days):
        return
    until = notice_until(asked, notice_days)
    if until is None:
        raise Conflict("NOT_CONFIRMED")
    raise Conflict("NOTICE_RUNNING", params={"until": until.isoformat()})
