"""Reads of sessions."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select

from chassis.clocks import system_now
from chassis.statements import Row
from chassis.units import Reader
from identity.sessions.tables import keys, sessions


async def own(reader: Reader, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """The caller's sessions, newest first; one more than `size` where there are more."""
    statement = select(sessions).where(sessions.c.account_id == reader.context.caller.account_id)
    if after:
        statement = statement.where(sessions.c.id < after[0])
    return await reader.fetch(statement.order_by(sessions.c.id.desc()).limit(size + 1))


async def published_keys(reader: Reader) -> Sequence[Row]:
    """The keys that verify tokens, the one in use first."""
    live = or_(keys.c.expires_at.is_(None), keys.c.expires_at > system_now())
    return await reader.fetch(
        select(keys.c.kid, keys.c.public, keys.c.expires_at)
        .where(live)
        .order_by(keys.c.expires_at.desc().nulls_first(), keys.c.created_at.desc())
    )


async def signing_key(reader: Reader) -> Row | None:
    """The key in use, with its sealed seed."""
    return await reader.first(
        select(keys).where(keys.c.expires_at.is_(None)).order_by(keys.c.created_at.desc()).limit(1)
    )
