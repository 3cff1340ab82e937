"""Appraisals and reviews: nobody's own hand, nothing final unseen, and no grade that nobody decided."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Conflict, DomainError, Forbidden, Invalid, WrongState
from membership.appraisal import months, rubrics, rules
from membership.appraisal.rubrics import Channel, Rubric
from membership.appraisal.rules import SEALED, TRANSITIONS, Actor, Side, State, Verb
from membership.appraisal.scoring import Outcome
from membership.reviews import rules as reviews
from membership.reviews.rules import Ballots, Basis

PEOPLE = ("王", "李", "张")
SIDES = st.frozensets(st.sampled_from(Side))
RUBRIC = Rubric(version=1)
ITEMS = rubrics.items_of(Rubric())


@given(
    st.sampled_from(State), st.sampled_from(PEOPLE), st.builds(Actor, st.sampled_from(("", *PEOPLE)), SIDES)
)
def test_what_is_allowed_is_possible_and_with_the_own_one_only_to_answer(
    state: State, member: str, actor: Actor
) -> None:
    for verb in rules.allowed(state, member, actor):
        assert rules.move(state, verb) in State
        own = TRANSITIONS[verb][0] is Side.MEMBER
        assert own == (actor.person_id == member)
        if not own and actor.person_id:
            rules.check_other(member, actor.person_id)


@given(st.lists(st.sampled_from(Verb), max_size=14))
def test_nothing_is_final_that_the_member_was_not_shown_and_what_is_sealed_stays(verbs: list[Verb]) -> None:
    state, done = State.OPEN, []
    for verb in verbs:
        before = state
        try:
            state = rules.move(state, verb)
        except WrongState:
            continue
        # The command makes it `scored` with the last target.
        state = State.SCORED if verb is Verb.CONFIRM else state
        done.append(verb)
        assert before not in SEALED
        if state is State.FINAL:
            assert Verb.SHOW in done


def test_a_refusal_names_only_what_somebody_can_do() -> None:
    with pytest.raises(WrongState) as refused:
        rules.move(State.SHOWN, Verb.SHOW)
    assert refused.value.allowed == (Verb.ACCEPT, Verb.APPEAL)


@pytest.mark.parametrize("actor", ["", "王"])
def test_nobody_assesses_confirms_or_answers_their_own(actor: str) -> None:
    with pytest.raises(Forbidden):
        rules.check_other("王", actor)
    with pytest.raises(Forbidden):
        reviews.check_other("王", actor)


def test_whoever_confirmed_does_not_answer() -> None:
    rules.check_answers({"王", "李"}, "张")
    with pytest.raises(Forbidden):
        rules.check_answers({"王", "李"}, "李")


@given(st.dates(date(2025, 11, 1), date(2027, 6, 1)))
def test_a_mark_is_in_time_then_late_then_taken_no_more(today: date) -> None:
    month, last = date(2026, 3, 1), date(2026, 12, 1)
    due = months.last_day(month) + timedelta(days=RUBRIC.due_days)
    closes = months.last_day(month) + timedelta(days=RUBRIC.late_days)

    def late() -> bool:
        return rules.check_month(month, date(2026, 1, 1), last, RUBRIC, today)

    if month <= today <= closes:
        assert late() == (today > due)
    else:
        with pytest.raises(DomainError) as refused:
            late()
        assert refused.value.reason == ("MONTH_TO_COME" if today < month else "MONTH_CLOSED")


@pytest.mark.parametrize("month", [date(2025, 12, 1), date(2027, 1, 1)])
def test_a_month_outside_the_period_is_refused(month: date) -> None:
    with pytest.raises(Invalid) as refused:
        rules.check_month(month, date(2026, 1, 1), date(2026, 12, 1), RUBRIC, date(2027, 1, 5))
    assert refused.value.reason == "MONTH_OUTSIDE"


@pytest.mark.parametrize(
    ("targets", "channel", "reference", "reason"),
    [
        (["unknown"], Channel.MONTHLY, "", "TARGET_UNKNOWN"),
        (["study", "study"], Channel.MONTHLY, "", "TARGET_TWICE"),
        (["study"], Channel.ON_SITE, "", "CHANNEL_DOES_NOT_FIT"),
        (["study"], Channel.DOCUMENTS, "", "REFERENCE_MISSING"),
    ],
)
def test_a_mark_names_a_target_once_by_a_way_that_fits(
    targets: list[str], channel: Channel, reference: str, reason: str
) -> None:
    with pytest.raises(Invalid) as refused:
        rules.check_marks(ITEMS, targets, channel, reference)
    assert refused.value.reason == reason


@given(st.sampled_from(Outcome), st.booleans())
def test_what_cannot_be_assessed_is_confirmed_as_such_and_only_that(
    outcome: Outcome, assessable: bool
) -> None:
    fits = (outcome is not Outcome.NOT_ASSESSABLE) == assessable
    try:
        rules.check_outcome(outcome, assessable=assessable)
    except Conflict:
        assert not fits
    else:
        assert fits


@given(st.integers(-3, 3))
def test_an_appeal_has_its_days(offset: int) -> None:
    until = rules.appeal_until(date(2026, 12, 20), RUBRIC)
    today = until + timedelta(days=offset)
    try:
        rules.check_appeal(ITEMS, ["study"], until, today)
    except Conflict:
        assert today > until
    else:
        assert today <= until


def test_an_answer_that_corrects_nothing_is_none() -> None:
    assert not rules.check_correction(None, 3)
    assert rules.check_correction(4, 3)
    with pytest.raises(Invalid):
        rules.check_correction(3, 3)


@given(st.frozensets(st.sampled_from(Basis)), st.frozensets(st.sampled_from(Basis)))
def test_a_grade_rests_on_two_bases_that_are_there(named: frozenset[Basis], there: frozenset[Basis]) -> None:
    if len(named) >= 2 and named <= there:
        assert set(reviews.check_bases(named, there)) == named
    else:
        with pytest.raises((Invalid, Conflict)) as refused:
            reviews.check_bases(named, there)
        assert refused.value.reason == ("BASES_TOO_FEW" if len(named) < 2 else "BASIS_NOT_THERE")


def test_one_basis_named_twice_is_one() -> None:
    with pytest.raises(Invalid):
        reviews.check_bases([Basis.APPRAISAL, Basis.APPRAISAL], list(Basis))


@given(st.sampled_from(PEOPLE), st.sampled_from(("", *PEOPLE)), st.booleans(), st.booleans())
def test_with_the_own_review_one_can_only_rate(
    member: str, person: str, records: bool, decides: bool
) -> None:
    actor = reviews.Actor(person, records=records, decides=decides)
    found = reviews.allowed(reviews.State.OPEN, member, actor)
    if person == member:
        assert found == [reviews.Verb.RATE]
    else:
        assert reviews.Verb.RATE not in found
        assert (reviews.Verb.DECIDE in found) == decides
    assert reviews.allowed(reviews.State.DECIDED, member, actor) == []


def test_ballots_nobody_cast_are_none() -> None:
    reviews.check_ballots(Ballots(0, 1, 0, 0))
    with pytest.raises(Invalid):
        reviews.check_ballots(Ballots(0, 0, 0, 0))


def test_what_is_decided_stays() -> None:
    with pytest.raises(WrongState):
        reviews.check_open(reviews.State.DECIDED)
