"""People of the demo district, signed in and ready to make many calls at once."""

from __future__ import annotations

import asyncio
import time
from types import TracebackType
from typing import Any

import httpx
import pyotp

from demo.data import accounts
from demo.settings import OPERATOR, PASSWORD, TOTP_SECRET
from deploy.local.stack import Stack

STAFF = frozenset((OPERATOR, *(row["login"] for row in accounts() if row.get("staff"))))
BUSY = (429, 503, 504)
_PATIENCE = 60
_RENEW_S = 420.0

Json = dict[str, Any]


class Crowd:
    """Signs people in once and keeps their tokens fresh; `call` never raises for a refusal."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.http = httpx.AsyncClient(
            base_url=stack.url,
            timeout=30,
            limits=httpx.Limits(max_connections=80, max_keepalive_connections=80),
        )
        self._tokens: dict[str, tuple[float, str]] = {}
        self._signing_in: dict[str, asyncio.Lock] = {}
        self._tenants: dict[str, str] = {}

    async def __aenter__(self) -> Crowd:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.aclose()

    async def token(self, login: str) -> str:
        """An Authorization value of this person."""
        # One signs in and the others wait: each would need a code of half a minute of its own.
        async with self._signing_in.setdefault(login, asyncio.Lock()):
            since, token = self._tokens.get(login, (0.0, ""))
            if not token or time.monotonic() - since > _RENEW_S:
                token = await self._sign_in(login)
                self._tokens[login] = (time.monotonic(), token)
        return f"Bearer {token}"

    async def _sign_in(self, login: str) -> str:
        while True:
            totp = pyotp.TOTP(TOTP_SECRET).now() if login in STAFF else ""
            body = {"login": login, "password": PASSWORD, "totp": totp}
            headers = {"x-louyu": "1", "origin": self.stack.url}
            reply = await self.http.post("/v1/session:sign-in", json=body, headers=headers)
            if reply.status_code in BUSY:
                await asyncio.sleep(0.5)
                continue
            if reply.status_code == 401 and totp:
                await asyncio.sleep(30.5 - time.time() % 30)  # a code works once: wait for the next
                continue
            token: str = reply.raise_for_status().json()["access_token"]
            return token

    async def call(
        self, login: str, method: str, path: str, body: Json | None = None, **headers: str
    ) -> httpx.Response:
        """One call as this person ("" for nobody); header names have underscores for dashes.

        Waits out what the district asks to wait for: a machine that is too busy to answer in time says
        nothing about a promise.
        """
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        for _ in range(_PATIENCE):
            if login:
                sent["authorization"] = await self.token(login)
            reply = await self.http.request(method, path, json=body, headers=sent)
            if reply.status_code not in BUSY:
                break
            await asyncio.sleep(0.3)
        return reply

    async def tenant(self, login: str) -> str:
        """The tenant this person belongs to."""
        if login not in self._tenants:
            me = (await self.call(login, "GET", "/v1/me")).raise_for_status().json()
            self._tenants[login] = str(me["memberships"][0]["tenant"])
        return self._tenants[login]

    async def order(self, login: str, **headers: str) -> httpx.Response:
        """Files a request for the first open service item."""
        tenant = await self.tenant(login)
        body = {"service_item_id": await self.item(login), "summary": "代理记账，请联系我"}
        return await self.call(login, "POST", f"/v1/tenants/{tenant}/requests", body, **headers)

    async def item(self, login: str) -> str:
        """A service item that this person can order without filling in a form."""
        tenant = await self.tenant(login)
        key = f"item/{tenant}"
        if key not in self._tenants:
            found = await self.call(login, "GET", f"/v1/tenants/{tenant}/catalogue?page_size=100")
            items = found.raise_for_status().json()["service_items"]
            for item in (item for item in items if item["live"]):
                path = f"/v1/tenants/{tenant}/catalogue/{item['id']}"
                whole = (await self.call(login, "GET", path)).raise_for_status().json()
                if not (whole.get("form") or {}).get("required"):
                    self._tenants[key] = str(item["id"])
                    break
        return self._tenants[key]
