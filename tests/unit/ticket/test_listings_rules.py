"""Who may do what with a listing and an interest, and when a booking is free."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Conflict, Forbidden, Invalid, WrongState
from ticket.listings import rules
from ticket.listings.rules import Kind, Standing, State

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
FIRM = "firm"


@dataclass(frozen=True)
class Listing:
    kind: str = Kind.OFFER
    state: str = State.PUBLISHED
    enterprise_id: str | None = FIRM


@dataclass(frozen=True)
class Interest:
    kind: str
    state: str
    account: str = "somebody"
    person_id: str | None = "person"
    start_at: datetime = NOW


@given(st.sampled_from(Kind), st.sampled_from(Standing), st.sampled_from(list(rules.ANSWERS)))
def test_an_answer_is_refused_exactly_when_it_is_not_offered(kind: Kind, state: Standing, verb: str) -> None:
    interest = Interest(kind, state)
    offered = rules.interest_verbs(interest, NOW, sent=False, answers=True)
    if verb in offered:
        assert rules.answered(interest, kind, verb) is rules.ANSWERS[verb][1]
        return
    with pytest.raises(WrongState):
        rules.answered(interest, kind, verb)


@given(st.sampled_from(Kind), st.sampled_from(Standing))
def test_nobody_agrees_with_themselves_through_whichever_account(kind: Kind, state: Standing) -> None:
    for account, person in (("somebody", "person"), ("somebody", ""), ("another", "person")):
        with pytest.raises(Forbidden, match="OWN_INTEREST"):
            rules.check_not_own(Interest(kind, state), account, person)
    rules.check_not_own(Interest(kind, state), "another", "another person")
    rules.check_not_own(Interest(kind, state, person_id=None), "another", "")


@given(st.sampled_from(Kind), st.sampled_from(Standing), st.integers(-2, 2))
def test_an_interest_is_taken_back_exactly_when_it_says_so(kind: Kind, state: Standing, hours: int) -> None:
    interest = Interest(kind, state, start_at=NOW + timedelta(hours=hours))
    begun = hours <= 0
    booked = kind is Kind.RESOURCE and state is Standing.ACCEPTED
    possible = state in rules.WAITING or (booked and not begun)
    offered = rules.interest_verbs(interest, NOW, sent=True, answers=False)
    assert offered == (["withdraw"] if possible else [])
    if possible:
        rules.check_withdrawable(interest, NOW)
        return
    with pytest.raises(WrongState):
        rules.check_withdrawable(interest, NOW)


@given(st.sampled_from(Kind), st.sampled_from(State), st.booleans(), st.booleans())
def test_offers_are_answered_by_firms_and_nobody_answers_their_own(
    kind: Kind, state: State, own: bool, for_firm: bool
) -> None:
    verbs = rules.listing_verbs(Listing(kind, state), own=own, manages=False, for_firm=for_firm)
    responds = state is State.PUBLISHED and not own and (for_firm or kind is not Kind.OFFER)
    assert ("respond" in verbs) is responds


MINUTES = st.integers(0, 600)


@given(st.lists(st.tuples(MINUTES, st.integers(1, 90)), max_size=12))
def test_bookings_that_were_let_through_never_touch_the_same_minute(wanted: list[tuple[int, int]]) -> None:
    booked: list[tuple[datetime, datetime]] = []
    taken: set[int] = set()
    for begin, length in wanted:
        start = NOW + timedelta(minutes=begin)
        end = start + timedelta(minutes=length)
        minutes = set(range(begin, begin + length))
        try:
            rules.check_free(booked, start, end)
        except Conflict:
            assert minutes & taken
            continue
        assert not minutes & taken
        booked.append((start, end))
        taken |= minutes


@given(st.sampled_from(Kind), st.sampled_from(["", FIRM]), st.sampled_from(["", "item"]))
def test_stalls_are_the_buildings_and_offers_are_firms(kind: Kind, firm: str, item: str) -> None:
    right = {
        Kind.STALL: not firm and bool(item),
        Kind.OFFER: bool(firm) and not item,
        Kind.RESOURCE: not item,
        Kind.VACANCY: not item,
    }[kind]
    if right:
        rules.check_listing(kind, firm, item)
        return
    with pytest.raises(Invalid):
        rules.check_listing(kind, firm, item)


def test_interest_is_in_what_is_published_and_of_somebody_else() -> None:
    with pytest.raises(WrongState):
        rules.check_interest(Listing(state=State.FILLED), "other", None, None, NOW)
    with pytest.raises(Conflict, match="OWN_LISTING"):
        rules.check_interest(Listing(), FIRM, None, None, NOW)
    with pytest.raises(Invalid, match="OFFER_TO_FIRM"):
        rules.check_interest(Listing(), "", None, None, NOW)
    rules.check_interest(Listing(), "other", None, None, NOW)
    hall = Listing(kind=Kind.RESOURCE)
    with pytest.raises(Invalid, match="BOOKING_TIME_MISSING"):
        rules.check_interest(hall, "other", NOW, None, NOW)
    for start, end in ((-1, 1), (2, 1), (1, 1)):
        begin, until = NOW + timedelta(hours=start), NOW + timedelta(hours=end)
        with pytest.raises(Invalid, match="BOOKING_TIME_WRONG"):
            rules.check_interest(hall, "other", begin, until, NOW)
    rules.check_interest(hall, "other", NOW, NOW + timedelta(hours=2), NOW)
    with pytest.raises(Invalid, match="BOOKING_UNEXPECTED"):
        rules.check_interest(Listing(kind=Kind.VACANCY), "", NOW, NOW + timedelta(hours=2), NOW)
    with pytest.raises(Invalid, match="POST_FOR_PERSONS"):
        rules.check_interest(Listing(kind=Kind.VACANCY), "other", None, None, NOW)


@given(st.sampled_from(Kind), st.integers(1, 5), st.integers(1, 5))
def test_the_last_place_fills_everything_but_a_resource(kind: Kind, places: int, taken: int) -> None:
    assert rules.is_filled(kind, places, taken) is (kind is not Kind.RESOURCE and taken >= places)
