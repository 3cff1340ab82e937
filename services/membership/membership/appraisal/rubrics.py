"""What a rubric says. Pure: no I/O, no SQL, no protobuf."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Final

from chassis.errors import Conflict, FieldError, Invalid


class Channel(StrEnum):
    """By which way of looking somebody is assessed."""

    ROUTINE = "routine"
    MONTHLY = "monthly"
    ON_SITE = "on_site"
    DOCUMENTS = "documents"


@dataclass(frozen=True, slots=True)
class Item:
    """One target: what is asked for, its weight, and by which ways it is looked at."""

    code: str
    title_zh: str
    title_en: str
    weight: int
    channels: Sequence[Channel]
    source: str

    @property
    def by_month(self) -> bool:
        """Whether it is due in every month."""
        return Channel.MONTHLY in self.channels


@dataclass(frozen=True, slots=True)
class Rubric:
    """One version, as it is kept. The figures are our own proposal: the documents name a rubric with stars,
    and neither weights nor any step. Version 0 is that proposal, under which nobody is appraised."""

    version: int = 0
    items: Sequence[Mapping[str, Any]] = ()
    star_steps: Sequence[int] = (60, 70, 80, 88, 95)
    months_percent: int = 80
    due_days: int = 10
    late_days: int = 60
    appeal_days: int = 7
    created_at: datetime | None = None


STARS: Final = 5
WHOLE: Final = 100


def items_of(rubric: Rubric) -> tuple[Item, ...]:
    """Its targets, in their order; those of the proposal where nobody decided any."""
    rows = rubric.items if rubric.version else starter()
    return tuple(_item(row) for row in rows)


def _item(row: Mapping[str, Any]) -> Item:
    channels = tuple(Channel(channel) for channel in row["channels"])
    return Item(row["code"], row["title_zh"], row["title_en"], row["weight"], channels, row["source"])


def kept(items: Sequence[Item]) -> list[dict[str, Any]]:
    """Targets as a version keeps them."""
    return [
        {
            "code": item.code,
            "title_zh": item.title_zh,
            "title_en": item.title_en,
            "weight": item.weight,
            "channels": [str(channel) for channel in Channel if channel in item.channels],
            "source": item.source,
        }
        for item in items
    ]


@cache
def starter() -> Sequence[Mapping[str, Any]]:
    """The targets that we propose."""
    found = files("membership.appraisal").joinpath("starter.toml").read_text("utf-8")
    rows: Sequence[Mapping[str, Any]] = tomllib.loads(found)["item"]
    return rows


def check_rubric(items: Sequence[Item], star_steps: Sequence[int], due_days: int, late_days: int) -> None:
    """WEIGHTS_DO_NOT_SUM, ITEM_TWICE, NOTHING_BY_MONTH, STAR_STEPS_DO_NOT_RISE, CLOSED_BEFORE_DUE."""
    if sum(item.weight for item in items) != WHOLE:
        raise _wrong("items", "WEIGHTS_DO_NOT_SUM")
    if len({item.code for item in items}) != len(items):
        raise _wrong("items", "ITEM_TWICE")
    if not any(item.by_month for item in items):
        raise _wrong("items", "NOTHING_BY_MONTH")
    if sorted(set(star_steps)) != list(star_steps) or len(star_steps) != STARS:
        raise _wrong("star_steps", "STAR_STEPS_DO_NOT_RISE")
    if late_days < due_days:
        raise _wrong("late_days", "CLOSED_BEFORE_DUE")


def check_decided(rubric: Rubric) -> None:
    """RUBRIC_NOT_DECIDED: nobody is appraised by a proposal."""
    if not rubric.version:
        raise Conflict("RUBRIC_NOT_DECIDED")


def find(items: Sequence[Item], code: str) -> Item:
    """A target by its code; TARGET_UNKNOWN."""
    for item in items:
        if item.code == code:
            return item
    raise _wrong("target", "TARGET_UNKNOWN")


def _wrong(field: str, reason: str) -> Invalid:
    return Invalid(reason, fields=[FieldError(field, reason)])
