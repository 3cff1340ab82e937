"""Obligations: what is fulfilled, late or missed follows from the evidence."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Conflict, Forbidden, Invalid
from membership.cadence import rules
from membership.cadence.periods import OF_ONE_DAY, Length
from membership.cadence.rules import BY_HAND, UNMET, Evidence, Level, Rule, Scope, Settings, State
from membership.cadence.starters import starters

TODAY = date(2026, 11, 21)
NEAR = st.integers(-40, 40).map(lambda n: TODAY + timedelta(days=n))
DEFAULTS = Settings()


@given(NEAR, st.integers(0, 30), st.none() | NEAR, NEAR, st.integers(0, 30))
def test_the_evidence_alone_decides_and_time_never_makes_it_better(
    due: date, grace: int, filed: date | None, today: date, later: int
) -> None:
    closes = due + timedelta(days=grace)
    state = rules.outcome(due, closes, filed, today)
    afterwards = rules.outcome(due, closes, filed, today + timedelta(days=later))
    if filed is not None and filed <= closes:
        assert state is afterwards is (State.FULFILLED if filed <= due else State.LATE)
    else:
        assert state in UNMET
        assert not (state is State.MISSED and afterwards is State.OPEN)
        assert (state is State.MISSED) == (today > closes)


@given(st.sampled_from(Evidence), st.sampled_from(State), NEAR, NEAR)
def test_by_hand_only_what_no_record_shows_and_only_in_time(
    evidence: Evidence, state: State, closes: date, today: date
) -> None:
    try:
        rules.check_attests(evidence, state, closes, today)
    except Conflict:
        assert evidence not in BY_HAND or state is not State.OPEN or today > closes
    else:
        assert evidence in BY_HAND
        assert today <= closes


@given(NEAR, NEAR, st.integers(0, 30))
def test_what_is_done_counts_for_its_own_period(happened: date, start: date, length: int) -> None:
    until = start + timedelta(days=length)
    if start <= happened <= until and happened <= TODAY:
        rules.check_happened(happened, start, until, TODAY)
    else:
        with pytest.raises(Invalid):
            rules.check_happened(happened, start, until, TODAY)


@given(NEAR, st.sampled_from(Length), st.booleans(), st.lists(st.integers(0, 20), min_size=3, max_size=3))
def test_it_climbs_step_by_step(due: date, period: Length, unannounced: bool, given_days: list[int]) -> None:
    group, secretary, superior = sorted(given_days)
    held = replace(DEFAULTS, group_days=group, secretary_days=secretary, superior_days=superior)
    rules.check_settings(held)
    known = [
        rules.level(due, TODAY + timedelta(days=n), period, held, unannounced=unannounced) for n in range(80)
    ]
    assert known == sorted(known)
    before = rules.level(due, due - timedelta(days=1), period, held, unannounced=unannounced)
    told_before = before is Level.RESPONSIBLE
    assert told_before == (not unannounced and period not in OF_ONE_DAY)
    assert rules.level(due, due, period, held, unannounced=True) is Level.NOBODY
    latest = due + timedelta(days=max(superior, 1))
    assert rules.level(due, latest, period, held, unannounced=unannounced) is Level.SUPERIOR


def test_the_figures_are_in_order() -> None:
    with pytest.raises(Invalid):
        rules.check_settings(replace(DEFAULTS, group_days=4))
    with pytest.raises(Invalid):
        rules.check_settings(replace(DEFAULTS, days_off=[TODAY], days_worked=[TODAY]))


@given(st.dictionaries(st.sampled_from(State), st.integers(0, 50)))
def test_nothing_decided_is_no_figure(counts: dict[State, int]) -> None:
    found = rules.percent(counts)
    decided = sum(counts.get(one, 0) for one in (State.FULFILLED, State.LATE, State.MISSED))
    assert (found is None) == (decided == 0)
    assert found is None or (found == 100) == (counts.get(State.FULFILLED, 0) == decided)


def test_only_what_is_not_met_is_waived() -> None:
    for state in State:
        if state in UNMET:
            assert rules.waive(state) is State.WAIVED
        else:
            with pytest.raises(Conflict):
                rules.waive(state)


def test_a_secretary_s_lecture_is_told_by_the_secretary() -> None:
    rules.check_secretary("a", "a")
    for caller, secretary in (("a", "b"), ("", ""), ("a", "")):
        with pytest.raises(Forbidden):
            rules.check_secretary(caller, secretary)


@given(st.none() | NEAR)
def test_nothing_is_decided_for_the_past(asked: date | None) -> None:
    if asked is not None and asked < TODAY:
        with pytest.raises(Invalid):
            rules.holds_from(asked, TODAY)
    else:
        assert rules.holds_from(asked, TODAY) == (asked or TODAY)


@given(st.builds(Rule, *([st.just("")] * 2), st.sampled_from(Scope), st.sampled_from(Length),
                 st.sampled_from(Evidence), st.sampled_from(["", "org_life"]), st.integers(0, 30),
                 st.integers(0, 30), st.booleans()))  # fmt: skip
def test_a_record_shows_only_what_it_can(rule: Rule) -> None:
    fits = rule.scope in rules.ABOUT[rule.evidence]
    narrowed = not rule.activity_kind or rule.evidence is Evidence.ACTIVITY
    if fits and narrowed:
        rules.check_rule(rule)
    else:
        with pytest.raises(Invalid):
            rules.check_rule(rule)
    due, closes = rules.due_and_close(TODAY, rule)
    assert TODAY <= due <= closes


def test_starters_are_sound_and_say_what_is_ours() -> None:
    assert {"daily-contact", "weekly-activity", "monthly-report", "quarterly-summary"} <= set(starters())
    for one in starters().values():
        assert one.source
        assert set(one.designed) <= set(Rule.__dataclass_fields__)
        period = one.period or Length.YEAR
        rule = Rule(
            one.title_zh, one.title_en, one.scope, period, one.evidence, one.activity_kind,
            one.due_days, one.grace_days, one.unannounced,
        )  # fmt: skip
        rules.check_rule(rule)
        assert one.is_followed_by(rule) == (one.period is not None)
        assert one.grace_days == 0 or "grace_days" in one.designed
