"""The roster's rules: who counts, since whose word."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Conflict, Invalid, WrongState
from membership import assent
from membership.members import rules
from membership.members.rules import DEFAULTS, Body, Kind, Side, Stage, State, Verb

DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@dataclass(frozen=True)
class Asked:
    """What a record says of the person's word."""

    confirmed_at: datetime | None = None
    told_on: date | None = None


@given(DAYS, st.dates(date(1970, 1, 1), date(2019, 12, 31)))
def test_every_member_has_one_anniversary_a_year(today: date, joined: date) -> None:
    year = (date(today.year, 1, 1) + timedelta(days=number) for number in range(366))
    met = [
        day
        for day in year
        if day.year == today.year and (joined.month, joined.day) in rules.anniversaries(day)
    ]
    assert len(met) == 1
    assert met[0].month == joined.month
    assert met[0].day == joined.day or (joined.month, joined.day, met[0].day) == (2, 29, 28)


@given(DAYS, DAYS, st.integers(1, 60))
def test_whoever_was_told_counts_on_the_day_after_the_notice(told: date, today: date, notice: int) -> None:
    asked = Asked(told_on=told)
    assert assent.holds(asked, today, notice) == (today - told > timedelta(days=notice))
    until = assent.notice_until(asked, notice)
    assert until is not None
    assert until - told == timedelta(days=notice)


@given(DAYS, st.integers(0, 60))
def test_whoever_confirmed_counts_at_once_and_whoever_knows_nothing_never(today: date, notice: int) -> None:
    confirmed = Asked(confirmed_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert assent.holds(confirmed, today, notice)
    with pytest.raises(Conflict, match="NOT_CONFIRMED"):
        assent.check(Asked(), today, notice)


@pytest.mark.parametrize(("told_on", "how"), [(date(2026, 1, 1), ""), (None, "phone")])
def test_a_day_and_a_way_of_telling_come_together(told_on: date | None, how: str) -> None:
    with pytest.raises(Invalid, match="TELLING_INCOMPLETE"):
        assent.check_telling(told_on, how)


@given(st.sampled_from(State), st.sampled_from(Kind), st.sampled_from(Verb), st.sampled_from(Side))
def test_a_verb_works_exactly_where_it_is_offered(state: State, kind: Kind, verb: Verb, side: Side) -> None:
    if verb in rules.allowed(state, kind, frozenset({side})):
        assert rules.move(state, kind, verb, side) in State
    else:
        with pytest.raises(WrongState):
            rules.move(state, kind, verb, side)


@given(st.lists(st.tuples(st.sampled_from(Verb), st.sampled_from(Side)), max_size=12))
def test_nobody_comes_back_from_the_end(steps: list[tuple[Verb, Side]]) -> None:
    state = State.PROPOSED
    for verb, side in steps:
        before = state
        try:
            state = rules.move(state, Kind.OWN, verb, side)
        except WrongState:
            continue
        assert before in rules.OPEN
        if state is State.ACTIVE and before is State.PROPOSED:
            assert (verb, side) in ((Verb.CONFIRM, Side.PERSON), (Verb.ACTIVATE, Side.OFFICE))


def test_a_floating_membership_ends_with_its_affiliation_only() -> None:
    assert Verb.END not in rules.allowed(State.ACTIVE, Kind.FLOATING, frozenset(Side))


@given(st.sampled_from(Body), st.sampled_from(Stage))
def test_only_the_party_has_probation(body: Body, stage: Stage) -> None:
    fits = (stage is not Stage.MEMBER) == (body is Body.PARTY)
    if fits:
        assert rules.stage_of(body, stage) is stage
    else:
        with pytest.raises(Invalid, match="STAGE_DOES_NOT_FIT"):
            rules.stage_of(body, stage)
    assert rules.stage_of(body, "") in Stage


@pytest.mark.parametrize(
    ("body", "kind"), [(Body.PARTY, "union"), (Body.UNION, "branch"), (Body.WOMEN, "group")]
)
def test_an_organisation_of_another_body_is_refused(body: Body, kind: str) -> None:
    with pytest.raises(Invalid, match="ORG_OF_ANOTHER_BODY"):
        rules.check_org(body, kind)


def test_a_group_belongs_to_its_branch() -> None:
    rules.check_group(Body.PARTY, "branch", "group", "branch")
    for body, kind, parent in (
        (Body.PARTY, "group", "another"),
        (Body.PARTY, "branch", "branch"),
        (Body.UNION, "group", "branch"),
    ):
        with pytest.raises(Invalid, match="GROUP_OF_ANOTHER_ORG"):
            rules.check_group(body, "branch", kind, parent)


def test_zero_leaves_a_figure_as_it_is() -> None:
    default = {"notice_days": 7, "pending_home_days": 30, "group_days": 14}
    assert rules.changed(DEFAULTS, 0, 0, 0) == default
    assert rules.changed(DEFAULTS, 3, 0, 21) == {**default, "notice_days": 3, "group_days": 21}
