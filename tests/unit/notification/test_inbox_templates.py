"""The words of messages: every template fits its event and reads in both languages."""

import re
import tomllib
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from jinja2.exceptions import SecurityError

from chassis.events import Event, aggregate_of, message_class
from chassis.ids import new_id
from louyu.ticket.v1 import requests_pb2
from notification.inbox import templates
from notification.inbox.events import CONTRACTS, SOURCES, message_of
from notification.inbox.templates import Template, by_code, by_event, moment, render


def _sample(template: Template) -> Event:
    """An event of the template's type with something in every field."""
    made: Any = message_class(template.event)()
    for field in made.DESCRIPTOR.fields:
        match field.type:
            case field.TYPE_STRING if field.is_repeated:
                getattr(made, field.name).append(f"<{field.name}>")
            case field.TYPE_STRING:
                setattr(made, field.name, f"<{field.name}>")
            case field.TYPE_BOOL:
                setattr(made, field.name, True)
            case field.TYPE_MESSAGE if field.message_type is Timestamp.DESCRIPTOR:
                getattr(made, field.name).FromJsonString("2026-11-21T06:30:00Z")
            case field.TYPE_ENUM | field.TYPE_INT32:
                setattr(made, field.name, 1)
    when = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
    return Event(new_id(), new_id(), template.event, "", new_id(), 1, when, "", (), "", made)


@pytest.mark.parametrize("code", list(by_code()))
@pytest.mark.parametrize("locale", templates.LOCALES)
def test_every_template_fits_its_event_and_reads_well(code: str, locale: str) -> None:
    template = by_code()[code]
    assert message_class(template.event).DESCRIPTOR.file in [contract.DESCRIPTOR for contract in CONTRACTS]
    message = message_of(template, _sample(template), new_id())
    title, body = render(code, message.params, locale)
    assert title
    assert body.endswith("。" if locale == "zh-CN" else ".")
    assert not re.search(r"{[{%]|None", title + body)
    if locale == "en":
        assert not re.search(r"[\u4e00-\u9fff]", title + body)


def test_every_receiver_and_subject_is_a_field_of_its_event() -> None:
    for template in by_code().values():
        fields = message_class(template.event).DESCRIPTOR.fields_by_name
        named = {*template.to, template.subject, *([template.unless] if template.unless else [])}
        assert named <= set(fields), template.code


def test_every_template_is_fed_by_a_consumer() -> None:
    followed = {aggregate for _, aggregates in SOURCES for aggregate in aggregates}
    for event in by_event():
        assert aggregate_of(message_class(event)()) in followed, event


def test_every_step_of_a_ticket_tells_somebody() -> None:
    told = set(by_event())
    steps = {
        f"louyu.ticket.v1.{name}"
        for name, message in requests_pb2.DESCRIPTOR.message_types_by_name.items()
        if aggregate_of(message_class(message.full_name)()) == "ticket"
    }
    assert steps <= told


def test_the_names_of_roles_are_those_of_the_permission_matrix() -> None:
    matrix = tomllib.loads(files("identity.grants").joinpath("matrix.toml").read_text(encoding="utf-8"))
    for locale, key in (("zh-CN", "zh"), ("en", "en")):
        assert templates.roles(locale) == {role["code"]: role[key] for role in matrix["roles"]}


def test_words_run_in_a_sandbox() -> None:
    with pytest.raises(SecurityError):
        templates._compiled("{{ ().__class__.__mro__ }}", "en").render()


def test_a_moment_reads_as_people_here_write_it() -> None:
    assert moment("2026-11-21T06:30:00Z", "zh-CN") == "11月21日 周六 14:30"
    assert moment("2026-11-21T06:30:00Z", "en") == "Sat 21 Nov 14:30"
