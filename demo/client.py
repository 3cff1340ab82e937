"""The public API as the demo uses it: signed in as somebody, nothing that a browser could not do."""

import asyncio
import time
from typing import Any, Final

import httpx
import pyotp

PASSWORD: Final = "louyu-demo-2026"
TOTP_SECRET: Final = "LOUYUDEMOLOUYUDEMOLOUYUDEMOLOUYU"
"""The second factor of every demo account. Demo deployments only."""
_RETRY_STATUS: Final = (429, 503)
_TRIES: Final = 40

Json = dict[str, Any]


class RefusedError(RuntimeError):
    """The API refused a call that the demo needs."""


def code() -> str:
    """The second factor's code of this half minute."""
    return pyotp.TOTP(TOTP_SECRET).now()


class Api:
    """The gateway, for callers without a token."""

    def __init__(self, url: str) -> None:
        self.http = httpx.AsyncClient(base_url=url, timeout=60, headers={"x-louyu-client": "demo"})

    async def call(
        self, method: str, path: str, body: Json | None = None, *, headers: Json | None = None
    ) -> Json:
        """One call; waits out what the platform asks to wait for. Refused for anything but success."""
        for _ in range(_TRIES):
            reply = await self.http.request(method, path, json=body, headers=headers)
            if reply.status_code not in _RETRY_STATUS:
                break
            await asyncio.sleep(float(reply.headers.get("retry-after", "1")))
        if reply.is_error:
            raise RefusedError(f"{method} {path}: {reply.status_code} {reply.text[:600]}")
        answer: Json = reply.json() if reply.content else {}
        return answer

    async def accept(self, invitation: str, *, staff: bool) -> None:
        """Open an account with its one-time code."""
        secret = TOTP_SECRET if staff else ""
        await self.call("POST", "/v1/invitations:open", {"code": invitation, "totp_secret": secret})
        answer = {"code": invitation, "password": PASSWORD, "totp_code": code() if staff else ""}
        await self.call("POST", "/v1/invitations:accept", answer)

    async def sign_in(self, login: str, password: str = PASSWORD, *, totp: bool = False) -> "Person":
        """Sign in. A code works once, so a staff member who just used it waits for the next."""
        while True:
            body = {"login": login, "password": password, "totp": code() if totp else ""}
            try:
                answer = await self.call("POST", "/v1/session:sign-in", body)
            except RefusedError as refused:
                if not totp or "401" not in str(refused):
                    raise
                await asyncio.sleep(30.5 - time.time() % 30)
            else:
                return Person(self, login, answer["access_token"], answer["account_id"])

    async def close(self) -> None:
        await self.http.aclose()


class Person:
    """Somebody who is signed in."""

    def __init__(self, api: Api, login: str, token: str, account_id: str) -> None:
        self._api = api
        self.login = login
        self.account_id = account_id
        self._headers = {"authorization": f"Bearer {token}"}

    async def get(self, path: str) -> Json:
        return await self._api.call("GET", path, headers=self._headers)

    async def post(self, path: str, /, etag: str = "", **body: Any) -> Json:
        headers = self._headers | ({"if-match": f'"{etag}"'} if etag else {})
        return await self._api.call("POST", path, body, headers=headers)

    async def upload(self, tenant: str, name: str, content: bytes, media_type: str) -> str:
        """Upload a file; its reference."""
        reply = await self._api.http.post(
            f"/v1/tenants/{tenant}/files",
            files={"file": (name, content, media_type)},
            headers=self._headers,
        )
        if reply.is_error:
            raise RefusedError(f"upload of {name}: {reply.status_code} {reply.text[:600]}")
        return str(reply.json()["reference"])
