"""Calls that come at a steady rate from a process of their own, whatever the answers: somebody else's
machine. With "nice": 19 it gives way to everything else on this one, so that only what the district does for
it is felt.

    python -m tests.chaos.noise '{"port": 8800, "path": …, "tokens": […], "rate": 9, "seconds": 5, "nice": 0}'
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import orjson

CONNECTIONS = 40


@dataclass
class Heard:
    """What was answered."""

    statuses: Counter[int] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    without_retry_after: int = 0
    seconds: float = 0.0
    """From before the first call to the last answer."""
    late: int = 0
    """Calls that were not made because their connection still waited for the last answer."""


class Caller:
    """One connection, kept open."""

    def __init__(self, port: int, path: str, token: str, heard: Heard) -> None:
        self._port = port
        self._heard = heard
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: {token}\r\n\r\n"
        self._request = head.encode()

    async def call(self, *, first_s: float, every_s: float, ends: float) -> None:
        """One call every so often, never two at a time."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        at = time.monotonic() + first_s
        try:
            while at < ends:
                await asyncio.sleep(max(0.0, at - time.monotonic()))
                writer.write(self._request)
                self._hear(*await _answer(reader))
                at += every_s
                while at + every_s < time.monotonic():
                    at += every_s
                    self._heard.late += 1
        finally:
            writer.close()

    def _hear(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self._heard.statuses[status] += 1
        if status >= 400:
            self._heard.reasons[orjson.loads(body)["reason"]] += 1
            self._heard.without_retry_after += int(headers.get("retry-after", "0")) < 1


async def _answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(first.split(" ")[1]), headers, await reader.readexactly(int(headers["content-length"]))


async def make(wanted: dict[str, Any]) -> Heard:
    """The calls that were asked for."""
    heard = Heard()
    every_s = CONNECTIONS / wanted["rate"]
    began = time.monotonic()
    ends = began + wanted["seconds"]
    tokens = wanted["tokens"]
    callers = [
        Caller(wanted["port"], wanted["path"], tokens[number % len(tokens)], heard)
        for number in range(CONNECTIONS)
    ]
    await asyncio.gather(
        *(
            caller.call(first_s=every_s * number / CONNECTIONS, every_s=every_s, ends=ends)
            for number, caller in enumerate(callers)
        )
    )
    heard.seconds = time.monotonic() - began
    return heard


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    os.nice(asked["nice"])
    sys.stdout.write(json.dumps(vars(asyncio.run(make(asked)))))
