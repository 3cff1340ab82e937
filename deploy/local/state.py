"""What a stack remembers between two runs, and the lock that keeps a second one out of its folder."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from deploy.local.faults import Fault


@dataclass(slots=True)
class State:
    """Remembered in state.json; losing it costs time, never data."""

    public_port: int | None = None
    ports: dict[str, int] = field(default_factory=dict)
    migrated_from: str = ""
    """Fingerprint of the migrations that ran last."""
    revisions: dict[str, str] = field(default_factory=dict)
    demo: bool = False
    """The demo district is loaded."""
    answered: int = 0
    """How many requests of `make restart` and `make rekey` were dealt with."""
    failed: str = ""
    """Why the last of them stopped half-way."""


def read_state(path: Path) -> State:
    """The last run's state, or a new one."""
    try:
        return State(**json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return State()


def write_state(path: Path, state: State) -> None:
    """Replaces the file in one step."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(state), indent=1) + "\n", encoding="utf-8")
    fresh.replace(path)


@contextlib.contextmanager
def only_instance(home: Path) -> Iterator[None]:
    """Holds the folder for this process; the kernel lets go of it however the process ends."""
    path = home / "run.lock"
    with path.open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Fault(
                f"Another instance runs from {home} (process {lock.read().strip() or 'unknown'}). "
                "Use it, or stop it with: make down"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        try:
            yield
        finally:
            lock.truncate(0)


def holder(home: Path) -> int | None:
    """The process that holds the folder now."""
    path = home / "run.lock"
    if not path.is_file():
        return None
    with path.open("r", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            text = lock.read().strip()
            return int(text) if text else None
    return None


def write_pid(folder: Path, name: str, pid: int) -> None:
    """Notes a running program, so that the next start finds it should we be killed before it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(psutil.NoSuchProcess):
        born = psutil.Process(pid).create_time()
        (folder / f"{name}.pid").write_text(f"{pid} {born}", encoding="utf-8")


def end_leftovers(folder: Path, *, within_s: float = 15.0) -> None:
    """Ends the programs of an earlier run that was killed. Only for the holder of the folder."""
    left: list[psutil.Process] = []
    for note in folder.glob("*.pid"):
        pid, _, born = note.read_text(encoding="utf-8").partition(" ")
        with contextlib.suppress(psutil.NoSuchProcess, ValueError):
            process = psutil.Process(int(pid))
            # The number may have gone to somebody else since; the birth time tells.
            if abs(process.create_time() - float(born)) < 0.1:
                process.send_signal(signal.SIGINT if note.stem == "postgres" else signal.SIGTERM)
                left.append(process)
        note.unlink()
    deadline = time.monotonic() + within_s
    for process in left:
        with contextlib.suppress(psutil.TimeoutExpired):
            process.wait(max(0.1, deadline - time.monotonic()))
            continue
        process.kill()
