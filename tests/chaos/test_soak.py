"""Promise 26: hours of work leave nothing behind in any process."""

from __future__ import annotations

import asyncio
import math
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import asyncpg
import httpx
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.stack import Stack
from tests.chaos.conftest import Proof
from tests.chaos.crowd import Crowd
from tests.chaos.flood import busy, day, flood, listing

BUSY = 32
CHUNK_S = 20.0
"""Tokens end; the calls are made anew with fresh ones."""
EVERY_S = 1.0
PER_HOUR = 0.01
LOOKS = 4
"""A line needs as many; where looking itself takes seconds, the work goes on until it has them."""
Series = list[tuple[float, float]]
"""(second, value)"""
MINUTES = int(os.environ.get("LOUYU_SOAK_MINUTES", "30"))
"""How long a full run takes; a night's soak sets it to hundreds."""


def pss_mb(pid: int) -> float:
    """A process' own share of memory."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise AssertionError(f"no PSS for process {pid}")


async def look(stack: Stack, http: httpx.AsyncClient) -> dict[str, float]:
    """Memory, descriptors and tasks of every process of ours, and the connections of the database."""
    found: dict[str, float] = {}
    for service, port in stack.around.ports.items():
        name, _, kind = service.rpartition("-")
        if kind != "ops":
            continue
        pid = stack.pids()[name]
        found[f"{name} MB"] = pss_mb(pid)
        found[f"{name} descriptors"] = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        metrics = (await http.get(f"http://127.0.0.1:{port}/metrics")).text
        for family in text_string_to_metric_families(metrics):
            if family.name == "louyu_tasks":
                found[f"{name} tasks"] = family.samples[0].value
    connection = await asyncpg.connect(stack.superuser_url("postgres"))
    try:
        found["connections"] = await connection.fetchval("SELECT count(*) FROM pg_stat_activity")
    finally:
        await connection.close()
    return found


def settled(points: Mapping[str, Series], after_s: float) -> dict[str, Series]:
    """What was seen later than that, of all that was seen often enough for a line."""
    late = {name: [point for point in line if point[0] > after_s] for name, line in points.items()}
    return {name: line for name, line in late.items() if len(line) >= LOOKS}


def growth_per_hour(points: Series) -> tuple[float, float]:
    """Slope of a line through (second, value) and its standard error, as shares of the mean per hour."""
    times, values = zip(*points, strict=True)
    fit = statistics.linear_regression(times, values)
    spread = math.fsum((at - statistics.fmean(times)) ** 2 for at in times)
    residues = math.fsum((value - fit.intercept - fit.slope * at) ** 2 for at, value in points)
    error = math.sqrt(residues / max(1, len(points) - 2) / spread)
    hourly = 3600 / max(statistics.fmean(values), 1e-9)
    return fit.slope * hourly, error * hourly


async def test_nothing_is_left_behind(proof: Proof, crowd: Crowd) -> None:
    """At half of what the district can do. A line is fitted through what is left after a third of the time
    (caches and pools fill first); what grows by more than 1 % an hour, beyond what the line's own error could
    explain, grows without end. A short run is too short for a line: it finds what a stretch of work adds."""
    seconds = proof.size(10, MINUTES * 60)
    stack, port = crowd.stack, crowd.stack.around.public_port
    peak = await busy(port, await listing(crowd, ("worker", "clerk1")), BUSY, 3)
    rate = peak.goodput / 2
    proof.of(26, "nothing grows", load=f"{rate:.0f} calls a second for {seconds} s")
    points: dict[str, Series] = defaultdict(list)
    done = asyncio.Event()
    began = time.monotonic()

    async def watch(http: httpx.AsyncClient) -> None:
        while not done.is_set():
            for name, value in (await look(stack, http)).items():
                points[name].append((time.monotonic() - began, value))
            await asyncio.sleep(EVERY_S)

    answered = 0
    async with httpx.AsyncClient(timeout=60) as http:  # looking is not what is measured
        watching = asyncio.create_task(watch(http))
        try:
            while (left := began + seconds - time.monotonic()) > 0 or not settled(points, seconds / 3):
                phase = await flood(port, await day(crowd), rate, min(CHUNK_S, max(left, EVERY_S)), BUSY)
                answered += len(phase.answered)
        finally:
            done.set()
            await watching
    late = settled(points, seconds / 3)
    grown = {name: growth_per_hour(line) for name, line in late.items()}
    kinds = ("MB", "descriptors", "tasks", "connections")
    assert {name.rpartition(" ")[2] for name in grown} == set(kinds), sorted(grown)
    assert answered > 0
    worst = {kind: max((grown[name][0], name) for name in grown if name.endswith(kind)) for kind in kinds}
    proof.found(
        cases=answered,
        figure=", ".join(f"{name} {share:+.1%}/h" for share, name in worst.values())
        if proof.full
        else f"{len(points)} lines of {len(points['connections'])} looks",
    )
    if proof.full:
        endless = {n: (s, e) for n, (s, e) in grown.items() if s - 2 * e > PER_HOUR}
        assert not endless, endless
    else:
        for name, line in late.items():
            if name.endswith(("descriptors", "tasks")):
                assert line[-1][1] < 2 * line[0][1] + 50, (name, line)
