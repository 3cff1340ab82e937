"""Two buildings set up through the public API, as an operator would."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pyotp

from deploy.local.stack import Stack

PASSWORD = "only-in-tests-1949"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OURS = {"x-louyu-client": "tests"}
TOKEN_S = 480
"""An access token lives for ten minutes, which tests on a busy machine may outlive."""
ITEM = {
    "code": "bookkeeping", "name_zh": "代理记账", "name_en": "Bookkeeping", "affairs": "BUSINESS",
    "station": "ENTERPRISE", "desk": "enterprise", "first_response_hours": 4, "resolution_hours": 24,
}  # fmt: skip


@dataclass
class House:
    """The running processes, two tenants and their people's tokens."""

    stack: Stack
    client: httpx.AsyncClient
    district: str = ""
    tenants: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    item: str = ""
    staff: set[str] = field(default_factory=set)
    signed: dict[str, float] = field(default_factory=dict)
    """When each signed in."""

    async def call(
        self,
        who: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> httpx.Response:
        """One request in somebody's name ("" for nobody)."""
        if who and time.monotonic() - self.signed[who] > TOKEN_S:
            await self.enter(who)
        given = {"authorization": f"Bearer {self.tokens[who]}"} if who else {}
        return await self.client.request(
            method, path, json=body, headers={**given, **(headers or {})}, **more
        )

    async def do(self, who: str, path: str, **body: Any) -> dict[str, Any]:
        """A POST that must succeed, also while a grant just given is still on its way (1 s) or a busy machine
        has kept a process from asking for grants at all (503)."""
        ends = time.monotonic() + 30
        while True:
            reply = await self.call(who, "POST", path, body)
            if reply.is_success or reply.status_code not in (403, 404, 503) or time.monotonic() > ends:
                assert reply.is_success, f"{path}: {reply.status_code} {reply.text}"
                found: dict[str, Any] = reply.json()
                return found
            await asyncio.sleep(0.3)

    async def sign_in(self, login: str, password: str = PASSWORD, totp: str = "") -> httpx.Response:
        """A sign-in like a person's."""
        body = {"login": login, "password": password, **({"totp": totp} if totp else {})}
        return await self.client.post("/v1/session:sign-in", json=body, headers=OURS)

    async def enter(self, login: str) -> dict[str, Any]:
        """Sign in and keep the token, until it is about to end."""
        signed = await self.sign_in(login, totp=pyotp.TOTP(SECRET).now() if login in self.staff else "")
        assert signed.status_code == 200, signed.text
        self.client.cookies.clear()
        found: dict[str, Any] = signed.json()
        self.tokens[login] = found["access_token"]
        self.signed[login] = time.monotonic()
        return found

    async def ticket(self, who: str = "worker", **more: Any) -> dict[str, Any]:
        """A ticket of the first building."""
        path = f"/v1/tenants/{self.tenants['one']}/requests"
        return await self.do(who, path, service_item_id=self.item, summary="需要代理记账", **more)

    async def hire(self, login: str, tenant: str, role: str, *, staff: bool = False) -> None:
        """A person with an account and a role, signed in."""
        place = f"/v1/tenants/{tenant}"
        person = await self.do("operator", f"{place}/people", name=f"演示{login}", synthetic=True)
        wanted = {"person_id": person["id"], "login": login, "staff": staff, "synthetic": True}
        invited = await self.do("operator", f"{place}/accounts", **wanted)
        code = ""
        if staff:
            await self.do("", "/v1/invitations:open", code=invited["code"], totp_secret=SECRET)
            code = pyotp.TOTP(SECRET).now()
        answer = {"code": invited["code"], "password": PASSWORD, **({"totp_code": code} if staff else {})}
        await self.do("", "/v1/invitations:accept", **answer)
        self.accounts[login] = invited["account"]["id"]
        await self.do("operator", f"{place}/grants", account=self.accounts[login], role=role)
        if staff:
            self.staff.add(login)
        await self.enter(login)


@asynccontextmanager
async def settled(stack: Stack) -> AsyncIterator[House]:
    """The house, once everybody can work in it."""
    printed = await stack.command(
        "identity", "identity", "operator", "--login", "operator", "--password", PASSWORD,
        "--totp-secret", SECRET, "--synthetic", quiet=True,
    )  # fmt: skip
    async with httpx.AsyncClient(base_url=stack.url, timeout=20, trust_env=False) as client:
        house = House(stack, client, district=json.loads(printed)["district"])
        house.staff.add("operator")
        house.accounts["operator"] = (await house.enter("operator"))["account_id"]
        await house.hire("officer", house.district, "district_office", staff=True)
        for name in ("one", "two"):
            await _found(house, name)
        for login, tenant, role in (
            ("secretary", "one", "branch_secretary"),
            ("worker", "one", "worker"),
            ("neighbour", "two", "branch_secretary"),
        ):
            await house.hire(login, house.tenants[tenant], role, staff=role != "worker")
        made = await house.do("secretary", f"/v1/tenants/{house.tenants['one']}/catalogue", **ITEM)
        house.item = made["id"]
        client.cookies.clear()
        yield house


async def _found(house: House, name: str) -> None:
    made = await house.do(
        "officer",
        f"/v1/tenants/{house.district}/tenants",
        kind="BUILDING",
        name_zh=f"演示楼{name}",
        name_en=f"Building {name}",
        administrator=house.accounts["operator"],
        synthetic=True,
    )
    await house.do("officer", f"/v1/tenants/{house.district}/tenants/{made['id']}:activate")
    house.tenants[name] = made["id"]
