"""What is done in the shop: one function per verb. Whoever touches stock and points locks the
redemption first, then the reward, then the account."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, update

from chassis.errors import Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership.points import commands as points
from membership.points import queries as points_queries
from membership.rewards import events, queries, rules
from membership.rewards.rules import Cause, State
from membership.rewards.tables import redemptions, rewards


async def create(unit: UnitOfWork, facts: Mapping[str, Any]) -> Row:
    """Put a reward into the shop."""
    row = await unit.one(
        insert(rewards)
        .values(
            tenant_id=unit.tenant_id,
            id=new_id(),
            created_at=unit.now,
            updated_at=unit.now,
            created_by=unit.context.caller.actor,
            live=True,
            **facts,
        )
        .returning(rewards)
    )
    unit.audit("rewards.create", row.id, price=row.price, stock=row.stock)
    events.reward_changed(unit, row)
    return row


async def change(unit: UnitOfWork, reward_id: str, etag: str, changes: Mapping[str, Any]) -> Row:
    """Change a reward. Stale when someone else changed it since the caller looked."""
    row = await queries.reward(unit, reward_id, lock=True)
    if etag != str(row.version):
        raise Stale
    row = unit.change(rewards, row, dict(changes))
    unit.audit("rewards.change", row.id, fields=",".join(sorted(changes)))
    events.reward_changed(unit, row)
    return row


async def restock(unit: UnitOfWork, reward_id: str, pieces: int) -> Row:
    """Add to the stock, or take away what is gone."""
    row = await queries.reward(unit, reward_id, lock=True)
    row = unit.change(rewards, row, {"stock": rules.restocked(row.stock, pieces)})
    unit.audit("rewards.restock", row.id, pieces=pieces, stock=row.stock)
    events.reward_changed(unit, row)
    return row


async def redeem(unit: UnitOfWork, reward_id: str) -> Row:
    """Reserve one for the caller: its stock and the points go in the same moment."""
    reward = await queries.reward(unit, reward_id, lock=True)
    caller = unit.context.caller
    rules.check_redeemable(reward, await queries.had(unit, reward_id, caller.person_id))
    account = await points.spend(unit, reward.price, reward.title)
    settings = await points_queries.SETTINGS.current(unit)
    events.reward_changed(unit, unit.change(rewards, reward, {"stock": reward.stock - 1}))
    row = await unit.one(
        insert(redemptions)
        .values(
            tenant_id=unit.tenant_id,
            id=new_id(),
            created_at=unit.now,
            updated_at=unit.now,
            created_by=caller.actor,
            synthetic=reward.synthetic,
            reward_id=reward.id,
            points_account=account.id,
            person_id=caller.person_id,
            account=caller.account_id,
            title=reward.title,
            price=reward.price,
            code=f"{secrets.randbelow(10**rules.CODE_DIGITS):0{rules.CODE_DIGITS}d}",
            state=State.RESERVED,
            expires_at=unit.now + timedelta(days=settings.pickup_days),
        )
        .returning(redemptions)
    )
    events.redeemed(unit, row)
    return row


async def fulfil(unit: UnitOfWork, redemption_id: str, code: str) -> Row:
    """Hand a reward over against its code. Refused for oneself."""
    row = await queries.redemption(unit, redemption_id, lock=True)
    rules.check_hands_over(row.person_id, unit.context.caller.person_id)
    rules.settle(row.state)
    rules.check_code(code, row.code)
    row = await _settle(unit, row, {"state": State.FULFILLED})
    unit.audit("rewards.fulfil", row.id)
    events.fulfilled(unit, row)
    return row


async def cancel_mine(unit: UnitOfWork, redemption_id: str) -> Row:
    """The caller does not want it any more."""
    row = await queries.redemption(unit, redemption_id, lock=True, own=True)
    return await _cancel(unit, row, Cause.MEMBER)


async def give_back(unit: UnitOfWork, redemption_id: str, reason: str) -> Row:
    """The office cannot hand it over."""
    row = await queries.redemption(unit, redemption_id, lock=True)
    return await _cancel(unit, row, Cause.OFFICE, reason)


async def expire(unit: UnitOfWork, redemption_id: str) -> bool:
    """Nobody fetched it in time; False when it was settled meanwhile."""
    row = await queries.redemption(unit, redemption_id, lock=True)
    if row.state != State.RESERVED or row.expires_at > unit.now:
        return False
    await _cancel(unit, row, Cause.EXPIRED)
    return True


async def _cancel(unit: UnitOfWork, row: Row, cause: Cause, reason: str = "") -> Row:
    rules.settle(row.state)
    reward = await queries.reward(unit, row.reward_id, lock=True)
    events.reward_changed(unit, unit.change(rewards, reward, {"stock": reward.stock + 1}))
    await points.give_back(unit, row.points_account, row.price, row.title)
    row = await _settle(unit, row, {"state": State.CANCELLED, "cause": cause, "reason": reason})
    unit.audit("rewards.cancel", row.id, cause=cause)
    events.cancelled(unit, row)
    return row


async def _settle(unit: UnitOfWork, row: Row, values: Mapping[str, Any]) -> Row:
    d = redemptions.c
    return await unit.one(
        update(redemptions)
        .where(d.tenant_id == unit.tenant_id, d.id == row.id)
        .values(
            **values,
            settled_by=unit.context.caller.actor,
            settled_at=unit.now,
            version=d.version + 1,
            updated_at=unit.now,
        )
        .returning(redemptions)
    )
