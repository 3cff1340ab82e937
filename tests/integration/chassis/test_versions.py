"""What tenants decide, in versions: the newest is in force, and of two at once one is told to look again."""

from __future__ import annotations

import asyncio

import pytest

from chassis.errors import Stale
from chassis.ids import new_id
from chassis.units import Units
from tests.integration.chassis.conftest import caller
from ticket.requests.rules import AUTO_CLOSE_DAYS
from ticket.requests.settings import SETTINGS, Settings


async def in_force(units: Units, tenant: str) -> Settings:
    return await units.run(caller(tenant), SETTINGS.current)


async def begin(units: Units, tenant: str, etag: str, days: int) -> Settings:
    return await units.run(caller(tenant), lambda unit: SETTINGS.begin(unit, etag, auto_close_days=days))


async def test_the_newest_version_is_in_force_and_only_at_its_tenant(units: Units) -> None:
    here, there = new_id(), new_id()
    assert await in_force(units, here) == Settings(0, AUTO_CLOSE_DAYS, None)
    for version, days in enumerate((9, 3)):
        made = await begin(units, here, str(version), days)
        assert (made.version, made.auto_close_days) == (version + 1, days)
        assert await in_force(units, here) == made
    assert (await in_force(units, there)).version == 0


async def test_whoever_saw_an_older_version_has_to_look_again(units: Units) -> None:
    tenant = new_id()
    await begin(units, tenant, "0", 9)
    with pytest.raises(Stale):
        await begin(units, tenant, "0", 4)
    assert (await in_force(units, tenant)).auto_close_days == 9


async def test_of_two_at_once_one_wins(units: Units) -> None:
    tenant = new_id()
    tried = await asyncio.gather(
        *(begin(units, tenant, "0", days) for days in range(1, 9)), return_exceptions=True
    )
    won = [each for each in tried if isinstance(each, Settings)]
    assert len(won) == 1
    assert all(isinstance(each, Stale) for each in tried if each is not won[0])
    assert await in_force(units, tenant) == won[0]
