"""Readiness: which part is not ready, and a log line that says why when that changes."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from chassis import ops
from chassis.ops import Ops


async def test_a_failing_check_says_why_once_and_once_that_it_recovered() -> None:
    why = ""

    async def check() -> str:
        return why

    probe = Ops()
    probe.check("grants", check)
    with capture_logs() as said:
        assert await probe.failing() == []
        why = "no answer for 9 s"
        assert await probe.failing() == ["grants"]
        assert await probe.failing() == ["grants"]
        why = ""
        assert await probe.failing() == []
        assert await probe.failing() == []
    assert [(line["event"], line["check"], line.get("reason")) for line in said] == [
        ("not_ready", "grants", "no answer for 9 s"),
        ("ready_again", "grants", None),
    ]


async def test_errors_and_silence_are_reasons_too(monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks() -> str:
        raise ConnectionRefusedError("nobody listens")

    async def hangs() -> str:
        await asyncio.sleep(60)
        return ""

    monkeypatch.setattr(ops, "_CHECK_S", 0.05)
    probe = Ops()
    probe.check("database", breaks)
    probe.check("bus", hangs)
    with capture_logs() as said:
        assert await probe.failing() == ["database", "bus"]
    reasons = {line["check"]: line["reason"] for line in said}
    assert "nobody listens" in reasons["database"]
    assert reasons["bus"] == "no answer within 0.05 s"


async def test_probes_that_come_at_once_do_not_repeat_it() -> None:
    async def check() -> str:
        await asyncio.sleep(0.01)
        return "away"

    probe = Ops()
    probe.check("database", check)
    with capture_logs() as said:
        await asyncio.gather(*(probe.failing() for _ in range(5)))
    assert len(said) == 1
