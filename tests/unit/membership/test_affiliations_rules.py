"""The affiliation as a state machine: two people always agree, and the home organisation is asked once."""

from collections import Counter
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chassis.errors import DomainError, Forbidden, Invalid, WrongState
from membership import assent
from membership.affiliations import rules
from membership.affiliations.rules import COUNTING, OPEN, Attended, Side, State, Verb

PEOPLE = st.sampled_from(["member", "liaison", "secretary", "home"])


class Affiliation(RuleBasedStateMachine):
    """Everyone tries everything, in any order; the rules decide."""

    def __init__(self) -> None:
        super().__init__()
        self.state = State.DECLARED
        self.confirmed_at: object | None = None
        self.told_on: date | None = None
        self.declared_by = "liaison"
        self.verified_by = ""
        self.today = date(2026, 1, 30)
        self.history = [State.DECLARED]

    def _move(self, verb: Verb, side: Side) -> bool:
        offered = verb in rules.allowed(self.state, frozenset({side}))
        try:
            after = rules.move(self.state, verb, side)
        except WrongState:
            assert not offered
            return False
        assert offered
        self.state = after
        self.history.append(after)
        return True

    @rule()
    def confirm(self) -> None:
        if self._move(Verb.CONFIRM, Side.PERSON):
            self.confirmed_at = self.today

    @rule()
    def tell(self) -> None:
        if self._move(Verb.NOTIFY, Side.REGISTRAR):
            self.told_on = self.today

    @rule(days=st.integers(1, 40))
    def wait(self, days: int) -> None:
        self.today = date.fromordinal(self.today.toordinal() + days)

    @rule(who=PEOPLE)
    def verify(self, who: str) -> None:
        confirmed = self.confirmed_at is not None
        try:
            rules.move(self.state, Verb.VERIFY, Side.BUILDING)
            rules.check_verifier(who, "member", self.declared_by, confirmed=confirmed)
            assent.check(self, self.today, 7)
        except DomainError:
            return
        self._move(Verb.VERIFY, Side.BUILDING)
        self.verified_by = who

    @rule(verb=st.sampled_from(Verb), side=st.sampled_from(Side))
    def anything_else(self, verb: Verb, side: Side) -> None:
        if verb not in (Verb.CONFIRM, Verb.NOTIFY, Verb.VERIFY):
            self._move(verb, side)

    @precondition(lambda self: self.state in COUNTING)
    @rule()
    def counting_is_open(self) -> None:
        assert self.state in OPEN

    @invariant()
    def nobody_counts_unasked(self) -> None:
        if self.state in COUNTING:
            assert self.confirmed_at is not None or self.told_on is not None
            assert self.verified_by not in ("", "member")

    @invariant()
    def only_the_home_organisation_makes_it_active(self) -> None:
        if State.ACTIVE in self.history:
            assert State.PENDING_HOME in self.history[: self.history.index(State.ACTIVE)]

    @invariant()
    def the_end_is_the_end(self) -> None:
        for state in (State.ENDED, State.RETURNED, State.DECLINED):
            if state in self.history:
                assert self.history.index(state) == len(self.history) - 1


TestAffiliation = Affiliation.TestCase
TestAffiliation.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


@pytest.mark.parametrize(("home", "name"), [("", ""), ("id", "name")])
def test_a_home_is_chosen_or_written(home: str, name: str) -> None:
    with pytest.raises(Invalid, match="HOME_MISSING"):
        rules.check_home(home, name)


def test_nobody_acknowledges_themselves() -> None:
    with pytest.raises(Forbidden, match="OWN_RECORD"):
        rules.check_not_oneself("member", "member")


@given(
    st.lists(st.builds(Attended, st.dates(date(2025, 1, 1), date(2027, 12, 31)), st.sampled_from(["a", "b"])))
)
def test_what_is_told_counts_everything_once_the_latest_first(attended: list[Attended]) -> None:
    told = rules.told(attended)
    assert sum(count for _, _, count in told) == len(attended)
    assert Counter({(when, kind): count for when, kind, count in told}) == Counter(
        (rules.quarter(one.on), one.kind) for one in attended
    )
    assert [when for when, _, _ in told] == sorted((when for when, _, _ in told), reverse=True)


@pytest.mark.parametrize(
    ("day", "quarter"),
    [(date(2026, 3, 31), "2026-Q1"), (date(2028, 2, 29), "2028-Q1"), (date(2026, 10, 1), "2026-Q4")],
)
def test_quarters_meet_at_the_ends_of_months(day: date, quarter: str) -> None:
    assert rules.quarter(day) == quarter


@given(st.dates(), st.dates())
def test_only_what_waits_for_home_is_overdue(due: date, today: date) -> None:
    assert rules.is_overdue(State.PENDING_HOME, due, today) == (today > due)
    assert not rules.is_overdue(State.ACTIVE, due, today)
