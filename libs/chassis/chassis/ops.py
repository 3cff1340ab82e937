"""The ops port: /metrics, /healthz (the process lives) and /readyz (it can do its work).

A few lines of HTTP/1.1 rather than a framework: each of the processes would carry it in memory.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from chassis import metrics

Check = Callable[[], Awaitable[str]]
"""Says why not; empty where all is well. An error and no answer within two seconds are reasons too."""
_READ_S = 5.0
_CHECK_S = 2.0

_log = structlog.get_logger(__name__)


class Ops:
    """Serves the ops port until closed."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}
        self._failing: dict[str, str] = {}
        self._server: asyncio.Server | None = None
        self.draining = False

    def check(self, name: str, check: Check) -> None:
        """Make readiness depend on something."""
        self._checks[name] = check

    @property
    def checks(self) -> list[str]:
        """The names of everything that readiness looks at."""
        return list(self._checks)

    async def open(self, host: str, port: int) -> int:
        """Listen; returns the port."""
        self._server = await asyncio.start_server(self._answer, host, port, limit=16_384)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    async def failing(self) -> list[str]:
        """The names of the checks that do not pass now. Why is logged once when one begins to fail; that
        it recovered, once too."""
        reasons = await asyncio.gather(*(_reason(check) for check in self._checks.values()))
        before, self._failing = (
            self._failing,
            {name: reason for name, reason in zip(self._checks, reasons, strict=True) if reason},
        )
        for name in self._failing.keys() - before.keys():
            _log.warning("not_ready", check=name, reason=self._failing[name])
        for name in before.keys() - self._failing.keys():
            _log.info("ready_again", check=name)
        return list(self._failing)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_READ_S):
                request = await reader.readuntil(b"\r\n\r\n")
            method, target, *_ = request.decode("latin-1").split(" ", 2)
            status, kind, body = await self._route(method, target.partition("?")[0])
            head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
            writer.write(head.encode() + b"Connection: close\r\n\r\n" + body)
            await writer.drain()
        except (
            TimeoutError,
            ConnectionError,
            ValueError,
            asyncio.IncompleteReadError,
            asyncio.LimitOverrunError,
        ):
            pass  # a caller that speaks no HTTP or went away gets no answer
        finally:
            writer.close()

    async def _route(self, method: str, path: str) -> tuple[str, str, bytes]:
        plain = "text/plain; charset=utf-8"
        if method != "GET":
            return "405 Method Not Allowed", plain, b"only GET\n"
        if path == "/metrics":
            return "200 OK", "text/plain; version=0.0.4; charset=utf-8", metrics.exposition()
        if path == "/healthz":
            return "200 OK", plain, b"ok\n"
        if path == "/readyz":
            failing = ["draining"] if self.draining else await self.failing()
            if failing:
                return "503 Service Unavailable", plain, ("not ready: " + ", ".join(failing) + "\n").encode()
            return "200 OK", plain, b"ready\n"
        return "404 Not Found", plain, b"/metrics /healthz /readyz\n"


async def _reason(check: Check) -> str:
    try:
        async with asyncio.timeout(_CHECK_S):
            return await check()
    except TimeoutError:
        return f"no answer within {_CHECK_S:g} s"
    except Exception as error:
        return repr(error)
