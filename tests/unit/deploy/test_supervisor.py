"""The supervisor over small real programs."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import pytest

from deploy.local.faults import Fault
from deploy.local.program import Program
from deploy.local.supervisor import (
    LONGEST_PAUSE_S,
    Output,
    Supervisor,
    pause_before_restart,
    speaks_of_an_error,
)
from tests.fixtures.waiting import eventually


def program(name: str, body: str, tmp_path: Path, **changes: object) -> Program:
    """A Python program that is ready once it has written a file with its name."""

    async def ready(_: int) -> bool:
        return (tmp_path / name).exists()

    source = f"import pathlib, signal, sys, time\nready = pathlib.Path({str(tmp_path / name)!r})\n{body}"
    settings: dict[str, object] = {"name": name, "argv": [sys.executable, "-c", source], "ready": ready}
    return Program(**{**settings, **changes})  # type: ignore[arg-type]


STAYS = "ready.touch(); time.sleep(600)"


async def test_starts_when_ready_and_stops(tmp_path: Path) -> None:
    supervisor = Supervisor(Output(tmp_path / "log"))
    await supervisor.start(program("one", STAYS, tmp_path), program("two", STAYS, tmp_path))
    running = list(supervisor.programs.values())
    assert all(entry.pid for entry in running)
    await supervisor.stop()
    assert not any(entry.pid for entry in running)
    assert supervisor.programs == {}


async def test_a_killed_program_comes_back(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(Output(tmp_path / "log", say=said.append))
    await supervisor.start(program("phoenix", STAYS, tmp_path))
    first = supervisor["phoenix"].pid
    supervisor["phoenix"].kill()

    async def is_back() -> bool:
        return said[-1:] == ["phoenix is back"]

    await eventually(is_back, 60)
    second = supervisor["phoenix"].pid
    await supervisor.stop()
    assert second
    assert second != first
    assert said == ["phoenix ended with code -9, starting it again in 0.2 s", "phoenix is back"]


async def test_a_program_that_ends_at_once_is_a_fault_with_its_last_words(tmp_path: Path) -> None:
    supervisor = Supervisor(Output(tmp_path / "log"))
    with pytest.raises(Fault, match=r"broken ended with code 3: no database"):
        await supervisor.start(program("broken", "print('no database'); sys.exit(3)", tmp_path))
    await supervisor.stop()


async def test_a_mute_program_is_a_fault(tmp_path: Path) -> None:
    supervisor = Supervisor(Output(tmp_path / "log"))
    mute = program("mute", "time.sleep(600)", tmp_path, ready_within_s=0.3)
    with pytest.raises(Fault, match="mute did not become ready in time"):
        await supervisor.start(mute)
    assert supervisor["mute"].pid is None


async def test_a_program_that_will_not_stop_is_killed(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(Output(tmp_path / "log", say=said.append))
    stubborn = "signal.signal(signal.SIGTERM, signal.SIG_IGN); ready.touch(); time.sleep(600)"
    await supervisor.start(program("stubborn", stubborn, tmp_path, stops_within_s=0.3))
    started = time.monotonic()
    await supervisor.stop()
    assert said == ["stubborn did not stop in time and is killed"]
    assert time.monotonic() - started < 15  # what others are given


async def test_groups_end_in_the_order_given(tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    body = (
        f"def end(*_): open({str(ended)!r}, 'a').write(NAME + ' '); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end); ready.touch()\n"
        "while True: time.sleep(0.05)"
    )
    supervisor = Supervisor(Output(tmp_path / "log"))
    names = ("base", "service", "gateway")
    await supervisor.start(*(program(name, f"NAME = {name!r}\n{body}", tmp_path) for name in names))
    await supervisor.stop(["gateway"], ["service"])
    assert ended.read_text(encoding="utf-8") == "gateway service base "


async def test_output_goes_to_the_console_and_the_file(tmp_path: Path) -> None:
    shown: list[tuple[str, str]] = []
    output = Output(tmp_path / "log", console=lambda name, text: shown.append((name, text)))
    supervisor = Supervisor(output)
    talks = "print('hello'); print('你好', flush=True); ready.touch(); time.sleep(600)"
    await supervisor.start(program("talker", talks, tmp_path, env={"PYTHONUTF8": "1"}))
    log = supervisor["talker"].log
    await supervisor.stop()
    assert shown == [("talker", "hello"), ("talker", "你好")]
    assert log.read_text(encoding="utf-8") == "hello\n你好\n"


async def test_a_quiet_program_is_shown_only_when_it_speaks_of_an_error(tmp_path: Path) -> None:
    shown: list[str] = []
    output = Output(tmp_path / "log", console=lambda _, text: shown.append(text))
    supervisor = Supervisor(output)
    talks = "print('LOG:  fine'); print('FATAL:  disk', flush=True); ready.touch(); time.sleep(600)"
    await supervisor.start(program("server", talks, tmp_path, quiet=True))
    await supervisor.stop()
    assert shown == ["FATAL:  disk"]


def test_pauses_grow_and_stay_bounded() -> None:
    pauses = [pause_before_restart(restarts) for restarts in range(40)]
    assert pauses[:3] == [0.2, 0.4, 0.8]
    assert pauses == sorted(pauses)
    assert max(pauses) == LONGEST_PAUSE_S


def test_what_speaks_of_an_error() -> None:
    assert speaks_of_an_error("2026-11-21 08:00:00 UTC [7] FATAL:  could not write")
    assert not speaks_of_an_error("2026-11-21 08:00:00 UTC [7] ERROR:  duplicate key")


async def test_a_successor_serves_before_the_old_one_ends(tmp_path: Path) -> None:
    supervisor = Supervisor(Output(tmp_path / "log"))
    await supervisor.start(program("heir", STAYS, tmp_path))
    old = supervisor["heir"]
    first = old.pid
    replacing = asyncio.create_task(supervisor.replace(program("heir", STAYS, tmp_path), known_after_s=0.3))
    await asyncio.sleep(0.2)
    assert old.pid == first, "it stays until its successor is known"
    await replacing
    assert old.pid is None
    assert supervisor["heir"].pid not in (None, first)
    notes = {note.name for note in (tmp_path / "log" / "running").iterdir()}
    await supervisor.stop()
    assert notes == {"heir.pid"}


async def test_without_a_successor_the_old_one_stays(tmp_path: Path) -> None:
    supervisor = Supervisor(Output(tmp_path / "log"))
    await supervisor.start(program("last", STAYS, tmp_path))
    first = supervisor["last"].pid
    stillborn = program("last", "print('no heir'); sys.exit(3)", tmp_path, ready=_never)
    with pytest.raises(Fault, match="last ended with code 3: no heir"):
        await supervisor.replace(stillborn, known_after_s=0)
    assert supervisor["last"].pid == first
    await supervisor.stop()


async def _never(_: int) -> bool:
    return False
