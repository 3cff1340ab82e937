"""The public API as the loader's people use it."""

import asyncio
import hashlib
import json
import time
import uuid
from types import TracebackType
from typing import Any, Final

import httpx
import pyotp

from demo.settings import PASSWORD, TOTP_SECRET

_AT_ONCE: Final = 16
_PATIENCE: Final = 60
_BUSY: Final = (429, 503)
_SLOW: Final = (429, 503, 504)
_NOT_TWICE: Final = ("clock:advance", "clock:begin")
"""Repeating a step of the clock would be another step."""
_SOON: Final = ("TENANT_NOT_FOUND", "PERMISSION_DENIED")
"""A role that was just granted is known everywhere within a second; until then it is refused like this."""
_KNOWN_WITHIN_S: Final = 6.0

Reply = dict[str, Any]


class Refused(Exception):
    """The API said no."""

    def __init__(self, method: str, path: str, response: httpx.Response) -> None:
        self.status = response.status_code
        try:
            self.problem: Reply = response.json()
        except ValueError:
            self.problem = {}
        self.reason = str(self.problem.get("reason", ""))
        super().__init__(f"{method} {path}: {self.status} {response.text[:500]}")


def code() -> str:
    """The second factor's code of this half minute."""
    return pyotp.TOTP(TOTP_SECRET).now()


class People:
    """Everyone who acts in the demo, each with an own token."""

    def __init__(self, url: str, *, known_within_s: float = _KNOWN_WITHIN_S) -> None:
        self._known_within_s = known_within_s
        limits = httpx.Limits(max_connections=_AT_ONCE, max_keepalive_connections=_AT_ONCE)
        self._http = httpx.AsyncClient(base_url=url, timeout=30, limits=limits, trust_env=False)
        self._tokens: dict[str, str] = {}
        self._signing_in: dict[str, asyncio.Lock] = {}
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self.accounts: dict[str, str] = {}
        """Account ids by login."""

    async def __aenter__(self) -> "People":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def get(self, who: str, path: str, **query: Any) -> Reply:
        """Read something."""
        response = await self._send(who, "GET", path, params=query)
        reply: Reply = response.json()
        return reply

    async def post(
        self, who: str, path: str, body: Reply | None = None, *, etag: str = "", key: str = ""
    ) -> Reply:
        """Do something, once: the same words are the same request. `key` tells apart what looks alike."""
        return await self._write(who, "POST", path, body or {}, etag, key)

    async def patch(self, who: str, path: str, body: Reply, *, etag: str) -> Reply:
        """Change something that was seen."""
        return await self._write(who, "PATCH", path, body, etag, "")

    async def _write(self, who: str, method: str, path: str, body: Reply, etag: str, key: str) -> Reply:
        words = json.dumps([who, method, path, body, etag, key], sort_keys=True, ensure_ascii=False)
        headers = {"idempotency-key": str(uuid.UUID(hashlib.sha256(words.encode()).hexdigest()[:32]))}
        if etag:
            headers["if-match"] = f'"{etag}"'
        response = await self._send(who, method, path, json=body, headers=headers)
        reply: Reply = response.json() if response.content else {}
        return reply

    async def upload(self, who: str, path: str, name: str, content: bytes, media_type: str) -> str:
        """Store a file; its reference."""
        response = await self._send(who, "POST", path, files={"file": (name, content, media_type)})
        reply: Reply = response.json()
        return str(reply["reference"])

    async def sign_in(self, who: str) -> None:
        """Get a token for a login."""
        lock = self._signing_in.setdefault(who, asyncio.Lock())
        async with lock:
            if who in self._tokens:
                return
            body = {"login": who, "password": PASSWORD}
            try:
                reply = await self._open("/v1/session:sign-in", body)
            except Refused as refused:
                if refused.reason != "TOTP_REQUIRED":
                    raise
                reply = await self._with_code(body)
            self._tokens[who] = reply["access_token"]
            self.accounts[who] = reply["account_id"]

    async def _with_code(self, body: Reply) -> Reply:
        """Sign in with a second factor. Its code works once: where somebody used this half minute's already,
        the next one's does."""
        try:
            return await self._open("/v1/session:sign-in", {**body, "totp": code()})
        except Refused as refused:
            if refused.status != 401:
                raise
        await asyncio.sleep(30.5 - time.time() % 30)
        return await self._open("/v1/session:sign-in", {**body, "totp": code()})

    async def _open(self, path: str, body: Reply) -> Reply:
        """Call without a token."""
        response = await self._patiently("POST", path, json=body, headers={"x-louyu-client": "demo"})
        reply: Reply = response.json()
        return reply

    async def open(self, path: str, body: Reply) -> Reply:
        """Call as nobody in particular."""
        return await self._open(path, body)

    async def look(self, path: str) -> Reply:
        """Read something as nobody in particular."""
        reply: Reply = (await self._patiently("GET", path)).json()
        return reply

    async def download(self, who: str, path: str, **query: Any) -> bytes:
        """Read a document."""
        return (await self._send(who, "GET", path, params=query)).content

    async def _send(self, who: str, method: str, path: str, **request: Any) -> httpx.Response:
        waited = 0.0
        signed_in_again = False
        while True:
            if who not in self._tokens:
                await self.sign_in(who)
            headers = {**request.pop("headers", {}), "authorization": f"Bearer {self._tokens[who]}"}
            request["headers"] = headers
            try:
                return await self._patiently(method, path, **request)
            except Refused as refused:
                if refused.status == 401 and not signed_in_again:
                    signed_in_again = True
                    self._tokens.pop(who, None)
                elif refused.reason in _SOON and waited < self._known_within_s:
                    waited += 0.3
                    await asyncio.sleep(0.3)
                else:
                    raise

    async def _patiently(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Wait out what the platform asks to wait for. A call that may not have been answered in time is
        repeated where that is safe: a read, or a write under its key."""
        again = _BUSY if path.endswith(_NOT_TWICE) or (method != "GET" and not _keyed(request)) else _SLOW
        for _ in range(_PATIENCE):
            async with self._turn:
                response = await self._http.request(method, path, **request)
            if response.status_code in again:
                await asyncio.sleep(min(float(response.headers.get("retry-after", 1)), 5.0))
            elif response.is_success:
                return response
            else:
                raise Refused(method, path, response)
        raise Refused(method, path, response)


def _keyed(request: dict[str, Any]) -> bool:
    return "idempotency-key" in (request.get("headers") or {})
