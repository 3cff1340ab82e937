"""How many clocks one run of the job decides about, on the service's own database, with its own code."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from datetime import timedelta

import asyncpg

from chassis.clocks import BusinessClock, system_now
from chassis.database import Database
from chassis.units import Units
from deploy.local.services import database_url
from tests.bench.bench import Bench
from tests.bench.rows import TIMEOUT_S
from ticket.requests import escalations
from ticket.sla.owners import Roster

TICKETS = 20_000
CLOCKS_EACH = 2
"""The first response and the result; both run in an order that nobody has taken on."""
OVERDUE_IN = 10
"""Of so many tickets one has fallen due, long ago; the others are looked at since the ladder was changed."""

# Open tickets like those that the API made, filed so long ago that the first response of some is overdue.
_OPEN = """
INSERT INTO requests_tickets ({columns})
SELECT {values}
FROM (SELECT *, row_number() OVER (ORDER BY tenant_id) AS place
      FROM (SELECT DISTINCT ON (tenant_id) * FROM requests_tickets
            WHERE state = 'submitted' ORDER BY tenant_id, id) AS t) AS model,
     generate_series($1::bigint, $2::bigint) AS n
"""
_FILED = "CASE WHEN n % {of} = 0 THEN $3::timestamptz ELSE model.created_at END"
_CLOCKS = """
CASE WHEN n % {of} = 0 THEN jsonb_set(jsonb_set(model.clocks, '{{first_response,since}}', to_jsonb($4::text)),
                                      '{{first_response,due}}', to_jsonb($4::text))
     ELSE model.clocks END
"""
_CHANGED = {
    "id": "uuidv7()",
    "number": "'S' || to_char(model.place * 10000000 + n, 'FM0000000000')",
    "summary": "'待办工单 ' || n",
    "created_at": _FILED.format(of=OVERDUE_IN),
    "clocks": _CLOCKS.format(of=OVERDUE_IN),
    "look_at": "model.created_at - interval '1 minute'",
}


class Nobody:
    """The same account on every level of the ladder: who stands there is identity's to say, not the job's."""

    async def roster(
        self, tenant_id: str, above: Sequence[str], desks: Iterable[str], fallback: str
    ) -> Roster:
        return Roster(dict.fromkeys(desks, (tenant_id,)), {}, (), tenant_id)


async def tick(bench: Bench) -> dict[str, float]:
    """Clocks decided about in a second, while nothing else happens."""
    await bench.quiet()
    superuser = await asyncpg.connect(bench.stack.superuser_url("ticket"))
    await superuser.execute("SET session_replication_role = replica; SET jit = off")
    await bench.stack["ticket"].stop()
    try:
        await _fill(superuser)
        around = bench.stack.around
        password = around.secrets.services["ticket"].app_password
        database = Database("ticket", database_url("ticket", around, "app", password))
        units = Units(database, BusinessClock())
        waiting = await superuser.fetchval("SELECT count(*) FROM requests_tickets WHERE look_at <= now()")
        began = time.perf_counter()
        looked = await escalations.look(units, Nobody())
        took = time.perf_counter() - began
        await database.close()
        if looked != waiting:
            raise AssertionError(f"{waiting} tickets waited, {looked} were looked at")
        told = await superuser.fetchval(
            "SELECT count(*) FROM outbox WHERE type = 'louyu.ticket.v1.TicketEscalated'"
        )
    finally:
        await superuser.close()
        await bench.stack["ticket"].start()
    return {"sla_tick_per_s": looked * CLOCKS_EACH / took, "sla_tick_escalations": float(told)}


async def _fill(superuser: asyncpg.Connection[asyncpg.Record]) -> None:
    tenants = await superuser.fetchval(
        "SELECT count(DISTINCT tenant_id) FROM requests_tickets WHERE state = 'submitted'"
    )
    columns = [
        row["column_name"]
        for row in await superuser.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'requests_tickets'"
        )
    ]
    values = ", ".join(_CHANGED.get(column, f"model.{column}") for column in columns)
    statement = _OPEN.format(columns=", ".join(columns), values=values)
    filed = system_now() - timedelta(days=14)
    await superuser.execute(statement, 1, TICKETS // tenants, filed, filed.isoformat(), timeout=TIMEOUT_S)
    await superuser.execute("VACUUM (ANALYZE) requests_tickets", timeout=TIMEOUT_S)
