"""Promise 12: too much at once makes the district slower and breaks nothing."""

from __future__ import annotations

import asyncio
import re
import statistics
import time
from dataclasses import dataclass, field

from deploy.local.program import http_ok
from deploy.local.services import SERVICES
from tests.bench.load import Connection, connect, request
from tests.chaos.conftest import Proof
from tests.chaos.crowd import Crowd
from tests.fixtures.waiting import eventually

CALLERS = ("worker", "clerk1")
"""Of two buildings: what one may have under way at once is less than what the gateway takes on."""
BUSY, TIMES = 32, 5
CONNECTIONS = 400
GOODPUT, REJECTED_S, RECOVERY_S = 0.8, 0.1, 30.0


@dataclass
class Phase:
    """What a number of calls met with."""

    seconds: float = 0.0
    answered: list[float] = field(default_factory=list)
    rejected: list[float] = field(default_factory=list)

    @property
    def goodput(self) -> float:
        """Answers a second."""
        return len(self.answered) / self.seconds

    def took(self, connection: Connection, seconds: float) -> None:
        """One call is answered, or turned away with a time to come back."""
        status = int(connection.head.split(b" ", 2)[1])
        if status == 200:
            self.answered.append(seconds)
            return
        assert status in (429, 503), connection.head
        found = re.search(rb"retry-after: (\d+)", connection.head)
        assert found is not None, connection.head
        assert int(found[1]) > 0
        self.rejected.append(seconds)


def percentile_ms(times: list[float], percent: int) -> float:
    """A time that `percent` of them stayed under; 0 where there are none."""
    if len(times) < 2:
        return 0.0
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1] * 1000


async def calls(crowd: Crowd) -> list[bytes]:
    """A page of the newest requests, as each of the callers asks for it."""
    return [
        request(
            "GET",
            f"/v1/tenants/{await crowd.tenant(login)}/requests?page_size=5",
            headers={"authorization": await crowd.token(login)},
        )
        for login in CALLERS
    ]


async def busy(crowd: Crowd, callers: int, seconds: float) -> Phase:
    """So many callers, each calling again as soon as it has its answer."""
    phase, ready = Phase(), await calls(crowd)
    began = time.monotonic()

    async def one(number: int) -> None:
        connection = await connect(crowd.stack.around.public_port)
        while (asked := time.monotonic()) - began < seconds:
            await connection.send(ready[number % len(ready)], expect=b"")
            phase.took(connection, time.monotonic() - asked)
        connection.close()

    await asyncio.gather(*(one(number) for number in range(callers)))
    phase.seconds = time.monotonic() - began
    return phase


async def flood(crowd: Crowd, per_s: float, seconds: float) -> Phase:
    """Calls that come at their own rate, whether or not earlier ones are answered; they wait for nothing but
    a free one of many connections."""
    phase, ready = Phase(), await calls(crowd)
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(await connect(crowd.stack.around.public_port))
    began = time.monotonic()

    async def one(number: int) -> None:
        connection = await free.get()
        asked = time.monotonic()
        await connection.send(ready[number % len(ready)], expect=b"")
        phase.took(connection, time.monotonic() - asked)
        free.put_nowait(connection)

    async with asyncio.TaskGroup() as group:
        started = 0
        while (now := time.monotonic()) - began < seconds:
            due = int((now - began) * per_s)
            if free.qsize():  # who finds every connection taken is not there: a browser opens six
                for number in range(started, min(due, started + free.qsize())):
                    group.create_task(one(number))
            started = due
            await asyncio.sleep(0.005)
    phase.seconds = time.monotonic() - began
    while not free.empty():
        free.get_nowait().close()
    return phase


async def test_overload_degrades(proof: Proof, crowd: Crowd) -> None:
    """Calls at five times the rate that keeps the district busy, from the same machine as the district.

    Nothing fails: who is turned away is told so at once, and when to come back; health stays green; the
    others are answered, and all is as before once the flood ends. Goodput, the time of a rejection and
    recovery are asserted in full runs, where the machine has nothing else to do."""
    seconds = proof.size(3, 30)
    peak = await busy(crowd, BUSY, seconds)
    proof.of(
        12,
        "overload degrades, not collapses",
        load=f"{BUSY} callers without pause, then {TIMES} times their rate for {seconds} s",
    )
    pids = crowd.stack.pids()
    healthy: list[bool] = []

    async def health(done: asyncio.Event) -> None:
        while not done.is_set():
            for service in SERVICES:
                healthy.append(await http_ok(crowd.stack.around.ports[f"{service}-ops"], "/readyz"))
            await asyncio.sleep(0.5)

    done = asyncio.Event()
    watching = asyncio.create_task(health(done))
    try:
        over = await flood(crowd, peak.goodput * TIMES, seconds)
    finally:
        done.set()
        await watching
    ended = time.monotonic()

    async def as_before() -> bool:
        after = await busy(crowd, 4, 0.5)
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
