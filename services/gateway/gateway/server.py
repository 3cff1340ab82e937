"""The HTTP server: granian, inside this process and its event loop.

Its usual form spawns a worker process beside a supervisor; embedded, there is one process and one loop,
which is what grpc.aio wants, and 40 MB less.
"""

import asyncio
import logging
import os
import socket
import warnings
from typing import Any

from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from gateway.http import ASGIApp

BACKLOG = 1024
_BACKPRESSURE = 1024
"""Connections whose requests are handed to Python at a time; the others wait in the server."""
_HEADER_MS = 15_000
_LINGER_S = 1.0
"""Connections that are used in this time are closed with an answer that says so; what is open after it is
idle. Closed at once, a connection could be closed under a request that is on its way."""
_HOLDER: Any = SocketHolder
_LAST_THREADS_S = 0.1
"""The server's own threads outlive the last answer by a moment; the interpreter must not end before them."""


class Door:
    """The listening socket: one that was handed down, which a successor may share, or one of our own."""

    def __init__(self, host: str, port: int, inherited: int | None = None) -> None:
        """OSError where the port is taken."""
        self._shared = inherited is not None
        if inherited is None:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
        else:
            listening = socket.socket(fileno=inherited)
        listening.setblocking(False)
        self.number = listening.detach()

    def leave_to_others(self) -> None:
        """Take no more connections where somebody else does. Nothing that waits in the queue is lost.

        The server cannot stop accepting without closing what it has accepted. So it gets another socket
        under the same number, on which nobody ever calls."""
        if self._shared:
            with socket.create_server(("127.0.0.1", 0)) as silent:
                silent.setblocking(False)
                os.dup2(silent.fileno(), self.number, inheritable=False)


class _Server(Server):
    """Granian on a socket that is open already."""

    def __init__(self, door: Door, **settings: Any) -> None:
        super().__init__(**settings)
        self._door = door

    def _init_shared_socket(self) -> None:
        number = self._door.number
        vars(self).update(_ssp=None, _shd=_HOLDER(number, False, BACKLOG), _sfd=number)


async def serve(app: ASGIApp, door: Door, stop: asyncio.Event) -> None:
    """Answer HTTP until told to stop; requests under way are finished, idle connections closed."""
    logging.getLogger("_granian").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = _Server(
            door,
            target=app,
            interface=Interfaces.ASGINL,
            http=HTTPModes.auto,
            http1_settings=HTTP1Settings(header_read_timeout=_HEADER_MS),
            websockets=False,
            backlog=BACKLOG,
            backpressure=_BACKPRESSURE,
            log_enabled=False,
        )
    serving = asyncio.create_task(server.serve(), name="granian")
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not serving.done():
        door.leave_to_others()
        await asyncio.wait({serving}, timeout=_LINGER_S)
        server.stop()  # type: ignore[no-untyped-call]
    await serving
    await asyncio.sleep(_LAST_THREADS_S)
