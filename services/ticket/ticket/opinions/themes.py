"""Themes that people raise of their own accord, in aggregate only. No I/O.

A theme is not kept with the suggestion it came with. What is kept for a month is one voice per person and
theme, and the voice is a keyed digest: it tells the same person twice from two persons, and nothing else.
A report covers one month that is over, has no split, and hides what few persons raised.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from chassis.days import ZONE
from chassis.errors import Conflict


class Theme(StrEnum):
    """What a suggestion is about, in its author's own choice."""

    CANTEEN = "canteen"
    TRAFFIC = "traffic"
    PREMISES = "premises"
    SAFETY = "safety"
    WORK = "work"
    GROWTH = "growth"
    HEALTH = "health"
    FAMILY = "family"
    SERVICE = "service"
    ORGANISATION = "organisation"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Report:
    """What may be told. None stands for what is hidden."""

    threshold: int
    persons: Mapping[Theme, int | None]
    total: int | None


def voice(key: bytes, tenant_id: str, month: str, theme: Theme, person: str) -> bytes:
    """The digest that stands for a person in one theme of one month, and links to no other."""
    return hmac.digest(key, f"opinions.voice|{tenant_id}|{month}|{theme}|{person}".encode(), sha256)


def month_of(now: datetime) -> str:
    """The month that a moment belongs to in the district's time, as 2026-10."""
    return f"{now.astimezone(ZONE):%Y-%m}"


def check_over(month: str, now: datetime) -> None:
    """MONTH_NOT_OVER: a count that is watched while it grows says who made it grow."""
    if month >= month_of(now):
        raise Conflict("MONTH_NOT_OVER")


def report(counts: Mapping[Theme, int], threshold: int) -> Report:
    """Hide every theme under the threshold, those that nobody raised among them.

    The total is hidden too unless what it leaves for the hidden themes lets each of them be anything from
    nobody to just under the threshold. Then neither a difference nor the hiding itself says more than that.
    """
    persons = {theme: _shown(counts.get(theme, 0), threshold) for theme in Theme}
    left = [counts.get(theme, 0) for theme, shown in persons.items() if shown is None]
    total = sum(counts.values()) if _total_is_safe(len(left), sum(left), threshold) else None
    return Report(threshold, persons, total)


def _shown(persons: int, threshold: int) -> int | None:
    return persons if persons >= threshold else None


def _total_is_safe(hidden: int, left: int, threshold: int) -> bool:
    most = threshold - 1
    return hidden == 0 or most <= left <= (hidden - 1) * most
