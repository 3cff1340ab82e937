"""When a contact can be recorded, objected to and forgotten. Pure: no I/O, no SQL, no protobuf."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from chassis.errors import Conflict, FieldError, Forbidden, Invalid, WrongState


class Kind(StrEnum):
    """Who contacts whom."""

    AREA = "area"
    CARE = "care"


class Need(StrEnum):
    """Whether a need came up."""

    NONE = "none"
    WORK = "work"
    LIFE = "life"
    POLICY = "policy"
    LEARNING = "learning"
    OTHER = "other"


class State(StrEnum):
    """How far an entry is."""

    RECORDED = "recorded"
    OBJECTED = "objected"
    KEPT = "kept"
    REMOVED = "removed"


COUNTED: Final = (State.RECORDED, State.KEPT)
"""What somebody objects to is no evidence while nobody has decided."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Figures of contacts; version 0 stands for the defaults [D]. No document says how long a log is kept,
    nor by when it is to be written. Ten is the least number of voices that is told by kind anywhere in the
    district, and no building goes below it."""

    version: int = 0
    retention_days: int = 90
    late_days: int = 2
    smallest_told: int = 10
    created_at: datetime | None = None


def check_sides(kind: Kind, *, area: str, carer: str, person: str, enterprise: str) -> None:
    """An area's liaison contacts somebody or a stall; a care pair is two different people."""
    if kind is Kind.AREA:
        fits = bool(area) and not carer and bool(person) != bool(enterprise)
    else:
        fits = bool(carer) and bool(person) and not area and not enterprise
    if not fits:
        raise Invalid("CONTACT_SIDES", fields=[FieldError("kind", "CONTACT_SIDES")])
    if kind is Kind.CARE and carer == person:
        raise Invalid("CONTACT_WITH_ONESELF", fields=[FieldError("person_id", "CONTACT_WITH_ONESELF")])


def is_late(day: date, today: date, settings: Settings) -> bool:
    """Whether an entry is written on a later day; CONTACT_TOO_LATE beyond what the building allows."""
    if day < today - timedelta(days=settings.late_days):
        params = {"days": str(settings.late_days)}
        wrong = FieldError("contact_date", "CONTACT_TOO_LATE", params)
        raise Invalid("CONTACT_TOO_LATE", fields=[wrong], params=params)
    return day < today


def check_contacts(caller: str, contactor: str) -> None:
    """Only whoever is to contact somebody records that they did."""
    if not caller or caller != contactor:
        raise Forbidden("NOT_YOUR_CONTACT")


def object_to(state: State) -> State:
    """The state after an objection: once, to what was recorded."""
    if state is not State.RECORDED:
        raise WrongState("CONTACT_WRONG_STATE", state=state, allowed=())
    return State.OBJECTED


def decide(state: State, author: str, decider: str, *, remove: bool) -> State:
    """The state after the branch decided. Nobody decides on an entry of their own."""
    if not decider or author == decider:
        raise Forbidden("CONTACT_IS_OWN")
    if state is not State.OBJECTED:
        raise WrongState("CONTACT_WRONG_STATE", state=state, allowed=())
    return State.REMOVED if remove else State.KEPT


def check_need(need: Need, ticket_id: str | None) -> None:
    """A need that came up becomes one ticket."""
    if need is Need.NONE:
        raise Conflict("CONTACT_WITHOUT_NEED")
    if ticket_id:
        raise Conflict("CONTACT_NEED_TIED")


def told(counts: Mapping[Need, int], settings: Settings) -> dict[Need, int]:
    """Needs by kind: nothing at all while there are few, and no kind that is rare."""
    if sum(counts.values()) < settings.smallest_told:
        return {}
    return {need: count for need, count in counts.items() if count >= settings.smallest_told}


def forgotten_before(today: date, settings: Settings) -> date:
    """Entries of days before this one are forgotten."""
    return today - timedelta(days=settings.retention_days)
