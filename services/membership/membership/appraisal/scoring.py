"""What follows from marks, and from nothing else. Pure: no I/O, no SQL, no protobuf.

A month without a mark is missing: it is left out of every mean, shown, and with too many of them nothing
follows.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from math import floor
from typing import Final

from membership.appraisal import months
from membership.appraisal.rubrics import WHOLE, Channel, Item, Rubric


class MonthState(StrEnum):
    """What became of a target in a month."""

    TO_COME = "to_come"
    DUE = "due"
    ASSESSED = "assessed"
    LATE = "late"
    MISSING = "missing"
    NOT_DUE = "not_due"


class Outcome(StrEnum):
    """What the branch confirms of a target at year-end."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_ASSESSABLE = "not_assessable"


@dataclass(frozen=True, slots=True)
class Mark:
    """What was seen of a target in a month by one way of looking."""

    target: str
    channel: Channel
    month: date
    score: int
    late: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A target in a month."""

    month: date
    state: MonthState
    due: date
    score: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A target as it stands by now. `due` and `assessed` count months; `assessable` where what was looked at
    is enough for a result, whatever may still come."""

    cells: Sequence[Cell]
    missing_channels: Sequence[Channel]
    due: int
    assessed: int
    score: int | None
    assessable: bool


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What was confirmed of a target."""

    weight: int
    outcome: Outcome
    score: int


_TAKEN: Final = (MonthState.ASSESSED, MonthState.LATE)


def due_day(month: date, rubric: Rubric) -> date:
    """Until when a month's assessment is due."""
    return months.last_day(month) + timedelta(days=rubric.due_days)


def closing_day(month: date, rubric: Rubric) -> date:
    """Until when anything is taken for a month."""
    return months.last_day(month) + timedelta(days=rubric.late_days)


def latest(marks: Sequence[Mark]) -> dict[tuple[str, Channel, date], Mark]:
    """The marks that count: a later one of the same target, way and month corrects an earlier one."""
    return {(mark.target, mark.channel, mark.month): mark for mark in marks}


def standing(
    item: Item,
    marks: Sequence[Mark],
    first: date,
    last: date,
    rubric: Rubric,
    today: date,
    *,
    ends: bool = False,
) -> Standing:
    """A target by now; with `ends`, as if every month were over: what is due by then is missing."""
    counted = [mark for (target, _, _), mark in latest(marks).items() if target == item.code]
    monthly = {mark.month: mark for mark in counted if mark.channel is Channel.MONTHLY}
    cells = [
        _cell(item, month, monthly.get(month), rubric, today, ends=ends)
        for month in months.between(first, last)
    ]
    due = [cell for cell in cells if cell.state in (*_TAKEN, MonthState.MISSING)]
    assessed = sum(cell.state in _TAKEN for cell in cells)
    used = {mark.channel for mark in counted}
    lacking = [channel for channel in item.channels if channel not in used]
    # Of the whole period: what is still to come was not looked at either.
    asked = sum(cell.state is not MonthState.NOT_DUE for cell in cells)
    enough = assessed * 100 >= rubric.months_percent * asked
    return Standing(
        cells=cells,
        missing_channels=lacking,
        due=len(due),
        assessed=assessed,
        score=_score(counted),
        assessable=bool(counted) and not lacking and enough,
    )


def _cell(item: Item, month: date, mark: Mark | None, rubric: Rubric, today: date, *, ends: bool) -> Cell:
    due = due_day(month, rubric)
    if mark is not None:
        state = MonthState.LATE if mark.late else MonthState.ASSESSED
        return Cell(month, state, due, mark.score)
    if not item.by_month:
        return Cell(month, MonthState.NOT_DUE, due, None)
    if ends or today > due:
        return Cell(month, MonthState.MISSING, due, None)
    return Cell(month, MonthState.TO_COME if months.of(today) < month else MonthState.DUE, due, None)


def _score(marks: Sequence[Mark]) -> int | None:
    """The mean of what each way of looking saw, on the whole; each way counts the same. None without any."""
    by_channel: dict[Channel, list[int]] = {}
    for mark in marks:
        by_channel.setdefault(mark.channel, []).append(mark.score)
    if not by_channel:
        return None
    means = [Fraction(sum(scores), len(scores)) for scores in by_channel.values()]
    return floor(sum(means) / len(means) + Fraction(1, 2))


def whole(confirmed: Sequence[Confirmed]) -> int | None:
    """The score of all targets, rounded down; None where one cannot be assessed."""
    if any(one.outcome is Outcome.NOT_ASSESSABLE for one in confirmed):
        return None
    gained = sum(one.weight * one.score for one in confirmed if one.outcome is Outcome.MET)
    return gained // WHOLE


def stars(score: int | None, star_steps: Sequence[int]) -> int | None:
    """How many steps a score reaches; None for none."""
    return None if score is None else bisect_right(star_steps, score)


def months_missing(standings: Mapping[str, Standing]) -> int:
    """How many months have a target that was not looked at."""
    found = {
        cell.month for one in standings.values() for cell in one.cells if cell.state is MonthState.MISSING
    }
    return len(found)
