"""Changes to the inbox. Callers commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from chassis.clocks import system_now
from chassis.errors import NotFound
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from notification.inbox import rules
from notification.inbox.rules import Channel, State, Verdict
from notification.inbox.tables import deliveries, messages, preferences


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message for one account about one event."""

    tenant_id: str
    account: str
    event_id: str
    template: str
    params: dict[str, Any]
    capability: str
    subject_id: str
    email: bool
    occurred_at: datetime
    desk: str = ""
    """The duty group whose shared mailboxes get it; its account is then nobody's."""


# One statement for a whole batch of events. Whether a message is mailed is settled here, once, by the
# receiver's wish; a message that is not mailed is delivered by lying in the inbox.
_DELIVER: Final = """
INSERT INTO inbox_messages (tenant_id, id, account, event_id, template, params, capability, subject_id,
                            channel, state, next_attempt_at, occurred_at, desk)
SELECT m.tenant_id, m.id, m.account, m.event_id, m.template, m.params::jsonb, m.capability, m.subject_id,
       CASE WHEN m.email AND coalesce(p.email, true) THEN 'email' ELSE 'in_app' END,
       CASE WHEN m.email AND coalesce(p.email, true) THEN 'queued' ELSE 'delivered' END,
       CASE WHEN m.email AND coalesce(p.email, true) THEN $11::timestamptz END,
       m.occurred_at, m.desk
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[],
            $9::bool[], $10::timestamptz[], $12::text[])
     AS m (tenant_id, id, account, event_id, template, params, capability, subject_id, email, occurred_at,
           desk)
LEFT JOIN inbox_preferences p ON p.account = m.account
ON CONFLICT (tenant_id, account, event_id) DO NOTHING
RETURNING tenant_id, id, account, template, capability, subject_id, channel, desk
"""


async def deliver(unit: UnitOfWork, new: Sequence[NewMessage]) -> Sequence[Row]:
    """Put messages into their receivers' inboxes; those of events that were seen before stay as they are.

    Returns the messages that are new.
    """
    if not new:
        return []
    return await unit.connection.fetch(
        _DELIVER,
        [m.tenant_id for m in new],
        [new_id() for _ in new],
        [m.account for m in new],
        [m.event_id for m in new],
        [m.template for m in new],
        [orjson.dumps(m.params).decode() for m in new],
        [m.capability for m in new],
        [m.subject_id for m in new],
        [m.email for m in new],
        [m.occurred_at for m in new],
        system_now(),
        [m.desk for m in new],
    )


async def mark_read(unit: UnitOfWork, message_id: str) -> Row:
    """Mark one of the caller's messages as read; the first time counts."""
    own = (messages.c.account == unit.context.caller.account_id) & (messages.c.id == message_id)
    await unit.execute(update(messages).where(own, messages.c.read_at.is_(None)).values(read_at=unit.now))
    row = await unit.first(select(messages).where(own))
    if row is None:
        raise NotFound("MESSAGE_NOT_FOUND")
    return row


async def mark_all_read(unit: UnitOfWork) -> int:
    """Mark every message of the caller as read; how many became so."""
    return await unit.execute(
        update(messages)
        .where(messages.c.account == unit.context.caller.account_id, messages.c.read_at.is_(None))
        .values(read_at=unit.now)
    )


async def prefer(unit: UnitOfWork, *, email: bool | None, language: str | None) -> Row:
    """Change how the caller wants to be told."""
    given = {name: value for name, value in (("email", email), ("language", language)) if value is not None}
    statement = insert(preferences).values(
        account=unit.context.caller.account_id,
        updated_at=unit.now,
        **({"email": True, "language": unit.context.locale} | given),
    )
    return await unit.one(
        statement.on_conflict_do_update(
            index_elements=["account"], set_={**given, "updated_at": unit.now}
        ).returning(preferences)
    )


async def claim(unit: UnitOfWork, limit: int) -> Sequence[Row]:
    """Hand out messages that wait to be mailed. They come back by themselves should the mailer die."""
    m = messages.c
    now = system_now()
    waiting = (
        select(m.tenant_id, m.id)
        .where(m.next_attempt_at <= now)
        .order_by(m.next_attempt_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("waiting")
    )
    return await unit.fetch(
        update(messages)
        .where(m.tenant_id == waiting.c.tenant_id, m.id == waiting.c.id)
        .values(state=State.SENT, attempts=m.attempts + 1, next_attempt_at=now + rules.LEASE)
        .returning(messages)
    )


async def without_mail(unit: UnitOfWork, batch: Sequence[Row]) -> None:
    """The receivers have no address: their messages are delivered by lying in the inbox."""
    await _settle(unit, batch, state=State.DELIVERED, channel=Channel.IN_APP, next_attempt_at=None)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to mail a message: what it makes of the message, and the other side's answer."""

    message: Row
    verdict: Verdict
    answer: str


async def record_attempts(unit: UnitOfWork, attempts: Sequence[Attempt]) -> None:
    """Write attempts into the delivery log, and what they make of their messages."""
    if not attempts:
        return
    now = system_now()
    await unit.execute(
        insert(deliveries).values(
            [
                {
                    "tenant_id": attempt.message.tenant_id,
                    "id": new_id(),
                    "message_id": attempt.message.id,
                    "template": attempt.message.template,
                    "channel": Channel.EMAIL,
                    "attempt": attempt.message.attempts,
                    "outcome": attempt.verdict.outcome,
                    "answer": attempt.answer[:300],
                    "created_at": now,
                }
                for attempt in attempts
            ]
        )
    )
    alike: dict[Verdict, list[Row]] = {}
    for attempt in attempts:
        alike.setdefault(attempt.verdict, []).append(attempt.message)
    for verdict, batch in alike.items():
        retry_at = now + verdict.retry_after if verdict.retry_after else None
        await _settle(unit, batch, state=verdict.state, next_attempt_at=retry_at)


async def _settle(unit: UnitOfWork, batch: Sequence[Row], **values: Any) -> None:
    if batch:
        keys = [(message.tenant_id, message.id) for message in batch]
        key = tuple_(messages.c.tenant_id, messages.c.id)
        await unit.execute(update(messages).where(key.in_(keys)).values(**values))


async def waiting(unit: UnitOfWork) -> int:
    """How many messages wait for the mail server."""
    return int(await unit.scalar(select(func.count()).where(messages.c.next_attempt_at.is_not(None))) or 0)
