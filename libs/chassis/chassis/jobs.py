"""Periodic work. One replica runs a job at a time; a clock that is walked forward runs what became due."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog
from prometheus_client import Counter, Histogram

from chassis.units import Units

log: Final = structlog.get_logger()
RUNS: Final = Counter("louyu_job_runs_total", "Runs of periodic jobs", ["name", "outcome"])
SECONDS: Final = Histogram("louyu_job_seconds", "Duration of periodic jobs", ["name"])


@dataclass(frozen=True, slots=True)
class Job:
    """Work to repeat every `every_s` seconds of system time.

    `run` looks for what is due in business time (`units.clock.now()`), does it in units of its own,
    and returns how many things it did. It must be safe to run twice and to be killed anywhere.
    """

    name: str
    every_s: float
    run: Callable[[Units], Awaitable[int]]


class JobRunner:
    """Runs the jobs of one process until stopped."""

    def __init__(self, units: Units, jobs: list[Job]) -> None:
        self._units = units
        self._jobs = jobs
        self._turns = {job.name: asyncio.Lock() for job in jobs}
        # A job holds two connections, its guard's and its work's. Were all of them to begin at once, as when
        # a process starts, their guards could take the whole pool, and none would get its second.
        self._at_once = asyncio.Semaphore(max(1, units.database.size // 4))
        for job in jobs:  # a series that begins with its first error would show no increase
            RUNS.labels(job.name, "ok")
            RUNS.labels(job.name, "error")

    async def loop(self, job: Job, stop: asyncio.Event) -> None:
        """Repeat one job until `stop`; an error is logged and the next run comes in its turn."""
        while not stop.is_set():
            try:
                await self.once(job)
            except Exception:
                RUNS.labels(job.name, "error").inc()
                log.exception("job_failed", job=job.name)
            try:
                await asyncio.wait_for(stop.wait(), job.every_s)
            except TimeoutError:
                continue

    async def once(self, job: Job) -> int:
        """Run a job now, unless another replica is at it; how many things it did."""
        name = f"{self._units.database.service}/{job.name}"
        # The lock is held by a session of its own for as long as the job runs, and is gone with it.
        async with (
            self._turns[job.name],
            self._at_once,
            self._units.database.connection() as guard,
            guard.transaction(),
        ):
            if not await guard.fetchval("SELECT pg_try_advisory_xact_lock(hashtextextended($1, 1))", name):
                return 0
            began = time.perf_counter()
            done = await job.run(self._units)
        RUNS.labels(job.name, "ok").inc()
        SECONDS.labels(job.name).observe(time.perf_counter() - began)
        if done:
            log.info("job_done", job=job.name, done=done)
        return done

    async def run_due(self) -> int:
        """Run every job until none finds more to do: what an advanced clock asks for."""
        total = 0
        for job in self._jobs:
            for _ in range(1000):
                done = await self.once(job)
                total += done
                if not done:
                    break
        return total
