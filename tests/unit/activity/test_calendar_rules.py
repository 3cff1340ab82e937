"""The rules of the calendar: states, places, check-in, confirmation."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activity.calendar import rules
from activity.calendar.rules import Places, Seat, State, Times
from chassis.errors import Conflict, Forbidden, Invalid, WrongState

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
TIMES = Times(NOON - timedelta(hours=2), NOON, NOON + timedelta(hours=2))

steps = st.lists(
    st.one_of(
        st.just(("enrol", 0)),
        st.tuples(st.just("leave"), st.integers(0, 400)),
        st.tuples(st.just("widen"), st.integers(0, 5)),
    ),
    max_size=400,
)


@given(st.integers(1, 40), steps)
def test_places_are_never_oversold_and_nobody_waits_beside_a_free_one(
    capacity: int, moves: list[tuple[str, int]]
) -> None:
    places = Places(capacity)
    order: list[tuple[int, Seat]] = []
    number = 0
    for verb, argument in moves:
        if verb == "enrol":
            number += 1
            seat, places = places.take()
            order.append((number, seat))
        elif verb == "leave" and order:
            _, seat = order.pop(argument % len(order))
            places = places.give_back(seat)
        elif verb == "widen":
            places = places.widen(places.capacity + argument)
        up, places = places.move_up()
        waiting = [line for line in order if line[1] is Seat.WAITING]
        moved = {line[0] for line in waiting[:up]}
        order = [(no, Seat.ENROLLED if no in moved else seat) for no, seat in order]

        assert places.enrolled == sum(seat is Seat.ENROLLED for _, seat in order)
        assert places.waiting == sum(seat is Seat.WAITING for _, seat in order)
        assert places.enrolled <= places.capacity
        assert places.waiting == 0 or places.enrolled == places.capacity
        first_waiting = next((no for no, seat in order if seat is Seat.WAITING), None)
        assert first_waiting is None or all(
            no < first_waiting for no, seat in order if seat is Seat.ENROLLED
        ), "the wait list is served in its order"


def test_fewer_places_than_taken_are_refused() -> None:
    with pytest.raises(Invalid) as refused:
        Places(5, enrolled=4).widen(3)
    assert refused.value.reason == "CAPACITY_TAKEN"


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("verb", list(rules.VERBS))
def test_a_verb_works_from_its_states_and_is_refused_with_the_allowed_ones_elsewhere(
    state: State, verb: str
) -> None:
    transition = rules.VERBS[verb]
    if state in transition.sources:
        assert rules.move(state, verb) is transition.target
        assert verb in rules.verbs(state)
    else:
        with pytest.raises(WrongState) as refused:
            rules.move(state, verb)
        assert refused.value.state == state
        assert verb not in refused.value.allowed


def test_time_brings_a_published_activity_to_its_end_step_by_step() -> None:
    seen: list[tuple[State, datetime]] = []
    state = State.PUBLISHED
    while (step := rules.next_step(state, TIMES)) is not None:
        state, _ = step
        seen.append(step)
    assert seen == [
        (State.CLOSED, TIMES.enrol_until),
        (State.RUNNING, TIMES.starts),
        (State.ENDED, TIMES.ends),
    ]


def test_enrolment_ends_at_its_time() -> None:
    rules.check_enrolment(State.PUBLISHED, TIMES.enrol_until - timedelta(seconds=1), TIMES.enrol_until)
    with pytest.raises(WrongState):
        rules.check_enrolment(State.PUBLISHED, TIMES.enrol_until, TIMES.enrol_until)
    with pytest.raises(WrongState):
        rules.check_enrolment(State.DRAFT, NOON - timedelta(days=1), TIMES.enrol_until)


@given(st.integers(1, 5))
def test_checking_in_again_is_checking_in_once(times: int) -> None:
    seat = Seat.ENROLLED
    for _ in range(times):
        seat = rules.check_in(State.RUNNING, seat, NOON, NOON)
    assert seat is Seat.CHECKED_IN
    assert rules.settle(seat) is Seat.ATTENDED


@pytest.mark.parametrize(("seat", "error"), [(Seat.WAITING, "STILL_WAITING"), (Seat.CANCELLED, "NO_PLACE")])
def test_only_those_with_a_place_check_in(seat: Seat, error: str) -> None:
    with pytest.raises(Conflict) as refused:
        rules.check_in(State.RUNNING, seat, NOON, NOON)
    assert refused.value.reason == error


def test_doors_open_an_hour_before_the_start_and_close_with_the_evidence() -> None:
    with pytest.raises(WrongState) as early:
        rules.check_in(State.PUBLISHED, Seat.ENROLLED, NOON - timedelta(minutes=61), NOON)
    assert early.value.reason == "CHECK_IN_TOO_EARLY"
    assert rules.check_in(State.CLOSED, Seat.ENROLLED, NOON - timedelta(minutes=59), NOON) is Seat.CHECKED_IN
    with pytest.raises(WrongState):
        rules.check_in(State.CONFIRMED, Seat.ENROLLED, NOON, NOON)


def test_who_did_not_come_is_absent_and_who_said_so_is_excused() -> None:
    assert rules.settle(Seat.ENROLLED) is Seat.ABSENT
    assert rules.settle(rules.excuse(State.ENDED, Seat.ENROLLED)) is Seat.EXCUSED


def test_leaving_ends_when_the_activity_begins() -> None:
    rules.check_leaving(State.CLOSED, Seat.WAITING)
    with pytest.raises(WrongState):
        rules.check_leaving(State.RUNNING, Seat.ENROLLED)


def test_nobody_confirms_their_own_activity() -> None:
    rules.check_confirmer("person-1", "person-2")
    with pytest.raises(Forbidden):
        rules.check_confirmer("person-1", "person-1")


def test_times_that_contradict_each_other_are_refused_field_by_field() -> None:
    with pytest.raises(Invalid) as refused:
        Times(NOON + timedelta(hours=1), NOON, NOON - timedelta(hours=1)).check()
    assert {error.field for error in refused.value.fields} == {"end_time", "enrol_until_time"}
    with pytest.raises(Invalid):
        rules.check_publishable(TIMES, TIMES.enrol_until)


def test_a_published_activity_changes_only_where_nobody_is_let_down() -> None:
    later = Times(TIMES.enrol_until + timedelta(hours=1), TIMES.starts, TIMES.ends)
    rules.check_changes(
        State.PUBLISHED,
        ["summary", "capacity", "enrol_until_time"],
        before=TIMES,
        after=later,
        capacity_before=10,
        capacity_after=12,
    )
    with pytest.raises(Invalid) as refused:
        rules.check_changes(
            State.PUBLISHED,
            ["place", "capacity", "enrol_until_time"],
            before=later,
            after=TIMES,
            capacity_before=10,
            capacity_after=9,
        )
    assert {error.field for error in refused.value.fields} == {"place", "capacity", "enrol_until_time"}
    with pytest.raises(WrongState):
        rules.check_changes(
            State.ENDED, ["summary"], before=TIMES, after=TIMES, capacity_before=1, capacity_after=1
        )
