"""Load over plain sockets: cheap enough that what is measured is the server.

An HTTP library costs several times what a request costs here, on the same two cores that the servers use.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson


class UnexpectedReplyError(Exception):
    """The server did not answer as the scenario needs."""


class Connection(asyncio.Protocol):
    """One keep-alive connection; one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._needed = -1
        self._answer: asyncio.Future[bytes] | None = None
        self.head = b""
        """The status line and headers of the last answer, in small letters."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._needed < 0:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            self.head = bytes(self._buffer[:end]).lower()
            at = self.head.find(b"content-length:")
            length = int(self.head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            self._needed = end + 4 + length
        if len(self._buffer) >= self._needed and self._answer is not None:
            whole = bytes(self._buffer)
            self._buffer.clear()
            self._needed = -1
            self._answer.set_result(whole)

    async def send(self, request: bytes, *, expect: bytes = b" 20") -> bytes:
        """Sends a request and returns the body; anything but a success is an error of the scenario."""
        if self._transport is None:
            raise ConnectionError("not connected")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        whole = await self._answer
        if whole.find(expect, 0, 16) < 0:
            raise UnexpectedReplyError(whole[:1500].decode("utf-8", "replace"))
        return whole[whole.find(b"\r\n\r\n") + 4 :]

    def close(self) -> None:
        """Hangs up."""
        if self._transport is not None:
            self._transport.close()


async def connect(port: int) -> Connection:
    """Opens a connection to 127.0.0.1."""
    _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port)
    return connection


def request(
    method: str, path: str, body: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
) -> bytes:
    """The bytes of one request."""
    content = orjson.dumps(body) if body is not None else b""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


@dataclass(frozen=True, slots=True)
class Measured:
    """What a stretch of load gave."""

    done: int
    seconds: float
    latencies_ms: list[float]

    @property
    def per_s(self) -> float:
        return self.done / self.seconds

    def percentile_ms(self, percent: int) -> float:
        """A latency that `percent` of the operations stayed under."""
        return statistics.quantiles(self.latencies_ms, n=100, method="inclusive")[percent - 1]


Operation = Callable[[Connection, int], Awaitable[None]]
"""One operation over a connection; the number counts the operations of this stretch."""


async def closed_loop(port: int, operation: Operation, *, seconds: float, connections: int = 32) -> Measured:
    """Every connection repeats the operation, the next as soon as the last is done."""
    opened = [await connect(port) for _ in range(connections)]
    latencies: list[float] = []
    started = time.perf_counter()
    ends = started + seconds
    number = 0

    async def work(connection: Connection) -> None:
        nonlocal number
        while (begun := time.perf_counter()) < ends:
            number += 1
            await operation(connection, number)
            latencies.append((time.perf_counter() - begun) * 1000)

    try:
        async with asyncio.TaskGroup() as group:
            for connection in opened:
                group.create_task(work(connection))
    finally:
        for connection in opened:
            connection.close()
    return Measured(len(latencies), time.perf_counter() - started, latencies)


async def open_loop(
    port: int, operation: Operation, *, per_s: float, seconds: float, connections: int = 32
) -> Measured:
    """Operations start at a steady rate whether or not earlier ones are done."""
    free: asyncio.Queue[Connection] = asyncio.Queue()
    opened = [await connect(port) for _ in range(connections)]
    for connection in opened:
        free.put_nowait(connection)
    latencies: list[float] = []
    started = time.perf_counter()

    async def one(number: int) -> None:
        await asyncio.sleep(max(0.0, started + number / per_s - time.perf_counter()))
        begun = time.perf_counter()
        connection = await free.get()
        await operation(connection, number)
        free.put_nowait(connection)
        latencies.append((time.perf_counter() - begun) * 1000)

    try:
        async with asyncio.TaskGroup() as group:
            for number in range(int(per_s * seconds)):
                group.create_task(one(number))
    finally:
        for connection in opened:
            connection.close()
    return Measured(len(latencies), time.perf_counter() - started, latencies)
