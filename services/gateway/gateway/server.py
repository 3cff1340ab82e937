"""The HTTP server: granian, inside this process and its event loop.

Its usual form spawns a worker process beside a supervisor; embedded, there is one process and one loop,
which is what grpc.aio wants, and 40 MB less.
"""

import asyncio
import logging
import warnings

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from gateway.http import ASGIApp

_BACKLOG = 1024
_BACKPRESSURE = 1024
"""Connections whose requests are handed to Python at a time; the others wait in the server."""
_HEADER_MS = 15_000
_LAST_THREADS_S = 0.1
"""The server's own threads outlive the last answer by a moment; the interpreter must not end before them."""


async def serve(app: ASGIApp, host: str, port: int, stop: asyncio.Event) -> None:
    """Answer HTTP until told to stop; requests under way are finished."""
    logging.getLogger("_granian").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = Server(
            app,
            address=host,
            port=port,
            interface=Interfaces.ASGINL,
            http=HTTPModes.auto,
            http1_settings=HTTP1Settings(header_read_timeout=_HEADER_MS),
            websockets=False,
            backlog=_BACKLOG,
            backpressure=_BACKPRESSURE,
            log_enabled=False,
        )
    serving = asyncio.create_task(server.serve(), name="granian")
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not serving.done():
        server.stop()  # type: ignore[no-untyped-call]
    await serving
    await asyncio.sleep(_LAST_THREADS_S)
