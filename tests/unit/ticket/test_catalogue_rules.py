"""Forms as data: what may be published and what may be filled in."""

import pytest

from chassis.errors import Invalid
from ticket.catalogue import rules

FORM = {
    "type": "object",
    "required": ["start", "rooms"],
    "properties": {
        "start": {"type": "string", "format": "date"},
        "rooms": {"type": "array", "items": {"type": "integer"}, "minItems": 1},
    },
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    "form",
    [
        {"type": "array"},
        {"type": "object", "properties": {"a": {"$ref": "other.json"}}},
        {"type": "object", "properties": {"a": {"type": "no such type"}}},
        {"type": "object", "properties": {f"f{n}": {} for n in range(31)}},
        {"type": "object", "description": "x" * 20_000},
    ],
)
def test_a_form_that_cannot_be_served_is_not_published(form: dict[str, object]) -> None:
    with pytest.raises(Invalid, match="INVALID_FORM"):
        rules.check_form(form)


def test_a_good_form_is_published_and_none_is_fine() -> None:
    rules.check_form(FORM)
    rules.check_form({})


@pytest.mark.parametrize(
    ("filled", "fields"),
    [
        ({"start": "2026-11-21", "rooms": [1.0]}, []),
        ({}, ["form.rooms", "form.start"]),
        ({"start": "2026-11-21", "rooms": [1, "two"]}, ["form.rooms.1"]),
        ({"start": "2026-11-21", "rooms": []}, ["form.rooms"]),
    ],
)
def test_each_fault_names_its_field(filled: dict[str, object], fields: list[str]) -> None:
    if not fields:
        rules.check_filled(FORM, filled)
        return
    with pytest.raises(Invalid) as refused:
        rules.check_filled(FORM, filled)
    assert sorted(fault.field for fault in refused.value.fields) == fields


def test_an_item_without_a_form_takes_none() -> None:
    with pytest.raises(Invalid, match="FORM_NOT_EXPECTED"):
        rules.check_filled({}, {"anything": 1})


def test_the_first_response_comes_before_the_result() -> None:
    rules.check_times(2, 24)
    with pytest.raises(Invalid, match="RESPONSE_AFTER_RESOLUTION"):
        rules.check_times(25, 24)
