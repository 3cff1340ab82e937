"""Structured logs: one line per happening, with the request, tenant and service it belongs to.

Personal data never reaches a log: values under telling names are dropped, and anything that looks
like an ID number or a mobile phone number is blanked wherever it stands.
"""

import logging
import re
import sys
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from chassis.context import current

_PRIVATE = frozenset(
    ("authorization", "token", "password", "secret", "phone", "mobile", "id_number", "email", "name")
)
_NUMBER = re.compile(r"(?<![0-9A-Za-z-])(?:\+?86)?(?:\d{17}[\dXx]|1[3-9]\d{9})(?![0-9A-Za-z-])")


def configure(service: str, style: str = "json", level: str = "info") -> None:
    """Set up logging for this process; the standard library's loggers join the same stream."""

    def add_service(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        event["service"] = service
        return event

    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_service,
        add_context,
        structlog.processors.format_exc_info,
        redact,
    ]
    renderer: Processor = structlog.dev.ConsoleRenderer(colors=False)
    if style == "json":
        renderer = structlog.processors.JSONRenderer(serializer=_to_json)
    number = getattr(logging, level.upper())
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)
    for noisy in ("asyncio", "nats", "sqlalchemy", "httpx", "httpcore"):
        logging.getLogger(noisy).setLevel(max(number, logging.WARNING))


def add_context(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Add the request, tenant and method that the running task works for."""
    context = current()
    for key, value in (
        ("request_id", context.request_id),
        ("tenant", context.tenant_id),
        ("method", context.method),
    ):
        if value:
            event.setdefault(key, value)
    return event


def redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Blank what must not be in a log."""
    for key, value in event.items():
        if key in _PRIVATE:
            event[key] = "[redacted]"
        elif isinstance(value, str) and len(value) >= 11:
            event[key] = _NUMBER.sub("[redacted]", value)
    return event


def _to_json(event: EventDict, **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()
