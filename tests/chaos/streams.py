"""What producers committed, what consumers applied, and what the consumers' tables hold."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import asyncpg
import httpx
import nats
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from chassis.events import stream_of
from deploy.local.services import WITH_DATABASE
from deploy.local.stack import Stack
from tests.fixtures.waiting import eventually

RUNTIME = {
    "outbox",
    "outbox_archive",
    "outbox_heads",
    "positions",
    "dead_letters",
    "idempotency_keys",
    "audit_entries",
    "audit_checkpoints",
    "relay_state",
    "number_blocks",
    "alembic_version",
}
"""The chassis' own tables: they say how far work has come, not what it did."""

COMMITTED = """
SELECT aggregate, tenant_id::text, aggregate_id::text, max(seq) AS last, count(*) AS events FROM (
    SELECT aggregate, tenant_id, aggregate_id, seq FROM outbox
    UNION SELECT aggregate, tenant_id, aggregate_id, seq FROM outbox_archive) AS every
GROUP BY aggregate, tenant_id, aggregate_id
"""
FINGERPRINT = "SELECT md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '')) FROM {} AS t"
# A mailer that was killed had taken messages for minutes; those are handed out again at once.
HURRY = "UPDATE inbox_messages SET next_attempt_at = now() WHERE next_attempt_at > now()"
UNMAILED = "SELECT count(*) FROM inbox_messages WHERE next_attempt_at IS NOT NULL"
JOB = re.compile(r'^louyu_job_runs_total{name="([^"]+)"', re.MULTILINE)
TURN = "SELECT pg_advisory_lock(hashtextextended($1, 1))"
"""What a replica holds while it runs a job."""
APPLIED = "SELECT tenant_id::text, aggregate_id::text, seq FROM positions WHERE consumer = $1"

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Follower:
    """One consumer of one stream, as NATS knows it."""

    service: str
    name: str
    source: str
    aggregates: frozenset[str]

    @property
    def durable(self) -> str:
        """Its name in NATS."""
        return f"{self.service}-{self.name}"


@asynccontextmanager
async def database(stack: Stack, service: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """A service's database, past every policy."""
    connection = await asyncpg.connect(stack.superuser_url(service))
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def jetstream(stack: Stack) -> AsyncIterator[JetStreamContext]:
    """The bus, as an operator sees it."""
    client = await nats.connect(stack.nats_url, max_reconnect_attempts=-1, reconnect_time_wait=1)
    try:
        yield client.jetstream(timeout=10)
    finally:
        await client.close()


async def followers(stack: Stack) -> list[Follower]:
    """Every durable consumer of every producer."""
    found = []
    async with jetstream(stack) as js:
        for source in WITH_DATABASE:
            try:
                consumers = await js.consumers_info(stream_of(source))
            except NotFoundError:
                continue
            for info in consumers:
                service, _, name = (info.config.durable_name or "").partition("-")
                if service not in WITH_DATABASE:
                    continue  # the gateway's live channel applies nothing
                subjects = info.config.filter_subjects or [info.config.filter_subject or ""]
                aggregates = frozenset(subject.split(".")[4] for subject in subjects)
                found.append(Follower(service, name, source, aggregates))
    return found


async def committed(stack: Stack, source: str) -> dict[str, dict[Key, int]]:
    """By kind of aggregate: the last event of each aggregate. Asserts that no number is missing."""
    last: dict[str, dict[Key, int]] = {}
    async with database(stack, source) as connection:
        for row in await connection.fetch(COMMITTED):
            key = (row["tenant_id"], row["aggregate_id"])
            assert row["last"] == row["events"], f"{source}: {key} has gaps in its numbers"
            last.setdefault(row["aggregate"], {})[key] = row["last"]
    return last


async def missing(stack: Stack, known: list[Follower]) -> list[str]:
    """What was committed and is not applied (or the other way round), one line each."""
    found = []
    sources = {source: await committed(stack, source) for source in {one.source for one in known}}
    for one in known:
        async with database(stack, one.service) as connection:
            rows = await connection.fetch(APPLIED, one.name)
            parked = {
                row["aggregate_id"]
                for row in await connection.fetch(
                    "SELECT aggregate_id::text FROM dead_letters WHERE consumer = $1", one.name
                )
            }
        applied = {(row["tenant_id"], row["aggregate_id"]): row["seq"] for row in rows}
        wanted = {
            key: last for kind in one.aggregates for key, last in sources[one.source].get(kind, {}).items()
        }
        found += [
            f"{one.durable}: {key} is at {applied.get(key, 0)} of {last}"
            for key, last in wanted.items()
            if applied.get(key, 0) != last and key[1] not in parked
        ]
        found += [f"{one.durable}: {key} was never committed" for key in applied.keys() - wanted.keys()]
    return found


async def events(stack: Stack) -> int:
    """How many events the producers have committed."""
    total = 0
    for source in WITH_DATABASE:
        for kind in (await committed(stack, source)).values():
            total += sum(kind.values())
    return total


async def fingerprints(stack: Stack, services: tuple[str, ...]) -> dict[str, str]:
    """A hash of each table that consumers write, by service and table."""
    found = {}
    for service in services:
        async with database(stack, service) as connection:
            names = await connection.fetch(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            )
            for (name,) in names:
                if name not in RUNTIME:
                    found[f"{service}.{name}"] = await connection.fetchval(FINGERPRINT.format(name))
    return found


async def at_rest(stack: Stack, services: tuple[str, ...]) -> dict[str, str]:
    """The fingerprints once nothing moves any more: messages queued for delivery have gone out."""
    before: dict[str, str] = {}
    async with asyncio.timeout(240):
        while True:
            after = await fingerprints(stack, services) if await mailed(stack) else {}
            if after and after == before:
                return after
            before = after
            await asyncio.sleep(3)


async def mailed(stack: Stack) -> bool:
    """Whether no message waits for its mail."""
    async with database(stack, "notification") as connection:
        await connection.execute(HURRY)
        return not await connection.fetchval(UNMAILED)


@asynccontextmanager
async def held_up(stack: Stack, service: str, *jobs: str) -> AsyncIterator[None]:
    """These jobs of a service do not run: each finds its turn taken, as by another replica."""
    async with database(stack, service) as connection:
        for job in jobs:
            await connection.execute(TURN, f"{service}/{job}")
        yield


@asynccontextmanager
async def without_jobs(stack: Stack) -> AsyncIterator[None]:
    """No job runs anywhere: what happens is done by a call or by an event, and not because it was time."""
    async with AsyncExitStack() as held, httpx.AsyncClient(timeout=60) as http:
        for service in WITH_DATABASE:
            await held.enter_async_context(held_up(stack, service, *await jobs_of(http, stack, service)))
        yield


async def jobs_of(http: httpx.AsyncClient, stack: Stack, service: str) -> list[str]:
    """The jobs that a service runs; one that was killed a moment ago is waited for."""
    port, found = stack.around.ports[f"{service}-ops"], set[str]()

    async def told() -> bool:
        nonlocal found
        try:
            found = set(JOB.findall((await http.get(f"http://127.0.0.1:{port}/metrics")).text))
        except httpx.HTTPError:
            return False
        return bool(found)

    await eventually(told)
    return sorted(found)
