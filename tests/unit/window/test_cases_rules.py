"""The state machine of cases, walked at random by both sides."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chassis.errors import Conflict, DomainError, Forbidden, Invalid, WrongState
from window.cases import rules
from window.cases.rules import Actor, Paper, Side, State, Supply, Verb

APPLICANT, COLLEAGUE, STRANGER, FIRM = "applicant", "colleague", "stranger", "firm"
ME = Actor(Side.APPLICANT, APPLICANT)
OF_THE_FIRM = Actor(Side.APPLICANT, COLLEAGUE, (FIRM,))
NOBODY = Actor(Side.APPLICANT, STRANGER)
CLERK = Actor(Side.DEPARTMENT, "clerk")
actors = st.sampled_from([ME, OF_THE_FIRM, NOBODY, CLERK])


@dataclass(frozen=True)
class Case:
    state: str = State.DRAFT
    applicant: str = APPLICANT
    filed_for: str = rules.FiledFor.ENTERPRISE
    enterprise_id: str | None = FIRM
    handler: str | None = None
    corrections: int = 0
    callback_open: bool = False
    grade: int = 0


class Walk(RuleBasedStateMachine):
    """Anybody tries anything; the case stays one that could have happened."""

    def __init__(self) -> None:
        super().__init__()
        self.case = Case()
        self.seen = [State.DRAFT]

    @rule(verb=st.sampled_from(list(Verb)), actor=actors, grade=st.integers(1, 5))
    def attempt(self, verb: Verb, actor: Actor, grade: int) -> None:
        allowed = rules.allowed(self.case, actor)
        if verb not in allowed:
            with pytest.raises(DomainError) as refused:
                rules.move(self.case, verb, actor)
            if isinstance(refused.value, WrongState):
                assert set(refused.value.allowed) == {found.value for found in allowed}
            return
        state = rules.move(self.case, verb, actor)
        corrections = self.case.corrections + (verb is Verb.CORRECTION)
        self.case = replace(self.case, state=state, corrections=corrections)
        if verb is Verb.RATE:
            self.case = replace(self.case, grade=grade, callback_open=rules.is_bad(grade))
        if verb is Verb.CALLBACK:
            self.case = replace(self.case, callback_open=False)
        self.seen.append(state)

    @precondition(lambda self: self.case.state == State.SUBMITTED)
    @rule()
    def the_department_is_away(self) -> None:
        self.case = replace(self.case, state=State.PENDING_RELAY)

    @precondition(lambda self: self.case.state == State.PENDING_RELAY)
    @rule()
    def the_department_is_back(self) -> None:
        self.case = replace(self.case, state=State.SUBMITTED)

    @invariant()
    def nothing_is_decided_that_was_not_accepted(self) -> None:
        for earlier, later in (
            (State.SUBMITTED, State.ACCEPTED),
            (State.ACCEPTED, State.DECIDED),
            (State.DECIDED, State.DELIVERED),
            (State.DELIVERED, State.RATED),
        ):
            assert later not in self.seen or earlier in self.seen[: self.seen.index(later)]

    @invariant()
    def it_is_itemised_once(self) -> None:
        assert self.seen.count(State.NEEDS_CORRECTION) <= 1
        assert self.case.corrections <= 1

    @invariant()
    def only_a_bad_grade_opens_a_call_back(self) -> None:
        if self.case.callback_open:
            assert self.case.state == State.RATED
            assert self.case.grade in (1, 2)

    @invariant()
    def a_stranger_can_do_nothing(self) -> None:
        assert rules.allowed(self.case, NOBODY) == []

    @invariant()
    def an_ended_case_stays_ended(self) -> None:
        if self.case.state in (State.REFUSED, State.WITHDRAWN):
            assert not any(rules.allowed(self.case, actor) for actor in (ME, OF_THE_FIRM, CLERK))


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def test_every_state_can_be_reached_and_left_or_is_an_end() -> None:
    reached = {State.DRAFT, State.PENDING_RELAY} | {after for _, _, after in rules.TRANSITIONS.values()}
    assert reached == set(State)
    left = {state for _, states, _ in rules.TRANSITIONS.values() for state in states}
    assert set(State) - left == {State.REFUSED, State.WITHDRAWN}


def test_a_second_list_of_corrections_says_why_not() -> None:
    with pytest.raises(Conflict) as refused:
        rules.move(Case(state=State.SUBMITTED, corrections=1), Verb.CORRECTION, CLERK)
    assert refused.value.reason == "CORRECTION_ALREADY_ASKED"


def test_a_colleague_acts_for_the_firm_but_not_for_the_person() -> None:
    assert rules.move(Case(), Verb.SUBMIT, OF_THE_FIRM) is State.SUBMITTED
    with pytest.raises(Forbidden):
        rules.move(Case(filed_for=rules.FiledFor.PERSON), Verb.SUBMIT, OF_THE_FIRM)


FILE = {"key": "k"}
codes = st.sampled_from(["licence", "form", "lease"])
papers = st.lists(
    st.builds(
        Paper,
        code=codes,
        name_zh=st.just("材料"),
        name_en=st.just("Paper"),
        required=st.booleans(),
        files=st.sampled_from([(), (FILE,)]),
        on_paper=st.booleans(),
    ),
    unique_by=lambda paper: paper.code,
).map(tuple)


@given(papers)
def test_precheck_names_exactly_what_is_missing(given_papers: tuple[Paper, ...]) -> None:
    missing = {p.code for p in given_papers if p.required and not p.files and not p.on_paper}
    try:
        rules.precheck(given_papers)
        named = set()
    except Invalid as refused:
        named = {wrong.field.removeprefix("materials.") for wrong in refused.fields}
    assert named == missing


@given(papers, st.sets(codes), st.sets(codes))
def test_a_correction_supplies_everything_that_was_itemised(
    given_papers: tuple[Paper, ...], wanted: set[str], given_codes: set[str]
) -> None:
    known = {paper.code for paper in given_papers}
    supplies = [Supply(code, (FILE,), on_paper=False) for code in sorted(given_codes & known)]
    after = rules.supply(given_papers, supplies)
    lacking = (wanted & known) - given_codes
    if lacking:
        with pytest.raises(Invalid) as refused:
            rules.check_corrected(after, wanted, given_codes)
        assert {wrong.field for wrong in refused.value.fields} == {f"materials.{code}" for code in lacking}
    else:
        rules.check_corrected(after, wanted, given_codes)


def test_a_material_that_nobody_asked_for_is_refused() -> None:
    paper = Paper("licence", "营业执照", "Licence", required=True)
    with pytest.raises(Invalid):
        rules.supply([paper], [Supply("horoscope", (), on_paper=True)])
    with pytest.raises(Invalid):
        rules.itemise([paper], [("licence", "不清楚"), ("horoscope", "缺")])
    assert rules.itemise([paper], [("licence", "不清楚"), ("licence", "缺章")]) == {"licence": "不清楚\n缺章"}


def weekday(day: date) -> bool:
    return day.weekday() < 5


def test_the_promise_begins_on_the_workday_after_acceptance() -> None:
    friday = datetime(2026, 3, 6, 2, tzinfo=UTC)
    assert rules.due(friday, 1, weekday) == datetime(2026, 3, 9, 9, 30, tzinfo=UTC)
    assert rules.due(friday, 5, weekday) == datetime(2026, 3, 13, 9, 30, tzinfo=UTC)


@given(st.integers(0, 30_000), st.integers(1, 60))
def test_a_longer_promise_is_never_due_earlier(hours: int, days: int) -> None:
    accepted = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    shorter, longer = (rules.due(accepted, n, weekday) for n in (days, days + 1))
    assert accepted < shorter < longer


@given(st.integers(0, 5), st.integers(0, 1), st.integers(0, 9))
def test_grades_and_trips(grade: int, corrections: int, trips: int) -> None:
    assert rules.is_bad(grade) == (grade in (1, 2))
    assert rules.is_once_done(corrections, trips) == (corrections == 0 and trips <= 1)
