"""From counted facts to figures: each with numerator, denominator and "n/a" where nothing is measured."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dashboard.overview.rules import NUMBERS, TARGET_LIVE_ITEMS, Indicator, ratio


class Unit(StrEnum):
    """What a figure is measured in."""

    COUNT = "count"
    RATIO = "ratio"
    MINUTES = "minutes"
    SCORE = "score"


@dataclass(slots=True)
class Counts:
    """What was counted in one scope over one period. Medians are None where nothing was measured."""

    opened: int = 0
    closed_of_opened: int = 0
    closure_median: float | None = None
    answered: int = 0
    response_median: float | None = None
    response_p90: float | None = None
    response_due: int = 0
    response_in_time: int = 0
    first_closed: int = 0
    reopened: int = 0
    rated: int = 0
    rating_sum: int = 0
    confirmed: int = 0
    confirmed_rated: int = 0
    held: int = 0
    held_by_kind: Mapping[int, int] = field(default_factory=dict)
    held_by_station: Mapping[int, int] = field(default_factory=dict)
    held_by_brand: Mapping[str, int] = field(default_factory=dict)
    held_by_audience: Mapping[int, int] = field(default_factory=dict)
    enrolled: int = 0
    attended: int = 0
    persons: int = 0
    demands_by_affairs: Mapping[int, int] = field(default_factory=dict)
    live_items: int = 0
    items_by_affairs: Mapping[int, int] = field(default_factory=dict)

    @property
    def demands(self) -> int:
        """All demands; each is under exactly one of the five affairs."""
        return sum(self.demands_by_affairs.values())


@dataclass(frozen=True, slots=True)
class Part:
    """One share of a figure."""

    dimension: str
    value: int | str
    """The number of the value in the contract, or its words where it is free (a brand)."""
    count: int


@dataclass(frozen=True, slots=True)
class Figure:
    """One indicator of one scope over one period."""

    code: Indicator
    value: float | None
    unit: Unit
    numerator: int
    denominator: int | None = None
    target: float | None = None
    parts: tuple[Part, ...] = ()

    @property
    def number(self) -> int:
        """Its number in the district's list."""
        return NUMBERS[self.code]


def figures(c: Counts) -> list[Figure]:
    """Every indicator of the overview, in the order of the district's list."""
    return [
        Figure(
            Indicator.ACTIVITIES_HELD,
            c.held,
            Unit.COUNT,
            c.held,
            parts=(
                *_parts("kind", c.held_by_kind),
                *_parts("station", c.held_by_station),
                *_parts("brand", c.held_by_brand),
                *_parts("audience", c.held_by_audience),
            ),
        ),
        _share(Indicator.ATTENDANCE, c.attended, c.enrolled),
        Figure(Indicator.PERSONS_ATTENDED, c.persons, Unit.COUNT, c.persons),
        Figure(Indicator.FIRST_RESPONSE_MEDIAN, c.response_median, Unit.MINUTES, c.answered, c.opened),
        Figure(Indicator.FIRST_RESPONSE_P90, c.response_p90, Unit.MINUTES, c.answered, c.opened),
        _share(Indicator.FIRST_RESPONSE_IN_TIME, c.response_in_time, c.response_due),
        _share(Indicator.CLOSURE, c.closed_of_opened, c.opened),
        Figure(Indicator.CLOSURE_MEDIAN, c.closure_median, Unit.MINUTES, c.closed_of_opened, c.opened),
        _share(Indicator.REOPENING, c.reopened, c.first_closed),
        Figure(Indicator.SATISFACTION, ratio(c.rating_sum, c.rated), Unit.SCORE, c.rating_sum, c.rated),
        _share(Indicator.RATING_COVERAGE, c.confirmed_rated, c.confirmed),
        Figure(
            Indicator.AFFAIRS_VOLUME,
            c.demands,
            Unit.COUNT,
            c.demands,
            parts=_parts("affairs", {number: c.demands_by_affairs.get(number, 0) for number in range(1, 6)}),
        ),
        Figure(
            Indicator.LIVE_ITEMS,
            c.live_items,
            Unit.COUNT,
            c.live_items,
            target=TARGET_LIVE_ITEMS,
            parts=_parts("affairs", c.items_by_affairs),
        ),
    ]


def _share(code: Indicator, numerator: int, denominator: int) -> Figure:
    return Figure(code, ratio(numerator, denominator), Unit.RATIO, numerator, denominator)


def _parts(dimension: str, counted: Mapping[int, int] | Mapping[str, int]) -> tuple[Part, ...]:
    found = [Part(dimension, value, count) for value, count in counted.items()]
    return tuple(sorted(found, key=lambda part: (str(type(part.value)), part.value)))
