"""Ports, secrets, remembered state, the instance lock and a damaged data folder."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deploy.local import ports, postgres, secrets_file
from deploy.local.faults import Fault
from deploy.local.state import (
    State,
    end_leftovers,
    holder,
    only_instance,
    read_state,
    write_pid,
    write_state,
)


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_named_port_that_is_taken_says_what_to_do(taken_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOUYU_PORT", str(taken_port))
    with pytest.raises(Fault, match=rf"Port {taken_port} .* is taken .* LOUYU_PORT={taken_port + 1} make up"):
        ports.public_port(None)


@pytest.mark.parametrize("asked", ["http", "0", "70000", "-1"])
def test_a_port_that_is_no_port_is_refused(asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOUYU_PORT", asked)
    with pytest.raises(Fault, match="give a port number"):
        ports.public_port(None)


def test_the_next_free_port_is_chosen_when_none_was_named(
    taken_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LOUYU_PORT", raising=False)
    chosen = ports.public_port(taken_port)
    assert chosen != taken_port
    assert ports.is_free(chosen)


def test_a_reserved_port_is_nobody_elses_and_refuses_connections() -> None:
    # Not any free one: a port on which an old connection waits for its end is kept for nobody.
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    reserved = ports.Reserved()
    reserved.keep([port])
    assert not ports.is_free(port)
    assert ports.internal_ports(["a"], {"a": port})["a"] != port
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=20)
    reserved.give([port])
    assert ports.is_free(port)
    reserved.keep([port])
    reserved.close()
    assert ports.is_free(port)


def test_internal_ports_are_kept_and_replaced_only_when_taken(taken_port: int) -> None:
    first = ports.internal_ports(["a", "b"], {})
    again = ports.internal_ports(["a", "b"], first)
    moved = ports.internal_ports(["a", "b"], {**first, "b": taken_port})
    assert first == again
    assert len(set(first.values())) == 2
    assert moved["a"] == first["a"]
    assert moved["b"] not in (taken_port, first["a"])


def test_secrets_are_drawn_once_and_readable_by_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "local.json"
    drawn = secrets_file.load(path, ("identity", "ticket"))
    kept = secrets_file.load(path, ("identity", "ticket", "window"))
    assert kept.services["ticket"] == drawn.services["ticket"]
    assert kept.kek == drawn.kek
    assert kept.services["window"].seed not in (
        drawn.services["ticket"].seed,
        drawn.services["identity"].seed,
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_damaged_secrets_are_not_replaced_silently(tmp_path: Path) -> None:
    path = tmp_path / "local.json"
    path.write_text('{"postgres_password": ', encoding="utf-8")
    with pytest.raises(Fault, match="is damaged"):
        secrets_file.load(path, ("ticket",))
    assert path.read_text(encoding="utf-8") == '{"postgres_password": '


def test_state_survives_a_round_trip_and_garbage(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    state = State(public_port=8800, ports={"nats": 20001}, demo=True)
    write_state(path, state)
    assert read_state(path) == state
    path.write_text(json.dumps({"unknown": 1}), encoding="utf-8")
    assert read_state(path) == State()
    assert read_state(tmp_path / "absent.json") == State()


def test_a_second_instance_is_told_about_the_first(tmp_path: Path) -> None:
    assert holder(tmp_path) is None
    with only_instance(tmp_path):
        assert holder(tmp_path) == os.getpid()
        with (
            pytest.raises(Fault, match=rf"Another instance .*process {os.getpid()}.*make down"),
            only_instance(tmp_path),
        ):
            pass
        assert holder(tmp_path) == os.getpid()
    assert holder(tmp_path) is None


def test_leftovers_of_a_killed_run_are_ended_and_strangers_are_not(tmp_path: Path) -> None:
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    ours, stranger = subprocess.Popen(sleep), subprocess.Popen(sleep)
    try:
        write_pid(tmp_path, "ticket", ours.pid)
        # The number of a program of ours that went to another process since.
        born = psutil.Process(stranger.pid).create_time() - 100
        (tmp_path / "nats.pid").write_text(f"{stranger.pid} {born}", encoding="utf-8")
        end_leftovers(tmp_path)
        assert not psutil.pid_exists(ours.pid)
        assert stranger.poll() is None
        assert list(tmp_path.iterdir()) == []
    finally:
        for process in (ours, stranger):
            process.kill()
            process.wait()


@pytest.mark.parametrize("content", [{"base/1": "x"}, {"PG_VERSION": "18\n"}, {"PG_VERSION": ""}])
def test_a_half_initialised_data_folder_says_what_to_do(tmp_path: Path, content: dict[str, str]) -> None:
    for name, text in content.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    os.chown(tmp_path, 65534 if os.geteuid() == 0 else -1, -1)
    with pytest.raises(Fault, match=r"half-initialised.*make reset"):
        postgres.prepare(tmp_path, "secret")


def test_a_data_folder_of_another_major_version_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "PG_VERSION").write_text("17\n", encoding="utf-8")
    os.chown(tmp_path, 65534 if os.geteuid() == 0 else -1, -1)
    with pytest.raises(Fault, match="made by PostgreSQL 17, this is 18"):
        postgres.prepare(tmp_path, "secret")


def test_a_crashed_first_start_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "PG_VERSION").write_text("18\n", encoding="utf-8")
    postgres.prepare(data, "secret")
    assert (data / "global" / "pg_control").is_file()
    assert not (tmp_path / "postgres.new").exists()
