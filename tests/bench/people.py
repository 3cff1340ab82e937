"""The bench's tenants and the people who act in them, set up through the public API like any others."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from demo.client import PASSWORD, TOTP_SECRET, Api, Person, code
from deploy.local.stack import Stack

AT_ONCE = 8
TOKEN_IS_FRESH_S = 400.0


@dataclass(slots=True)
class Tenant:
    """One building of the bench."""

    id: str
    item_id: str
    worker: Member
    clerk: Member


@dataclass(slots=True)
class Member:
    """Somebody with a token that is kept fresh."""

    login: str
    account_id: str
    staff: bool
    token: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """What a request of this person carries."""
        return {"Authorization": f"Bearer {self.token}"}


class People:
    """Everybody, and the district they live in."""

    def __init__(self, stack: Stack) -> None:
        self._api = Api(stack.url)
        self._stack = stack
        self._signed_in_at = 0.0
        self.tenants: list[Tenant] = []

    async def settle(self, count: int) -> None:
        """Provisions the tenants, a worker and a clerk in each, and one service item."""
        await self._stack.command(
            "identity", "identity", "operator", "--login", "operator", "--password", PASSWORD,
            "--totp-secret", TOTP_SECRET, "--synthetic", quiet=True,
        )  # fmt: skip
        operator = await self._api.sign_in("operator", totp=True)
        organisations = (await operator.get("/v1/me"))["memberships"]
        district = next(row["tenant"] for row in organisations if row["kind"] == "DISTRICT")
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(number: int) -> Tenant:
            async with gate:
                return await self._tenant(operator, district, number)

        self.tenants = list(await asyncio.gather(*(one(number) for number in range(count))))
        await self.sign_in()
        async with asyncio.TaskGroup() as group:
            for tenant in self.tenants:
                group.create_task(self._publish(tenant))

    async def _tenant(self, operator: Person, district: str, number: int) -> Tenant:
        made = await operator.post(
            f"/v1/tenants/{district}/tenants",
            kind="BUILDING",
            name_zh=f"压测楼宇{number:03}",
            name_en=f"Bench building {number:03}",
            synthetic=True,
        )
        await operator.post(f"/v1/tenants/{district}/tenants/{made['id']}:activate")
        worker = await self._member(operator, made["id"], f"worker-{number:03}", "worker")
        clerk = await self._member(operator, made["id"], f"clerk-{number:03}", "affairs_clerk", staff=True)
        return Tenant(made["id"], "", worker, clerk)

    async def _member(
        self, operator: Person, tenant: str, login: str, role: str, *, staff: bool = False
    ) -> Member:
        person = await operator.post(f"/v1/tenants/{tenant}/people", name=login, synthetic=True)
        invitation = await operator.post(
            f"/v1/tenants/{tenant}/accounts",
            person_id=person["id"],
            login=login,
            email=f"{login}@demo.example",
            staff=staff,
            synthetic=True,
        )
        await self._api.accept(invitation["code"], staff=staff)
        account = invitation["account"]["id"]
        await operator.post(f"/v1/tenants/{tenant}/grants", account=account, role=role)
        return Member(login, account, staff)

    async def sign_in(self) -> None:
        """Everybody signs in, unless they did so a moment ago."""
        if time.monotonic() - self._signed_in_at < TOKEN_IS_FRESH_S:
            return
        members = [member for tenant in self.tenants for member in (tenant.worker, tenant.clerk)]
        # A code of the second factor works once: begin where the next one does.
        await asyncio.sleep(30.5 - time.time() % 30)
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(member: Member) -> None:
            async with gate:
                body = {"login": member.login, "password": PASSWORD, "totp": code() if member.staff else ""}
                answer = await self._api.call("POST", "/v1/session:sign-in", body)
                member.token = answer["access_token"]

        # Those with a second factor first, within its half minute.
        await asyncio.gather(*(one(member) for member in sorted(members, key=lambda each: not each.staff)))
        self._signed_in_at = time.monotonic()

    async def _publish(self, tenant: Tenant) -> None:
        item = await self._api.call(
            "POST",
            f"/v1/tenants/{tenant.id}/catalogue",
            {
                "code": "bench-item",
                "name_zh": "代理记账",
                "name_en": "Bookkeeping",
                "affairs": "BUSINESS",
                "desk": "service-desk",
                "sensitivity": "P1",
                "first_response_hours": 4,
                "resolution_hours": 72,
                "synthetic": True,
            },
            headers=tenant.clerk.headers,
        )
        tenant.item_id = item["id"]
