"""Finds and claims to them, on a real database."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from chassis.context import Caller, Context, Scope
from chassis.database import Database
from chassis.errors import Conflict, Forbidden, NotFound, WrongState
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import Units
from tests.fixtures.clocks import at_noon
from tests.fixtures.servers import Databases
from ticket.finds import commands, queries
from ticket.finds.rules import Kind

TENANT = new_id()


def caller(*letters: str, account: str = "", person: str = "", tenant: str = TENANT) -> Context:
    who = account or new_id()
    scopes = tuple(Scope(letter) for letter in letters)
    by = Caller("account", who, person_id=person or who)
    return Context(mode="tenant", tenant_id=tenant, caller=by, scopes=scopes, method="test")


CLERK, SECRETARY = caller("B"), caller("B")
WORKERS = [caller("O") for _ in range(5)]


@pytest_asyncio.fixture
async def units(databases: Databases) -> AsyncIterator[Units]:
    database = Database("ticket", (await databases.fresh("ticket")).app_url)
    yield Units(database, at_noon(30))
    await database.close()


async def kept(units: Units) -> Row:
    new = commands.NewFind(Kind.KEYS, "钥匙", "三把", "一楼", "", synthetic=True)
    return await units.run(CLERK, lambda u: commands.register(u, new))


async def claimed(units: Units, find: Row, by: Context, *, at_station: bool = False) -> Row:
    return await units.run(
        by, lambda u: commands.claim(u, find.id, "我的", at_station=at_station, synthetic=True)
    )


async def verified(units: Units, claim: Row, by: Context = SECRETARY) -> Row:
    return await units.run(by, lambda u: commands.verify(u, claim.id, ""))


async def states(units: Units, find: Row) -> tuple[str, list[str]]:
    """Where the thing is, and how the claims to it stand."""
    rows = await units.run(
        CLERK, lambda u: queries.page_of_claims(u, find_id=find.id, mine=False, after=None, size=9)
    )
    after = await units.run(CLERK, lambda u: queries.find(u, find.id))
    return after.state, sorted(row.state for row in rows)


async def test_of_five_claims_verified_at_once_one_has_it(units: Units) -> None:
    find = await kept(units)
    claims = [await claimed(units, find, worker) for worker in WORKERS]
    results = await asyncio.gather(*(verified(units, one) for one in claims), return_exceptions=True)
    assert sum(not isinstance(one, BaseException) for one in results) == 1
    assert all(isinstance(one, WrongState) for one in results if isinstance(one, BaseException))
    assert await states(units, find) == ("reserved", ["claimed"] * 4 + ["verified"])
    given = await units.run(CLERK, lambda u: commands.give_back(u, find.id))
    assert (given.state, given.marks) == ("returned", "")
    assert await states(units, find) == ("returned", ["declined"] * 4 + ["fulfilled"])


async def test_nobody_claims_twice_and_the_desk_writes_down_whoever_comes(units: Units) -> None:
    find = await kept(units)
    both = await asyncio.gather(*(claimed(units, find, WORKERS[0]) for _ in range(2)), return_exceptions=True)
    assert sum(isinstance(one, Conflict) for one in both) == 1
    for _ in range(2):
        await claimed(units, find, CLERK, at_station=True)
    with pytest.raises(Forbidden, match="NOT_AT_STATION"):
        await claimed(units, find, WORKERS[1], at_station=True)
    assert await states(units, find) == ("kept", ["claimed"] * 3)


async def test_the_same_person_behind_another_account_does_not_verify(units: Units) -> None:
    find, person = await kept(units), new_id()
    claim = await claimed(units, find, caller("O", person=person))
    with pytest.raises(Forbidden, match="OWN_FIND_CLAIM"):
        await verified(units, claim, caller("B", person=person))


async def test_what_is_let_go_can_be_claimed_by_the_next(units: Units) -> None:
    find = await kept(units)
    first = await claimed(units, find, WORKERS[0])
    await verified(units, first)
    with pytest.raises(WrongState):
        await claimed(units, find, WORKERS[1])
    for _ in range(2):
        await units.run(WORKERS[0], lambda u: commands.withdraw(u, first.id))
    assert await states(units, find) == ("kept", ["withdrawn"])
    await verified(units, await claimed(units, find, WORKERS[1]))
    assert (await states(units, find))[0] == "reserved"


async def test_what_has_left_is_seen_by_whoever_claimed_it_and_nobody_else(units: Units) -> None:
    find = await kept(units)
    claim = await claimed(units, find, WORKERS[0])
    await units.run(CLERK, lambda u: commands.hand_on(u, find.id, "派出所"))
    assert (await units.run(WORKERS[0], lambda u: queries.find(u, find.id))).state == "handed_on"
    for stranger in (WORKERS[1], caller("B", tenant=new_id())):
        with pytest.raises(NotFound, match="FIND_NOT_FOUND"):
            await units.run(stranger, lambda u: queries.find(u, find.id))
        with pytest.raises(NotFound, match="FIND_CLAIM_NOT_FOUND"):
            await units.run(stranger, lambda u: queries.claim(u, claim.id))
