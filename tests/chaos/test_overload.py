"""Promise 12, as far as it holds: too much at once makes the district slower and breaks nothing."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field

import httpx

from deploy.local.program import http_ok
from deploy.local.services import SERVICES
from tests.chaos.conftest import Proof
from tests.chaos.crowd import Crowd
from tests.fixtures.waiting import eventually

CALLER = "worker"
BASE, TIMES = 32, 5
GOODPUT, REJECTED_S, RECOVERY_S = 0.8, 0.1, 30.0
PAUSE_S = 0.1
"""How long somebody waits who was turned away: less than they were asked to."""


@dataclass
class Phase:
    """What a number of callers met with."""

    seconds: float = 0.0
    answered: list[float] = field(default_factory=list)
    rejected: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def goodput(self) -> float:
        """Answers a second."""
        return len(self.answered) / self.seconds


async def flood(crowd: Crowd, http: httpx.AsyncClient, callers: int, seconds: float) -> Phase:
    """So many callers, each calling again as soon as it may."""
    phase = Phase()
    headers = {"authorization": await crowd.token(CALLER)}
    path = f"/v1/tenants/{await crowd.tenant(CALLER)}/requests?page_size=5"
    began = time.monotonic()

    async def one() -> None:
        while time.monotonic() - began < seconds:
            asked = time.monotonic()
            reply = await http.get(path, headers=headers)
            took = time.monotonic() - asked
            phase.statuses[reply.status_code] += 1
            if reply.status_code == 200:
                phase.answered.append(took)
            else:
                assert reply.status_code in (429, 503), reply.text
                assert int(reply.headers["retry-after"]) > 0
                phase.rejected.append(took)
                await asyncio.sleep(PAUSE_S)

    await asyncio.gather(*(one() for _ in range(callers)))
    phase.seconds = time.monotonic() - began
    return phase


async def test_overload_degrades(proof: Proof, crowd: Crowd) -> None:
    """Callers that never stop, on the same machine as the district: five times as many as keep it busy.

    Held in part. Nothing fails, health stays green and all is as before once they leave; whoever is turned
    away is told when to come back. But on a small machine the gateway is busy before the services behind it
    are: what comes in waits for the gateway itself, which does not turn away by how far it is behind, and so
    hardly anybody is refused and answers take longer the more callers there are. What a rejection takes is
    measured where there are any. Goodput and recovery are asserted in full runs only, where the machine has
    nothing else to do."""
    seconds = proof.size(3, 30)
    proof.of(
        12,
        "overload degrades, not collapses",
        load=f"{BASE}, then {BASE * TIMES} callers of one tenant without pause, {seconds} s each",
    )
    pids = crowd.stack.pids()
    limits = httpx.Limits(max_connections=BASE * TIMES, max_keepalive_connections=BASE * TIMES)
    healthy: list[bool] = []

    async def health(done: asyncio.Event) -> None:
        while not done.is_set():
            for service in SERVICES:
                healthy.append(await http_ok(crowd.stack.around.ports[f"{service}-ops"], "/readyz"))
            await asyncio.sleep(0.5)

    async with httpx.AsyncClient(base_url=crowd.stack.url, timeout=60, limits=limits) as http:
        await flood(crowd, http, BASE, 0.5)
        peak = await flood(crowd, http, BASE, seconds)
        done = asyncio.Event()
        watching = asyncio.create_task(health(done))
        try:
            over = await flood(crowd, http, BASE * TIMES, seconds)
        finally:
            done.set()
            await watching
        ended = time.monotonic()

        async def as_before() -> bool:
            after = await flood(crowd, http, 4, 0.5)
            return not after.rejected and statistics.median(after.answered) < statistics.median(peak.answered)

        await eventually(as_before, 120)
        recovered = time.monotonic() - ended
    assert over.answered, "some were served"
    assert all(healthy), f"{healthy.count(False)} of {len(healthy)} looks were not green"
    assert crowd.stack.pids() == pids, "no process was restarted"
    p99 = statistics.quantiles(over.rejected, n=100)[98] if len(over.rejected) > 1 else 0.0
    share = over.goodput / peak.goodput
    if proof.full:
        assert share >= GOODPUT, (peak.goodput, over.goodput)
        assert p99 < REJECTED_S, p99
        assert recovered < RECOVERY_S, recovered
    proof.found(
        cases=sum(peak.statuses.values()) + sum(over.statuses.values()),
        figure=f"{peak.goodput:.0f}/s, then {over.goodput:.0f}/s ({share:.0%}); "
        f"answers p50 {statistics.median(over.answered) * 1000:.0f} ms, {len(over.rejected)} rejected, "
        f"p99 {p99 * 1000:.0f} ms; "
        f"{len(healthy)} looks green; recovered in {recovered:.1f} s",
    )
