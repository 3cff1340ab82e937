"""The transfer as a state machine: two sides, a letter that runs out, and somebody who manages throughout."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from chassis.errors import Conflict, DomainError, Forbidden, Invalid, WrongState
from membership.transfers import rules
from membership.transfers.rules import Manager, Settings, Side, State, Trouble, Verb

HELD = Settings(letter_days=90, silent_days=30)
DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))


class Transfer(RuleBasedStateMachine):
    """Everyone tries everything, in any order, over years; the rules decide."""

    def __init__(self) -> None:
        super().__init__()
        self.state = State.DRAFT
        self.today = date(2026, 11, 30)
        self.submitted_on: date | None = None
        self.released_on: date | None = None
        self.let_go_by: Side | None = None
        self.history = [State.DRAFT]

    def _move(self, verb: Verb, side: Side) -> bool:
        offered = verb in rules.allowed(self.state, frozenset({side}))
        try:
            self.state = rules.move(self.state, verb, side)
        except WrongState:
            assert not offered
            return False
        assert offered
        self.history.append(self.state)
        return True

    @rule(days=st.integers(1, 120))
    def wait(self, days: int) -> None:
        self.today += timedelta(days=days)
        until = self.released_on and rules.valid_until(self.released_on, HELD)
        if rules.is_expired(self.state, until, self.today):
            assert self._move(Verb.EXPIRE, Side.CALENDAR)

    @rule()
    def submit(self) -> None:
        if self._move(Verb.SUBMIT, Side.PERSON):
            self.submitted_on = self.today

    @rule()
    def release(self) -> None:
        if self._move(Verb.RELEASE, Side.SOURCE):
            self.released_on, self.let_go_by = self.today, Side.SOURCE

    @rule(trouble=st.sampled_from(Trouble), takes_part=st.booleans())
    def resolve(self, trouble: Trouble, takes_part: bool) -> None:
        if self.state is not State.SUBMITTED or self.submitted_on is None:
            return
        since = rules.silent_on(self.submitted_on, HELD)
        may_answer = takes_part and trouble is not Trouble.DISSOLVED and self.today < since
        try:
            rules.check_trouble(trouble, takes_part=takes_part, silent_since=since, today=self.today)
        except Conflict:
            assert may_answer
            return
        assert not may_answer
        assert self._move(Verb.RESOLVE, Side.SUPERIOR)
        self.released_on, self.let_go_by = self.today, Side.SUPERIOR

    @rule()
    def receive(self) -> None:
        if self.state is State.RELEASED and self.released_on:
            rules.check_valid(rules.valid_until(self.released_on, HELD), self.today)
        self._move(Verb.RECEIVE, Side.TARGET)

    @rule(verb=st.sampled_from([Verb.REFUSE, Verb.REJECT, Verb.WITHDRAW]), side=st.sampled_from(Side))
    def turn_down(self, verb: Verb, side: Side) -> None:
        self._move(verb, side)

    @invariant()
    def somebody_manages_throughout(self) -> None:
        expected = Manager.TARGET if self.state is State.DONE else Manager.SOURCE
        assert rules.managed_by(self.state) is expected

    @invariant()
    def done_after_a_release_and_a_receipt(self) -> None:
        if self.state is State.DONE:
            assert self.history[-3:] == [State.SUBMITTED, State.RELEASED, State.DONE]
            assert self.let_go_by is not None

    @invariant()
    def the_end_is_the_end(self) -> None:
        for state in set(State) - set(rules.OPEN):
            if state in self.history:
                assert self.history.index(state) == len(self.history) - 1


TestTransfer = Transfer.TestCase
TestTransfer.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def test_no_letter_travels_before_the_building_said_how_long_it_is_good_for() -> None:
    with pytest.raises(Conflict, match="TRANSFERS_NOT_CONFIGURED"):
        rules.check_configured(rules.DEFAULTS)
    rules.check_configured(Settings(rules.changed(rules.DEFAULTS, 90, 0)["letter_days"]))


@given(DAYS, st.integers(1, 366), st.integers(0, 400))
def test_a_letter_is_good_to_the_end_of_its_last_day(released: date, letter_days: int, later: int) -> None:
    until = rules.valid_until(released, Settings(letter_days, 30))
    today = released + timedelta(days=later)
    assert rules.is_expired(State.RELEASED, until, today) == (later > letter_days)
    assert not rules.is_expired(State.DONE, until, today)
    if later > letter_days:
        with pytest.raises(Conflict, match="LETTER_EXPIRED"):
            rules.check_valid(until, today)


@pytest.mark.parametrize(
    ("source", "name", "reason"),
    [("", "", "SOURCE_MISSING"), ("a", "b", "SOURCE_MISSING"), ("own", "", "SOURCE_IS_TARGET")],
)
def test_a_source_is_another_organisation(source: str, name: str, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        rules.check_source(source, name, "own")


def test_nobody_decides_on_the_own_transfer() -> None:
    with pytest.raises(Forbidden, match="OWN_RECORD"):
        rules.check_not_oneself("member", "member")


@given(st.sampled_from(State), st.sampled_from(Verb), st.sampled_from(Side))
def test_a_verb_works_exactly_where_it_is_offered(state: State, verb: Verb, side: Side) -> None:
    offered = verb in rules.allowed(state, frozenset({side}))
    try:
        rules.move(state, verb, side)
    except DomainError:
        assert not offered
    else:
        assert offered
