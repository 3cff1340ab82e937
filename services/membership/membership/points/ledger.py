"""The one place that writes entries. Accounts are locked first, by id; then entries and balances are
written together, however many there are."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership.points import rules
from membership.points.rules import Holder, Kind
from membership.points.tables import accounts

_OPEN: Final = """
INSERT INTO points_accounts (tenant_id, id, holder, person_id, account, number, balance, earned, redeemed,
                             created_at)
SELECT $1::uuid, a.id, a.holder, a.person_id, a.account, a.number, 0, 0, 0, $2::timestamptz
FROM unnest($3::uuid[], $4::text[], $5::uuid[], $6::uuid[], $7::text[])
     AS a (id, holder, person_id, account, number)
ON CONFLICT DO NOTHING
"""
_ENTRIES: Final = """
INSERT INTO points_entries (tenant_id, id, kind, debit, credit, amount, member, delta, balance_after, title,
                            brand, rule_id, rule_version, source_id, reverses, posted_by, occurred_at,
                            created_at)
SELECT $1::uuid, e.id, e.kind, e.debit, e.credit, abs(e.delta), e.member, e.delta, e.balance_after, e.title,
       e.brand, e.rule_id, e.rule_version, e.source_id, e.reverses, e.posted_by, e.occurred_at,
       $2::timestamptz
FROM unnest($3::uuid[], $4::text[], $5::uuid[], $6::uuid[], $7::uuid[], $8::int[], $9::int[], $10::text[],
            $11::text[], $12::uuid[], $13::int[], $14::uuid[], $15::uuid[], $16::text[], $17::timestamptz[])
     AS e (id, kind, debit, credit, member, delta, balance_after, title, brand, rule_id, rule_version,
           source_id, reverses, posted_by, occurred_at)
"""
# The members are locked by now, so that the building's account is the last that anybody waits for.
_BALANCES: Final = """
UPDATE points_accounts AS a
SET balance = a.balance + c.balance, earned = a.earned + c.earned, redeemed = a.redeemed + c.redeemed
FROM unnest($2::uuid[], $3::int[], $4::int[], $5::int[]) AS c (id, balance, earned, redeemed)
WHERE a.tenant_id = $1 AND a.id = c.id
"""


@dataclass(frozen=True, slots=True)
class Movement:
    """Points to move to a member, or from one where `delta` is negative. `account` is locked."""

    account: Row
    kind: Kind
    delta: int
    title: str
    posted_by: str
    occurred_at: datetime
    brand: str = ""
    rule_id: str | None = None
    rule_version: int = 0
    source_id: str | None = None
    reverses: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A movement that was posted."""

    id: str
    movement: Movement
    balance_after: int


def building_account(tenant_id: str, holder: Holder) -> str:
    """The id of one of the building's two accounts."""
    return str(uuid.uuid5(uuid.UUID(tenant_id), f"points/{holder}"))


async def open_accounts(unit: UnitOfWork, people: Mapping[str, str]) -> dict[str, Row]:
    """The accounts of some people, locked; opened where there are none. `people` maps each person to the
    sign-in account they are told by."""
    known = await _lock(unit, people)
    new = [person for person in people if person not in known]
    if new:
        numbers = [f"{await unit.number('points'):06d}" for _ in new]
        ours = [holder for holder in Holder if holder is not Holder.MEMBER]
        await unit.connection.execute(
            _OPEN,
            unit.tenant_id,
            unit.now,
            [*(new_id() for _ in new), *(building_account(unit.tenant_id, one) for one in ours)],
            [*(Holder.MEMBER for _ in new), *ours],
            [*new, *(None for _ in ours)],
            [*(people[person] or None for person in new), *(None for _ in ours)],
            [*numbers, *ours],
        )
        known |= await _lock(unit, new)
    return known


async def _lock(unit: UnitOfWork, people: Iterable[str]) -> dict[str, Row]:
    a = accounts.c
    found = await unit.fetch(
        select(accounts)
        .where(a.tenant_id == unit.tenant_id, a.person_id.in_(list(people)))
        .order_by(a.id)
        .with_for_update()
    )
    return {row.person_id: row for row in found}


async def post(unit: UnitOfWork, movements: Sequence[Movement]) -> list[Entry]:
    """Post movements in their order, and bring the balances of both sides up to date."""
    if not movements:
        return []
    posted: list[Entry] = []
    balances: dict[str, int] = {}
    sums: dict[str, list[int]] = {}
    ours: dict[str, list[int]] = {}
    for movement in movements:
        member = movement.account
        balance = balances.get(member.id, member.balance) + movement.delta
        balances[member.id] = balance
        posted.append(Entry(new_id(), movement, balance))
        other = rules.other_side(movement.kind)
        _add(sums, member.id, movement.delta, spent=other is Holder.REDEMPTION)
        _add(ours, building_account(unit.tenant_id, other), -movement.delta, spent=None)
    await unit.connection.execute(
        _ENTRIES, unit.tenant_id, unit.now, *_columns([_row(unit, entry) for entry in posted])
    )
    rows = [(account, *change) for account, change in (sums | ours).items()]
    await unit.connection.execute(_BALANCES, unit.tenant_id, *_columns(rows))
    return posted


def _add(sums: dict[str, list[int]], account: str, delta: int, *, spent: bool | None) -> None:
    total = sums.setdefault(account, [0, 0, 0])
    total[0] += delta
    if spent is not None:
        total[2 if spent else 1] += -delta if spent else delta


def _row(unit: UnitOfWork, entry: Entry) -> tuple[Any, ...]:
    said = entry.movement
    member, other = said.account.id, building_account(unit.tenant_id, rules.other_side(said.kind))
    debit, credit = (other, member) if said.delta > 0 else (member, other)
    return (
        entry.id,
        said.kind,
        debit,
        credit,
        member,
        said.delta,
        entry.balance_after,
        said.title,
        said.brand,
        said.rule_id,
        said.rule_version,
        said.source_id,
        said.reverses,
        said.posted_by,
        said.occurred_at,
    )


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
