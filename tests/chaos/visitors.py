"""People who are new, and browsers at other addresses: what the crowd cannot show."""

from __future__ import annotations

import asyncio
import itertools

import httpx

from chassis.ids import new_id
from demo.settings import PASSWORD
from deploy.local.stack import Stack
from tests.chaos.crowd import BUSY, Crowd, Json

AT_ONCE = 8
ADMINISTRATOR = "admin"
_ADDRESSES = itertools.count(1)


def fresh_address() -> str:
    """A loopback address in a network of its own, from which nobody has called yet."""
    number = next(_ADDRESSES)
    return f"127.{100 + number // 250}.{number % 250}.7"


class Browser:
    """Somebody at an address of their own, with the cookies they were given. Never waits or tries again."""

    def __init__(self, stack: Stack, address: str = "") -> None:
        self.address = address or fresh_address()
        transport = httpx.AsyncHTTPTransport(
            local_address=self.address, limits=httpx.Limits(max_connections=100)
        )
        headers = {"x-louyu": "1", "origin": stack.url}
        self.http = httpx.AsyncClient(base_url=stack.url, timeout=60, headers=headers, transport=transport)

    async def __aenter__(self) -> Browser:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def sign_in(self, login: str, password: str = PASSWORD) -> httpx.Response:
        """One attempt to sign in."""
        return await self.http.post("/v1/session:sign-in", json={"login": login, "password": password})

    async def must_sign_in(self, login: str) -> dict[str, str]:
        """Signed in: the headers of this person's calls, and the ids of account and session."""
        reply = await self.sign_in(login)
        while reply.status_code in BUSY:
            await asyncio.sleep(0.3)
            reply = await self.sign_in(login)
        answer: dict[str, str] = reply.raise_for_status().json()
        self.http.headers["authorization"] = f"Bearer {answer['access_token']}"
        return answer


async def newcomers(crowd: Crowd, count: int, role: str = "worker") -> list[str]:
    """So many people who join the building as its administrator's guests; their logins."""
    gate = asyncio.Semaphore(AT_ONCE)
    tenant = await crowd.tenant(ADMINISTRATOR)

    async def one() -> str:
        async with gate:
            return await _join(crowd, tenant, role)

    return list(await asyncio.gather(*(one() for _ in range(count))))


async def _join(crowd: Crowd, tenant: str, role: str) -> str:
    async def post(who: str, path: str, body: Json) -> Json:
        key = new_id()
        reply = await crowd.call(who, "POST", path, body, idempotency_key=key)
        answer: Json = reply.raise_for_status().json()
        return answer

    login = f"new-{new_id().replace('-', '')[-16:]}"
    base = f"/v1/tenants/{tenant}"
    person = await post(ADMINISTRATOR, f"{base}/people", {"name": "演示来客", "synthetic": True})
    account = {"person_id": person["id"], "login": login, "staff": False, "synthetic": True}
    invitation = await post(ADMINISTRATOR, f"{base}/accounts", account)
    await post("", "/v1/invitations:open", {"code": invitation["code"]})
    await post("", "/v1/invitations:accept", {"code": invitation["code"], "password": PASSWORD})
    account_id = invitation["account"]["id"]
    await post(ADMINISTRATOR, f"{base}/grants", {"account": account_id, "role": role})
    return login
