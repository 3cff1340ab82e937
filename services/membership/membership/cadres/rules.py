"""Posts, terms and what may be told about ages. Pure: no I/O, no SQL, no protobuf."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from chassis.errors import FieldError, Invalid, WrongState


class Post(StrEnum):
    """A post, in the order of rank."""

    SECRETARY = "secretary"
    DEPUTY = "deputy"
    COMMITTEE_MEMBER = "committee_member"
    RESERVE = "reserve"


class PostType(StrEnum):
    """How a post is held."""

    FULL_TIME = "full_time"
    PART_TIME = "part_time"
    PLACEMENT = "placement"


class Ending(StrEnum):
    """Why a post ended."""

    TERM_OVER = "term_over"
    MOVED = "moved"
    LEFT = "left"
    RELIEVED = "relieved"


RANK: Final[Mapping[Post, int]] = {post: rank for rank, post in enumerate(Post)}
YEAR: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Settings:
    """By which figures age bands are told."""

    age_borders: tuple[int, ...]
    smallest_told: int


DEFAULTS: Final = Settings(age_borders=(35, 45, 55), smallest_told=3)
"""Design defaults; no document gives figures. A building sets its own."""


@dataclass(frozen=True, slots=True)
class Band:
    """How many people are of an age; `count` is None where it is not told."""

    from_age: int
    to_age: int
    count: int | None


def check_term(first: date, last: date | None, founded_on: date) -> None:
    """A term ends after it begins, and begins no earlier than its organisation."""
    if first < founded_on:
        params = {"founded_on": founded_on.isoformat()}
        wrong = FieldError("term_from", "TERM_BEFORE_FOUNDING", params)
        raise Invalid("TERM_BEFORE_FOUNDING", fields=[wrong], params=params)
    if last is not None and last < first:
        raise Invalid("TERM_ENDS_FIRST", fields=[FieldError("term_until", "TERM_ENDS_FIRST")])


def check_end(held: bool, first: date, last: date) -> None:
    """Only a post that is held ends, and no earlier than its first day."""
    if not held:
        raise WrongState("CADRE_WRONG_STATE", state="ended", allowed=())
    if last < first:
        raise Invalid("TERM_ENDS_FIRST", fields=[FieldError("ended_on", "TERM_ENDS_FIRST")])


def is_over(last: date | None, today: date) -> bool:
    """Whether a term is over."""
    return last is not None and last < today


def check_birth_year(year: int, today: date) -> None:
    """A plausible year of birth of an adult, or none."""
    if year and not today.year - 100 <= year <= today.year - 18:
        raise Invalid("BIRTH_YEAR_INVALID", fields=[FieldError("birth_year", "BIRTH_YEAR_INVALID")])


def changed(settings: Settings, borders: Sequence[int], smallest: int) -> Settings:
    """The settings with what was given; BORDERS_NOT_RISING."""
    if list(borders) != sorted(set(borders)):
        raise Invalid("BORDERS_NOT_RISING", fields=[FieldError("age_borders", "BORDERS_NOT_RISING")])
    return Settings(tuple(borders) or settings.age_borders, smallest or settings.smallest_told)


def bands(
    birth_years: Iterable[int | None], today: date, settings: Settings
) -> tuple[list[Band], int | None]:
    """People by age band, and how many have no known year of birth.

    A number below the smallest that is told is withheld, and so are others until what is withheld adds up
    to at least that many people in at least two places: otherwise the total would give it away.
    """
    edges = (0, *settings.age_borders)
    counts = [0] * len(edges)
    unknown = 0
    for year in birth_years:
        if year is None:
            unknown += 1
        else:
            age = today.year - year
            counts[max(place for place, edge in enumerate(edges) if age >= edge)] += 1
    told = withhold([*counts, unknown], settings.smallest_told)
    ends = [*(edge - 1 for edge in edges[1:]), 0]
    return [Band(*band) for band in zip(edges, ends, told, strict=False)], told[-1]


def withhold(counts: Sequence[int], smallest: int) -> list[int | None]:
    """The counts that may be told; None in place of the others. A zero tells nothing about anyone."""
    hidden = {place for place, count in enumerate(counts) if 0 < count < smallest}
    rest = sorted(
        (place for place, count in enumerate(counts) if count and place not in hidden),
        key=lambda place: counts[place],
    )
    while hidden and (len(hidden) < 2 or sum(counts[place] for place in hidden) < smallest):
        if not rest:
            break
        hidden.add(rest.pop(0))
    if len(hidden) == 1:  # nothing beside it to hide it among: the total alone says it
        return [None] * len(counts)
    return [None if place in hidden else count for place, count in enumerate(counts)]
