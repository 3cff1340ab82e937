"""Keeps programs running: starts them, waits until they serve, brings them back, ends them in order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

from deploy.local.child import before_exec
from deploy.local.faults import Fault
from deploy.local.program import Program
from deploy.local.state import write_pid

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
STEADY_AFTER_S = 20.0
"""A program that ran this long is not in a crash loop: its next restart is immediate again."""
POLL_S = 0.03


@dataclass(frozen=True, slots=True)
class Output:
    """Where the programs' output goes: one file each, and line by line to a console if one is given."""

    folder: Path
    console: Callable[[str, str], None] | None = None
    say: Callable[[str], None] = lambda _: None
    """Told what the supervisor does: restarts, kills."""


def pause_before_restart(restarts: int) -> float:
    """Exponential, from FIRST_PAUSE_S to LONGEST_PAUSE_S."""
    return min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(restarts, 16))


def speaks_of_an_error(line: str) -> bool:
    """Whether a line of PostgreSQL's or NATS's log is worth a person's attention."""
    return any(word in line for word in ("FATAL:", "PANIC:", "[ERR]", "[FTL]"))


class Running:
    """One program and the task that watches it."""

    def __init__(self, program: Program, output: Output) -> None:
        self.program = program
        self.restarts = 0
        self.ready = asyncio.Event()
        self._output = output
        self._process: Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._reader: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The process that runs now."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    @property
    def log(self) -> Path:
        """Where the output is kept."""
        return self._output.folder / f"{self.program.name}.log"

    async def start(self) -> None:
        """Starts the program and returns when it serves; Fault when it ends or stays mute instead."""
        process = await self._spawn()
        if not await self._until_ready(process):
            code = process.returncode
            await self._end(process)
            why = "did not become ready in time" if code is None else f"ended with code {code}"
            raise Fault(f"{self.program.name} {why}: {self._last_words()} (all of it: {self.log})")
        self._watch = asyncio.create_task(self._keep_running(process), name=f"watch {self.program.name}")

    async def stop(self) -> None:
        """Asks the program to end, and makes it end when it takes too long."""
        await self.look_away()
        if self._process is not None:
            await self._end(self._process)

    async def gone(self) -> None:
        """Returns when a killed program is gone."""
        if self._process is not None:
            await self._process.wait()
            await self._read_out()

    async def look_away(self) -> None:
        """From now on it is not brought back."""
        self.ready.clear()
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
            self._watch = None

    def kill(self) -> None:
        """What a crash does: the process is gone at once, and is brought back."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def restart(self) -> None:
        """An orderly stop and start."""
        await self.stop()
        await self.start()

    async def _spawn(self) -> Process:
        self.ready.clear()
        self._output.folder.mkdir(parents=True, exist_ok=True)
        # Without a console nobody has to copy lines: a busy or blocked supervisor cannot slow the program.
        with self.log.open("ab") as log:
            try:
                process = await asyncio.create_subprocess_exec(
                    *self.program.argv,
                    stdin=DEVNULL,
                    stdout=PIPE if self._output.console else log,
                    stderr=STDOUT,
                    limit=2**20,
                    env={**os.environ, **self.program.env},
                    cwd=self.program.cwd,
                    pass_fds=self.program.pass_fds,
                    preexec_fn=before_exec(self.program.user, on_parent_death=self.program.stop_signal),
                )
            except OSError as failed:
                raise Fault(f"{self.program.name} cannot be started: {failed}") from failed
        self._process = process
        write_pid(self._output.folder / "running", self.program.name, process.pid)
        if self._output.console is not None:
            self._reader = asyncio.create_task(self._forward(process, self._output.console))
        return process

    async def _forward(self, process: Process, console: Callable[[str, str], None]) -> None:
        """Copies the output to the file and the console."""
        if process.stdout is None:
            return
        with self.log.open("ab", buffering=0) as copy:
            async for line in process.stdout:
                copy.write(line)
                text = line.decode("utf-8", "replace").rstrip()
                if text and (not self.program.quiet or speaks_of_an_error(text)):
                    console(self.program.name, text)

    async def _until_ready(self, process: Process) -> bool:
        deadline = time.monotonic() + self.program.ready_within_s
        while process.returncode is None and time.monotonic() < deadline:
            if await self.program.ready(process.pid):
                self.ready.set()
                return True
            await asyncio.sleep(POLL_S)
        return False

    async def _keep_running(self, process: Process) -> None:
        while True:
            started = time.monotonic()
            code = await process.wait()
            self.ready.clear()
            if time.monotonic() - started > STEADY_AFTER_S:
                self.restarts = 0
            pause = pause_before_restart(self.restarts)
            self.restarts += 1
            name = self.program.name
            self._output.say(f"{name} ended with code {code}, starting it again in {pause:.1f} s")
            await asyncio.sleep(pause)
            try:
                process = await self._spawn()
            except Fault as fault:
                self._output.say(str(fault))
                continue
            if await self._until_ready(process):
                self._output.say(f"{name} is back")
            elif process.returncode is None:
                self._output.say(f"{name} runs but does not become ready, trying again; see {self.log}")
                await self._end(process)

    async def _end(self, process: Process) -> None:
        if process.returncode is None:
            # The watcher may not have noticed yet that the process is gone.
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(self.program.stop_signal)
            try:
                async with asyncio.timeout(self.program.stops_within_s):
                    await process.wait()
            except TimeoutError:
                self._output.say(f"{self.program.name} did not stop in time and is killed")
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        await self._read_out()

    async def _read_out(self) -> None:
        if self._reader is not None:
            await self._reader
            self._reader = None

    def _last_words(self) -> str:
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        except OSError:
            lines = []
        return lines[-1][:300] if lines else "no output"


class Supervisor:
    """Several programs, started side by side in groups, ended group by group."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._running: dict[str, Running] = {}

    def __getitem__(self, name: str) -> Running:
        return self._running[name]

    @property
    def programs(self) -> dict[str, Running]:
        """What was started, by name."""
        return dict(self._running)

    async def start(self, *programs: Program) -> None:
        """Starts programs side by side and returns when all of them serve; the first Fault is raised."""
        entries = [Running(program, self._output) for program in programs]
        self._running.update({entry.program.name: entry for entry in entries})
        results = await asyncio.gather(*(entry.start() for entry in entries), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def replace(self, program: Program, *, known_after_s: float) -> None:
        """Starts a program beside the one of its name, lets callers find it, then ends the old one, which
        finishes what it has begun. Fault where the new one does not come up: the old one stays."""
        before = self._running[program.name]
        fresh = Running(program, self._output)
        notes = self._output.folder / "running"
        if before.pid is not None:
            write_pid(notes, f"{program.name}-before", before.pid)
        try:
            await fresh.start()
            await asyncio.sleep(known_after_s)
        except BaseException:
            await fresh.stop()
            if before.pid is not None:
                write_pid(notes, program.name, before.pid)
            raise
        self._running[program.name] = fresh
        await before.stop()
        (notes / f"{program.name}-before.pid").unlink(missing_ok=True)

    async def stop(self, *groups: Iterable[str]) -> None:
        """Ends the named groups one after another, each side by side, then whatever is left."""
        for group in (*groups, reversed(list(self._running))):
            running = [self._running.pop(name) for name in group if name in self._running]
            await asyncio.gather(*(entry.stop() for entry in running))

    async def crash(self) -> None:
        """Ends all programs at once, and what they started, without asking any of them."""
        running, self._running = self._running, {}
        await asyncio.gather(*(entry.look_away() for entry in running.values()))
        children: list[psutil.Process] = []
        for entry in running.values():
            with contextlib.suppress(psutil.NoSuchProcess):
                children += psutil.Process(entry.pid).children(recursive=True) if entry.pid else []
            entry.kill()
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        await asyncio.to_thread(psutil.wait_procs, children, timeout=10)
        await asyncio.gather(*(entry.gone() for entry in running.values()))
