"""Development as a state machine: five stages, every step in its turn, by whom it belongs to, in its time."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chassis.calendar import BusinessCalendar
from chassis.errors import Conflict, DomainError, Forbidden, Invalid, WrongState
from membership.development import plans, rules
from membership.development.plans import NEVER, By, Plan, Stage, Standing, Step, Unit
from membership.development.rules import Done, Ending, Level, Past, Point, Settings, Side, State, Verb

PLAN = plans.starter()
WORKS = BusinessCalendar().works_on
BEGIN = date(2026, 1, 5)
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
BY_SIDE = {By.APPLICANT: Verb.SUBMIT, By.BRANCH: Verb.COMPLETE, By.SUPERIOR: Verb.APPROVE}
CODES = [step.code for step in PLAN]
PEOPLE = ("申请人", "书记", "专干", "上级", "党员甲", "党员乙")


class Development(RuleBasedStateMachine):
    """Everybody tries every step, in any order, over years; the rules decide."""

    def __init__(self) -> None:
        super().__init__()
        self.today = BEGIN
        self.state = State.OPEN
        self.done = {PLAN[0].code: BEGIN}
        self.recorders: set[str] = set()
        self.approvers: set[str] = set()
        self.reviews: list[date] = []
        self.extended = 0

    @initialize(steps=st.integers(1, len(PLAN) - 1))
    def so_far_in_order(self, steps: int) -> None:
        for step in PLAN[1:steps]:
            self.today = max(self.today + plans.DAY, self.days.earliest or self.today)
            self.done[step.code] = self.today
            (self.approvers if step.by is By.SUPERIOR else self.recorders).add(
                {By.SUPERIOR: "上级", By.BRANCH: "书记", By.APPLICANT: "申请人"}[step.by]
            )

    @property
    def point(self) -> Point:
        done = len(self.done)
        step = PLAN[done] if done < len(PLAN) else None
        return Point(self.state, step, plans.standing(PLAN, done), self.extended, "mentors" in self.done)

    @property
    def last_on(self) -> date:
        return max(self.done.values())

    @property
    def days(self) -> plans.Days:
        return plans.days_of(PLAN, self.done, self.extended, WORKS)

    @rule(days=st.integers(1, 200))
    def wait(self, days: int) -> None:
        self.today += timedelta(days=days)

    @rule(code=st.sampled_from(CODES), verb=st.sampled_from(list(BY_SIDE.values())), back=st.integers(0, 40))
    def anybody_tries_any_step(self, code: str, verb: Verb, back: int) -> None:
        self._try(code, verb, self.today - timedelta(days=back), "书记")

    @rule(who=st.sampled_from(PEOPLE))
    def the_next_step_is_done(self, who: str) -> None:
        if self.point.step is not None:
            self._try(self.point.step.code, BY_SIDE[self.point.step.by], self.today, who)

    def _try(self, code: str, verb: Verb, on: date, who: str) -> None:
        at = self.point
        step = at.step
        said = Done(code, on, PEOPLE[4 : 4 + (step.people_most if step else 0)], 24)
        reviews = len([day for day in self.reviews if day >= self.last_on])
        try:
            if verb is Verb.APPROVE:
                rules.check_approver(who, "申请人", self.recorders)
            if verb is Verb.COMPLETE:
                rules.check_not_oneself(who, "申请人")
            step = rules.check_turn(verb, at, code, len(self.done) + 1)
            rules.check_step(step, said, Past(len(self.done), self.last_on, self.days.earliest, reviews))
        except DomainError:
            return
        assert at.step is step
        assert (step.code, BY_SIDE[step.by]) == (code, verb)
        (self.approvers if verb is Verb.APPROVE else self.recorders).add(
            who if verb is not Verb.SUBMIT else "申请人"
        )
        self.done[code] = on
        self.state = rules.at_end(PLAN, len(self.done))

    @rule()
    def a_review_is_held(self) -> None:
        try:
            rules.check(Verb.REVIEW, self.point)
            rules.check_review(self.today, self.last_on)
        except DomainError:
            return
        assert PLAN[len(self.done)].review_months
        self.reviews.append(self.today)
        self.recorders.add("专干")

    @rule(months=st.integers(1, 24))
    def the_probation_is_extended(self, months: int) -> None:
        at, before = self.point, self.days.earliest
        try:
            rules.check(Verb.EXTEND, at)
            assert at.step is not None
            rules.check_extension(at.step, months)
        except DomainError:
            return
        assert (at.standing, self.extended) == (Standing.PROBATIONARY, 0)
        assert 6 <= months <= 12
        self.extended = months
        assert self.days.earliest == plans.months_after(before or NEVER, months)

    @rule(ending=st.sampled_from(Ending), chance=st.integers(0, 15))
    def it_is_ended(self, ending: Ending, chance: int) -> None:
        if chance:  # most go on, or none would come to the end
            return
        at = self.point
        try:
            rules.check(Verb.END, at)
            rules.check_ending(ending, at.standing)
        except DomainError:
            return
        assert at.state is State.OPEN
        assert at.standing is not Standing.FULL
        self.state = State.ENDED

    @invariant()
    def no_step_is_left_out(self) -> None:
        assert list(self.done) == CODES[: len(self.done)]

    @invariant()
    def no_day_comes_before_the_one_in_front_of_it(self) -> None:
        assert list(self.done.values()) == sorted(self.done.values())

    @invariant()
    def a_year_lies_between(self) -> None:
        for later, earlier in (("training", "activist-chosen"), ("full-meeting", "admission-meeting")):
            if later in self.done:
                more = self.extended if later == "full-meeting" else 0
                assert self.done[later] >= plans.months_after(self.done[earlier], 12 + more)

    @invariant()
    def nobody_approves_what_they_recorded(self) -> None:
        assert not self.approvers & {"申请人"}
        if "admission-approved" in self.done:
            assert self.approvers

    @invariant()
    def standing_and_state_follow_from_the_steps(self) -> None:
        standing = plans.standing(PLAN, len(self.done))
        assert (standing is Standing.FULL) == ("full-approved" in self.done)
        assert (self.state is State.DONE) == (len(self.done) == len(PLAN))
        member = standing in (Standing.PROBATIONARY, Standing.FULL)
        assert (plans.joined_on(PLAN, self.done) == self.done.get("admission-meeting", NEVER)) == member

    @invariant()
    def the_end_offers_nothing(self) -> None:
        if self.state in (State.ENDED, State.DONE):
            assert rules.allowed(self.point, frozenset(Side)) == []


TestDevelopment = Development.TestCase
TestDevelopment.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)


def test_the_starter_set_has_five_stages_and_twenty_five_steps_each_with_its_source() -> None:
    assert len(PLAN) == 25
    assert [len([step for step in PLAN if step.stage is stage]) for stage in Stage] == [2, 4, 5, 7, 7]
    known = set(Step.__dataclass_fields__)
    for step in PLAN:
        assert step.source
        assert not set(step.designed) & set(step.unconfirmed)
        for name in (*step.designed, *step.unconfirmed):
            assert name in known
            assert getattr(step, name), f"{step.code}: {name} is no figure of it"


def test_a_plan_is_kept_and_read_as_it_was() -> None:
    kept = plans.written(PLAN)
    again = tuple(plans.read(row) for row in kept)
    assert plans.written(again) == kept
    plans.check(again)


def _without(code: str) -> Plan:
    return tuple(step for step in PLAN if step.code != code)


@pytest.mark.parametrize(
    "plan",
    [
        (*PLAN, PLAN[0]),
        (*PLAN[5:], *PLAN[:5]),
        _without("admission-approved"),
        _without("form"),
        tuple(replace(step, since="archived") if step.code == "talk" else step for step in PLAN),
        tuple(replace(step, by=By.BRANCH) if step.reaches is Standing.FULL else step for step in PLAN),
        tuple(replace(step, by=By.BRANCH) if step.code == "application" else step for step in PLAN),
    ],
)
def test_what_does_not_hold_together_is_no_plan(plan: Plan) -> None:
    with pytest.raises(ValueError, match=r"step|stages|standings|nobody|superior|begins"):
        plans.check(plan)


def test_figures_are_moved_but_neither_invented_nor_dropped() -> None:
    moved = plans.changed(PLAN, {"activist-filed": {"within": 2}})
    step = moved[3]
    assert (step.within, step.designed) == (2, ())
    plans.check(moved)
    for code, figure in (("oath", 3), ("talk", 0)):
        with pytest.raises(Invalid, match="FIGURE_OF_NOTHING"):
            plans.changed(PLAN, {code: {"within": figure}})
    with pytest.raises(Invalid, match="STEP_UNKNOWN"):
        plans.changed(PLAN, {"skip": {"within": 1}})


@given(DAYS, st.integers(0, 60))
def test_months_later_is_the_same_day_or_the_last_of_its_month(day: date, months: int) -> None:
    later = plans.months_after(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == day.day or (later.day < day.day and (later + plans.DAY).day == 1)


@given(DAYS, st.integers(1, 30))
def test_working_days_are_worked_and_counted(day: date, figure: int) -> None:
    later = plans.after(day, figure, Unit.WORKDAY, WORKS)
    between = (day + plans.DAY * number for number in range(1, (later - day).days + 1))
    assert sum(WORKS(each) for each in between) == figure
    assert WORKS(later)


@given(DAYS)
def test_a_public_notice_of_five_working_days_lies_before_the_meeting(day: date) -> None:
    number = CODES.index("admission-meeting")
    done = dict.fromkeys(CODES[:number], day)
    found = plans.days_of(PLAN, done, 0, WORKS)
    assert found.earliest == plans.after(day, 5, Unit.WORKDAY, WORKS)
    assert found.due is not None
    assert WORKS(found.due)
    assert found.due >= max(found.earliest, plans.months_after(day, 1))


@pytest.mark.parametrize(
    ("code", "said", "reason"),
    [
        ("mentors", Done("mentors", BEGIN), "PEOPLE_OF_STEP"),
        ("mentors", Done("mentors", BEGIN, ("甲", "乙", "丙")), "PEOPLE_OF_STEP"),
        ("oath", Done("oath", BEGIN, ("甲",)), "PEOPLE_OF_STEP"),
        ("short-training", Done("short-training", BEGIN, (), 23), "TRAINING_TOO_SHORT"),
        ("training", Done("training", BEGIN), "REVIEWS_MISSING"),
        ("oath", Done("oath", BEGIN - timedelta(days=1)), "STEP_BEFORE_LAST"),
    ],
)
def test_a_step_asks_for_what_belongs_to_it(code: str, said: Done, reason: str) -> None:
    with pytest.raises(DomainError, match=reason):
        rules.check_step(PLAN[CODES.index(code)], said, Past(4, BEGIN))


def test_a_step_in_front_of_its_turn_says_which_is_next() -> None:
    at = Point(State.OPEN, PLAN[1])
    with pytest.raises(Conflict, match="STEP_OUT_OF_ORDER") as refused:
        rules.check_turn(Verb.COMPLETE, at, "activist-chosen", 2)
    assert refused.value.params == {"number": "2"}
    with pytest.raises(WrongState) as other:
        rules.check_turn(Verb.APPROVE, at, "talk", 2)
    assert other.value.allowed == ()


def test_who_recorded_or_applied_does_not_approve() -> None:
    rules.check_approver("上级", "申请人", {"书记"})
    for caller, reason in (("申请人", "OWN_RECORD"), ("书记", "RECORDED_BY_YOU"), ("", "RECORDED_BY_YOU")):
        with pytest.raises(Forbidden, match=reason):
            rules.check_approver(caller, "申请人", {"书记"})


@given(
    st.sampled_from(State),
    st.sampled_from([None, *PLAN]),
    st.sampled_from(Standing),
    st.sampled_from([0, 6]),
    st.booleans(),
    st.sampled_from(Side),
)
def test_a_verb_works_exactly_where_it_is_offered(
    state: State, step: Step | None, standing: Standing, extended: int, mentored: bool, side: Side
) -> None:
    at = Point(state, step, standing, extended, mentored)
    offered = rules.allowed(at, frozenset({side}))
    for verb in Verb:
        if verb in offered:
            rules.check(verb, at)
        elif verb not in rules.allowed(at, frozenset(Side)):
            with pytest.raises(WrongState):
                rules.check(verb, at)


@given(DAYS, st.integers(-100, 100))
def test_days_are_brought_before_more_people_as_they_pass(deadline: date, after: int) -> None:
    held = Settings()
    today = deadline + timedelta(days=after)
    found = rules.level(deadline, today, held)
    expected = Level.SUPERIOR if after >= 30 else Level.RESPONSIBLE if after >= -7 else Level.NOBODY
    assert found is expected
    assert rules.is_overdue(State.OPEN, deadline, today) == (after > 0)
    assert rules.level(NEVER, today, held) is Level.NOBODY
    assert rules.level(date.min, today, held) is Level.SUPERIOR
