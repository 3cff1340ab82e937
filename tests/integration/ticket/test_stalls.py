"""Stalls on a real database: two at once, another round, the other organisation."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from chassis.context import Caller, Context, Scope
from chassis.database import Database
from chassis.days import day_of
from chassis.errors import Conflict, Invalid, NotFound, WrongState
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import Units
from tests.fixtures.clocks import at_noon
from tests.fixtures.servers import Databases
from ticket.stalls import commands, queries
from ticket.stalls.rules import State

TENANT = new_id()


def staff(tenant: str = TENANT) -> Context:
    who = new_id()
    by = Caller("account", who, person_id=new_id())
    return Context(mode="tenant", tenant_id=tenant, caller=by, scopes=(Scope("B"),), method="test")


CLERK, SECRETARY = staff(), staff()


@pytest_asyncio.fixture
async def units(databases: Databases) -> AsyncIterator[Units]:
    database = Database("ticket", (await databases.fresh("ticket")).app_url)
    yield Units(database, at_noon(30))
    await database.close()


async def added(units: Units, name: str = "面档") -> Row:
    return await units.run(CLERK, lambda u: commands.add(u, name, "一楼", "", synthetic=True))


async def begun(units: Units, stall: Row, by: Context = CLERK, score: int = 50) -> Row:
    return await units.run(
        by, lambda u: commands.begin(u, stall.id, score=score, findings="人少", plan="换菜单")
    )


async def helped(units: Units, stall: Row, day: str = "") -> Row:
    return await units.run(CLERK, lambda u: commands.help_(u, stall.id, day=day, what="换了菜单"))


async def reassessed(units: Units, stall: Row, score: int) -> Row:
    return await units.run(SECRETARY, lambda u: commands.reassess(u, stall.id, score=score, findings="好些"))


async def test_of_two_stalls_of_one_name_one_is_written_down(units: Units) -> None:
    both = await asyncio.gather(added(units), added(units), return_exceptions=True)
    assert sum(isinstance(one, Conflict) for one in both) == 1
    (kept,) = (one for one in both if not isinstance(one, BaseException))
    for _ in range(2):
        await units.run(CLERK, lambda u: commands.close(u, kept.id))
    assert (await added(units)).id != kept.id, "the name is free once the stall is gone"


async def test_two_find_it_better_at_once_and_one_is_told_to_look_again(units: Units) -> None:
    stall = await added(units)
    await begun(units, stall)
    await helped(units, stall)
    results = await asyncio.gather(*(reassessed(units, stall, 80) for _ in range(2)), return_exceptions=True)
    assert sum(isinstance(one, WrongState) for one in results) == 1
    steps = await units.run(CLERK, lambda u: queries.page_of_steps(u, stall.id, after=None, size=9))
    assert [step.kind for step in steps] == ["reassessment", "help", "baseline"]


async def test_help_that_did_not_help_goes_on_and_a_new_round_begins_anew(units: Units) -> None:
    stall = await added(units)
    await begun(units, stall)
    await helped(units, stall)
    assert (await reassessed(units, stall, 50)).state == State.STRUGGLING
    assert (await reassessed(units, stall, 51)).state == State.IMPROVED
    again = await begun(units, stall, SECRETARY, score=40)
    assert (again.state, again.baseline, again.helped) == (State.STRUGGLING, 40, 0)


async def test_help_lies_between_the_first_assessment_and_today(units: Units) -> None:
    stall = await added(units)
    began = await begun(units, stall)
    today = day_of(units.clock.now())
    assert began.began_on == today
    for day in (today - timedelta(days=1), today + timedelta(days=1)):
        with pytest.raises(Invalid):
            await helped(units, stall, day.isoformat())
    assert (await helped(units, stall, today.isoformat())).helped == 1


async def test_another_organisation_finds_no_stall(units: Units) -> None:
    stall = await added(units)
    with pytest.raises(NotFound, match="STALL_NOT_FOUND"):
        await units.run(staff(new_id()), lambda u: queries.stall(u, stall.id))
