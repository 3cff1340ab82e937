"""Honours: nobody decides alone, nothing is public unasked, what is over stays over."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Conflict, Forbidden, Invalid, WrongState
from membership.honours import rules
from membership.honours.rules import OPEN, TRANSITIONS, Actor, Kind, Settings, Side, State, Verb

PEOPLE = ("王", "李", "张")
ACTORS = st.builds(Actor, st.sampled_from(("", *PEOPLE)), manages=st.booleans(), decides=st.booleans())
DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))


@given(st.sampled_from(State), st.sampled_from(PEOPLE), st.sampled_from(PEOPLE), ACTORS)
def test_what_is_allowed_is_possible_and_never_a_decision_of_ones_own(
    state: State, nominee: str, nominator: str, actor: Actor
) -> None:
    for verb in rules.allowed(state, nominee, nominator, actor):
        assert rules.move(state, verb) in State
        side = TRANSITIONS[verb][0]
        if side is Side.DECIDER:
            rules.check_decides(verb, nominee, nominator, actor.person_id)
        assert side is not Side.NOBODY
        assert (side is Side.NOMINEE) <= (actor.person_id == nominee)


@given(st.lists(st.sampled_from(Verb), max_size=12))
def test_nothing_is_displayed_before_the_branch_approved_and_the_nominee_consented(
    verbs: list[Verb],
) -> None:
    state, done = State.NOMINATED, []
    for verb in verbs:
        before = state
        try:
            state = rules.move(state, verb)
        except WrongState:
            assert before is state
            continue
        done.append(verb)
        assert before in OPEN
        if state is State.DISPLAYED:
            assert done == [Verb.APPROVE, Verb.CONSENT]


def test_a_refusal_names_only_what_somebody_can_do() -> None:
    with pytest.raises(WrongState) as refused:
        rules.move(State.APPROVED, Verb.APPROVE)
    assert refused.value.allowed == (Verb.WITHDRAW, Verb.CONSENT, Verb.DECLINE)


@pytest.mark.parametrize("decider", ["", "王"])
def test_nobody_decides_on_an_honour_of_their_own(decider: str) -> None:
    for verb in (Verb.APPROVE, Verb.REJECT, Verb.REVOKE):
        with pytest.raises(Forbidden):
            rules.check_decides(verb, "王", "李", decider)


def test_whoever_nominated_does_not_approve_but_may_revoke() -> None:
    for verb in (Verb.APPROVE, Verb.REJECT):
        with pytest.raises(Forbidden):
            rules.check_decides(verb, "王", "李", "李")
    rules.check_decides(Verb.REVOKE, "王", "李", "李")


@given(st.sampled_from(Kind), st.sampled_from(("", "收银台")), st.integers(0, 5))
def test_posts_are_somewhere_and_stars_are_for_members_with_stars(kind: Kind, place: str, stars: int) -> None:
    fits = (bool(place) or kind not in rules.POSTS) and (stars > 0) == (kind is Kind.STAR_MEMBER)
    try:
        rules.check_nomination(kind, "王", "李", place, stars)
    except Invalid:
        assert not fits
    else:
        assert fits
    with pytest.raises(Forbidden):
        rules.check_nomination(kind, "王", "王", place, stars)


@given(st.sampled_from(Kind), st.booleans())
def test_only_what_is_for_members_asks_for_the_roster(kind: Kind, on_roster: bool) -> None:
    refused = kind in rules.FOR_MEMBERS and not on_roster
    if refused:
        with pytest.raises(Conflict):
            rules.check_nominee(kind, on_roster=on_roster)
    else:
        rules.check_nominee(kind, on_roster=on_roster)


@given(st.none() | DAYS, DAYS, st.integers(1, 1830))
def test_a_term_never_ends_before_it_begins(asked: date | None, today: date, days: int) -> None:
    settings = Settings(term_days=days)
    if asked is not None and asked < today:
        with pytest.raises(Invalid):
            rules.last_day(asked, today, settings)
        return
    until = rules.last_day(asked, today, settings)
    assert until == (asked or today + timedelta(days=days))
    rules.check_term(until, today)
    with pytest.raises(Conflict):
        rules.check_term(until, until + timedelta(days=1))


def test_a_plaque_has_a_name_on_it() -> None:
    rules.check_name("王师傅")
    with pytest.raises(Invalid):
        rules.check_name("")
