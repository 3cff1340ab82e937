"""The gateway's listening socket, shared by an old and a new one."""

from __future__ import annotations

import asyncio
import os
import socket

import pytest

from gateway import server
from gateway.http import ASGIApp, ASGIScope, Receive, Send, answer
from gateway.server import Door, serve
from tests.fixtures.waiting import eventually


def app(name: bytes) -> ASGIApp:
    """Answers with its name."""

    async def say(scope: ASGIScope, receive: Receive, send: Send) -> None:
        await answer(send, 200, [], name)

    return say


class Visit:
    """One connection, kept open."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def begin(cls, port: int) -> Visit:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self) -> bytes:
        """The body of the next answer."""
        self._writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(30):
            head = await self._reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200")
            return await self._reader.readexactly(3)

    async def closed(self) -> bool:
        """Whether the other side ends the connection in an orderly way."""
        async with asyncio.timeout(30):
            return await self._reader.read() == b""


async def test_whoever_leaves_answers_what_it_accepted_and_leaves_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server, "_LINGER_S", 4.0)  # it is asked meanwhile, by a busy machine too
    with socket.create_server(("127.0.0.1", 0), backlog=64) as shared:
        port = shared.getsockname()[1]
        stops = asyncio.Event(), asyncio.Event()
        door = Door("", 0, os.dup(shared.fileno()))
        old = asyncio.create_task(serve(app(b"old"), door, stops[0]))

        async def serves() -> bool:
            return await (await Visit.begin(port)).ask() == b"old"

        async def left() -> bool:
            return not os.path.samestat(os.fstat(door.number), os.fstat(shared.fileno()))

        await eventually(serves)
        kept = await Visit.begin(port)
        assert await kept.ask() == b"old"
        stops[0].set()
        await eventually(left)
        # Nobody takes it now; it waits in the queue for the successor.
        waiting = await Visit.begin(port)
        asked = asyncio.create_task(waiting.ask())
        assert await kept.ask() == b"old"
        await asyncio.sleep(0.1)
        assert not asked.done()
        new = asyncio.create_task(serve(app(b"new"), Door("", 0, os.dup(shared.fileno())), stops[1]))
        assert await asked == b"new"
        await old
        assert await kept.closed()
        assert await waiting.ask() == b"new"
        monkeypatch.undo()
        stops[1].set()
        await new


def test_a_taken_port_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        Door("127.0.0.1", taken.getsockname()[1])
