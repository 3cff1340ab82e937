"""The ASGI application: what stands around what.

Frame          request id, security headers, figures, refusals as problem+json
Transcoding    every RPC of the contracts, through one compiled tree
FastAPI        the few routes that are no RPC, and the built web behind them
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import ip_address, ip_network

import grpc
import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from chassis import metrics
from chassis.errors import NotFound
from chassis.files import File, FileReferences
from chassis.grants import Grants
from chassis.messages import Messages
from chassis.ops import Ops
from chassis.tokens import Tokens
from gateway import live, sessions
from gateway.admission import Admission
from gateway.api.document import document
from gateway.api.page import STYLE, page
from gateway.bodies import refuse_parameters, refuse_request
from gateway.files import routes as files
from gateway.files.claims import Claims
from gateway.files.storage import Storage
from gateway.frame import Frame
from gateway.guessing import Guessing
from gateway.http import VISIT, Visit
from gateway.live import Live
from gateway.sessions import Sessions
from gateway.settings import GatewaySettings
from gateway.site import Asset, Site, asset, serve
from gateway.transcoding.calls import Backends, Edge, Transcoding, compile_endpoints
from gateway.transcoding.contracts import rpcs

_MESSAGES = Messages("gateway")
_INSIDE = tuple(
    ip_network(network)
    for network in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the application is made of; a test brings its own."""

    tokens: Tokens
    grants: Grants
    references: FileReferences
    channel: Callable[[str], grpc.aio.Channel]
    """A channel that carries this service's credentials."""
    bare: Callable[[str], grpc.aio.Channel]
    """A channel that carries nothing by itself."""
    storage: Storage
    site: Site
    ops: Ops
    secret: bytes
    settings: GatewaySettings = field(default_factory=GatewaySettings)


class Gateway:
    """The assembled application."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.admission = Admission(parts.tokens, parts.grants, parts.settings)
        self.live = Live(self.admission, parts.settings)
        sample = parts.references.upload(File("", "", "", "", "", 0, ""))
        edge = Edge(
            self.admission,
            Backends(parts.bare, parts.settings),
            Claims(parts.references, parts.storage, sample),
            parts.settings,
        )
        self.asgi = self._assemble(edge)

    def _assemble(self, edge: Edge) -> FastAPI:
        parts = self.parts
        app = handwritten(
            Sessions(lambda: parts.channel("identity"), Guessing(parts.settings, parts.secret)),
            files.Files(self.admission, parts.references, parts.storage, parts.settings),
            self.live,
        )
        for path, answer in (
            ("/openapi.json", self.openapi),
            ("/docs", self.docs),
            ("/docs/style.css", self.style),
            ("/metrics", self.metrics),
            ("/healthz", self.health),
            ("/readyz", self.ready),
        ):
            app.add_route(path, answer, methods=["GET"])
        app.router.default = parts.site
        app.add_middleware(Transcoding, routes=compile_endpoints(rpcs(), edge))
        app.add_middleware(Frame, messages=_MESSAGES, settings=parts.settings, ops=parts.ops)
        return app

    @cached_property
    def _documents(self) -> dict[str, Asset]:
        whole = document(described())
        html = page(whole).encode()
        return {
            "openapi.json": asset("openapi.json", orjson.dumps(whole)),
            "docs.html": asset("docs.html", html),
            "style.css": asset("style.css", STYLE.encode()),
        }

    async def openapi(self, request: Request) -> Response:
        return _Static(self._documents["openapi.json"])

    async def docs(self, request: Request) -> Response:
        return _Static(self._documents["docs.html"])

    async def style(self, request: Request) -> Response:
        return _Static(self._documents["style.css"])

    async def metrics(self, request: Request) -> Response:
        """For collectors inside the network; to the outside there is no such address."""
        visit: Visit = request.scope[VISIT]
        if not _inside(visit.address):
            raise NotFound("ROUTE_NOT_FOUND")
        return Response(metrics.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")

    async def health(self, request: Request) -> Response:
        return Response("ok\n", media_type="text/plain")

    async def ready(self, request: Request) -> Response:
        failing = ["draining"] if self.parts.ops.draining else await self.parts.ops.failing()
        if failing:
            return Response("not ready: " + ", ".join(failing) + "\n", 503, {"retry-after": "1"})
        return Response("ready\n", media_type="text/plain")


class _Static(Response):
    def __init__(self, found: Asset) -> None:
        super().__init__()
        self._found = found

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        await serve(self._found, scope, send)


def handwritten(signing: Sessions, filing: files.Files, living: Live) -> FastAPI:
    """The routes that are no RPC. Their description is part of the OpenAPI document."""
    app = FastAPI(
        title="Louyu",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # Spans and figures are the chassis' own (`chassis.tracing`, `gateway.frame`).
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.add_exception_handler(HTTPException, refuse_request)
    app.add_exception_handler(RequestValidationError, refuse_parameters)
    app.include_router(sessions.router(signing))
    app.include_router(files.router(filing))
    app.include_router(live.router(living))
    return app


def described() -> FastAPI:
    """The same routes for describing them only: nothing behind them is connected."""
    routes = object.__new__
    app = handwritten(routes(Sessions), routes(files.Files), routes(Live))
    app.openapi_url = "/openapi.json"
    return app


def _inside(address: str) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in _INSIDE if network.version == found.version)
