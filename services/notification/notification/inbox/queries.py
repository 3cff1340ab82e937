"""Reading the inbox and the delivery log."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import func, select

from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from notification.inbox.tables import deliveries, messages, preferences

MOST_COUNTED: Final = 1000


async def list_messages(
    reader: Reader, *, unread: bool, tenant_id: str, size: int, after: Sequence[Any] | None
) -> Sequence[Row]:
    """The caller's messages, newest first; one more than asked tells that there is a next page."""
    statement = select(messages).where(messages.c.account == reader.context.caller.account_id)
    if unread:
        statement = statement.where(messages.c.read_at.is_(None))
    if tenant_id:
        statement = statement.where(messages.c.tenant_id == tenant_id)
    if after is not None:
        statement = statement.where(messages.c.id < after[0])
    return await reader.fetch(statement.order_by(messages.c.id.desc()).limit(size + 1))


async def get_message(reader: Reader, message_id: str) -> Row:
    """One of the caller's messages."""
    row = await reader.first(
        select(messages).where(
            messages.c.account == reader.context.caller.account_id, messages.c.id == message_id
        )
    )
    if row is None:
        raise NotFound("MESSAGE_NOT_FOUND")
    return row


async def count_unread(reader: Reader) -> int:
    """The caller's unread messages, counted up to a thousand."""
    some = (
        select(messages.c.id)
        .where(messages.c.account == reader.context.caller.account_id, messages.c.read_at.is_(None))
        .limit(MOST_COUNTED)
        .subquery()
    )
    return int(await reader.scalar(select(func.count()).select_from(some)) or 0)


async def get_preferences(reader: Reader) -> Row | None:
    """How the caller wants to be told; None where nothing was ever said."""
    return await reader.first(
        select(preferences).where(preferences.c.account == reader.context.caller.account_id)
    )


async def languages(reader: Reader, accounts: Sequence[str]) -> dict[str, str]:
    """The language that accounts asked for their e-mails, where they did."""
    rows = await reader.fetch(
        select(preferences.c.account, preferences.c.language).where(preferences.c.account.in_(accounts))
    )
    return {row.account: row.language for row in rows}


async def list_deliveries(
    reader: Reader, *, outcome: str, message_id: str, size: int, after: Sequence[Any] | None
) -> Sequence[Row]:
    """Attempts to deliver the tenant's messages, newest first."""
    statement = select(deliveries).where(deliveries.c.tenant_id == reader.tenant_id)
    if outcome:
        statement = statement.where(deliveries.c.outcome == outcome)
    if message_id:
        statement = statement.where(deliveries.c.message_id == message_id)
    if after is not None:
        statement = statement.where(deliveries.c.id < after[0])
    return await reader.fetch(statement.order_by(deliveries.c.id.desc()).limit(size + 1))
