"""Spans reach a collector where one is named, and the SDK stays out of memory where none is."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

from google.protobuf.wrappers_pb2 import StringValue

from chassis import tracing
from chassis.events import Event

PROGRAM = """
import sys
from chassis import tracing
tracing.configure("ticket", sys.argv[1])
span = tracing.start("RequestsService/GetTicket", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
span.end("INTERNAL")
tracing.shutdown()
print(span.traceparent, "opentelemetry.sdk" in sys.modules)
"""


def test_spans_are_sent_to_the_collector() -> None:
    received: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            received.append((self.path, body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's name
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        said = run(f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
    traceparent, loaded = said.split()
    assert loaded == "True"
    assert traceparent.startswith("00-0af7651916cd43dd8448eb211c80319c-")
    assert "b7ad6b7169203331" not in traceparent, "the span is a new one under its parent"
    assert [path for path, _ in received] == ["/v1/traces"]
    body = received[0][1]
    assert bytes.fromhex("0af7651916cd43dd8448eb211c80319c") in body
    assert b"louyu-ticket" in body


def test_without_a_collector_the_context_is_passed_on_and_nothing_is_loaded() -> None:
    traceparent, loaded = run("").split()
    assert traceparent == "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert loaded == "False"


def test_what_one_event_causes_belongs_to_its_trace_and_a_batch_to_none() -> None:
    known = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    message = StringValue()
    event = Event("1", "2", "a.B", "b", "3", 1, datetime.now(UTC), "", (), known, message)
    with tracing.following("one/watching", [event]) as traceparent:
        assert traceparent == known
    with tracing.following("one/watching", [event, event]) as traceparent:
        assert traceparent == ""


def run(endpoint: str) -> str:
    """What the program prints, with this collector."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, endpoint], capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout
