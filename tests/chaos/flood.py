"""Calls over plain sockets, cheap for whoever makes them: callers without pause, and calls at a rate of their
own."""

from __future__ import annotations

import asyncio
import re
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from chassis.ids import new_id
from tests.bench.load import Connection, connect, request
from tests.chaos.crowd import Crowd

CONNECTIONS = 400


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

    def took(self, connection: Connection, body: bytes, seconds: float) -> None:
        """One call is answered, or turned away with a time to come back. An order that comes round again
        while it is under way, as on a busy machine, is neither."""
        status = int(connection.head.split(b" ", 2)[1])
        if status == 200:
            self.answered.append(seconds)
            return
        if status == 409:
            assert b"REQUEST_IN_PROGRESS" in body, body
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


async def listing(crowd: Crowd, logins: Sequence[str]) -> list[bytes]:
    """A page of the newest requests, as each of these people asks for it."""
    return [
        request(
            "GET",
            f"/v1/tenants/{await crowd.tenant(login)}/requests?page_size=5",
            headers={"authorization": await crowd.token(login)},
        )
        for login in logins
    ]


async def day(crowd: Crowd) -> list[bytes]:
    """What a building does all day: looks, orders, reads messages."""
    worker = {"authorization": await crowd.token("worker")}
    tenant, item = await crowd.tenant("worker"), await crowd.item("worker")
    orders = [
        request(
            "POST",
            f"/v1/tenants/{tenant}/requests",
            {"service_item_id": item, "summary": "请尽快处理", "synthetic": True},
            worker | {"idempotency-key": new_id()},
        )
        for _ in range(20)
    ]
    pages = await listing(crowd, ("worker", "clerk1", "secretary")) * 20
    inbox = [request("GET", "/v1/me/messages?page_size=10", headers=worker)] * 20
    return [each for four in zip(orders, pages, pages[1:], inbox, strict=False) for each in four]


async def busy(port: int, calls: Sequence[bytes], callers: int, seconds: float) -> Phase:
    """So many callers, each calling again as soon as it has its answer."""
    phase = Phase()
    began = time.monotonic()

    async def one(number: int) -> None:
        connection = await connect(port)
        while (asked := time.monotonic()) - began < seconds:
            body = await connection.send(calls[number % len(calls)], expect=b"")
            phase.took(connection, body, time.monotonic() - asked)
        connection.close()

    await asyncio.gather(*(one(number) for number in range(callers)))
    phase.seconds = time.monotonic() - began
    return phase


async def flood(
    port: int, calls: Sequence[bytes], per_s: float, seconds: float, connections: int = CONNECTIONS
) -> Phase:
    """Calls that come at their own rate, whether or not earlier ones are answered; they wait for nothing but
    a free one of many connections."""
    phase = Phase()
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(connections):
        free.put_nowait(await connect(port))
    began = time.monotonic()

    async def one(number: int) -> None:
        connection = await free.get()
        asked = time.monotonic()
        body = await connection.send(calls[number % len(calls)], expect=b"")
        phase.took(connection, body, time.monotonic() - asked)
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
