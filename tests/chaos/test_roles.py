"""Promise 6, role by role: the whole matrix against every route, as the public API answers it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from functools import partial

import httpx

from chassis.ids import new_id
from demo.data import accounts, data
from identity.grants.matrix import Role, matrix
from tests.chaos.conftest import Proof
from tests.chaos.crowd import Crowd, Json
from tests.chaos.test_isolation import FORGED, ROUTES, Route, by_rest
from tests.fixtures.waiting import eventually

AT_ONCE = 8
NEIGHBOURS = {"t1": "worker1", "t2": "worker"}
"""Two buildings, and somebody whose home each is."""
SPANS = frozenset("DST")
CLOSED = {"PERMISSION_DENIED", "TENANT_SUSPENDED", "ROUTE_NOT_FOUND"}


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds one role, and nothing else."""

    login: str
    role: Role
    tenant: str
    elsewhere: str
    """A tenant where the role reaches nothing; empty for the district's, which reach everywhere."""
    suspended: str
    """A tenant where the same role is held in vain; empty for roles that a building does not know."""

    def may(self, route: Route) -> bool:
        """What the matrix says."""
        wanted = {given.letter for given in self.role.gives if given.permission == route.plan.permission}
        return bool(wanted & SPANS) if route.plan.mode == "span" else bool(wanted)


async def holders(crowd: Crowd) -> list[Holder]:
    """One person for each role; those whom a building knows hold it in one that is suspended as well."""
    known = matrix().roles
    first = {row["role"]: row for row in reversed(accounts())}
    assert first.keys() == known.keys(), "the demo district has an account for every role"
    homes = {key: await crowd.tenant(login) for key, login in NEIGHBOURS.items()}
    tenants = {code: await crowd.tenant(row["login"]) for code, row in first.items()}
    shut = await shut_down(crowd)
    above = {row["key"]: {row["key"], row.get("region"), row.get("superior")} for row in _organisations()}
    return [
        Holder(
            login=row["login"],
            role=known[code],
            tenant=tenants[code],
            elsewhere=""
            if row["in"] == "district"
            else next(homes[key] for key in NEIGHBOURS if row["in"] not in above[key]),
            suspended=shut if _fits(known[code]) else "",
        )
        for code, row in first.items()
    ]


def _organisations() -> list[Json]:
    found: list[Json] = data("organisations")["organisations"]
    return found


def _fits(role: Role) -> bool:
    return "building" in {kind.lower() for kind in role.kinds} and "enterprise" not in role.bound


async def shut_down(crowd: Crowd) -> str:
    """A building in which everybody got a role, before it was suspended."""
    district, operator = await crowd.tenant("district"), await account(crowd, "operator")
    tenants = f"/v1/tenants/{district}/tenants"
    wanted = {"kind": "BUILDING", "name_zh": "演示停用楼", "name_en": "Suspended building"}
    body = {**wanted, "administrator": operator, "synthetic": True}
    made = await crowd.call("district", "POST", tenants, body, idempotency_key=new_id())
    building = str(made.raise_for_status().json()["id"])
    (await crowd.call("district", "POST", f"{tenants}/{building}:activate", {})).raise_for_status()
    await eventually(lambda: _known(crowd, building))
    for code, row in {row["role"]: row for row in reversed(accounts())}.items():
        role = matrix().roles[code]
        if _fits(role):
            grant = {"account": await account(crowd, row["login"]), "role": code}
            grant |= {"floor": "1"} if "floor" in role.bound else {}
            reply = await crowd.call("operator", "POST", f"/v1/tenants/{building}/grants", grant)
            assert reply.is_success, f"{code}: {reply.text}"
    reason = {"reason": "演示停用"}
    (await crowd.call("district", "POST", f"{tenants}/{building}:suspend", reason)).raise_for_status()
    return building


async def _known(crowd: Crowd, building: str) -> bool:
    """The operator may act there, once the grant of its administrator has come around."""
    return (await crowd.call("operator", "GET", f"/v1/tenants/{building}/tenants/{building}")).is_success


async def settled(crowd: Crowd, people: Iterable[Holder]) -> None:
    """Returns when every service knows of the roles that were given and the tenant that was suspended."""
    reads = {route.service: route for route in ROUTES if route.verb == "get"}

    async def known(who: Holder, route: Route) -> bool:
        return reason(await by_rest(crowd, who.login, route, who.suspended)) == "TENANT_SUSPENDED"

    for who in people:
        for route in reads.values() if who.suspended else ():
            await eventually(partial(known, who, route))


async def account(crowd: Crowd, login: str) -> str:
    """The account behind a login."""
    me = await crowd.call(login, "GET", "/v1/me")
    return str(me.raise_for_status().json()["account"]["id"])


async def side_by_side(work: Iterable[Awaitable[None]]) -> None:
    """Some at a time."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(what: Awaitable[None]) -> None:
        async with room:
            await what

    await asyncio.gather(*(one(what) for what in work))


def reason(reply: httpx.Response) -> str:
    """Why it was refused; empty where it was not."""
    return "" if reply.is_success else str(reply.json().get("reason", ""))


async def test_every_role_gets_what_the_matrix_says(proof: Proof, crowd: Crowd) -> None:
    """Every route in the name of every role: at home exactly what the matrix gives, elsewhere nothing, with
    forged headers nothing, and nothing in a tenant that is suspended. Short runs give each role some of the
    routes, in turn, so that each route meets some of the roles."""
    step = proof.size(16, 1)
    proof.of(
        6,
        "no cross-tenant read or write: roles",
        load=f"{len(matrix().roles)} roles x {len(ROUTES)} RPCs / {step} x 4 places",
        faults="no permission, other tenant, forged headers, suspended tenant",
    )
    people = await holders(crowd)
    await settled(crowd, people)
    counts = {"let in": 0, "no permission": 0, "elsewhere": 0, "forged": 0, "suspended": 0}
    wrong: list[str] = []

    async def at_home(who: Holder, route: Route) -> None:
        reply = await by_rest(crowd, who.login, route, who.tenant)
        found = reason(reply)
        if not who.may(route):
            counts["no permission"] += 1
            if found != "PERMISSION_DENIED":
                wrong.append(f"{who.role.code}, {route.plan.name}: {reply.status_code} {found}, not refused")
            return
        counts["let in"] += 1
        # A tenant that is named in the path beside the one that acts is not there: that is an answer.
        closed = CLOSED if "/tenants/{id}" in route.path else {*CLOSED, "TENANT_NOT_FOUND"}
        if found in closed or reply.status_code in (401, 500):
            wrong.append(f"{who.role.code}, {route.plan.name}: {reply.status_code} {found}, not let in")

    async def refused(who: Holder, route: Route, place: str, tenant: str, why: str, **headers: str) -> None:
        counts[place] += 1
        reply = await by_rest(crowd, who.login, route, tenant, **headers)
        if reason(reply) != why:
            wrong.append(f"{who.role.code}, {route.plan.name}, {place}: {reply.status_code} {reason(reply)}")

    def calls() -> Iterable[Awaitable[None]]:
        for turn, who in enumerate(people):
            forged = {name.replace("-", "_"): value or who.tenant for name, value in FORGED.items()}
            for route in ROUTES[turn % step :: step]:
                yield at_home(who, route)
                if who.elsewhere:
                    yield refused(who, route, "elsewhere", who.elsewhere, "TENANT_NOT_FOUND")
                    yield refused(who, route, "forged", who.elsewhere, "TENANT_NOT_FOUND", **forged)
                if who.suspended:
                    yield refused(who, route, "suspended", who.suspended, "TENANT_SUSPENDED")

    await side_by_side(calls())
    assert not wrong, "\n".join(wrong)
    assert all(counts.values())
    proof.found(
        cases=sum(counts.values()),
        figure=", ".join(f"{count} {place}" for place, count in counts.items()) + "; all as the matrix says",
    )
