"""Reports: nothing is accepted unsubmitted or by whoever wrote it, and nothing accepted changes."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Conflict, Forbidden, Invalid, WrongState
from membership.reports import rules
from membership.reports.rules import TRANSITIONS, Actor, Settings, Side, State, Verb

PEOPLE = ("王", "李", "张")
ACTORS = st.builds(Actor, st.sampled_from(("", *PEOPLE)), writes=st.booleans(), receives=st.booleans())
WRITERS = st.lists(st.sampled_from(PEOPLE), min_size=1, unique=True)
DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))


@given(st.sampled_from(State), WRITERS, ACTORS)
def test_what_is_allowed_is_possible_and_never_an_acceptance_of_ones_own(
    state: State, writers: list[str], actor: Actor
) -> None:
    author = writers[-1]
    for verb in rules.allowed(state, author, writers, actor):
        assert rules.move(state, verb) in State
        match TRANSITIONS[verb][0]:
            case Side.AUTHOR:
                rules.check_author(author, actor.person_id)
            case Side.WRITER:
                rules.check_takes(author, actor.person_id)
            case Side.RECEIVER:
                assert actor.receives
                rules.check_receives(writers, actor.person_id)


@given(st.lists(st.sampled_from(Verb), max_size=20))
def test_a_report_is_accepted_once_it_was_submitted_and_then_stays_as_it_is(verbs: list[Verb]) -> None:
    state, submitted, returned = State.DRAFT, 0, 0
    for verb in verbs:
        if state not in TRANSITIONS[verb][1]:
            with pytest.raises(WrongState) as refused:
                rules.move(state, verb)
            assert verb not in refused.value.allowed
            assert (refused.value.reason == "REPORT_ACCEPTED") == (state is State.ACCEPTED)
            continue
        assert state is not State.ACCEPTED
        state = rules.move(state, verb)
        submitted += verb is Verb.SUBMIT
        returned += verb is Verb.RETURN
    waiting = state in (State.SUBMITTED, State.ACCEPTED)
    assert submitted - returned == waiting
    assert (state is State.RETURNED) <= (returned > 0)


@given(st.lists(st.tuples(st.sampled_from(Verb), st.sampled_from(PEOPLE)), max_size=30))
def test_however_a_report_passes_from_hand_to_hand_nobody_accepts_what_they_wrote(
    steps: list[tuple[Verb, str]],
) -> None:
    state, author, writers, decider = State.DRAFT, PEOPLE[0], [PEOPLE[0]], ""
    for verb, person in steps:
        if verb not in rules.allowed(state, author, writers, Actor(person, writes=True, receives=True)):
            continue
        state = rules.move(state, verb)
        if verb is Verb.TAKE:
            author = person
            writers = list(dict.fromkeys((*writers, person)))
        if TRANSITIONS[verb][0] is Side.RECEIVER:
            decider = person
            assert decider not in writers
    if state is State.ACCEPTED:
        assert decider
        assert decider not in writers


def test_nobody_without_a_person_writes_takes_or_decides() -> None:
    with pytest.raises(Forbidden):
        rules.check_begins("")
    with pytest.raises(Forbidden):
        rules.check_author("", "")
    with pytest.raises(Forbidden):
        rules.check_takes("王", "")
    with pytest.raises(Forbidden):
        rules.check_receives((), "")
    with pytest.raises(Conflict):
        rules.check_takes("王", "王")


@given(DAYS, st.integers(-400, 400), st.integers(0, 366))
def test_a_period_is_reported_once_it_is_about_to_end(until: date, offset: int, early: int) -> None:
    today = until + timedelta(days=offset)
    try:
        rules.check_timely(until, today, Settings(early_days=early))
    except Conflict:
        assert offset < -early
    else:
        assert offset >= -early


@pytest.mark.parametrize("said", ["", "  ", "\n"])
def test_figures_alone_are_no_report(said: str) -> None:
    with pytest.raises(Invalid):
        rules.check_said(said)
