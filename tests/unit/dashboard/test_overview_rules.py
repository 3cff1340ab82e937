"""The rules of the overview: periods, shares, and what events make of a fact."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.days import ZONE
from chassis.errors import Invalid
from dashboard.overview import rules
from dashboard.overview.figures import Counts, figures
from dashboard.overview.rules import Ended, Fact, Indicator, Patch, Period, Range, Step

moments = st.timedeltas(timedelta(0), timedelta(days=5000)).map(
    lambda since: datetime(2016, 1, 1, tzinfo=UTC) + since
)
patches = st.one_of(
    st.builds(lambda at, ok: rules.accepted(at, in_time=ok), moments, st.booleans()),
    st.builds(lambda at, auto: rules.closed(at, automatically=auto), moments, st.booleans()),
    st.just(rules.reopened()),
    st.builds(rules.rated, st.integers(1, 5)),
    st.builds(rules.ended, st.sampled_from([Ended.REJECTED, Ended.WITHDRAWN])),
)


@given(st.lists(patches, max_size=12), st.data())
def test_a_batch_may_be_cut_anywhere(sequence: list[Patch], data: st.DataObject) -> None:
    one_by_one = Fact()
    for patch in sequence:
        one_by_one = one_by_one.with_patch(patch)
    cut = data.draw(st.integers(0, len(sequence)))
    in_two = Fact().with_patch(rules.fold(sequence[:cut])).with_patch(rules.fold(sequence[cut:]))
    assert one_by_one == in_two == Fact().with_patch(rules.fold(sequence))


def test_a_reopened_ticket_is_open_and_remembers_that_it_was_closed() -> None:
    noon = datetime(2026, 3, 2, 4, tzinfo=UTC)
    fact = Fact().with_patch(rules.fold([rules.closed(noon, automatically=True), rules.reopened()]))
    assert (fact.closed_at, fact.first_closed_at, fact.reopened, fact.automatically) == (None, noon, 1, False)


@given(moments, st.sampled_from([period for period in Period if period is not Period.CUSTOM]))
def test_every_moment_lies_in_its_period_and_periods_touch(at: datetime, period: Period) -> None:
    found = rules.range_of(period, at)
    assert found.start <= at < found.end
    assert rules.range_of(period, found.end).start == found.end
    local = found.start.astimezone(ZONE)
    assert (local.hour, local.minute) == (0, 0)


def test_periods_follow_the_calendar_here_not_in_utc() -> None:
    late = datetime(2026, 3, 31, 16, 30, tzinfo=UTC)  # already April 1 in Shanghai
    assert rules.range_of(Period.MONTH, late).start == datetime(2026, 3, 31, 16, tzinfo=UTC)
    assert rules.range_of(Period.QUARTER, late).end == datetime(2026, 6, 30, 16, tzinfo=UTC)
    assert rules.range_of(Period.WEEK, late).start == datetime(2026, 3, 29, 16, tzinfo=UTC)


@pytest.mark.parametrize("days", [None, 0, -1, 4000])
def test_a_custom_period_has_a_later_end_within_three_years(days: int | None) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    with pytest.raises(Invalid):
        rules.range_of(Period.CUSTOM, start, None if days is None else start + timedelta(days=days))


@given(moments, st.integers(1, 900), st.sampled_from(list(Step)))
def test_the_steps_of_a_trend_cover_its_range(start: datetime, days: int, step: Step) -> None:
    covered = Range(Period.CUSTOM, start, start + timedelta(days=days))
    found = rules.steps(covered, step)
    assert found[0] <= covered.start
    assert found == sorted(set(found))
    assert found[-1] < covered.end
    assert len(rules.steps(covered, rules.step_of(covered))) <= 64


def test_nothing_measured_is_not_available_never_a_hundred_percent() -> None:
    for figure in figures(Counts()):
        plain = figure.denominator is None
        assert (figure.value == 0) if plain else figure.value is None, figure.code


@given(st.dictionaries(st.integers(1, 5), st.integers(0, 1000)))
def test_the_five_affairs_are_all_there_and_sum_to_the_total(demands: dict[int, int]) -> None:
    volume = next(
        f for f in figures(Counts(demands_by_affairs=demands)) if f.code is Indicator.AFFAIRS_VOLUME
    )
    assert [part.value for part in volume.parts] == [1, 2, 3, 4, 5]
    assert sum(part.count for part in volume.parts) == volume.numerator == volume.value


def test_every_figure_has_its_number_in_the_districts_list() -> None:
    assert [figure.code for figure in figures(Counts())] == list(Indicator)
    assert {figure.number for figure in figures(Counts())} == {15, 28, 29, 30, 31, 32, 33}
