"""Traces: W3C trace context, HTTP → gRPC → NATS.

The context is always passed on. Spans are recorded only where LOUYU_OTLP names a collector; the
OpenTelemetry SDK is loaded only then, because eight processes would carry it for nothing.
"""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from chassis.events import Event

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_tracer: Any = None
_provider: Any = None


class Span:
    """One piece of work; `traceparent` is what travels on."""

    __slots__ = ("_recorded", "traceparent")

    def __init__(self, traceparent: str, recorded: Any = None) -> None:
        self.traceparent = traceparent
        self._recorded = recorded

    def end(self, outcome: str = "OK") -> None:
        """The work is over; `outcome` is a gRPC status name."""
        if self._recorded is not None:
            from opentelemetry.trace import Status, StatusCode

            self._recorded.set_attribute("rpc.grpc.status", outcome)
            if outcome in ("INTERNAL", "UNKNOWN", "UNAVAILABLE", "DEADLINE_EXCEEDED"):
                self._recorded.set_status(Status(StatusCode.ERROR, outcome))
            self._recorded.end()


def start(
    name: str, traceparent: str = "", kind: Literal["server", "producer", "consumer"] = "server"
) -> Span:
    """Begin a span under the given parent, or a new trace where it is missing or malformed."""
    valid = len(traceparent) == 55 and _TRACEPARENT.fullmatch(traceparent) is not None
    if _tracer is None:
        return Span(traceparent if valid else f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-00")
    from opentelemetry.trace import SpanKind
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    parent = TraceContextTextMapPropagator().extract({"traceparent": traceparent} if valid else {})
    recorded = _tracer.start_span(name, context=parent, kind=SpanKind[kind.upper()])
    context = recorded.get_span_context()
    return Span(f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}", recorded)


def follow(
    verb: str, event_type: str, traceparent: str, kind: Literal["producer", "consumer"]
) -> Span | None:
    """What becomes of an event, as a part of the trace that caused it. None where nothing is recorded."""
    if _tracer is None or not traceparent:
        return None
    return start(f"{verb} {event_type.rpartition('.')[2]}", traceparent, kind)


@contextmanager
def following(consumer: str, events: "Sequence[Event]") -> Iterator[str]:
    """A span in each event's own trace while a consumer applies the events together.

    Yields the context of what it causes: that of the event where there is one, none for a batch, since its
    effects cannot be told apart.
    """
    begun: list[Span] = []
    if _tracer is not None:
        spans = (follow(consumer, event.type, event.traceparent, "consumer") for event in events)
        begun = [span for span in spans if span is not None]
    alone = events[0].traceparent if len(events) == 1 else ""
    outcome = "INTERNAL"
    try:
        yield begun[0].traceparent if alone and begun else alone
        outcome = "OK"
    finally:
        for span in begun:
            span.end(outcome)


def configure(service: str, endpoint: str) -> None:
    """Record spans and send them to `endpoint` (OTLP over HTTP, e.g. "http://collector:4318")."""
    global _tracer, _provider
    if not endpoint:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    _provider = TracerProvider(resource=Resource.create({"service.name": f"louyu-{service}"}))
    _provider.add_span_processor(
        BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint.rstrip("/") + "/v1/traces"))
    )
    _tracer = _provider.get_tracer("chassis")


def shutdown() -> None:
    """Send what is left."""
    if _provider is not None:
        _provider.shutdown()
