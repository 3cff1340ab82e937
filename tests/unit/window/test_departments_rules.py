"""How departments and matters come into the catalogue, and when counters are open."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid, WrongState
from window.counters import rules as counters
from window.departments import rules
from window.departments.rules import Side, State, Verb
from window.matters import rules as matters


@given(st.lists(st.sampled_from(list(Verb))))
def test_nobody_goes_live_without_approval_and_test(verbs: list[Verb]) -> None:
    state, passed = State.APPLIED, set()
    for verb in verbs:
        side = rules.TRANSITIONS[verb][0]
        allowed = rules.allowed(state, side)
        if verb in allowed:
            state = rules.move(state, verb)
            passed.add(verb)
        else:
            with pytest.raises(WrongState) as refused:
                rules.move(state, verb)
            assert list(refused.value.allowed) == allowed
    if state in rules.LISTED:
        assert {Verb.APPROVE, Verb.TEST, Verb.OPEN} <= passed


def test_a_department_never_decides_its_own_application() -> None:
    for state in State:
        assert not {Verb.APPROVE, Verb.RESUME} & set(rules.allowed(state, Side.DEPARTMENT))


def test_the_contract_test_names_every_matter_that_is_not_ready() -> None:
    assert [found.reason for found in rules.examine([])] == ["CATALOGUE_EMPTY"]
    assert rules.examine([("A-1", 5, 3)]) == []
    assert {(found.subject, found.reason) for found in rules.examine([("A-1", 0, 0), ("A-2", 1, 0)])} == {
        ("A-1", "MATTER_WITHOUT_PROMISE"),
        ("A-1", "MATTER_WITHOUT_MATERIALS"),
        ("A-2", "MATTER_WITHOUT_MATERIALS"),
    }


def test_a_material_has_one_code() -> None:
    twice = tuple(matters.Material("licence", "执照", "Licence", required=True) for _ in range(2))
    with pytest.raises(Invalid) as refused:
        matters.check(matters.Content("名", "Name", "", "", twice, 5))
    assert [wrong.field for wrong in refused.value.fields] == ["materials[1].code"]


def test_a_retired_matter_stays_as_it_is() -> None:
    with pytest.raises(WrongState):
        matters.require("retired", "publish")


@pytest.mark.parametrize(
    ("kind", "weekdays", "opens", "closes", "field"),
    [
        ("mobile", [], "09:00", "17:00", "weekdays"),
        ("standing", ["tuesday"], "09:00", "17:00", "weekdays"),
        ("standing", [], "17:00", "09:00", "closes"),
    ],
)
def test_counters_say_when_they_are_open(
    kind: str, weekdays: list[str], opens: str, closes: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        counters.check(kind, weekdays, opens, closes)
    assert [wrong.field for wrong in refused.value.fields] == [field]


def test_weekdays_stand_in_the_order_of_the_week() -> None:
    counters.check("mobile", ["friday", "tuesday"], "09:00", "12:00")
    assert counters.in_week_order(["friday", "tuesday"]) == ["tuesday", "friday"]
