"""Supervision: what is not met is found, nobody verifies their own work, no star over an open finding."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Conflict, Forbidden, Invalid, WrongState
from membership.supervision import rules
from membership.supervision.rules import FINDINGS, Finding, Item, NewFinding, Side, Star, State, Step, Verb
from membership.supervision.settings import Checklist

TODAY = date(2026, 11, 22)
CODES = ("a1", "b2", "c3")
ITEMS = [Item(code, code, "", "演示") for code in CODES]
PEOPLE = ("王", "李")


@given(
    st.lists(st.tuples(st.sampled_from(CODES), st.booleans()), max_size=5), st.lists(st.sampled_from(CODES))
)
def test_every_item_is_answered_once_and_what_is_not_met_is_found(
    answers: list[tuple[str, bool]], found: list[str]
) -> None:
    complete = sorted(code for code, _ in answers) == sorted(CODES)
    unmet = {code for code, met in answers if not met}
    findings = [NewFinding(code, "缺记录", TODAY) for code in found]
    try:
        rules.check_answers(ITEMS, answers, findings, TODAY)
    except Invalid:
        assert not complete or unmet != set(found)
    else:
        assert complete
        assert unmet == set(found)


def test_a_finding_is_not_due_before_it_is_issued() -> None:
    answers = [(code, code != "a1") for code in CODES]
    late = NewFinding("a1", "缺记录", TODAY - timedelta(days=1))
    with pytest.raises(Invalid) as refused:
        rules.check_answers(ITEMS, answers, [late], TODAY)
    assert refused.value.reason == "DATE_IN_PAST"


@given(st.lists(st.tuples(st.sampled_from(Verb), st.sampled_from(PEOPLE)), max_size=20))
def test_a_finding_is_verified_by_another_person_than_put_it_right(steps: list[tuple[Verb, str]]) -> None:
    state, rectifier = Finding.OPEN, ""
    for verb, person in steps:
        side = FINDINGS[verb][0]
        if verb not in rules.allowed(state, side, rectifier or None, person):
            if state in FINDINGS[verb][1]:
                with pytest.raises(Forbidden):
                    rules.check_verifies(rectifier, person)
            else:
                with pytest.raises(WrongState):
                    rules.move(state, verb)
            continue
        state = rules.move(state, verb)
        if verb is Verb.SUBMIT:
            rectifier = person
        if state is Finding.VERIFIED:
            assert rectifier
            assert person != rectifier


@given(st.lists(st.sampled_from(Finding)))
def test_a_supervision_is_closed_when_all_of_it_is_verified(found: list[Finding]) -> None:
    state = rules.state_of(found)
    assert (state is State.CLOSED) == (set(found) <= {Finding.VERIFIED})
    assert (state is State.ISSUED) == (bool(found) and set(found) == {Finding.OPEN})


@given(st.integers(0, 4), st.integers(0, 9))
def test_there_is_no_star_without_a_supervision_or_over_an_open_finding(held: int, unverified: int) -> None:
    if held and not unverified:
        rules.check_ready(held, unverified)
        return
    with pytest.raises(Conflict) as refused:
        rules.check_ready(held, unverified)
    assert refused.value.reason == ("STAR_FINDINGS_OPEN" if held else "STAR_WITHOUT_SUPERVISION")


@given(st.sampled_from(Star), st.sampled_from(Side), st.sampled_from(("", *PEOPLE)))
def test_a_star_is_decided_once_and_by_another_person(state: Star, side: Side, person: str) -> None:
    for step in rules.steps(state, side, "王", person):
        assert rules.decide(state, step) is not Star.APPLIED
        if step is not Step.WITHDRAW:
            rules.check_decides("王", person)
    if state is not Star.APPLIED:
        with pytest.raises(WrongState):
            rules.decide(state, Step.GRANT)
    with pytest.raises(Forbidden):
        rules.check_decides("王", "王")


def test_the_proposed_checklist_names_the_source_of_every_item() -> None:
    items = Checklist().asked()
    rules.check_items(items)
    assert all(item.source and item.title_zh and item.title_en for item in items)
    with pytest.raises(Invalid):
        rules.check_items([*items, items[0]])
