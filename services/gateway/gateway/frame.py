"""The outermost layer of every HTTP request: its id, its security headers, its figures, and the place
where refusals and failures become answers.

Pure ASGI: nothing here touches the body, and a context variable set inside stays visible inside.
"""

import time
from functools import cache

import structlog
from prometheus_client import Counter, Gauge, Histogram

from chassis.context import Context, bind
from chassis.errors import DomainError
from chassis.messages import Messages
from chassis.ops import Ops
from chassis.refusals import Failure, Refusal
from gateway import problems
from gateway.http import VISIT, ASGIApp, ASGIScope, Gone, Headers, Receive, Send, Visit, answer
from gateway.settings import GatewaySettings
from gateway.transcoding.calls import Refused

_log = structlog.get_logger(__name__)
_TOTAL = Counter("louyu_http_requests_total", "HTTP requests answered.", ["route", "status"])
_SECONDS = Histogram(
    "louyu_http_seconds",
    "How long HTTP requests took.",
    ["route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
_UNDER_WAY = Gauge("louyu_http_in_flight", "HTTP requests under way, without live channels.")

OAUTH_PATH = "/v1/oauth/token"
API_POLICY = b"default-src 'none'; frame-ancestors 'none'"
"""The Content-Security-Policy of answers that are data: nothing in them is ever loaded or run."""

_ALWAYS: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), geolocation=(), microphone=(), payment=()"),
]
_POLICY = (b"content-security-policy", API_POLICY)
_CLOSE = (b"connection", b"close")
_HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


class Frame:
    """ASGI middleware around everything."""

    def __init__(self, app: ASGIApp, messages: Messages, settings: GatewaySettings, ops: Ops) -> None:
        self._app = app
        self._ops = ops
        self._messages = messages
        self._proxies = settings.trusted_proxies
        self._https = settings.public_url.startswith("https://")

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        visit = scope[VISIT] = Visit(scope, self._proxies, self._https)
        status = 0

        async def framed(message: problems.Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _complete(message["headers"], visit)
                if self._ops.draining and scope["http_version"] != "2":
                    message["headers"].append(_CLOSE)
            await send(message)

        _UNDER_WAY.inc()
        try:
            await self._app(scope, receive, framed)
        except Gone:
            status = status or 499
        except DomainError as error:
            if status:
                raise
            await self._refuse(problems.of_error(error, self._messages), scope, framed)
        except Refused as refused:
            await self._refuse(refused.refusal, scope, framed)
        except Exception as error:
            with bind(Context(request_id=visit.request_id, method=_route(scope))):
                _log.error("request_failed", exc_info=error)
            if not status:
                await self._refuse(problems.of_error(Failure("INTERNAL"), self._messages), scope, framed)
        finally:
            _UNDER_WAY.dec()
            route = _route(scope)
            _total(route, status).inc()
            _seconds(route).observe(time.perf_counter() - started)

    async def _refuse(self, refusal: Refusal, scope: ASGIScope, send: Send) -> None:
        visit: Visit = scope[VISIT]
        oauth = scope["path"] == OAUTH_PATH
        status, headers, body = problems.render(
            refusal, self._messages, visit.locale, visit.request_id, oauth=oauth
        )
        await answer(send, status, headers, body)


def _route(scope: ASGIScope) -> str:
    """The route for the figures: a template, never a path, so that their number stays bounded."""
    if "louyu.route" in scope:
        name: str = scope["louyu.route"]
        return name
    template = getattr(scope.get("route"), "path", "")
    return f"{scope['method']} {template}" if template else "other"


def _complete(headers: Headers, visit: Visit) -> None:
    headers.extend(_ALWAYS)
    headers.append((b"x-request-id", visit.request_id.encode()))
    if visit.https:
        headers.append(_HSTS)
    if not any(name == b"content-security-policy" for name, _ in headers):
        headers.append(_POLICY)


@cache
def _total(route: str, status: int) -> Counter:
    return _TOTAL.labels(route, str(status))


@cache
def _seconds(route: str) -> Histogram:
    return _SECONDS.labels(route)
