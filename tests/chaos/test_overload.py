"""Promise 12: too much at once makes the district slower and breaks nothing."""

from __future__ import annotations

import asyncio
import statistics
import time

from deploy.local.program import http_ok
from deploy.local.services import SERVICES
from tests.chaos.conftest import Proof
from tests.chaos.crowd import Crowd
from tests.chaos.flood import busy, flood, listing, percentile_ms
from tests.fixtures.waiting import eventually

CALLERS = ("worker", "clerk1")
"""Of two buildings: what one may have under way at once is less than what the gateway takes on."""
BUSY, TIMES = 32, 5
GOODPUT, REJECTED_S, RECOVERY_S = 0.8, 0.1, 30.0


async def test_overload_degrades(proof: Proof, crowd: Crowd) -> None:
    """Calls at five times the rate that keeps the district busy, from the same machine as the district.

    Nothing fails: who is turned away is told so at once, and when to come back; health stays green; the
    others are answered, and all is as before once the flood ends. Goodput, the time of a rejection and
    recovery are asserted in full runs, where the machine has nothing else to do."""
    seconds = proof.size(3, 30)
    port, calls = crowd.stack.around.public_port, await listing(crowd, CALLERS)
    peak = await busy(port, calls, BUSY, seconds)
    proof.of(
        12,
        "overload degrades, not collapses",
        load=f"{BUSY} callers without pause, then {TIMES} times their rate for {seconds} s",
    )
    pids = crowd.stack.pids()
    # Who looks shares the machine, and this loop, with the flood.
    patience_s = 2.0 if proof.full else 20.0
    healthy: list[bool] = []

    async def health(done: asyncio.Event) -> None:
        while not done.is_set():
            for service in SERVICES:
                port = crowd.stack.around.ports[f"{service}-ops"]
                healthy.append(await http_ok(port, "/readyz", timeout_s=patience_s))
            await asyncio.sleep(0.5)

    done = asyncio.Event()
    watching = asyncio.create_task(health(done))
    try:
        over = await flood(port, calls, peak.goodput * TIMES, seconds)
    finally:
        done.set()
        await watching
    ended = time.monotonic()

    async def as_before() -> bool:
        after = await busy(port, calls, 4, 0.5)
        return not after.rejected and statistics.median(after.answered) < statistics.median(peak.answered)

    await eventually(as_before, 120)
    recovered = time.monotonic() - ended
    assert over.answered, "some were served"
    assert over.rejected, "some were turned away"
    assert all(healthy), f"{healthy.count(False)} of {len(healthy)} looks were not green"
    assert crowd.stack.pids() == pids, "no process was restarted"
    share = over.goodput / peak.goodput
    offered = (len(over.answered) + len(over.rejected)) / over.seconds
    proof.found(
        cases=len(peak.answered) + len(over.answered) + len(over.rejected),
        figure=f"{peak.goodput:.0f}/s, then of {offered:.0f}/s {over.goodput:.0f}/s answered ({share:.0%}), "
        f"p50 {percentile_ms(over.answered, 50):.0f} ms; {len(over.rejected)} rejected, p50 "
        f"{percentile_ms(over.rejected, 50):.0f} ms, p99 {percentile_ms(over.rejected, 99):.0f} ms; "
        f"{len(healthy)} looks green; recovered in {recovered:.1f} s",
    )
    if proof.full:
        assert share >= GOODPUT, (peak.goodput, over.goodput)
        assert percentile_ms(over.rejected, 99) < REJECTED_S * 1000
        assert recovered < RECOVERY_S, recovered
