"""The public API as the bench's setting-up uses it; the load itself goes through load.py."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import httpx
import pyotp

PASSWORD = "louyu-bench-2026"
TOTP_SECRET = "LOUYUBENLOUYUBENLOUYUBENLOUYUBEN"
_TRIES = 60

Json = dict[str, Any]


class RefusedError(Exception):
    """The API refused a call that the bench needs."""


def code() -> str:
    """The second factor's code of this half minute."""
    return pyotp.TOTP(TOTP_SECRET).now()


async def next_code() -> None:
    """Waits for a code that nobody has used yet."""
    await asyncio.sleep(30.5 - time.time() % 30)


class Api:
    """The gateway."""

    def __init__(self, url: str) -> None:
        # No cookie is kept: everybody here is somebody else.
        self._http = httpx.AsyncClient(base_url=url, timeout=60, headers={"X-Louyu-Client": "bench"})

    async def call(
        self, method: str, path: str, body: Json | None = None, headers: Mapping[str, str] | None = None
    ) -> Json:
        """One call; waits out what the platform asks to wait for."""
        for _ in range(_TRIES):
            self._http.cookies.clear()
            reply = await self._http.request(method, path, json=body, headers=headers)
            if reply.status_code not in (429, 503):
                break
            await asyncio.sleep(float(reply.headers.get("retry-after", "1")))
        if reply.is_error:
            raise RefusedError(f"{method} {path}: {reply.status_code} {reply.text[:600]}")
        answer: Json = reply.json() if reply.content else {}
        return answer

    async def accept(self, invitation: str, *, staff: bool) -> None:
        """Opens an account with its one-time code."""
        secret = TOTP_SECRET if staff else ""
        await self.call("POST", "/v1/invitations:open", {"code": invitation, "totp_secret": secret})
        answer = {"code": invitation, "password": PASSWORD, "totp_code": code() if staff else ""}
        await self.call("POST", "/v1/invitations:accept", answer)

    async def sign_in(self, login: str, *, staff: bool) -> str:
        """An access token."""
        body = {"login": login, "password": PASSWORD, "totp": code() if staff else ""}
        answer = await self.call("POST", "/v1/session:sign-in", body)
        return str(answer["access_token"])
