"""The built web: four faces, each a page of its own that routes below its folder.

Files whose name carries their hash are cached for ever, pages are asked for again each time. A file
that was compressed when the web was built is sent compressed. Everything is read into memory at start:
a few megabytes, and no path that a request names is ever opened.
"""

import gzip
from dataclasses import dataclass, field
from hashlib import blake2b
from mimetypes import guess_type
from pathlib import Path

from chassis.errors import NotFound
from gateway.http import VISIT, ASGIScope, Headers, Receive, Send, Visit, answer
from gateway.transcoding.calls import method_not_allowed

FACES = ("console", "desk", "screen")
PAGE_POLICY = (
    b"default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
    b"img-src 'self' blob: data:; font-src 'self' data:; connect-src 'self'; worker-src 'self'; "
    b"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""No inline script and nothing from elsewhere. Style attributes stay allowed: charts and tooltips place
themselves with them."""

_FOR_EVER = b"public, max-age=31536000, immutable"
_ASK_AGAIN = b"no-cache"
_HASHED = "assets/"
_TEXT = (".js", ".css", ".html", ".svg", ".json", ".webmanifest", ".txt", ".map")
_SMALL = 1024
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".webmanifest": "application/manifest+json"}
_NOT_PAGES = ("v1/", ".well-known/", "internal/", "metrics", "healthz", "readyz")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, ready to send."""

    content_type: bytes
    cache: bytes
    etag: bytes
    body: bytes
    encoded: dict[bytes, bytes] = field(default_factory=dict)
    """Content-Encoding → body."""


class Site:
    """ASGI application: whatever no route answers."""

    def __init__(self, assets: dict[str, Asset]) -> None:
        self._assets = assets

    @classmethod
    def load(cls, folder: str) -> "Site":
        """Every file below `folder`; none where the web has not been built."""
        root = Path(folder)
        if not folder or not root.is_dir():
            return cls({})
        files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
        names = {path.relative_to(root).as_posix(): path for path in files}
        assets = {}
        for name, path in names.items():
            plain = name.removesuffix(".br").removesuffix(".gz")
            if (plain != name and plain in names) or name.startswith(".vite/"):
                continue
            beside = {b"br": names.get(f"{name}.br"), b"gzip": names.get(f"{name}.gz")}
            encoded = {kind: other.read_bytes() for kind, other in beside.items() if other is not None}
            assets[name] = asset(name, path.read_bytes(), encoded)
        return cls(assets)

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        if scope.get("louyu.allowed"):
            raise method_not_allowed(scope["louyu.allowed"])
        found = self._find(scope["path"].removeprefix("/"))
        if found is None:
            raise NotFound("ROUTE_NOT_FOUND")
        if scope["method"] not in ("GET", "HEAD"):
            raise method_not_allowed(("GET", "HEAD"))
        await serve(found, scope, send)

    def _find(self, name: str) -> Asset | None:
        exact = self._assets.get(name)
        if exact is not None or name.startswith(_NOT_PAGES) or "." in name.rpartition("/")[2]:
            return exact
        face = name.partition("/")[0]
        return self._assets.get(f"{face}/index.html" if face in FACES else "index.html")


async def serve(found: Asset, scope: ASGIScope, send: Send) -> None:
    """Send an asset, compressed if it is there and wanted, or say that it has not changed."""
    visit: Visit = scope[VISIT]
    headers: Headers = [
        (b"cache-control", found.cache),
        (b"etag", found.etag),
        (b"vary", b"accept-encoding"),
        (b"content-security-policy", PAGE_POLICY),
    ]
    if found.etag in visit.headers.get(b"if-none-match", b"").replace(b"W/", b"").split(b", "):
        await answer(send, 304, headers)
        return
    headers.append((b"content-type", found.content_type))
    accepted = {part.partition(";")[0].strip() for part in visit.text(b"accept-encoding").split(",")}
    body = found.body
    for kind, encoded in found.encoded.items():
        if kind.decode() in accepted:
            headers.append((b"content-encoding", kind))
            body = encoded
            break
    if scope["method"] == "HEAD":
        headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    await answer(send, 200, headers, body)


def asset(name: str, body: bytes, encoded: dict[bytes, bytes] | None = None) -> Asset:
    """A file by its name and content; text that nobody compressed is compressed here, once."""
    encoded = dict(encoded or {})
    suffix = Path(name).suffix
    if suffix in _TEXT and len(body) > _SMALL and not encoded:
        encoded[b"gzip"] = gzip.compress(body, 6, mtime=0)
    kind = _TYPES.get(suffix) or guess_type(name)[0] or "application/octet-stream"
    if kind.startswith("text/") or kind.endswith(("json", "xml")):
        kind += "; charset=utf-8"
    return Asset(
        content_type=kind.encode(),
        cache=_FOR_EVER if name.startswith(_HASHED) else _ASK_AGAIN,
        etag=f'"{blake2b(body, digest_size=12).hexdigest()}"'.encode(),
        body=body,
        encoded=encoded,
    )
