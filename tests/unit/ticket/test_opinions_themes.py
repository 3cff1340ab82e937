"""What a theme report gives away: that a hidden theme is under the threshold, and nothing else."""

from collections import defaultdict
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Conflict
from ticket.opinions import themes
from ticket.opinions.themes import Theme

COUNTS = st.dictionaries(st.sampled_from(Theme), st.integers(0, 30))


@given(COUNTS, st.integers(5, 20))
def test_nothing_under_the_threshold_is_shown(counts: dict[Theme, int], threshold: int) -> None:
    report = themes.report(counts, threshold)
    for theme, persons in report.persons.items():
        assert persons == (counts.get(theme, 0) if counts.get(theme, 0) >= threshold else None)
    assert report.total in (None, sum(counts.values()))


@pytest.mark.parametrize("varying", [1, 2, 3, 4])
def test_of_a_hidden_theme_every_number_under_the_threshold_stays_possible(varying: int) -> None:
    """All worlds in which some themes vary: those that are told alike differ in every hidden theme."""
    threshold, some = 5, list(Theme)[:varying]
    steady = {theme: 9 for theme in Theme if theme not in some}
    alike: dict[tuple[object, ...], list[dict[Theme, int]]] = defaultdict(list)
    for numbers in product(range(threshold + 2), repeat=varying):
        world = steady | dict(zip(some, numbers, strict=True))
        report = themes.report(world, threshold)
        alike[(*report.persons.values(), report.total)].append(world)
    assert any(told[-1] is None for told in alike), "no total was hidden"
    assert varying < 2 or any(None in told[:-1] and told[-1] is not None for told in alike)
    for told, worlds in alike.items():
        for theme, persons in zip(Theme, told[:-1], strict=True):
            if persons is None:
                assert {world[theme] for world in worlds} == set(range(threshold)), (theme, told)


@given(COUNTS, st.integers(5, 20))
def test_the_total_less_what_is_shown_leaves_room_for_every_hidden_theme(
    counts: dict[Theme, int], threshold: int
) -> None:
    report = themes.report(counts, threshold)
    hidden = sum(persons is None for persons in report.persons.values())
    if report.total is None or not hidden:
        return
    left = report.total - sum(persons or 0 for persons in report.persons.values())
    others = (hidden - 1) * (threshold - 1)
    assert left - others <= 0, "a hidden theme cannot have been raised by nobody"
    assert left >= threshold - 1, "a hidden theme cannot be just under the threshold"


@given(st.sampled_from(Theme), st.text(min_size=1), st.text(min_size=1))
def test_a_voice_is_the_same_person_once_and_never_across_themes_or_months(
    theme: Theme, one: str, other: str
) -> None:
    voice = themes.voice(b"key", "tenant", "2026-10", theme, one)
    assert voice == themes.voice(b"key", "tenant", "2026-10", theme, one)
    assert (voice == themes.voice(b"key", "tenant", "2026-10", theme, other)) is (one == other)
    assert voice != themes.voice(b"key", "tenant", "2026-11", theme, one)
    assert voice != themes.voice(b"other key", "tenant", "2026-10", theme, one)
    elsewhere = next(another for another in Theme if another is not theme)
    assert voice != themes.voice(b"key", "tenant", "2026-10", elsewhere, one)


def test_a_month_is_reported_when_it_is_over_in_the_district() -> None:
    last_hour = datetime(2026, 10, 31, 15, 59, tzinfo=UTC)
    with pytest.raises(Conflict, match="MONTH_NOT_OVER"):
        themes.check_over("2026-10", last_hour)
    themes.check_over("2026-10", datetime(2026, 10, 31, 16, 0, tzinfo=UTC))
