"""Events carry ids and categories: never a person's data, and nothing above P2."""

from __future__ import annotations

import re

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from louyu.options.v1 import access_pb2
from tests.contract import contracts

EVENTS = sorted(contracts.events(), key=lambda event: event.full_name)
IDS = [event.full_name for event in EVENTS]

PERSONAL = re.compile(
    r"(^|_)(phone|mobile|email|id_number|birth\w*|password|secret|token|person_name|display_name|full_name|"
    r"nickname|contact|note|notes|text|remark|comment|narrative|body|last_word|content|address)($|_)"
)
PAST = re.compile(r".*(ed|en|wn|edIn|Held|Sent|Left|Lost|Paid|Put|Live|Done|[Dd]ue|Met|Found|Out|Told|Made)$")
TIMES = ("google.protobuf.Timestamp", "google.protobuf.Duration")
PLAIN = {
    FieldDescriptor.TYPE_STRING,
    FieldDescriptor.TYPE_BOOL,
    FieldDescriptor.TYPE_ENUM,
    FieldDescriptor.TYPE_INT32,
    FieldDescriptor.TYPE_INT64,
    FieldDescriptor.TYPE_DOUBLE,
}


def test_there_are_events() -> None:
    assert EVENTS


@pytest.mark.parametrize("event", EVENTS, ids=IDS)
def test_an_event_says_what_it_is_about(event: Descriptor) -> None:
    option = event.GetOptions().Extensions[access_pb2.event]
    assert option.aggregate
    assert option.sensitivity in (access_pb2.P0, access_pb2.P1, access_pb2.P2)
    # One aggregate per tenant (the overview) is named by its tenant.
    assert event.fields[0].name in (f"{option.aggregate}_id", "tenant_id")
    assert PAST.fullmatch(event.name), "events are named in the past tense"


@pytest.mark.parametrize("event", EVENTS, ids=IDS)
def test_an_event_carries_no_personal_data(event: Descriptor) -> None:
    for field in event.fields:
        assert not PERSONAL.search(field.name), f"{field.name} does not belong in an event"
        if field.message_type is not None:
            allowed = field.message_type.full_name in (
                "google.protobuf.Timestamp",
                "google.protobuf.Duration",
            )
            assert allowed or field.message_type.full_name.startswith("louyu."), field.name
            for inner in field.message_type.fields if not allowed else ():
                assert not PERSONAL.search(inner.name), f"{field.name}.{inner.name}"
        else:
            assert field.type in PLAIN, f"{field.name}: only ids, categories, figures and moments"
