"""A district small enough to watch: five processes that send their spans to us."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest_asyncio
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from tests.fixtures.district import NewDistrict
from tests.integration.gateway.house import House, settled

SERVICES = ("identity", "ticket", "notification", "dashboard", "gateway")


@dataclass(frozen=True, slots=True)
class Recorded:
    """One span that reached us."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    failed: bool


class Collector:
    """Takes spans as OTLP over HTTP, on loopback."""

    def __init__(self) -> None:
        self.spans: list[Recorded] = []
        self.received = b""
        """Everything, as it came."""
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                collector.take(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's name
                """Quiet."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """What LOUYU_OTLP says."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def take(self, body: bytes) -> None:
        """Keep the spans of one delivery."""
        self.received += body
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            names = [a.value.string_value for a in resource.resource.attributes if a.key == "service.name"]
            for scope in resource.scope_spans:
                self.spans += [
                    Recorded(
                        names[0].removeprefix("louyu-"),
                        span.name,
                        span.trace_id.hex(),
                        span.span_id.hex(),
                        span.parent_span_id.hex(),
                        span.status.code == Status.STATUS_CODE_ERROR,
                    )
                    for span in scope.spans
                ]

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@dataclass(frozen=True, slots=True)
class Watched:
    """The district and what it tells."""

    house: House
    collector: Collector


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def watched(new_district: NewDistrict) -> AsyncIterator[Watched]:
    """One district for the tests of this folder."""
    collector = Collector()
    settings = {
        "LOUYU_OTLP": collector.url,
        "OTEL_BSP_SCHEDULE_DELAY": "200",  # milliseconds; usually five seconds
        "LOUYU_GATEWAY_ACCOUNT_RATE": "0",
        "LOUYU_GATEWAY_TENANT_RATE": "0",
        "LOUYU_GATEWAY_ADDRESS_RATE": "0",
    }
    try:
        async with new_district(only=SERVICES, settings=settings) as stack, settled(stack) as house:
            yield Watched(house, collector)
    finally:
        collector.close()
