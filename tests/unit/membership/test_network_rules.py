"""The network: a hundred percent means that nothing is missing, and nothing else does."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Conflict, Invalid
from membership.network import rules
from membership.network.rules import Area, Floor, GapKind, ItemKind

AREAS = st.lists(st.builds(Area, st.uuids().map(str), st.just("区"), st.booleans()), max_size=3)
FLOORS = st.lists(
    st.builds(Floor, st.integers(1, 60).map(str), st.booleans(), st.integers(0, 2), AREAS), max_size=8
)


@given(st.booleans(), FLOORS)
def test_complete_only_with_a_branch_a_group_and_a_liaison_on_every_occupied_floor(
    has_branch: bool, floors: list[Floor]
) -> None:
    items = rules.checklist(has_branch, floors)
    occupied = [floor for floor in floors if floor.occupied]
    complete = has_branch and bool(occupied) and all(floor.groups and floor.manned for floor in occupied)
    assert (rules.percent(items) == 100) == complete
    assert 0 <= rules.percent(items) <= 100
    assert len(items) == 2 + 2 * len(occupied)


@given(FLOORS)
def test_every_vacant_area_and_every_occupied_floor_without_a_group_is_a_gap(floors: list[Floor]) -> None:
    found = rules.gaps(floors)
    vacant = [gap for gap in found if gap.kind is GapKind.AREA_VACANT]
    assert len(vacant) == sum(not area.manned for floor in floors for area in floor.areas)
    groupless = sum(gap.kind is GapKind.FLOOR_WITHOUT_GROUP for gap in found)
    assert groupless == sum(floor.occupied and not floor.groups for floor in floors)


@given(FLOORS)
def test_a_complete_checklist_leaves_no_floor_without_a_group_or_area(floors: list[Floor]) -> None:
    if rules.percent(rules.checklist(True, floors)) == 100:
        assert {gap.kind for gap in rules.gaps(floors)} <= {GapKind.AREA_VACANT}


def test_no_floors_are_not_a_complete_network() -> None:
    items = rules.checklist(True, [])
    assert [(item.kind, item.done) for item in items] == [(ItemKind.BRANCH, True), (ItemKind.FLOORS, False)]


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(-50, 50), st.integers(-50, 50))
def test_a_liaison_works_from_the_first_day_to_the_last(today: date, start: int, length: int) -> None:
    first = today + timedelta(days=start)
    last = first + timedelta(days=length)
    if length < 0:
        with pytest.raises(Invalid):
            rules.check_term(first, last)
        return
    rules.check_term(first, last)
    assert rules.is_manned(first, last, today) == (start <= 0 <= start + length)
    assert rules.is_manned(first, None, today) == (start <= 0)


def test_nothing_is_done_with_a_closed_area() -> None:
    rules.check_open(False)
    with pytest.raises(Conflict):
        rules.check_open(True)
