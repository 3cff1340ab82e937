"""What a complete network is, and what is missing in one. Pure: no I/O, no SQL, no protobuf."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from chassis.errors import Conflict, FieldError, Invalid


class GapKind(StrEnum):
    """What is missing."""

    AREA_VACANT = "area_vacant"
    FLOOR_WITHOUT_GROUP = "floor_without_group"
    FLOOR_WITHOUT_AREA = "floor_without_area"


class ItemKind(StrEnum):
    """An item of a checklist."""

    BRANCH = "branch"
    FLOORS = "floors"
    GROUP = "group"
    LIAISON = "liaison"


class CoverageKind(StrEnum):
    """In which way an enterprise is covered."""

    ORGANISATION = "organisation"
    WORK = "work"


@dataclass(frozen=True, slots=True)
class Area:
    """An open area as the rules see it."""

    id: str
    name: str
    manned: bool


@dataclass(frozen=True, slots=True)
class Floor:
    """A floor as the rules see it."""

    floor: str
    occupied: bool
    groups: int
    areas: Sequence[Area]

    @property
    def manned(self) -> bool:
        """Whether at least one liaison works here."""
        return any(area.manned for area in self.areas)


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is missing."""

    kind: GapKind
    floor: str
    area: Area | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a checklist."""

    kind: ItemKind
    floor: str
    done: bool


def gaps(floors: Iterable[Floor]) -> list[Gap]:
    """Everything that is missing, floor by floor. A floor that nobody occupies misses nothing but the
    liaisons of the areas that were opened on it."""
    found: list[Gap] = []
    for floor in floors:
        if floor.occupied and not floor.groups:
            found.append(Gap(GapKind.FLOOR_WITHOUT_GROUP, floor.floor))
        if floor.occupied and not floor.areas:
            found.append(Gap(GapKind.FLOOR_WITHOUT_AREA, floor.floor))
        found += [Gap(GapKind.AREA_VACANT, floor.floor, area) for area in floor.areas if not area.manned]
    return found


def checklist(has_branch: bool, floors: Sequence[Floor]) -> list[Item]:
    """What is to be there: a branch, the floors, and on each occupied one a group and a liaison."""
    occupied = [floor for floor in floors if floor.occupied]
    items = [Item(ItemKind.BRANCH, "", has_branch), Item(ItemKind.FLOORS, "", bool(occupied))]
    for floor in occupied:
        items.append(Item(ItemKind.GROUP, floor.floor, floor.groups > 0))
        items.append(Item(ItemKind.LIAISON, floor.floor, floor.manned))
    return items


def percent(items: Collection[Item]) -> int:
    """How many percent are done, rounded down: 100 only when nothing is missing."""
    return 100 * sum(item.done for item in items) // len(items)


def is_manned(first: date | None, last: date | None, today: date) -> bool:
    """Whether a liaison's term has begun and is not over."""
    return first is not None and first <= today and (last is None or last >= today)


def check_term(first: date, last: date | None) -> None:
    """A term ends after it begins."""
    if last is not None and last < first:
        raise Invalid("TERM_ENDS_FIRST", fields=[FieldError("term_until", "TERM_ENDS_FIRST")])


def check_open(closed: bool) -> None:
    """Nothing is done with a closed area."""
    if closed:
        raise Conflict("AREA_CLOSED")
