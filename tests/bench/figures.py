"""One function a figure; each returns the numbers that go into bench.json under their own names."""

from __future__ import annotations

import asyncio
import statistics
import time
from datetime import datetime
from pathlib import Path

import asyncpg
import orjson
import psutil

from deploy.local.services import SERVICES
from tests.bench.bench import Bench
from tests.bench.load import Connection, Measured, Operation, closed_loop, open_loop, request
from tests.bench.people import Tenant
from tests.bench.rows import fill_tickets

Figures = dict[str, float]

PAIRS = 9
STRETCH_S = 3.5
LIFECYCLE_S = 5.0
LIFECYCLE_STRETCHES = 6
LAG_RATE = 100.0
LAG_S = 30.0
BACKLOG_S = 25.0
SUMMARY = "请协助办理代理记账，联系人周一至周五九点到五点都在。"


def create(tenants: list[Tenant]) -> Operation:
    """Orders the bench's service item, tenant after tenant."""
    ready = [
        request(
            "POST",
            f"/v1/tenants/{tenant.id}/requests",
            {"service_item_id": tenant.item_id, "summary": SUMMARY, "synthetic": True},
            tenant.worker.headers,
        )
        for tenant in tenants
    ]

    async def operation(connection: Connection, number: int) -> None:
        await connection.send(ready[number % len(ready)])

    return operation


def create_in_control(tenants: list[Tenant]) -> Operation:
    """The same order to the monolith."""
    ready = [
        request(
            "POST",
            "/tickets",
            {
                "tenant_id": tenant.id,
                "service_item_id": tenant.item_id,
                "requester": tenant.worker.account_id,
                "summary": SUMMARY,
            },
        )
        for tenant in tenants
    ]

    async def operation(connection: Connection, number: int) -> None:
        await connection.send(ready[number % len(ready)])

    return operation


def listing(tenants: list[Tenant]) -> Operation:
    """The newest 25 tickets, as the desk sees them."""
    ready = [
        request("GET", f"/v1/tenants/{tenant.id}/requests?page_size=25", headers=tenant.clerk.headers)
        for tenant in tenants
    ]

    async def operation(connection: Connection, number: int) -> None:
        await connection.send(ready[number % len(ready)])

    return operation


def listing_in_control(tenants: list[Tenant]) -> Operation:
    """The same page of the monolith."""
    ready = [request("GET", f"/tickets?tenant_id={tenant.id}&limit=25") for tenant in tenants]

    async def operation(connection: Connection, number: int) -> None:
        await connection.send(ready[number % len(ready)])

    return operation


def lifecycle(tenants: list[Tenant]) -> Operation:
    """Order, assign, resolve, and find it again by its number: four calls by two people."""

    async def operation(connection: Connection, number: int) -> None:
        tenant = tenants[number % len(tenants)]
        base = f"/v1/tenants/{tenant.id}/requests"
        order = {"service_item_id": tenant.item_id, "summary": SUMMARY, "synthetic": True}
        ticket = orjson.loads(await connection.send(request("POST", base, order, tenant.worker.headers)))
        for verb, body in (
            ("assign", {"assignee": tenant.clerk.account_id}),
            ("resolve", {"result": "已办结", "trips": 0}),
        ):
            headers = {**tenant.clerk.headers, "If-Match": f'"{ticket["etag"]}"'}
            path = f"{base}/{ticket['id']}:{verb}"
            ticket = orjson.loads(await connection.send(request("POST", path, body, headers)))
        search = request("GET", f"{base}?number={ticket['number']}", headers=tenant.clerk.headers)
        found = orjson.loads(await connection.send(search))
        if [each["id"] for each in found["tickets"]] != [ticket["id"]]:
            raise AssertionError(f"search by number found {found}")

    return operation


async def against_control(bench: Bench, name: str, ours: Operation, theirs: Operation) -> Figures:
    """Alternates the two in short stretches; the figure is the median of the pairs' ratios."""
    ratios: list[float] = []
    rates: list[tuple[Measured, Measured]] = []
    for pair in range(PAIRS):
        order = ("ours", "theirs") if pair % 2 == 0 else ("theirs", "ours")
        measured: dict[str, Measured] = {}
        for side in order:
            await bench.quiet()
            if side == "ours":
                measured[side] = await closed_loop(bench.port, ours, seconds=STRETCH_S)
            else:
                measured[side] = await closed_loop(bench.control_port, theirs, seconds=STRETCH_S)
        rates.append((measured["ours"], measured["theirs"]))
        ratios.append(measured["ours"].per_s / measured["theirs"].per_s)
    return {
        f"{name}_vs_control": statistics.median(ratios),
        f"{name}_per_s": statistics.median(ours.per_s for ours, _ in rates),
        f"control_{name}_per_s": statistics.median(theirs.per_s for _, theirs in rates),
        f"{name}_p99_ms": statistics.median(ours.percentile_ms(99) for ours, _ in rates),
    }


async def lifecycle_with(bench: Bench, tickets: int) -> float:
    """Lifecycles per second with so many tickets present."""
    await fill_tickets(bench.stack.superuser_url("ticket"), tickets)
    await _warmed(bench)
    return statistics.median([await _lifecycles(bench) for _ in range(LIFECYCLE_STRETCHES)])


async def lifecycle_flat(few: Bench, most: Bench) -> Figures:
    """Lifecycles per second in a district with a million tickets over those in one with ten thousand. The two
    take turns: between two measurements that lie minutes apart, a shared machine changes its own pace."""
    for bench in (few, most):
        await _warmed(bench)
    rates: list[tuple[float, float]] = []
    for turn in range(LIFECYCLE_STRETCHES):
        measured = {bench: await _lifecycles(bench) for bench in ((few, most) if turn % 2 else (most, few))}
        rates.append((measured[few], measured[most]))
    return {
        "lifecycle_flat": statistics.median(large / small for small, large in rates),
        "lifecycle_per_s_at_10k": statistics.median(small for small, _ in rates),
        "lifecycle_per_s_at_1m": statistics.median(large for _, large in rates),
    }


async def _warmed(bench: Bench) -> None:
    await bench.people.sign_in()
    await closed_loop(bench.port, lifecycle(bench.people.tenants), seconds=2.0)


async def _lifecycles(bench: Bench) -> float:
    await bench.quiet()
    return (await closed_loop(bench.port, lifecycle(bench.people.tenants), seconds=LIFECYCLE_S)).per_s


async def event_lag(bench: Bench) -> Figures:
    """From the commit of the ticket to the commit of its row in the dashboard, both by PostgreSQL's clock."""
    await bench.quiet()
    ticket = await asyncpg.connect(bench.stack.superuser_url("ticket"))
    since = await ticket.fetchval("SELECT clock_timestamp()")
    await open_loop(bench.port, create(bench.people.tenants), per_s=LAG_RATE, seconds=LAG_S)
    await bench.quiet()
    committed = await _times(
        ticket,
        "SELECT id, pg_xact_commit_timestamp(xmin) FROM requests_tickets "
        "WHERE id > uuidv7(-interval '5 minutes') AND pg_xact_commit_timestamp(xmin) > $1",
        since,
    )
    await ticket.close()
    dashboard = await asyncpg.connect(bench.stack.superuser_url("dashboard"))
    applied = await _times(dashboard, APPLIED, list(committed))
    await dashboard.close()
    if missing := committed.keys() - applied.keys():
        raise AssertionError(f"{len(missing)} tickets never reached the dashboard")
    lags = [(applied[each] - committed[each]).total_seconds() * 1000 for each in committed]
    percentiles = statistics.quantiles(lags, n=100, method="inclusive")
    return {"event_lag_p50_ms": percentiles[49], "event_lag_p99_ms": percentiles[98]}


async def _times(
    connection: asyncpg.Connection[asyncpg.Record], statement: str, *values: object
) -> dict[str, datetime]:
    """Ticket → moment."""
    return {str(key): at for key, at in await connection.fetch(statement, *values)}


APPLIED = "SELECT id, pg_xact_commit_timestamp(xmin) FROM overview_tickets WHERE id = ANY($1)"


async def catch_up(bench: Bench) -> Figures:
    """The dashboard is away while tickets are created; then it works off what waited."""
    await bench.quiet()
    await bench.stack["dashboard"].stop()
    dashboard = await asyncpg.connect(bench.stack.superuser_url("dashboard"))
    since = await dashboard.fetchval("SELECT clock_timestamp()")
    made = await closed_loop(bench.port, create(bench.people.tenants), seconds=BACKLOG_S)
    await asyncio.sleep(5)
    await bench.stack["dashboard"].start()
    await bench.quiet()
    times = await dashboard.fetch(
        "SELECT at FROM (SELECT pg_xact_commit_timestamp(xmin) AS at FROM overview_tickets) AS applied "
        "WHERE at > $1 ORDER BY at",
        since,
    )
    await dashboard.close()
    rows, first, last = len(times), times[0]["at"], times[-1]["at"]
    if rows < made.done:
        raise AssertionError(f"{made.done} tickets were made, {rows} reached the dashboard")
    return {"catchup_per_s": rows / max((last - first).total_seconds(), 0.001), "catchup_events": float(rows)}


async def warm_start(bench: Bench) -> Figures:
    """Stops everything and starts it again over the same data."""
    await bench.stack.stop()
    started = time.monotonic()
    await bench.stack.start()
    return {"warm_start_s": time.monotonic() - started}


async def idle_memory(bench: Bench) -> Figures:
    """PSS of the eight Python processes with their children, a while after start."""
    await asyncio.sleep(15)
    total = 0
    for service in SERVICES:
        pid = bench.stack[service].pid
        if pid is None:
            raise AssertionError(f"{service} is not running")
        root = psutil.Process(pid)
        total += sum(_pss_kb(process.pid) for process in [root, *root.children(recursive=True)])
    return {"idle_rss_mb": total / 1024}


def _pss_kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    raise AssertionError(f"no PSS for process {pid}")
