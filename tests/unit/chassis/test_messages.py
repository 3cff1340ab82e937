"""Sentences for people, and what stays out of logs."""

from __future__ import annotations

import json
import logging as standard

import pytest
import structlog

from chassis import logging
from chassis.context import Context, bind
from chassis.messages import Messages, load, locale_of


def test_every_chassis_reason_has_both_languages() -> None:
    chinese, english = load("chassis", "zh-CN")[0], load("chassis", "en")[0]
    assert chinese.keys() == english.keys()
    assert all(text.endswith("。") for text in chinese.values())
    assert all(text.endswith(".") for text in english.values())


def test_parameters_are_filled_and_missing_ones_leave_no_trace() -> None:
    messages = Messages()
    assert messages.say("FIELD_STRING_MAX_LEN", {"limit": "9"}, "zh-CN") == "最多写 9 个字。"
    assert messages.say("FIELD_STRING_MAX_LEN", {}, "en") == "Write at most  characters."
    assert messages.say("FIELD_STRING_MAX_LEN", {"limit": "{x.__class__}"}, "en").count("{x.__class__}") == 1


def test_an_unknown_reason_gets_the_general_sentence() -> None:
    messages = Messages()
    assert messages.say("NEVER_HEARD_OF", {}, "en") == messages.say("REFUSED", {}, "en")
    assert not messages.knows("NEVER_HEARD_OF")
    assert messages.knows("NOT_FOUND")


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("", "zh-CN"),
        ("en", "en"),
        ("en-US,en;q=0.9,zh;q=0.8", "en"),
        ("fr-FR, zh-TW;q=0.5, en;q=0.4", "zh-CN"),
        ("ZH-cn", "zh-CN"),
        ("xx;;;,,,", "zh-CN"),
    ],
)
def test_the_language_to_answer_in(header: str, locale: str) -> None:
    assert locale_of(header) == locale


def test_logs_carry_the_request_and_no_personal_data(capsys: pytest.CaptureFixture[str]) -> None:
    root = standard.getLogger()
    before, level = list(root.handlers), root.level
    try:
        logging.configure("ticket", "json")
        log = structlog.get_logger("test")
        with bind(Context(request_id="r1", tenant_id="t1", method="M")):
            log.info("happened", phone="x", detail="身份证11010519491231002X，电话13800000000", id=7)
            standard.getLogger("library").warning("call +8613912345678")
        try:
            raise ValueError("number 13912345678 is wrong")
        except ValueError:
            log.exception("broke")
    finally:
        root.handlers[:] = before
        root.setLevel(level)
        structlog.reset_defaults()
    first, second, third = (json.loads(line) for line in capsys.readouterr().err.strip().splitlines())
    assert (first["service"], first["request_id"], first["tenant"], first["method"]) == (
        "ticket",
        "r1",
        "t1",
        "M",
    )
    assert first["phone"] == "[redacted]"
    assert first["detail"] == "身份证[redacted]，电话[redacted]"
    assert second["event"] == "call [redacted]"
    assert "13912345678" not in json.dumps(third)
    assert "ValueError" in third["exception"]
