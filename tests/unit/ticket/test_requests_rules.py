"""The ticket's state machine: whatever people try, in whatever order, it stays a sane ticket."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from chassis.errors import Conflict, Forbidden, WrongState
from ticket.requests import rules
from ticket.requests.rules import Actor, FiledFor, State, Verb

REQUESTER, HANDLER, DESK, STRANGER = "requester", "handler", "desk", "stranger"
FIRM = "firm"
ACTORS = {
    REQUESTER: Actor(REQUESTER),
    HANDLER: Actor(HANDLER),
    DESK: Actor(DESK, handles=True),
    STRANGER: Actor(STRANGER),
}


@dataclass(frozen=True)
class Sample:
    state: str = State.SUBMITTED
    requester: str = REQUESTER
    assignee: str | None = None
    filed_for: str = FiledFor.PERSON
    enterprise_id: str | None = None
    rating: int = 0
    closed_automatically: bool = False
    onsite: bool = False
    attended_at: datetime | None = None


@given(st.sampled_from(State), st.sampled_from(Verb), st.sampled_from(list(ACTORS)), st.booleans())
def test_a_verb_is_refused_exactly_when_it_is_not_among_the_allowed_ones(
    state: State, verb: Verb, who: str, onsite: bool
) -> None:
    ticket = Sample(state=state, assignee=HANDLER, onsite=onsite)
    verbs = rules.allowed(ticket, ACTORS[who])
    if verb in verbs:
        assert rules.move(ticket, verb, ACTORS[who]) is rules.TRANSITIONS[verb][1]
        return
    with pytest.raises((WrongState, Forbidden, Conflict)) as refused:
        rules.move(ticket, verb, ACTORS[who])
    if isinstance(refused.value, WrongState):
        assert refused.value.allowed == tuple(found.value for found in verbs)


@given(st.sampled_from(State))
def test_a_stranger_can_do_nothing(state: State) -> None:
    assert rules.allowed(Sample(state=state, assignee=HANDLER), ACTORS[STRANGER]) == []


@given(st.sampled_from(State))
def test_a_contact_of_the_firm_stands_in_only_for_what_was_filed_in_its_name(state: State) -> None:
    colleague = Actor("colleague", enterprises=(FIRM,))
    firms = Sample(state=state, filed_for=FiledFor.ENTERPRISE, enterprise_id=FIRM)
    assert rules.allowed(firms, colleague) == rules.allowed(firms, ACTORS[REQUESTER])
    assert rules.allowed(replace(firms, filed_for=FiledFor.PERSON), colleague) == []


def test_only_an_unrated_ticket_that_closed_by_itself_can_be_rated() -> None:
    closed = Sample(state=State.CLOSED, closed_automatically=True)
    assert Verb.RATE in rules.allowed(closed, ACTORS[REQUESTER])
    assert Verb.RATE not in rules.allowed(replace(closed, rating=3), ACTORS[REQUESTER])
    confirmed = replace(closed, closed_automatically=False)
    assert Verb.RATE not in rules.allowed(confirmed, ACTORS[REQUESTER])


@given(st.sampled_from(State))
def test_an_on_site_service_has_no_result_before_its_handler_came(state: State) -> None:
    due = Sample(state=state, assignee=HANDLER, onsite=True)
    assert Verb.RESOLVE not in rules.allowed(due, ACTORS[HANDLER])
    assert Verb.ATTEND not in rules.allowed(due, ACTORS[DESK])
    came = replace(due, attended_at=datetime(2026, 1, 1, tzinfo=UTC))
    ordinary = replace(due, onsite=False)
    assert rules.allowed(came, ACTORS[HANDLER]) == rules.allowed(ordinary, ACTORS[HANDLER])


@given(st.sampled_from(State), st.sampled_from(list(ACTORS)), st.booleans())
def test_what_was_settled_elsewhere_is_a_result_where_the_desk_could_give_one(
    state: State, who: str, onsite: bool
) -> None:
    ticket = Sample(state=state, assignee=HANDLER, onsite=onsite)
    untouched = state in (State.SUBMITTED, State.TRIAGED) and not onsite and who in (HANDLER, DESK)
    resolves = Verb.RESOLVE in rules.allowed(ticket, ACTORS[who])
    assert rules.settles(ticket, ACTORS[who]) is (untouched or resolves)


def test_nobody_handles_their_own_request() -> None:
    with pytest.raises(Conflict, match="ASSIGNEE_IS_REQUESTER"):
        rules.check_assignee(Sample(), REQUESTER)


@given(st.integers(1, 365), st.integers(-3, 3))
def test_it_closes_by_itself_on_the_day_and_not_before(days: int, seconds: int) -> None:
    resolved = datetime(2026, 1, 1, tzinfo=UTC)
    now = resolved + timedelta(days=days, seconds=seconds)
    assert rules.closes_by_itself(resolved, now, days) is (seconds >= 0)


class TicketLife(RuleBasedStateMachine):
    """Everyone tries everything; the rules decide."""

    def __init__(self) -> None:
        super().__init__()
        self.ticket = Sample()
        self.past = [State.SUBMITTED]

    @rule(verb=st.sampled_from(Verb), who=st.sampled_from(list(ACTORS)))
    def tries(self, verb: Verb, who: str) -> None:
        try:
            state = rules.move(self.ticket, verb, ACTORS[who])
        except (WrongState, Forbidden):
            return
        assignee = HANDLER if verb in (Verb.ASSIGN, Verb.ACCEPT) else self.ticket.assignee
        rating = {Verb.CONFIRM: 5, Verb.RATE: 4, Verb.REOPEN: 0}.get(verb, self.ticket.rating)
        automatic = self.ticket.closed_automatically and verb is not Verb.REOPEN
        self.ticket = replace(
            self.ticket,
            state=state,
            assignee=assignee,
            rating=rating,
            closed_automatically=automatic,
        )
        self.past.append(state)

    @rule()
    def nobody_confirms(self) -> None:
        if self.ticket.state == State.RESOLVED:
            self.ticket = replace(self.ticket, state=State.CLOSED, closed_automatically=True)
            self.past.append(State.CLOSED)

    @invariant()
    def a_result_was_worked_for(self) -> None:
        if self.ticket.state in (State.RESOLVED, State.CLOSED):
            assert State.ASSIGNED in self.past
            assert self.ticket.assignee == HANDLER

    @invariant()
    def an_open_ticket_has_no_rating(self) -> None:
        if self.ticket.state in rules.OPEN:
            assert self.ticket.rating == 0

    @invariant()
    def refused_and_withdrawn_are_final(self) -> None:
        for place, state in enumerate(self.past[:-1]):
            if state in (State.REJECTED, State.WITHDRAWN):
                raise AssertionError(self.past[place:])


TestTicketLife = TicketLife.TestCase
