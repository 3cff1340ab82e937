"""Promise 13: one tenant that asks for far more than its share is turned away; the others hardly notice."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import psutil
import pytest_asyncio

from deploy.local.stack import ROOT
from tests.chaos.conftest import Proof
from tests.chaos.crowd import Crowd
from tests.chaos.noise import Heard

NOISY = ("worker", "worker2", "worker3")
QUIET = {
    "worker1": "requests?page_size=5",
    "worker33": "requests?page_size=5",
    "worker4": "requests?page_size=5",
    "worker5": "requests?page_size=5",
    "industryadmin": "departments?page_size=1",
    "taxadmin": "departments?page_size=1",
    "labouradmin": "departments?page_size=1",
    "healthadmin": "departments?page_size=1",
    "familyadmin": "departments?page_size=1",
    "commerceadmin": "departments?page_size=1",
}
"""People of ten other tenants and what they read."""
QUOTA, TIMES, BURST = 10, 20, 20
QUIET_RATE = 6.0
"""Requests a second of each of the others: within their quota."""
BOUND = 1.2


@dataclass
class Round:
    """What the others met with."""

    took: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def p99(self) -> float:
        """Of their answers, in seconds."""
        return statistics.quantiles(self.took, n=100)[98]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def neighbours(crowd: Crowd) -> AsyncIterator[Crowd]:
    """A district whose tenants have a small quota, so that twenty times as much fits on this machine."""
    quota = {"LOUYU_GATEWAY_TENANT_RATE": str(QUOTA), "LOUYU_GATEWAY_TENANT_BURST": str(BURST)}
    before = {name: crowd.stack.around.extra.get(name, "0") for name in quota}
    await crowd.stack.restart("gateway", settings=quota)
    yield crowd
    await crowd.stack.restart("gateway", settings=before)


async def others(http: httpx.AsyncClient, crowd: Crowd, paths: dict[str, str], seconds: float) -> Round:
    """Everybody else's steady calls."""
    found = Round()
    ends = time.monotonic() + seconds

    async def one(login: str, path: str, first_s: float) -> None:
        headers = {"authorization": await crowd.token(login)}
        at = time.monotonic() + first_s
        while at < ends:
            await asyncio.sleep(max(0.0, at - time.monotonic()))
            asked = time.monotonic()
            reply = await http.get(path, headers=headers)
            found.took.append(time.monotonic() - asked)
            found.statuses[reply.status_code] += 1
            at += 1 / QUIET_RATE

    people = enumerate(paths.items())
    await asyncio.gather(
        *(one(login, path, number / len(paths) / QUIET_RATE) for number, (login, path) in people)
    )
    return found


async def noise(crowd: Crowd, seconds: float, nice: int) -> Heard:
    """The noisy tenant's calls, at TIMES its quota."""
    wanted = {
        "port": crowd.stack.around.public_port,
        "path": f"/v1/tenants/{await crowd.tenant(NOISY[0])}/requests?page_size=5",
        "tokens": [await crowd.token(login) for login in NOISY],
        "rate": QUOTA * TIMES,
        "seconds": seconds,
        "nice": nice,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.chaos.noise",
        json.dumps(wanted),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    heard = json.loads(out)
    heard["statuses"] = Counter({int(status): count for status, count in heard["statuses"].items()})
    return Heard(**heard)


async def test_a_noisy_tenant_is_contained(proof: Proof, neighbours: Crowd) -> None:
    """The others' p99 without and with the noisy one, in turns, since the machine is not ours alone; the
    median of the turns' ratios counts. It is held to its bound in full runs only; that the noisy one is told
    why and until when, and that nobody else is refused, always."""
    crowd = neighbours
    seconds, rounds = proof.size(4, 20), proof.size(2, 9)
    proof.of(
        13,
        "a noisy tenant is contained",
        load=f"{len(QUIET)} tenants at {QUIET_RATE:.0f}/s each, {rounds} × 2 turns of {seconds} s",
        faults=f"one tenant at {QUOTA * TIMES}/s, {TIMES}× its quota",
    )
    paths = {login: f"/v1/tenants/{await crowd.tenant(login)}/{what}" for login, what in QUIET.items()}
    gateway = psutil.Process(crowd.stack.pids()["gateway"])
    # What gives way on a busy machine makes no noise at all; where it is measured, nothing else runs.
    nice = 19 if proof.full else 0
    heard, quiet, loud = [], [], []
    busy = {"without": 0.0, "with": 0.0}
    async with httpx.AsyncClient(base_url=crowd.stack.url, timeout=30) as http:
        await others(http, crowd, paths, 2)
        for number in range(rounds * 2):
            noisy = number % 4 in (1, 2)  # without, with, with, without: a trend favours neither
            before = sum(gateway.cpu_times()[:2])
            if noisy:
                loudly = asyncio.create_task(noise(crowd, seconds + 1, nice))
                await asyncio.sleep(0.7)  # it has used up what it may have at once
                loud.append(await others(http, crowd, paths, seconds))
                heard.append(await loudly)
            else:
                quiet.append(await others(http, crowd, paths, seconds))
            busy["with" if noisy else "without"] += sum(gateway.cpu_times()[:2]) - before
    refused = sum(one.statuses[429] for one in heard)
    made = sum(one.statuses.total() for one in heard)
    reasons = sum((Counter(one.reasons) for one in heard), Counter())
    assert set(sum((one.statuses for one in quiet + loud), Counter())) == {200}, "nobody else is refused"
    assert {status for one in heard for status in one.statuses} == {200, 429}
    assert set(reasons) == {"RATE_LIMITED_TENANT"}, reasons
    assert not any(one.without_retry_after for one in heard), "whoever is refused is told until when"
    allowed = sum(QUOTA * one.seconds + BURST + 1 for one in heard)
    assert made - refused <= allowed, "and gets no more than its quota"
    ratios = [with_it.p99 / without.p99 for without, with_it in zip(quiet, loud, strict=True)]
    ratio = statistics.median(ratios)
    if proof.full:
        assert made > 0.9 * QUOTA * TIMES * seconds * len(heard), "it was as noisy as meant"
        assert ratio < BOUND, ratios
    p50 = [statistics.median([took for one in turns for took in one.took]) * 1000 for turns in (quiet, loud)]
    p99 = [statistics.median(one.p99 for one in turns) * 1000 for turns in (quiet, loud)]
    cost = (busy["with"] - busy["without"]) / made * 1e6
    proof.found(
        cases=sum(len(one.took) for one in quiet + loud),
        figure=f"p99 × {ratio:.2f} ({p99[0]:.0f} → {p99[1]:.0f} ms; p50 {p50[0]:.1f} → {p50[1]:.1f} ms); "
        f"{refused} of {made} refused, {cost:.0f} µs of the gateway each",
    )
