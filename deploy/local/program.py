"""One program of the stack, as data: what to start, how to tell that it is ready, how to end it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.child import User

Ready = Callable[[int], Awaitable[bool]]
"""Asks whether the process with this pid serves by now."""


@dataclass(frozen=True, slots=True)
class Program:
    """What the supervisor keeps running."""

    name: str
    argv: Sequence[str]
    ready: Ready
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    user: User | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    ready_within_s: float = 60.0
    stops_within_s: float = 15.0
    pass_fds: tuple[int, ...] = ()
    """Open files that it inherits under the same numbers."""
    quiet: bool = False
    """Its log goes to its file only; the console shows it when it speaks of an error."""


async def http_ok(port: int, path: str, *, timeout_s: float = 2.0) -> bool:
    """Whether 127.0.0.1:port answers a GET with 200."""
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
                await writer.drain()
                status = await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False
    return b" 200 " in status


async def greets(port: int, greeting: bytes, *, timeout_s: float = 2.0) -> bool:
    """Whether the server on 127.0.0.1:port opens the conversation with these bytes."""
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                return (await reader.read(len(greeting))) == greeting
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False
