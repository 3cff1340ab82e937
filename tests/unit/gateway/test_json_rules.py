"""What comes out is what json_format would write (with our names for enums); what goes in is checked."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.errors import FieldError, Invalid
from gateway.transcoding.contracts import rpcs
from gateway.transcoding.decoding import Decoders
from gateway.transcoding.encoding import Encoders
from gateway.transcoding.requests import RequestReader
from gateway.transcoding.wellknown import Wrong, duration_from, short_names, timestamp_from
from louyu.activity.v1 import calendar_pb2
from louyu.ticket.v1 import requests_pb2
from tests.unit.gateway.shapes import EVERYTHING, Everything

ENCODERS, DECODERS = Encoders(), Decoders()

INTEGERS = {
    FieldDescriptor.TYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_SINT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_SFIXED32: (-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.TYPE_FIXED32: (0, 2**32 - 1),
    FieldDescriptor.TYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.TYPE_SINT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.TYPE_SFIXED64: (-(2**63), 2**63 - 1),
    FieldDescriptor.TYPE_UINT64: (0, 2**64 - 1),
    FieldDescriptor.TYPE_FIXED64: (0, 2**64 - 1),
}
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | TEXT | st.integers(-(2**40), 2**40) | st.floats(-1e9, 1e9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


def values(field: FieldDescriptor, depth: int) -> st.SearchStrategy[Any]:
    """Any value that one occurrence of the field can hold."""
    if field.message_type is not None:
        return messages(field.message_type, depth + 1)
    if field.enum_type is not None:
        return st.sampled_from([value.number for value in field.enum_type.values])
    if field.type in INTEGERS:
        return st.integers(*INTEGERS[field.type])
    if field.type == FieldDescriptor.TYPE_FLOAT:
        return st.floats(width=32)
    if field.type == FieldDescriptor.TYPE_DOUBLE:
        return st.floats()
    if field.type == FieldDescriptor.TYPE_BOOL:
        return st.booleans()
    return st.binary(max_size=9) if field.type == FieldDescriptor.TYPE_BYTES else TEXT


@st.composite
def messages(draw: st.DrawFn, descriptor: Descriptor, depth: int = 0) -> Message:
    """Any message of the type."""
    message: Any = GetMessageClass(descriptor)()
    if descriptor.full_name == "google.protobuf.Timestamp":
        message.seconds = draw(st.integers(-62135596800, 253402300799))
        message.nanos = draw(st.sampled_from([0, 5_000_000, 123_456_000, 999_999_999]))
        return message  # type: ignore[no-any-return]
    if descriptor.full_name == "google.protobuf.Duration":
        sign = draw(st.sampled_from([-1, 1]))
        message.seconds = sign * draw(st.integers(0, 315576000000))
        message.nanos = sign * draw(st.sampled_from([0, 5_000_000, 999_999_999]))
        return message  # type: ignore[no-any-return]
    if descriptor.full_name in (
        "google.protobuf.Struct",
        "google.protobuf.Value",
        "google.protobuf.ListValue",
    ):
        shape: st.SearchStrategy[Any] = {
            "google.protobuf.Struct": st.dictionaries(TEXT, JSON_VALUES, max_size=3),
            "google.protobuf.ListValue": st.lists(JSON_VALUES, max_size=3),
        }.get(descriptor.full_name, JSON_VALUES)
        filled: Message = json_format.ParseDict(draw(shape), message)
        return filled
    for field in descriptor.fields:
        if draw(st.booleans()) or (depth > 1 and field.message_type is not None):
            continue
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            key, value = (field.message_type.fields_by_name[name] for name in ("key", "value"))
            pairs = st.dictionaries(values(key, depth), values(value, depth), max_size=2)
            for name, item in draw(pairs).items():
                if value.message_type is not None:
                    getattr(message, field.name)[name].CopyFrom(item)
                else:
                    getattr(message, field.name)[name] = item
        elif field.is_repeated:
            getattr(message, field.name).extend(draw(st.lists(values(field, depth), max_size=3)))
        elif field.message_type is not None:
            getattr(message, field.name).CopyFrom(draw(values(field, depth)))
        else:
            setattr(message, field.name, draw(values(field, depth)))
    return message  # type: ignore[no-any-return]


def expected(message: Message) -> Any:
    """What json_format writes, with enums as numbers turned into our short names."""
    written = json_format.MessageToDict(
        message,
        preserving_proto_field_name=True,
        always_print_fields_with_no_presence=True,
        use_integers_for_enums=True,
    )
    return renamed(message.DESCRIPTOR, written)


def renamed(descriptor: Any, written: Any) -> Any:
    if descriptor.full_name.startswith("google.protobuf."):
        return written
    for field in descriptor.fields:
        if field.name not in written:
            continue
        inner = field.message_type
        at = written[field.name]
        if inner is not None and inner.GetOptions().map_entry:
            value = inner.fields_by_name["value"]
            for key, item in at.items():
                at[key] = one(value, item)
        elif field.is_repeated:
            written[field.name] = [one(field, item) for item in at]
        else:
            written[field.name] = one(field, at)
    return written


def one(field: FieldDescriptor, item: Any) -> Any:
    if field.enum_type is not None:
        return short_names(field.enum_type).get(item, item)
    return renamed(field.message_type, item) if field.message_type is not None else item


def same(left: Any, right: Any) -> bool:
    """Equality as JSON: 1 and 1.0 are the same number, and NaN was made a word by both."""
    return bool(json.loads(orjson.dumps(left)) == json.loads(json.dumps(right)))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(messages(EVERYTHING))
def test_every_kind_of_field_is_written_as_json_format_writes_it(message: Message) -> None:
    assert same(ENCODERS.encoder(EVERYTHING)(message), expected(message))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(messages(EVERYTHING))
def test_what_was_written_is_read_back(message: Message) -> None:
    written = orjson.loads(ENCODERS.dump(EVERYTHING)(message))
    errors: list[FieldError] = []
    read = DECODERS.shape(EVERYTHING).read(written, "", errors)
    assert errors == []
    assert same(ENCODERS.encoder(EVERYTHING)(read), written)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(messages(requests_pb2.ListTicketsResponse.DESCRIPTOR))
def test_a_page_of_tickets_is_written_as_json_format_writes_it(message: Message) -> None:
    assert same(ENCODERS.encoder(requests_pb2.ListTicketsResponse.DESCRIPTOR)(message), expected(message))


@pytest.mark.parametrize("rpc", rpcs(), ids=lambda rpc: rpc.plan.name)
def test_every_reply_can_be_written_empty(rpc: Any) -> None:
    message = GetMessageClass(rpc.reply)()
    if rpc.reply.full_name != "google.api.HttpBody":
        assert same(ENCODERS.encoder(rpc.reply)(message), expected(message))


def test_an_enum_value_from_the_future_stays_a_number() -> None:
    ticket = requests_pb2.Ticket.FromString(
        requests_pb2.Ticket(state=requests_pb2.TICKET_STATE_ASSIGNED).SerializeToString()[:-1] + b"\x63"
    )
    assert orjson.loads(ENCODERS.dump(ticket.DESCRIPTOR)(ticket))["state"] == 99


def read(raw: Any) -> tuple[Any, list[tuple[str, str]]]:
    errors: list[FieldError] = []
    message = DECODERS.shape(EVERYTHING).read(raw, "", errors)
    return message, [(error.field, error.reason) for error in errors]


@pytest.mark.parametrize(
    ("raw", "wrong"),
    [
        ({"nope": 1}, ("nope", "FIELD_UNKNOWN")),
        ({"text": 1}, ("text", "FIELD_WRONG_TYPE")),
        ({"text": "a\0b"}, ("text", "FIELD_NUL_CHARACTER")),
        ({"small": "1"}, ("small", "FIELD_WRONG_TYPE")),
        ({"small": 1.5}, ("small", "FIELD_WRONG_TYPE")),
        ({"small": True}, ("small", "FIELD_WRONG_TYPE")),
        ({"small": 2**31}, ("small", "FIELD_OUT_OF_RANGE")),
        ({"large": "9223372036854775808"}, ("large", "FIELD_OUT_OF_RANGE")),
        ({"large": "12x"}, ("large", "FIELD_WRONG_TYPE")),
        ({"large": "٣"}, ("large", "FIELD_WRONG_TYPE")),
        ({"flag": "true"}, ("flag", "FIELD_WRONG_TYPE")),
        ({"single": 1e39}, ("single", "FIELD_OUT_OF_RANGE")),
        ({"kind": "KIND_FIRST"}, ("kind", "FIELD_UNKNOWN_VALUE")),
        ({"kind": 1}, ("kind", "FIELD_WRONG_TYPE")),
        ({"data": "***"}, ("data", "FIELD_NOT_BASE64")),
        ({"at": "yesterday"}, ("at", "FIELD_NOT_A_TIME")),
        ({"at": 5}, ("at", "FIELD_WRONG_TYPE")),
        ({"lasts": "5 minutes"}, ("lasts", "FIELD_NOT_A_DURATION")),
        ({"form": []}, ("form", "FIELD_WRONG_TYPE")),
        ({"form": {"a": "\0"}}, ("form", "FIELD_NUL_CHARACTER")),
        ({"texts": "a"}, ("texts", "FIELD_WRONG_TYPE")),
        ({"texts": ["a", None]}, ("texts[1]", "FIELD_WRONG_TYPE")),
        ({"inner": {"name": 3}}, ("inner.name", "FIELD_WRONG_TYPE")),
        ({"inners": [{}, {"name": 3}]}, ("inners[1].name", "FIELD_WRONG_TYPE")),
        ({"counts": {"a": "x"}}, ("counts.a", "FIELD_WRONG_TYPE")),
        ({"by_number": {"x": {}}}, ("by_number.x", "FIELD_WRONG_TYPE")),
        ({"left": "a", "right": 1}, ("right", "FIELD_ONLY_ONE")),
        ({"maybe": []}, ("maybe", "FIELD_WRONG_TYPE")),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_by_its_path(raw: dict[str, Any], wrong: tuple[str, str]) -> None:
    assert read(raw)[1] == [wrong]


def test_all_wrong_fields_are_named_at_once() -> None:
    assert [field for field, _ in read({"text": 1, "small": "x", "nope": 0})[1]] == ["text", "small", "nope"]


def test_null_is_the_same_as_leaving_a_field_out() -> None:
    message, errors = read({"text": None, "maybe": None, "at": None, "texts": None, "any": None})
    assert errors == []
    assert message == Everything(any={"null_value": 0})


def test_json_that_nests_too_deep_is_refused() -> None:
    deep: Any = 1
    for _ in range(200):
        deep = [deep]
    assert read({"form": {"a": deep}})[1] == [("form", "FIELD_TOO_DEEP")]
    recursive: Any = {}
    for _ in range(200):
        recursive = {"again": recursive}
    assert [reason for _, reason in read({"inner": recursive})[1]] == ["FIELD_TOO_DEEP"]


@given(JSON_VALUES)
def test_nothing_in_json_breaks_the_reader(raw: Any) -> None:
    read(raw)
    read({"inner": raw, "texts": raw, "form": raw, "counts": raw, "kind": raw, "at": raw, "maybe": raw})


@pytest.mark.parametrize(
    ("text", "seconds", "nanos"),
    [
        ("2026-11-21T08:30:00Z", 1795249800, 0),
        ("2026-11-21T16:30:00+08:00", 1795249800, 0),
        ("2026-11-21t08:30:00.5z", 1795249800, 500_000_000),
        ("1969-12-31T23:59:59.999999999Z", -1, 999_999_999),
    ],
)
def test_times_are_read(text: str, seconds: int, nanos: int) -> None:
    found = timestamp_from(text)
    assert (found.seconds, found.nanos) == (seconds, nanos)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21", "2026-11-21T08:30:00", "2026-02-30T00:00:00Z", "2026-1-1T00:00:00Z",
        "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "2026-11-21T24:00:00Z",
        "2026-11-21T08:30:00.1234567891Z", "２026-11-21T08:30:00Z", "",
    ],
)  # fmt: skip
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Wrong):
        timestamp_from(text)


def test_what_is_no_duration_is_refused() -> None:
    for text in ("", "5", "5m", "1e3s", "--1s", "999999999999s"):
        with pytest.raises(Wrong):
            duration_from(text)


def reader(name: str) -> RequestReader:
    rpc = next(rpc for rpc in rpcs() if rpc.plan.name == name)
    return RequestReader(rpc, rpc.bindings[0], DECODERS)


def test_query_parameters_fill_the_request() -> None:
    path = {"tenant": "t"}
    found: Any = reader("RequestsService/ListTickets").read(
        path, b"states=SUBMITTED&states=CLOSED&mine=true&page_size=7&number=G2026", b""
    )
    assert (list(found.states), found.mine, found.page_size) == ([1, 9], True, 7)
    assert (found.tenant, found.number) == ("t", "G2026")


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        (b"nope=1", ("nope", "FIELD_UNKNOWN_PARAMETER")),
        (b"tenant=x", ("tenant", "FIELD_UNKNOWN_PARAMETER")),
        (b"mine=yes", ("mine", "FIELD_WRONG_TYPE")),
        (b"page_size=1&page_size=2", ("page_size", "FIELD_GIVEN_TWICE")),
        (b"states=NOPE", ("states", "FIELD_UNKNOWN_VALUE")),
        (b"number=%00", ("number", "FIELD_NUL_CHARACTER")),
    ],
)
def test_wrong_query_parameters_are_named(query: bytes, wrong: tuple[str, str]) -> None:
    with pytest.raises(Invalid) as caught:
        reader("RequestsService/ListTickets").read({"tenant": "t"}, query, b"")
    assert [(error.field, error.reason) for error in caught.value.fields] == [wrong]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "MALFORMED_JSON"),
        (b"[" * 100_000, "MALFORMED_JSON"),
        (b'{"note": "\\ud800"}', "MALFORMED_JSON"),
        (b"\xff", "MALFORMED_JSON"),
        (b"[]", "BODY_NOT_AN_OBJECT"),
        (b'"x"', "BODY_NOT_AN_OBJECT"),
        (b'{"id": "other"}', "INVALID_REQUEST"),
    ],
)
def test_a_body_that_is_none_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(Invalid) as caught:
        reader("RequestsService/AssignTicket").read({"tenant": "t", "id": "i"}, b"", body)
    assert caught.value.reason == reason


def test_a_body_may_repeat_what_the_path_says() -> None:
    found: Any = reader("RequestsService/AssignTicket").read(
        {"tenant": "t", "id": "i"}, b"", b'{"id":"i","tenant":"t","assignee":"a"}'
    )
    assert (found.tenant, found.id, found.assignee) == ("t", "i", "a")


def test_members_of_a_oneof_exclude_each_other_in_a_real_contract() -> None:
    shape = DECODERS.shape(calendar_pb2.CheckInRequest.DESCRIPTOR)
    names = [field.name for field in calendar_pb2.CheckInRequest.DESCRIPTOR.oneofs[0].fields]
    errors: list[FieldError] = []
    shape.read(dict.fromkeys(names, "x"), "", errors)
    assert [error.reason for error in errors] == ["FIELD_ONLY_ONE"] * (len(names) - 1)
