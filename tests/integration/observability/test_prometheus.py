"""A real Prometheus over the running district: it sees every process, and tells when one is gone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from deploy.checks.prometheus import ensure
from deploy.local.ports import internal_ports
from deploy.observability import inventory
from deploy.observability.local import arguments, write
from tests.fixtures.waiting import eventually
from tests.integration.observability.conftest import SERVICES, Watched


class Prometheus:
    """Asks a running Prometheus."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def get(self, path: str, **query: str) -> Any:
        """What the API answers."""
        reply = await self._client.get(path, params=query)
        return reply.raise_for_status().json()["data"]

    async def value(self, query: str) -> float | None:
        """The only value of a query; None where it has none."""
        found = (await self.get("/api/v1/query", query=query))["result"]
        return float(found[0]["value"][1]) if found else None

    async def alert(self, name: str, service: str) -> str:
        """How far an alert has come: "pending", "firing", or nothing."""
        for alert in (await self.get("/api/v1/alerts"))["alerts"]:
            if alert["labels"]["alertname"] == name and alert["labels"].get("service") == service:
                return str(alert["state"])
        return ""


@asynccontextmanager
async def prometheus(watched: Watched, folder: Path) -> AsyncIterator[Prometheus]:
    """Prometheus with our rules, looking every second; a minute's patience is made two seconds."""
    rules = folder / "rules"
    rules.mkdir()
    for path in inventory.RULES.glob("*.yml"):
        (rules / path.name).write_text(re.sub(r"for: \w+", "for: 2s", path.read_text("utf-8")), "utf-8")
    ports = watched.house.stack.around.ports
    config = write(folder, ports, SERVICES, rules=rules, every="1s")
    program = ensure().prometheus
    # After the program is there: while it is fetched, somebody else could take the port.
    port = internal_ports(["prometheus"], {})["prometheus"]
    with (folder / "log").open("wb") as log:
        server = await asyncio.create_subprocess_exec(
            *arguments(program, config, folder, port), stdout=log, stderr=log
        )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:

            async def ready() -> bool:
                assert server.returncode is None, (folder / "log").read_text("utf-8")
                try:
                    return (await client.get("/-/ready")).status_code == 200
                except httpx.TransportError:
                    return False

            await eventually(ready)
            yield Prometheus(client)
    finally:
        server.terminate()
        await server.wait()


async def test_prometheus_watches_the_district_and_misses_a_process_that_is_gone(
    watched: Watched, tmp_path: Path
) -> None:
    house = watched.house
    async with prometheus(watched, tmp_path) as asked:

        async def everyone_up() -> bool:
            return await asked.value('count(up{job="louyu"} == 1)') == len(SERVICES)

        await eventually(everyone_up)
        refused = await house.call("worker", "GET", f"/v1/tenants/{house.tenants['two']}/requests")
        assert refused.status_code == 404

        busy = (
            'sum(louyu:http_requests:rate5m{status="200"}) > 0',
            'sum(louyu:rpc:rate5m{service="ticket", rpc="RequestsService/CreateTicket", code="OK"}) > 0',
            'sum(louyu:events_applied:rate5m{service="dashboard"}) > 0',
            'sum(louyu:events_applied:rate5m{service="notification"}) > 0',
            "louyu:http_errors:ratio_rate5m == 0",
            'louyu:rpc_errors:ratio_rate5m{service="ticket"} == 0',
            'louyu:rpc_slow:ratio_rate5m{service="ticket"} >= 0',
        )
        quiet = (
            'min(louyu_check_passing{check="database"}) == 1',
            'min(louyu_check_passing{check="bus"}) == 1',
            'max(louyu_dead_letters_waiting{service="dashboard"}) == 0',
            "max(louyu_consumer_lag_events) == 0",
            "max(louyu_outbox_waiting) == 0",
        )
        for query in (*busy, *quiet):

            async def holds(query: str = query) -> bool:
                if query in busy:
                    # A rate is seen between two looks, and a busy machine looks when it can: so work goes on.
                    await house.ticket()
                    await asyncio.sleep(0.5)
                return await asked.value(query) is not None

            try:
                await eventually(holds)
            except TimeoutError:
                raise AssertionError(f"never held: {query}") from None

        used = inventory.used_in_rules() | inventory.used_in_dashboards()
        missing = used

        async def all_exposed() -> bool:
            nonlocal missing
            missing = used - set(await asked.get("/api/v1/metadata"))
            return not missing

        try:
            await eventually(all_exposed)
        except TimeoutError:
            raise AssertionError(f"no process exposes {sorted(missing)}") from None
        for file, query in inventory.expressions():
            if not query.startswith("label_values("):
                filled = query.replace("$service", "ticket").replace("$__rate_interval", "1m")
                await asked.get(
                    "/api/v1/query", query=filled
                )  # raises, naming it, where it is not understood
                assert "$" not in filled, f"{file}: {query}"

        async def nobody_missed() -> bool:
            return not any([await asked.alert("ServiceDown", service) for service in SERVICES])

        # On a busy machine a process may answer too late for once, and be missed for a look or two.
        await eventually(nobody_missed)
        await house.stack["ticket"].stop()

        async def told() -> bool:
            missed = {service: await asked.alert("ServiceDown", service) for service in SERVICES}
            return missed == {**dict.fromkeys(SERVICES, ""), "ticket": "firing"}

        await eventually(told)
        await house.stack["ticket"].start()

        async def over() -> bool:
            return await asked.alert("ServiceDown", "ticket") == ""

        await eventually(over)

        async def served() -> bool:
            path = f"/v1/tenants/{house.tenants['one']}/requests"
            return (await house.call("worker", "GET", path)).is_success

        # The gateway looks for a service that was away every two seconds at most.
        await eventually(served)
