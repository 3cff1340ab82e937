"""Tells the live channel that an overview changed: a hint for the tenant and all above it, kept nowhere."""

import asyncio
import contextlib
import time
from collections.abc import Mapping
from typing import Final

import nats.errors
import structlog
from nats.aio.client import Client
from sqlalchemy import select

from chassis import tables as chassis_tables
from chassis.context import Caller, Context
from chassis.hints import send
from chassis.units import Reader, Units
from louyu.dashboard.v1 import overview_pb2 as pb

log: Final = structlog.get_logger()
FLUSH_S: Final = 0.5
TREE_S: Final = 5.0
SERVICE: Final = "dashboard"


class Hints:
    """Collects the tenants whose facts changed and tells once per interval."""

    def __init__(self, units: Units, bus: Client) -> None:
        self._units = units
        self._bus = bus
        self._changed: set[str] = set()
        self._wanted = asyncio.Event()
        self._tree: Mapping[str, frozenset[str]] = {}
        self._tree_until = 0.0

    def changed(self, tenants: set[str]) -> None:
        """Facts of these tenants changed."""
        self._changed |= tenants
        self._wanted.set()

    async def loop(self, stop: asyncio.Event) -> None:
        """Tell until `stop`."""
        stopping = asyncio.ensure_future(stop.wait())
        while not stop.is_set():
            wanted = asyncio.ensure_future(self._wanted.wait())
            await asyncio.wait({stopping, wanted}, return_when=asyncio.FIRST_COMPLETED)
            wanted.cancel()
            self._wanted.clear()
            await asyncio.sleep(FLUSH_S)
            try:
                await self.flush()
            except Exception:
                log.exception("hint_failed")

    async def flush(self) -> None:
        """Tell what waits. Hints of a time without NATS are dropped."""
        changed, self._changed = self._changed, set()
        if not changed or not self._bus.is_connected:
            return
        above = await self._above()
        told = changed.union(*(above.get(tenant, frozenset()) for tenant in changed))
        with contextlib.suppress(nats.errors.Error):
            for tenant in told:
                hint = pb.OverviewChanged(overview_id=tenant)
                at = self._units.clock.now()
                await send(self._bus, SERVICE, hint, tenant_id=tenant, aggregate_id=tenant, at=at)

    async def _above(self) -> Mapping[str, frozenset[str]]:
        """Each tenant's region, superior and district."""
        if time.monotonic() < self._tree_until:
            return self._tree
        t = chassis_tables.tenants.c

        async def read(reader: Reader) -> Mapping[str, frozenset[str]]:
            rows = await reader.fetch(select(t.tenant_id, t.kind, t.region_id, t.superior_id))
            districts = {row.tenant_id for row in rows if row.kind == "district"}
            return {
                row.tenant_id: frozenset({row.region_id, row.superior_id, *districts} - {None})
                for row in rows
            }

        context = Context(mode="consumer", caller=Caller(kind="system", service="dashboard/overview-hints"))
        self._tree = await self._units.run(context, read)
        self._tree_until = time.monotonic() + TREE_S
        return self._tree
