"""Rules of safety figures. No I/O.

Source: mechanisms 3-22 (an incident begins the accident-free days anew; near misses are counted and
reporting is never penalised) and 3-28 (不安全行为发生率: the rate has a denominator, the record no names).
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from chassis.days import day_of
from chassis.errors import FieldError, Forbidden, Invalid

PERIOD_DAYS: Final = 30


class Kind(StrEnum):
    """What kind of incident it was."""

    ACCIDENT = "accident"
    NEAR_MISS = "near_miss"


def check_counts(acts: int, counts: Mapping[str, int]) -> int:
    """How many acts were unsafe: part of those that were watched, or MORE_UNSAFE_THAN_WATCHED."""
    unsafe = sum(counts.values())
    if unsafe > acts:
        raise Invalid("MORE_UNSAFE_THAN_WATCHED", fields=[FieldError("counts", "MORE_UNSAFE_THAN_WATCHED")])
    return unsafe


def happened_at(said: datetime | None, now: datetime, field: str) -> datetime:
    """When it happened: now unless said otherwise, and never ahead (MOMENT_AHEAD)."""
    if said is None:
        return now
    if said > now:
        raise Invalid("MOMENT_AHEAD", fields=[FieldError(field, "MOMENT_AHEAD")])
    return said


def check_reporter(kind: Kind, *, looks_after_safety: bool) -> None:
    """Anyone may report a near miss; ACCIDENT_BY_SAFETY_DESK where an accident comes from anybody else."""
    if kind is Kind.ACCIDENT and not looks_after_safety:
        raise Forbidden("ACCIDENT_BY_SAFETY_DESK")


def kept_reporter(kind: Kind, account_id: str) -> str | None:
    """A near miss keeps nobody's name: who reports one has nothing to fear."""
    return account_id if kind is Kind.ACCIDENT else None


def accident_free_days(since: datetime, now: datetime) -> int:
    """Whole days since the last accident, or since the place is looked after."""
    return max(0, (day_of(now) - day_of(since)).days)


def rate(unsafe: int, acts: int) -> float | None:
    """Unsafe acts per act watched; None where none was watched."""
    return unsafe / acts if acts else None
