"""Rules of conveniences: what can be noted, and who takes it back until when."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Conflict, Forbidden, Invalid
from ticket.conveniences import rules

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@given(DAYS, st.integers(-400, 400))
def test_a_week_can_be_noted_and_nothing_ahead(today: date, ago: int) -> None:
    day = today - timedelta(days=ago)
    if 0 <= ago <= 7:
        rules.check_day(day, today)
    else:
        with pytest.raises(Invalid) as refused:
            rules.check_day(day, today)
        assert refused.value.reason == "USE_DAY_OUT_OF_RANGE"


@given(DAYS, st.booleans(), st.booleans(), st.booleans())
def test_the_verbs_are_those_that_go_through(today: date, own: bool, same_day: bool, undone: bool) -> None:
    note = SimpleNamespace(created_by="a", undone=undone)
    who, noted = "a" if own else "b", today if same_day else today - timedelta(days=1)
    assert rules.verbs(note, noted, who, today) == (["undo"] if own and same_day and not undone else [])
    if not own:
        with pytest.raises(Forbidden):
            rules.check_undo(note, noted, who, today)
    elif not same_day:
        with pytest.raises(Conflict):
            rules.check_undo(note, noted, who, today)
    else:
        rules.check_undo(note, noted, who, today)


@given(DAYS)
def test_months_follow_each_other(day: date) -> None:
    first = day.replace(day=1)
    after = rules.next_month(first)
    assert after.day == 1
    assert (after - timedelta(days=1)).month == first.month
