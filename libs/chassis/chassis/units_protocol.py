"""The part of a unit of work that the chassis' own modules use, without importing `units`."""

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import Executable, Row
from sqlalchemy.ext.asyncio import AsyncConnection


class Transaction(Protocol):
    """An open transaction."""

    connection: AsyncConnection

    async def fetch(self, statement: Executable) -> Sequence[Row[Any]]: ...

    async def first(self, statement: Executable) -> Row[Any] | None: ...

    async def scalar(self, statement: Executable) -> Any: ...
