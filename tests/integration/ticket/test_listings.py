"""Listings and interest in them, on a real database."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

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
from ticket.listings import commands, queries
from ticket.listings.rules import Kind

TENANT, CLERK, HOST, GUEST, OTHER = (new_id() for _ in range(5))
FIRM, GUESTS = new_id(), new_id()


def caller(account: str, *scopes: Scope, person: str = "") -> Context:
    who = Caller("account", account, person_id=person or account)
    return Context(mode="tenant", tenant_id=TENANT, caller=who, scopes=scopes, method="test")


DESK = caller(CLERK, Scope("B"))
HOST_FIRM = caller(HOST, Scope("E", FIRM))
GUEST_FIRM = caller(GUEST, Scope("E", GUESTS))
STUDENTS = [caller(new_id(), Scope("O")) for _ in range(4)]


@pytest_asyncio.fixture
async def units(databases: Databases) -> AsyncIterator[Units]:
    database = Database("ticket", (await databases.fresh("ticket")).app_url)
    yield Units(database, at_noon(30))
    await database.close()


async def listed(units: Units, kind: Kind, by: Context, firm: str = "", places: int = 1) -> Row:
    new = commands.NewListing(kind, "标题", "说明", "3", "面议", firm, places, "", synthetic=True)
    made = await units.run(by, lambda u: commands.draft(u, new))
    return await units.run(DESK, lambda u: commands.publish(u, made.id))


async def interested(
    units: Units, listing: Row, by: Context, firm: str = "", when: Mapping[str, Any] | None = None
) -> Row:
    said: dict[str, Any] = {"start": None, "end": None, **(when or {})}
    new = commands.NewInterest(listing.id, "想要", firm, synthetic=True, **said)
    return await units.run(by, lambda u: commands.respond(u, new))


async def answered(units: Units, interest: Row, verb: str, by: Context) -> Row:
    return await units.run(by, lambda u: commands.answer(u, interest.id, verb, "好的"))


async def test_the_last_place_is_won_once_and_the_rest_is_declined(units: Units) -> None:
    post = await listed(units, Kind.VACANCY, DESK, places=2)
    sent = [await interested(units, post, student) for student in STUDENTS]
    results = await asyncio.gather(
        *(answered(units, one, "accept", DESK) for one in sent), return_exceptions=True
    )
    assert sum(not isinstance(one, BaseException) for one in results) == 2
    assert all(isinstance(one, WrongState) for one in results if isinstance(one, BaseException))
    rows = await units.run(
        DESK,
        lambda u: queries.page_of_interests(
            u, listing_id=post.id, mine=False, open_only=False, after=None, size=9
        ),
    )
    assert sorted(row.state for row in rows) == ["accepted", "accepted", "declined", "declined"]
    after = await units.run(DESK, lambda u: queries.listing(u, post.id))
    assert (after.state, after.taken) == ("filled", 2)


async def test_an_offer_is_between_two_firms_and_nobody_elses_business(units: Units) -> None:
    offer = await listed(units, Kind.OFFER, HOST_FIRM, FIRM)
    with pytest.raises(Conflict, match="OWN_LISTING"):
        await interested(units, offer, HOST_FIRM, FIRM)
    sent = await interested(units, offer, GUEST_FIRM, GUESTS)
    with pytest.raises(Conflict, match="ALREADY_INTERESTED"):
        await interested(units, offer, GUEST_FIRM, GUESTS)
    # The building looked at the offer; what the firms agree is theirs.
    with pytest.raises(NotFound):
        await answered(units, sent, "accept", DESK)
    with pytest.raises(Forbidden, match="NOT_YOUR_LISTING"):
        await answered(units, sent, "accept", GUEST_FIRM)
    with pytest.raises(NotFound):
        await answered(units, sent, "accept", STUDENTS[0])
    colleague = caller(new_id(), Scope("E", GUESTS))
    assert (await units.run(colleague, lambda u: queries.interest(u, sent.id))).state == "sent"
    matched = await answered(units, sent, "accept", HOST_FIRM)
    assert (matched.state, matched.enterprise_id) == ("accepted", GUESTS)


async def test_a_resource_is_with_one_firm_at_a_time_and_free_again_when_given_back(units: Units) -> None:
    room = await listed(units, Kind.RESOURCE, HOST_FIRM, FIRM)
    now = units.clock.now()
    ten = {"start": now + timedelta(hours=1), "end": now + timedelta(hours=3)}
    later = {"start": now + timedelta(hours=2), "end": now + timedelta(hours=4)}
    first = await interested(units, room, GUEST_FIRM, GUESTS, ten)
    second = await interested(units, room, STUDENTS[0], when=later)
    await answered(units, first, "accept", HOST_FIRM)
    with pytest.raises(Conflict, match="BOOKING_OVERLAPS"):
        await answered(units, second, "accept", HOST_FIRM)
    with pytest.raises(Conflict, match="BOOKING_OVERLAPS"):
        await interested(units, room, STUDENTS[1], when=later)
    await units.run(GUEST_FIRM, lambda u: commands.withdraw(u, first.id))
    assert (await units.run(DESK, lambda u: queries.listing(u, room.id))).taken == 0
    assert (await answered(units, second, "accept", HOST_FIRM)).state == "accepted"
    assert (await units.run(DESK, lambda u: queries.listing(u, room.id))).taken == 1


async def test_a_draft_is_its_sides_until_the_building_published_it(units: Units) -> None:
    new = commands.NewListing(Kind.OFFER, "标题", "", "", "", "", 1, "", synthetic=True)
    made = await units.run(HOST_FIRM, lambda u: commands.draft(u, new))
    assert made.enterprise_id == FIRM
    with pytest.raises(NotFound):
        await units.run(GUEST_FIRM, lambda u: queries.listing(u, made.id))
    await units.run(DESK, lambda u: commands.publish(u, made.id))
    await interested(units, made, GUEST_FIRM, GUESTS)
    with pytest.raises(Forbidden, match="NOT_YOUR_LISTING"):
        await units.run(GUEST_FIRM, lambda u: commands.close(u, made.id))
    closed = await units.run(HOST_FIRM, lambda u: commands.close(u, made.id))
    assert closed.state == "closed"
    # Whoever was interested reads what became of it; nobody else does.
    assert (await units.run(GUEST_FIRM, lambda u: queries.listing(u, made.id))).state == "closed"
    with pytest.raises(NotFound):
        await units.run(STUDENTS[0], lambda u: queries.listing(u, made.id))


async def test_nobody_answers_themselves_through_another_account(units: Units) -> None:
    post = await listed(units, Kind.VACANCY, DESK)
    person = new_id()
    student = caller(new_id(), Scope("O"), person=person)
    at_the_desk = caller(new_id(), Scope("B"), person=person)
    sent = await interested(units, post, student)
    with pytest.raises(Forbidden, match="OWN_INTEREST"):
        await answered(units, sent, "accept", at_the_desk)
    assert (await answered(units, sent, "accept", DESK)).state == "accepted"
