"""Reads of the shop and its redemptions."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from chassis.errors import NotFound
from chassis.pages import beyond
from chassis.statements import Row
from chassis.units import Reader
from membership.rewards.rules import State
from membership.rewards.tables import redemptions, rewards


async def reward(reader: Reader, reward_id: str, *, lock: bool = False) -> Row:
    """One reward. REWARD_NOT_FOUND for anything else."""
    r = rewards.c
    statement = select(rewards).where(r.tenant_id == reader.tenant_id, r.id == reward_id)
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("REWARD_NOT_FOUND")
    return found


async def rewards_page(
    reader: Reader, after: Sequence[Any] | None, size: int, *, retired: bool
) -> Sequence[Row]:
    """Rewards by price; one more than `size` where there are more."""
    r = rewards.c
    statement = select(rewards).where(r.tenant_id == reader.tenant_id)
    if not retired:
        statement = statement.where(r.live)
    if after:
        statement = statement.where(beyond([r.price, r.id], [int(after[0]), after[1]]))
    return await reader.fetch(statement.order_by(r.price, r.id).limit(size + 1))


async def had(reader: Reader, reward_id: str, person_id: str) -> int:
    """How many of a reward a person has reserved or got."""
    d = redemptions.c
    found = await reader.scalar(
        select(func.count()).where(
            d.tenant_id == reader.tenant_id,
            d.person_id == person_id,
            d.reward_id == reward_id,
            d.state != State.CANCELLED,
        )
    )
    return int(found)


async def redemption(reader: Reader, redemption_id: str, *, lock: bool = False, own: bool = False) -> Row:
    """One redemption, of the caller where `own` is set. REDEMPTION_NOT_FOUND for anything else."""
    d = redemptions.c
    statement = select(redemptions).where(d.tenant_id == reader.tenant_id, d.id == redemption_id)
    if own:
        statement = statement.where(d.person_id == (reader.context.caller.person_id or None))
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("REDEMPTION_NOT_FOUND")
    return found


async def redemptions_page(
    reader: Reader, state: str, after: Sequence[Any] | None, size: int, *, own: bool
) -> Sequence[Row]:
    """Redemptions, the latest first: the caller's own, or the building's."""
    d = redemptions.c
    statement = select(redemptions).where(d.tenant_id == reader.tenant_id)
    if own:
        statement = statement.where(d.person_id == (reader.context.caller.person_id or None))
    if state:
        statement = statement.where(d.state == state)
    if after:
        statement = statement.where(d.id < after[0])
    return await reader.fetch(statement.order_by(d.id.desc()).limit(size + 1))
