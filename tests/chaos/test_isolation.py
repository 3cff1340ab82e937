"""Promise 6: nothing of one tenant is read or changed in the name of another.

Generated: every RPC from the contracts, every table from the databases. Each refusal has its positive
control, and with each row policy dropped in turn the same look at the tables turns red.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import grpc
import httpx
import pytest
from google.api import annotations_pb2
from google.protobuf.message_factory import GetMessageClass

from chassis.ids import new_id
from chassis.plans import Plan, compile_service
from chassis.refusals import decode
from deploy.local.services import WITH_DATABASE
from louyu.options.v1 import access_pb2
from tests.chaos import streams
from tests.chaos.conftest import Proof
from tests.chaos.crowd import BUSY, Crowd, Json
from tests.contract import contracts

HERE, ELSEWHERE = "admin", "worker1"
"""Two people of two buildings; neither holds anything in the other's."""
FORGED = {
    "x-tenant-id": "",
    "x-louyu-tenant": "",
    "x-account-id": "01980000-0000-7000-8000-0000000000ff",
    "x-louyu-account": "01980000-0000-7000-8000-0000000000ff",
    "x-louyu-scopes": "B",
    "x-forwarded-user": "operator",
    "x-service-authorization": "Bearer e30.e30.e30",
}


SHARED = {
    "identity.outbox_heads": "true",
    "window.departments_departments": "state IN ('live', 'suspended')",
    "window.matters_versions": "true",
}
"""Rows that are everyone's by design: how many events an aggregate has had, in identity, where the district
acts for others; the departments that can be turned to; the published wording of their matters."""
BELOW = {"identity.tenants_tenants": "$1 = ANY (ancestors)"}
"""Rows of tenants below, which those above set up and look after."""


@dataclass(frozen=True, slots=True)
class Route:
    """One RPC as both its doors see it."""

    service: str
    plan: Plan
    verb: str
    path: str
    request: Any

    def url(self, tenant: str, *, identifier: str = "") -> str:
        """Its path with every other parameter filled in."""
        filled = self.path.replace("{tenant}", tenant).replace("{service}", "ticket")
        return re.sub(r"{\w+}", identifier or new_id(), filled)


def routes() -> Iterator[Route]:
    """Every RPC that runs in a tenant."""
    for service in contracts.services():
        plans = compile_service(service)
        for method in service.methods:
            plan = plans[f"/{service.full_name}/{method.name}"]
            if plan.in_tenant:
                rule = method.GetOptions().Extensions[annotations_pb2.http]
                verb = rule.WhichOneof("pattern")
                access = method.GetOptions().Extensions[access_pb2.access]
                owner = "ticket" if access.hosted_by else service.full_name.split(".")[1]
                yield Route(owner, plan, verb, getattr(rule, verb), GetMessageClass(method.input_type))


ROUTES = sorted(routes(), key=lambda route: route.plan.path)


async def everything(crowd: Crowd) -> dict[str, str]:
    """A hash of every table of every service, but for the traces of work. Asked for without jobs: what falls
    due while somebody tries the doors is nobody's doing."""
    return await streams.at_rest(crowd.stack, WITH_DATABASE)


async def by_rest(
    crowd: Crowd, login: str, route: Route, tenant: str, identifier: str = "", **headers: str
) -> httpx.Response:
    body: Json | None = None if route.verb == "get" else {}
    path = route.url(tenant, identifier=identifier)
    return await crowd.call(login, route.verb.upper(), path, body, if_match='"1"', **headers)


async def by_grpc(crowd: Crowd, channel: grpc.aio.Channel, login: str, route: Route, tenant: str) -> int:
    """The HTTP status that stands for the answer of the service itself."""
    request = route.request(tenant=tenant)
    metadata = [("if-match", "1")]
    if login:
        metadata.append(("authorization", await crowd.token(login)))
    call: Any = channel.unary_unary(
        route.plan.path, request_serializer=route.request.SerializeToString, response_deserializer=bytes
    )
    while True:
        try:
            await call(request, metadata=metadata, timeout=10)
        except grpc.aio.AioRpcError as error:
            status = decode(error).http_status
            if status in BUSY:
                await asyncio.sleep(0.3)
                continue
            return status
        return 200


async def test_no_route_crosses_tenants(proof: Proof, crowd: Crowd) -> None:
    proof.of(
        6,
        "no cross-tenant read or write: routes",
        load=f"{len(ROUTES)} RPCs x gateway and service",
        faults="other tenant, forged headers, no token",
    )
    own, foreign = await crowd.tenant(HERE), await crowd.tenant(ELSEWHERE)
    assert own != foreign
    async with streams.without_jobs(crowd.stack):
        before = await everything(crowd)
        cases, wrong = await every_door(crowd, own, foreign)
        assert wrong == []
        after = await everything(crowd)
    changed = [table for table in before if before[table] != after[table] and not may_change(table)]
    assert changed == []
    proof.found(
        cases=cases, figure=f"{cases} refused, {len(ROUTES)} controls, {len(before)} tables unchanged"
    )


async def every_door(crowd: Crowd, own: str, foreign: str) -> tuple[int, list[str]]:
    """Tries every route in a tenant of others; how many tries, and where the answer was another one."""
    forged = {name.replace("-", "_"): value or own for name, value in FORGED.items()}
    cases = 0
    wrong: list[str] = []

    def expect(route: Route, how: str, status: int, wanted: int) -> None:
        nonlocal cases
        cases += 1
        if status != wanted:
            wrong.append(f"{route.plan.name} {how}: {status} instead of {wanted}")

    for route in ROUTES:
        expect(route, "other tenant", (await by_rest(crowd, HERE, route, foreign)).status_code, 404)
        expect(route, "forged", (await by_rest(crowd, HERE, route, foreign, **forged)).status_code, 404)
        expect(route, "no token", (await by_rest(crowd, "", route, foreign)).status_code, 401)
        # The control: the same call at home is met by its own rules, not by a closed door.
        named = own if "/tenants/{id}" in route.path else ""
        home = await by_rest(crowd, HERE, route, own, named)
        reason = "" if home.is_success else home.json().get("reason", "")
        closed = home.status_code == 401 or reason in ("TENANT_NOT_FOUND", "ROUTE_NOT_FOUND", "")
        if closed and not home.is_success:
            wrong.append(f"{route.plan.name} at home: {home.status_code} {reason}")
    for name in sorted({route.service for route in ROUTES}):
        address = f"127.0.0.1:{crowd.stack.around.ports[f'{name}-grpc']}"
        async with grpc.aio.insecure_channel(address) as channel:
            for route in (route for route in ROUTES if route.service == name):
                expect(route, "service, other", await by_grpc(crowd, channel, HERE, route, foreign), 404)
                expect(route, "service, no token", await by_grpc(crowd, channel, "", route, foreign), 401)
    return cases, wrong


def may_change(table: str) -> bool:
    """Tables that the controls at home or the clockwork may touch."""
    return table.split(".")[1].startswith(("sessions_", "accounts_", "people_", "grants_changes"))


async def test_foreign_ids_open_nothing_at_home(proof: Proof, crowd: Crowd) -> None:
    proof.of(
        6,
        "no cross-tenant read or write: ids",
        load="every route with an id x one id of each table",
        faults="ids of another tenant's rows",
    )
    own, foreign = await crowd.tenant(HERE), await crowd.tenant(ELSEWHERE)
    with_id = [route for route in ROUTES if "{id}" in route.path]
    cases, wrong = 0, []
    for route in with_id:
        for table, identifier in await ids(crowd, route.service, foreign):
            body: Json | None = None if route.verb == "get" else {}
            path = route.url(own, identifier=identifier)
            reply = await asked(crowd, route.verb.upper(), path, body)
            cases += 1
            if reply.is_success or reply.status_code >= 500:
                wrong.append(f"{route.plan.name} with an id of {table}: {reply.status_code}")
    assert wrong == []
    assert cases
    proof.found(cases=cases, figure=f"0 of {cases} answered")


async def asked(crowd: Crowd, verb: str, path: str, body: Json | None) -> httpx.Response:
    """The answer; once more where it got lost on a busy machine, since nothing is to come of it anyway."""
    try:
        return await crowd.call(HERE, verb, path, body, if_match='"1"')
    except httpx.ReadError:
        return await crowd.call(HERE, verb, path, body, if_match='"1"')


async def ids(crowd: Crowd, service: str, tenant: str) -> list[tuple[str, str]]:
    """One id of each table of a service in which the tenant has rows."""
    found = []
    async with streams.database(crowd.stack, service) as connection:
        for name in await tenant_tables(connection):
            if name in streams.RUNTIME or name == "tenants":
                continue
            try:
                query = f'SELECT id::text FROM "{name}" WHERE tenant_id = $1 LIMIT 1'
                identifier = await connection.fetchval(query, tenant)
            except asyncpg.UndefinedColumnError:
                continue
            if identifier:
                found.append((name, identifier))
    return found


async def tenant_tables(connection: asyncpg.Connection[asyncpg.Record]) -> list[str]:
    rows = await connection.fetch(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
        "WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace "
        "AND a.attname = 'tenant_id' AND NOT a.attisdropped ORDER BY 1"
    )
    return [row["relname"] for row in rows]


@pytest.mark.parametrize("service", WITH_DATABASE)
async def test_policies_alone_keep_tenants_apart(proof: Proof, crowd: Crowd, service: str) -> None:
    proof.of(
        6,
        f"no cross-tenant read or write: tables of {service}",
        load="every table, no predicate",
        faults="each policy dropped in turn",
    )
    looked = mutations = 0
    async with streams.database(crowd.stack, service) as connection:
        for table in await tenant_tables(connection):
            if table == "tenants":
                continue
            # One snapshot: rows that somebody writes meanwhile are counted in none of the looks.
            async with connection.transaction(isolation="repeatable_read"):
                one, seen = await apart(connection, service, table)
            looked, mutations = looked + one, mutations + seen
    proof.found(cases=looked + mutations, figure=f"{looked} tables apart; {mutations} mutations, all seen")


async def apart(connection: asyncpg.Connection[asyncpg.Record], service: str, table: str) -> tuple[int, int]:
    """Looks at a table in which several tenants have rows; how many looks and mutations it came to."""
    policies = await connection.fetch(
        "SELECT policyname, roles::text[] AS roles, cmd FROM pg_policies WHERE tablename = $1", table
    )
    own = [row for row in policies if f"{service}_tenant" in row["roles"]]
    if not own:
        return 0, 0
    owners = await connection.fetch(
        f'SELECT tenant_id::text AS id, count(*) AS rows FROM "{table}" GROUP BY 1 ORDER BY 2 DESC LIMIT 2'
    )
    if len(owners) < 2 or not await readable(connection, service, table):
        return 0, 0
    for owner in owners:
        assert await trouble(connection, service, table, owner["id"], owner["rows"]) == ""
    if f"{service}.{table}" in SHARED:
        return 1, 0  # two policies show the same row: dropping one of them need not hide it
    mutations = 0
    for policy in own:
        if policy["cmd"] not in ("ALL", "SELECT"):
            continue
        async with rolled_back(connection):
            await connection.execute(f'DROP POLICY "{policy["policyname"]}" ON "{table}"')
            assert await trouble(connection, service, table, owners[0]["id"], owners[0]["rows"])
        mutations += 1
    async with rolled_back(connection):
        await connection.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
        assert await trouble(connection, service, table, owners[0]["id"], owners[0]["rows"])
    return 1, mutations + 1


class rolled_back:  # noqa: N801 -- reads as the context it gives
    """A transaction that leaves nothing."""

    def __init__(self, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        self._transaction = connection.transaction()

    async def __aenter__(self) -> None:
        await self._transaction.start()

    async def __aexit__(self, *_: object) -> None:
        await self._transaction.rollback()


async def readable(connection: asyncpg.Connection[asyncpg.Record], service: str, table: str) -> bool:
    found: bool = await connection.fetchval(
        "SELECT has_table_privilege($1, $2, 'SELECT')", f"{service}_tenant", f'public."{table}"'
    )
    return found


async def trouble(
    connection: asyncpg.Connection[asyncpg.Record], service: str, table: str, tenant: str, rows: int
) -> str:
    """What is wrong with a table as seen in a tenant's name; nothing when all is well."""
    everyones = SHARED.get(f"{service}.{table}", "false")
    shared = BELOW.get(f"{service}.{table}", everyones)
    foreign = f'SELECT count(*) FROM "{table}" WHERE tenant_id <> $1 AND {{}}'
    published = await connection.fetchval(foreign.format(f"({shared})"), tenant)
    async with rolled_back(connection):
        await connection.execute(
            "SELECT set_config('role', $1, true), set_config('louyu.tenant', $2, true), "
            "set_config('louyu.account', '', true), set_config('louyu.span', '', true)",
            f"{service}_tenant",
            tenant,
        )
        seen = await connection.fetchval(f'SELECT count(*) FROM "{table}" WHERE tenant_id = $1', tenant)
        shown = await connection.fetchval(foreign.format(f"({shared})"), tenant)
        others = await connection.fetchval(foreign.format(f"NOT ({shared})"), tenant)
        await connection.execute("SELECT set_config('louyu.tenant', '', true)")
        unnamed = await connection.fetchval(f'SELECT count(*) FROM "{table}" WHERE NOT ({everyones})')
    if others:
        return f"{table} shows {others} rows of others"
    if unnamed:
        return f"{table} shows {unnamed} rows without a tenant"
    if shown != published:
        return f"{table} shows {shown} of {published} published rows"
    return "" if seen == rows else f"{table} shows {seen} of {rows} own rows"


def test_every_tenant_rpc_is_in_the_matrix() -> None:
    tenant_scopes = (access_pb2.SCOPE_TENANT, access_pb2.SCOPE_PARTY, access_pb2.SCOPE_SPAN)
    wanted = {
        f"/{service.full_name}/{method.name}"
        for service, method in contracts.methods()
        if method.GetOptions().Extensions[access_pb2.access].scope in tenant_scopes
    }
    assert wanted == {route.plan.path for route in ROUTES}
