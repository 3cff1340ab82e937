"""The bench's tenants and the people who act in them, set up through the public API like any others."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from deploy.local.stack import Stack
from tests.bench.client import PASSWORD, TOTP_SECRET, Api, Json, next_code

AT_ONCE = 4
TOKEN_IS_FRESH_S = 400.0
KNOWN_EVERYWHERE_S = 2.0
"""Services ask once a second what has changed about anyone's rights."""

T = TypeVar("T")


@dataclass(slots=True)
class Member:
    """Somebody with a token that is kept fresh."""

    login: str
    account_id: str = ""
    staff: bool = False
    token: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """What a request of this person carries."""
        return {"Authorization": f"Bearer {self.token}"}


@dataclass(slots=True)
class Tenant:
    """One building of the bench."""

    id: str
    worker: Member
    clerk: Member
    item_id: str = ""


class People:
    """Everybody, and the district they live in."""

    def __init__(self, stack: Stack) -> None:
        self._api = Api(stack.url)
        self._stack = stack
        self._operator = Member("operator", staff=True)
        self._officer = Member("officer", staff=True)
        self._signed_in_at = 0.0
        self.tenants: list[Tenant] = []

    async def settle(self, count: int) -> None:
        """Provisions the tenants, a worker and a clerk in each, and one service item.

        The district office sets organisations up; the operator is the first administrator of each.
        """
        await self._stack.command(
            "identity", "identity", "operator", "--login", "operator", "--password", PASSWORD,
            "--totp-secret", TOTP_SECRET, "--synthetic", quiet=True,
        )  # fmt: skip
        await next_code()
        self._operator.token = await self._api.sign_in("operator", staff=True)
        me = await self._api.call("GET", "/v1/me", headers=self._operator.headers)
        self._operator.account_id = me["account"]["id"]
        district = next(row["tenant"] for row in me["memberships"] if row["kind"] == "DISTRICT")
        await self._join(district, self._officer, "district_office")
        await next_code()
        self._officer.token = await self._api.sign_in("officer", staff=True)
        self.tenants = await _side_by_side(self._provision(district, number) for number in range(count))
        await asyncio.sleep(KNOWN_EVERYWHERE_S)
        await _side_by_side(self._people_of(tenant) for tenant in self.tenants)
        await self.sign_in()

    async def sign_in(self) -> None:
        """Everybody signs in, unless they did so a moment ago."""
        if self._signed_in_at and time.monotonic() - self._signed_in_at < TOKEN_IS_FRESH_S:
            return
        await next_code()
        # Those with a second factor first, within its half minute.
        for staff in (True, False):
            members = [
                member
                for tenant in self.tenants
                for member in (tenant.clerk, tenant.worker)
                if member.staff is staff
            ]
            await _side_by_side(self._sign_in(member) for member in members)
        self._signed_in_at = time.monotonic()

    async def _post(self, path: str, body: Json, *, by: Member | None = None) -> Json:
        return await self._api.call("POST", path, body, (by or self._operator).headers)

    async def _sign_in(self, member: Member) -> None:
        member.token = await self._api.sign_in(member.login, staff=member.staff)

    async def _provision(self, district: str, number: int) -> Tenant:
        wanted: Json = {
            "kind": "BUILDING",
            "name_zh": f"压测楼宇{number:03}",
            "name_en": f"Bench building {number:03}",
            "administrator": self._operator.account_id,
            "synthetic": True,
        }
        made = await self._post(f"/v1/tenants/{district}/tenants", wanted, by=self._officer)
        await self._post(f"/v1/tenants/{district}/tenants/{made['id']}:activate", {}, by=self._officer)
        worker, clerk = Member(f"worker-{number:03}"), Member(f"clerk-{number:03}", staff=True)
        return Tenant(made["id"], worker, clerk)

    async def _people_of(self, tenant: Tenant) -> None:
        await self._join(tenant.id, tenant.worker, "worker")
        await self._join(tenant.id, tenant.clerk, "affairs_clerk")
        await self._publish(tenant)

    async def _join(self, tenant_id: str, member: Member, role: str) -> None:
        base = f"/v1/tenants/{tenant_id}"
        person = await self._post(f"{base}/people", {"name": member.login, "synthetic": True})
        account: Json = {
            "person_id": person["id"],
            "login": member.login,
            "email": f"{member.login}@bench.example",
            "staff": member.staff,
            "synthetic": True,
        }
        invitation = await self._post(f"{base}/accounts", account)
        await self._api.accept(invitation["code"], staff=member.staff)
        member.account_id = invitation["account"]["id"]
        await self._post(f"{base}/grants", {"account": member.account_id, "role": role})

    async def _publish(self, tenant: Tenant) -> None:
        item: Json = {
            "code": "bench-item",
            "name_zh": "代理记账",
            "name_en": "Bookkeeping",
            "affairs": "BUSINESS",
            "desk": "service-desk",
            "sensitivity": "P1",
            "first_response_hours": 4,
            "resolution_hours": 72,
            "synthetic": True,
        }
        tenant.item_id = (await self._post(f"/v1/tenants/{tenant.id}/catalogue", item))["id"]


async def _side_by_side(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """A few at a time, in the order given."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(each: Coroutine[Any, Any, T]) -> T:
        async with gate:
            return await each

    return list(await asyncio.gather(*(one(each) for each in work)))
