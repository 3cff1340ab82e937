"""Reads of points. A member reads their own account; the office reads the building's."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, cast, distinct, func, select

from chassis.errors import NotFound
from chassis.pages import beyond
from chassis.statements import Row
from chassis.units import Reader
from membership.points.rules import Holder, Kind, RuleVersion, Source
from membership.points.settings import SETTINGS as SETTINGS
from membership.points.tables import accounts, entries, facts, proposals
from membership.points.tables import rules as rule_rows

_REVERSING = entries.alias("reversing")


def _ours(reader: Reader) -> Select[Any]:
    return select(accounts).where(
        accounts.c.tenant_id == reader.tenant_id, accounts.c.holder == Holder.MEMBER
    )


async def mine(reader: Reader) -> Row | None:
    """The caller's own account; None while it is not opened."""
    person = reader.context.caller.person_id
    if not person:
        return None
    return await reader.first(_ours(reader).where(accounts.c.person_id == person))


async def account(reader: Reader, account_id: str, *, lock: bool = False) -> Row:
    """A member's account. POINTS_ACCOUNT_NOT_FOUND for anything else."""
    statement = _ours(reader).where(accounts.c.id == account_id)
    return _found(await reader.first(statement.with_for_update() if lock else statement))


async def account_by_number(reader: Reader, number: str) -> Row:
    """The member's account with a number. POINTS_ACCOUNT_NOT_FOUND where there is none."""
    return _found(await reader.first(_ours(reader).where(accounts.c.number == number.strip())))


def _found(row: Row | None) -> Row:
    if row is None:
        raise NotFound("POINTS_ACCOUNT_NOT_FOUND")
    return row


async def accounts_page(reader: Reader, number: str, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """Members' accounts by number; one more than `size` where there are more."""
    statement = _ours(reader)
    if number:
        statement = statement.where(accounts.c.number == number.strip())
    if after:
        statement = statement.where(beyond([accounts.c.number], after))
    return await reader.fetch(statement.order_by(accounts.c.number).limit(size + 1))


async def entries_page(
    reader: Reader, account_id: str, after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    """An account's entries, the latest first, each with the entry that reversed it."""
    e = entries.c
    statement = _with_reversal().where(e.tenant_id == reader.tenant_id, e.member == account_id)
    if after:
        statement = statement.where(e.id < after[0])
    return await reader.fetch(statement.order_by(e.id.desc()).limit(size + 1))


def _with_reversal() -> Select[Any]:
    back = _REVERSING.c
    joined = entries.outerjoin(
        _REVERSING, (back.tenant_id == entries.c.tenant_id) & (back.reverses == entries.c.id)
    )
    return select(entries, back.id.label("reversed_by")).select_from(joined)


async def entry(reader: Reader, entry_id: str) -> Row:
    """One entry. POINTS_ENTRY_NOT_FOUND for anything else."""
    e = entries.c
    found = await reader.first(_with_reversal().where(e.tenant_id == reader.tenant_id, e.id == entry_id))
    if found is None:
        raise NotFound("POINTS_ENTRY_NOT_FOUND")
    return found


async def rule_rows_of(reader: Reader) -> Sequence[Row]:
    """Every version of every rule, by rule, the latest first."""
    r = rule_rows.c
    return await reader.fetch(
        select(rule_rows).where(r.tenant_id == reader.tenant_id).order_by(r.id, r.version.desc())
    )


def version_of(row: Row) -> RuleVersion:
    """A stored version as the rules see it."""
    return RuleVersion(
        id=row.id,
        version=row.version,
        title=row.title,
        source=Source(row.source),
        activity_kind=row.activity_kind,
        brand=row.brand,
        delta=row.delta,
        cap=row.cap,
        cap_period=row.cap_period,
        from_at=row.from_at,
        until_at=row.until_at,
    )


async def given(
    reader: Reader, rule_ids: Sequence[str], account_ids: Sequence[str], since: datetime
) -> Sequence[Row]:
    """What rules gave to accounts for what took place since a moment, without what was reversed."""
    e = entries.c
    return await reader.fetch(
        select(e.rule_id, e.member, e.delta, e.occurred_at)
        .select_from(
            entries.outerjoin(
                _REVERSING,
                (_REVERSING.c.tenant_id == e.tenant_id) & (_REVERSING.c.reverses == e.id),
            )
        )
        .where(
            e.tenant_id == reader.tenant_id,
            e.member.in_(account_ids),
            e.rule_id.in_(rule_ids),
            e.occurred_at >= since,
            _REVERSING.c.id.is_(None),
        )
    )


async def proposal(reader: Reader, proposal_id: str, *, lock: bool = False) -> Row:
    """One proposal. POINTS_PROPOSAL_NOT_FOUND for anything else."""
    p = proposals.c
    statement = _proposals(reader).where(p.id == proposal_id)
    found = await reader.first(statement.with_for_update(of=proposals) if lock else statement)
    if found is None:
        raise NotFound("POINTS_PROPOSAL_NOT_FOUND")
    return found


async def proposals_page(reader: Reader, state: str, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """Proposals, the latest first: the office sees all, who proposes sees their own."""
    p = proposals.c
    statement = _proposals(reader)
    if not reader.context.has("B"):
        statement = statement.where(p.created_by == reader.context.caller.account_id)
    if state:
        statement = statement.where(p.state == state)
    if after:
        statement = statement.where(p.id < after[0])
    return await reader.fetch(statement.order_by(p.id.desc()).limit(size + 1))


def _proposals(reader: Reader) -> Select[Any]:
    p, a = proposals.c, accounts.c
    return (
        select(proposals, a.number, a.account, a.person_id)
        .join_from(proposals, accounts, (a.tenant_id == p.tenant_id) & (a.id == p.points_account))
        .where(p.tenant_id == reader.tenant_id)
    )


async def brands(reader: Reader) -> tuple[Sequence[Row], Sequence[Row]]:
    """By brand: what people attended, and what was posted for it."""
    f, e = facts.c, entries.c
    attended = await reader.fetch(
        select(
            f.brand,
            func.count(distinct(f.subject_id)).label("activities"),
            func.count().label("attendances"),
            func.count(distinct(f.person_id)).label("people"),
        )
        .where(f.tenant_id == reader.tenant_id)
        .group_by(f.brand)
    )
    posted = await reader.fetch(
        select(e.brand, cast(func.sum(e.delta), Integer).label("points"))
        .where(e.tenant_id == reader.tenant_id, e.kind.in_([Kind.RULE, Kind.REVERSAL]), e.brand != "")
        .group_by(e.brand)
    )
    return attended, posted


async def totals(reader: Reader) -> Sequence[Row]:
    """Every member's sums; the caller adds them up."""
    a = accounts.c
    return await reader.fetch(
        select(a.balance, a.earned, a.redeemed).where(
            a.tenant_id == reader.tenant_id, a.holder == Holder.MEMBER
        )
    )
