"""Contacts: two people, in time, decided by somebody else, told only in numbers."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Conflict, Forbidden, Invalid, WrongState
from membership.contacts import rules
from membership.contacts.rules import Kind, Need, Settings, State

SIDES = st.sampled_from(("", "a", "b"))
TODAY = date(2026, 11, 21)
DEFAULTS = Settings()


@given(st.sampled_from(Kind), SIDES, SIDES, SIDES, SIDES)
def test_who_contacts_whom_is_never_left_open(
    kind: Kind, area: str, carer: str, person: str, enterprise: str
) -> None:
    sides = {"area": area, "carer": carer, "person": person, "enterprise": enterprise}
    try:
        rules.check_sides(kind, **sides)
    except Invalid:
        return
    if kind is Kind.AREA:
        assert area
        assert not carer
        assert bool(person) != bool(enterprise)
    else:
        assert carer
        assert person not in ("", carer)
        assert not area + enterprise


@given(st.integers(-3, 20), st.integers(0, 14))
def test_a_late_entry_is_marked_and_an_old_one_refused(ago: int, allowed: int) -> None:
    settings = Settings(late_days=allowed)
    day = TODAY - timedelta(days=ago)
    if ago > allowed:
        with pytest.raises(Invalid):
            rules.is_late(day, TODAY, settings)
    else:
        assert rules.is_late(day, TODAY, settings) == (ago > 0)


@given(st.sampled_from(State), st.sampled_from(("", "王", "李")), st.booleans())
def test_an_objection_is_decided_once_and_never_by_who_wrote_the_entry(
    state: State, decider: str, remove: bool
) -> None:
    try:
        after = rules.decide(state, "王", decider, remove=remove)
    except (Forbidden, WrongState):
        assert decider in ("", "王") or state is not State.OBJECTED
    else:
        assert after is (State.REMOVED if remove else State.KEPT)
        assert decider == "李"


@given(st.sampled_from(State))
def test_only_what_was_recorded_is_objected_to(state: State) -> None:
    if state is State.RECORDED:
        assert rules.object_to(state) is State.OBJECTED
    else:
        with pytest.raises(WrongState):
            rules.object_to(state)


@given(st.dictionaries(st.sampled_from(Need), st.integers(0, 40)))
def test_few_needs_are_not_told_by_kind(counts: dict[Need, int]) -> None:
    told = rules.told(counts, DEFAULTS)
    assert all(count >= DEFAULTS.smallest_told for count in told.values())
    if sum(counts.values()) < DEFAULTS.smallest_told:
        assert told == {}


def test_a_need_becomes_one_ticket_and_only_the_contactor_records() -> None:
    rules.check_need(Need.WORK, None)
    for need, ticket in ((Need.NONE, None), (Need.WORK, "t")):
        with pytest.raises(Conflict):
            rules.check_need(need, ticket)
    rules.check_contacts("王", "王")
    for caller, contactor in (("王", "李"), ("", "")):
        with pytest.raises(Forbidden):
            rules.check_contacts(caller, contactor)
    assert rules.forgotten_before(TODAY, DEFAULTS) == TODAY - timedelta(days=90)
