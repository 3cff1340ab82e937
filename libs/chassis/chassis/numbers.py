"""Numbers that people read (工单号, 办件号), drawn from blocks.

A counter row per tenant would make every writer of that tenant wait for the one before it. Each
process therefore takes a block of numbers at a time: numbers are unique and rising per process, and
a restart may leave a gap. Numbers that must not have gaps (queue tickets) are not drawn here.
"""

import asyncio
from collections.abc import Iterator
from typing import Any, Final

import asyncpg

from chassis.context import Context
from chassis.database import Database

BLOCK: Final = 50
_KEPT_SERIES: Final = 20_000

_TAKE: Final = """
INSERT INTO number_blocks AS b (tenant_id, series, next) VALUES ($1, $2, 1 + $3)
ON CONFLICT (tenant_id, series) DO UPDATE SET next = b.next + $3
RETURNING next - $3
"""


class NumberBlocks:
    """The blocks this process holds.

    Blocks are taken on a connection of their own, outside the caller's transaction: a rolled back
    command wastes a number instead of handing it out twice, and a full pool cannot block itself.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: asyncpg.Connection[Any] | None = None
        self._lock = asyncio.Lock()
        self._blocks: dict[tuple[str, str], Iterator[int]] = {}

    async def next(self, context: Context, series: str) -> int:
        """The next number of a series ("G20261121") of the context's tenant, from 1."""
        key = (context.tenant_id, series)
        number = next(self._blocks.get(key, iter(())), None)
        while number is None:
            async with self._lock:
                number = next(self._blocks.get(key, iter(())), None)
                if number is None:
                    if len(self._blocks) >= _KEPT_SERIES:
                        self._blocks.pop(next(iter(self._blocks)))
                    self._blocks[key] = await self._take(*key)
                    number = next(self._blocks[key])
        return number

    async def _take(self, tenant_id: str, series: str) -> Iterator[int]:
        if self._connection is None or self._connection.is_closed():
            self._connection = await self._database.dedicated("tenant")
        async with self._connection.transaction():
            await self._connection.execute("SELECT set_config('louyu.tenant', $1, true)", tenant_id)
            first = await self._connection.fetchval(_TAKE, tenant_id, series, BLOCK)
        return iter(range(first, first + BLOCK))
