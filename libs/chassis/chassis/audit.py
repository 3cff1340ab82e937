"""The append-only audit log, hash-chained per tenant.

Entries are written unchained, in the transaction of what they tell about, so that writers never
wait for each other. One background job, the sealer, links them: each entry's hash covers the one
before it, and every run signs the end of the chain. Editing, deleting, reordering or cutting off
sealed entries is then found by `verify`.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson
from sqlalchemy import bindparam, func, select, update

from chassis import tables
from chassis.clocks import system_now
from chassis.context import Context
from chassis.database import Connection
from chassis.ids import NIL, new_id

if TYPE_CHECKING:
    from chassis.units import Reader, UnitOfWork

SEAL_BATCH: Final = 2000
START: Final = bytes(32)


class Entry(NamedTuple):
    """Who did what to what, why, in the order in which `_APPEND` names it. Times are system time."""

    tenant_id: str
    id: str
    at: datetime
    actor: str
    action: str
    object_id: str
    purpose: str
    reason: str
    request_id: str
    detail: str
    """JSON."""


def entry(context: Context, action: str, object_id: str, detail: Mapping[str, str | int | bool]) -> Entry:
    """An entry for something done in this context."""
    return Entry(
        tenant_id=context.tenant_id or NIL,
        id=new_id(),
        at=system_now(),
        actor=context.caller.actor,
        action=action,
        object_id=object_id,
        purpose=context.purpose,
        reason=context.reason,
        request_id=context.request_id,
        detail=orjson.dumps(detail, option=orjson.OPT_SORT_KEYS).decode(),
    )


_APPEND: Final = """
INSERT INTO audit_entries (tenant_id, id, at, actor, action, object_id, purpose, reason, request_id, detail)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::text[],
                     $7::text[], $8::text[], $9::text[], $10::text[]::jsonb[])
"""


async def append(connection: Connection, entries: Sequence[Entry]) -> None:
    """Write entries, unchained."""
    await connection.execute(_APPEND, *zip(*entries, strict=True))


def link(previous: bytes, chain_seq: int, row: Mapping[str, Any]) -> bytes:
    """The hash of an entry at its place in the chain: SHA-256 over all it says and the hash before."""
    said = [chain_seq, str(row["tenant_id"]), str(row["id"]), row["at"].isoformat()]
    said += [row[name] for name in ("actor", "action", "object_id", "purpose", "reason")]
    said += [row["request_id"], row["detail"]]
    body = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(previous + body).digest()


async def seal(unit: "UnitOfWork", sign: Callable[[bytes], bytes]) -> int:
    """Chain what is unsealed, oldest first; how many entries were sealed. Runs in job mode."""
    t = tables.audit_entries
    waiting = await unit.fetch(
        select(t).where(t.c.chain_seq.is_(None)).order_by(t.c.tenant_id, t.c.id).limit(SEAL_BATCH)
    )
    if not waiting:
        return 0
    links: list[dict[str, Any]] = []
    ends: dict[str, tuple[int, bytes]] = {}
    for row in waiting:
        tenant = row.tenant_id
        number, previous = ends.get(tenant) or await _end(unit, tenant)
        hashed = link(previous, number + 1, dict(row))
        ends[tenant] = (number + 1, hashed)
        links.append({"t": tenant, "i": row.id, "n": number + 1, "h": hashed})
    await unit.execute_many(
        update(t)
        .where(t.c.tenant_id == bindparam("t"), t.c.id == bindparam("i"))
        .values(chain_seq=bindparam("n"), hash=bindparam("h")),
        links,
    )
    await unit.execute_many(
        tables.audit_checkpoints.insert(),
        [
            {
                "tenant_id": tenant,
                "chain_seq": number,
                "hash": hashed,
                "signature": sign(tenant.encode() + number.to_bytes(8, "big") + hashed),
                "at": system_now(),
            }
            for tenant, (number, hashed) in ends.items()
        ],
    )
    return len(links)


async def _end(unit: "UnitOfWork", tenant_id: str) -> tuple[int, bytes]:
    t = tables.audit_entries
    last = await unit.first(
        select(t.c.chain_seq, t.c.hash)
        .where(t.c.tenant_id == tenant_id, t.c.chain_seq.is_not(None))
        .order_by(t.c.chain_seq.desc())
        .limit(1)
    )
    return (last.chain_seq, last.hash) if last else (0, START)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of a tenant's chain found. `broken_at` is the first bad place; 0 when intact."""

    entries: int
    checkpoints: int
    broken_at: int

    @property
    def intact(self) -> bool:
        """True when nothing was edited, removed, reordered or cut off."""
        return self.broken_at == 0


async def verify(unit: "Reader", tenant_id: str, check: Callable[[bytes, bytes], bool]) -> Verdict:
    """Walk a tenant's chain and its signed checkpoints. `check(message, signature)` verifies one.

    Every sealing ends with a checkpoint, so the last entry has one: without it the chain was written
    by somebody who cannot sign.
    """
    t, c = tables.audit_entries, tables.audit_checkpoints
    own = c.c.tenant_id == tenant_id
    # Both ends in one look: the sealer may be at work.
    ends = await unit.one(
        select(
            select(func.count())
            .where(t.c.tenant_id == tenant_id, t.c.chain_seq.is_not(None))
            .scalar_subquery()
            .label("entries"),
            select(func.coalesce(func.max(c.c.chain_seq), 0)).where(own).scalar_subquery().label("mark"),
        )
    )
    count, last_mark = ends.entries, ends.mark
    found = await unit.fetch(select(c).where(own, c.c.chain_seq <= last_mark))
    marks = {row.chain_seq: row for row in found}
    previous, number = START, 0
    while number < count:
        rows = await unit.fetch(
            select(t)
            .where(t.c.tenant_id == tenant_id, t.c.chain_seq > number, t.c.chain_seq <= count)
            .order_by(t.c.chain_seq)
            .limit(SEAL_BATCH)
        )
        if not rows:
            break
        for row in rows:
            number += 1
            previous = link(previous, number, dict(row))
            mark = marks.get(number)
            signed = tenant_id.encode() + number.to_bytes(8, "big") + previous
            if row.chain_seq != number or row.hash != previous:
                return Verdict(count, len(marks), number)
            if mark is not None and not (mark.hash == previous and check(signed, mark.signature)):
                return Verdict(count, len(marks), number)
    broken_at = max(number, last_mark) if number != last_mark else 0
    return Verdict(count, len(marks), broken_at)
