"""Changes to listings and interests. The edge commits."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import asyncpg
from sqlalchemy import insert

from chassis.days import numbered, series
from chassis.errors import Conflict, Forbidden
from chassis.statements import NewRow, Row
from chassis.units import UnitOfWork
from ticket.catalogue import queries as catalogue
from ticket.listings import access, events, queries, rules
from ticket.listings.rules import Kind, Standing, State
from ticket.listings.tables import interests, listings
from ticket.requests import commands as requests

_WORDLESS: Final = "想了解这个铺位，请联系我"
"""What an enquiry says that came without words: a ticket has to say something."""
_RESULTS: Final = {Standing.ACCEPTED: "铺位已谈妥", Standing.DECLINED: "铺位已有着落"}
"""The result of an enquiry that was answered without words."""


@dataclass(frozen=True, slots=True)
class NewListing:
    """A listing as it is drafted."""

    kind: Kind
    title: str
    summary: str
    floor: str
    terms: str
    enterprise_id: str
    places: int
    service_item_id: str
    synthetic: bool


async def draft(unit: UnitOfWork, new: NewListing) -> Row:
    """Draft a listing of the caller's side.

    NOT_THIS_ENTERPRISE, STALL_OF_BUILDING, ENQUIRY_ITEM_MISSING, ENQUIRY_ITEM_UNEXPECTED, OFFER_OF_FIRM,
    SERVICE_ITEM_NOT_FOUND, ENQUIRY_ITEM_CLOSED for one whose tickets only a case team may see.
    """
    firm = _side(unit, new.enterprise_id)
    rules.check_listing(new.kind, firm, new.service_item_id)
    if new.service_item_id:
        rules.check_enquiry_item(await catalogue.recent(unit, new.service_item_id))
    of_day = series("L", unit.now)
    return unit.add(
        listings,
        {
            **unit.fresh(synthetic=new.synthetic),
            "number": numbered(of_day, await unit.number(of_day)),
            "kind": new.kind,
            "state": State.DRAFT,
            "title": new.title,
            "summary": new.summary,
            "floor": new.floor,
            "terms": new.terms,
            "enterprise_id": firm or None,
            "service_item_id": new.service_item_id or None,
            "places": new.places or 1,
            "taken": 0,
            "published_at": None,
        },
    )


def _side(unit: UnitOfWork, enterprise_id: str) -> str:
    """The firm in whose name; staff list for the building, and for no firm."""
    firms = unit.context.ids("E")
    if unit.context.has("B"):
        if enterprise_id and enterprise_id not in firms:
            raise Forbidden("NOT_THIS_ENTERPRISE")
        return enterprise_id
    firm = enterprise_id or (firms[0] if len(firms) == 1 else "")
    if firm not in firms:
        raise Forbidden("NOT_THIS_ENTERPRISE")
    return firm


async def publish(unit: UnitOfWork, listing_id: str) -> Row:
    """Publish a draft."""
    listing = await queries.listing(unit, listing_id, lock=True)
    rules.check_publish(listing)
    listing = unit.change(listings, listing, {"state": State.PUBLISHED, "published_at": unit.now})
    unit.audit("listings.publish", listing.id, kind=listing.kind)
    told = events.published(listing, unit.context.caller.account_id)
    unit.emit(told, aggregate_id=listing.id, audience=(listing.created_by,))
    return listing


async def close(unit: UnitOfWork, listing_id: str) -> Row:
    """End a listing. Twice is once; NOT_YOUR_LISTING for anybody but its side and the building."""
    listing = await queries.listing(unit, listing_id, lock=True)
    if not access.owns(listing, unit.context) and not unit.context.has("B"):
        raise Forbidden("NOT_YOUR_LISTING")
    if listing.state == State.CLOSED:
        return listing
    unit.audit("listings.close", listing.id)
    await _decline_rest(unit, listing)
    return _end(unit, listing, State.CLOSED, {})


@dataclass(frozen=True, slots=True)
class NewInterest:
    """An interest as it is sent."""

    listing_id: str
    words: str
    enterprise_id: str
    start: datetime | None
    end: datetime | None
    synthetic: bool


async def respond(unit: UnitOfWork, new: NewInterest) -> Row:
    """Send an interest; one in a stall is filed as a ticket at once.

    LISTING_WRONG_STATE, OWN_LISTING, OFFER_TO_FIRM, POST_FOR_PERSONS, NOT_THIS_ENTERPRISE,
    BOOKING_TIME_MISSING, BOOKING_TIME_WRONG, BOOKING_OVERLAPS, ALREADY_INTERESTED.
    """
    listing = await queries.listing(unit, new.listing_id, lock=True)
    if new.enterprise_id and new.enterprise_id not in unit.context.ids("E"):
        raise Forbidden("NOT_THIS_ENTERPRISE")
    rules.check_interest(listing, new.enterprise_id, new.start, new.end, unit.now)
    if listing.created_by == unit.context.caller.account_id:
        raise Conflict("OWN_LISTING")
    if new.start and new.end:
        rules.check_free(await queries.bookings(unit, listing.id), new.start, new.end)
    ticket = await _enquiry(unit, listing, new) if listing.kind == Kind.STALL else None
    row: dict[str, Any] = {
        **unit.fresh(synthetic=new.synthetic),
        "listing_id": listing.id,
        "listing_title": listing.title,
        "kind": listing.kind,
        "state": Standing.SENT,
        "account": unit.context.caller.account_id,
        "person_id": unit.context.caller.person_id or None,
        "enterprise_id": new.enterprise_id or None,
        "words": new.words,
        "answer": "",
        "start_at": new.start,
        "end_at": new.end,
        "ticket_id": ticket.id if ticket else None,
    }
    try:
        async with unit.savepoint():
            await unit.execute(insert(interests), row)
    except asyncpg.UniqueViolationError as error:
        raise Conflict("ALREADY_INTERESTED") from error
    interest = NewRow(row)
    audience = (listing.created_by, interest.account)
    unit.emit(events.sent(interest, listing.created_by), aggregate_id=interest.id, audience=audience)
    return await queries.interest(unit, interest.id)


async def _enquiry(unit: UnitOfWork, listing: Row, new: NewInterest) -> Row:
    return await requests.take_down(
        unit,
        listing.service_item_id,
        enterprise_id=new.enterprise_id,
        floor=listing.floor,
        summary=f"{listing.title}（{listing.number}）：{new.words or _WORDLESS}",
        form={},
        synthetic=new.synthetic,
    )


async def answer(unit: UnitOfWork, interest_id: str, verb: str, words: str) -> Row:
    """Show, accept or decline: the side that listed it, and nobody their own. What an enquiry's ticket waits
    for is said there too.

    NOT_YOUR_LISTING, OWN_INTEREST, INTEREST_WRONG_STATE, LISTING_WRONG_STATE when the last place is taken,
    BOOKING_OVERLAPS.
    """
    seen = await queries.interest(unit, interest_id)
    # The listing first: two answers at once wait for each other there.
    listing = await queries.listing(unit, seen.listing_id, lock=True)
    interest = await queries.interest(unit, interest_id, lock=True)
    if not access.owns(listing, unit.context):
        raise Forbidden("NOT_YOUR_LISTING")
    rules.check_not_own(interest, unit.context.caller.account_id, unit.context.caller.person_id)
    after = rules.answered(interest, listing.kind, verb)
    interest = await _answer(unit, interest, after, listing.created_by, words)
    if after is Standing.ACCEPTED:
        await _take_place(unit, listing, interest)
    return interest


async def _take_place(unit: UnitOfWork, listing: Row, interest: Row) -> None:
    rules.check_open(listing)
    if listing.kind == Kind.RESOURCE:
        booked = await queries.bookings(unit, listing.id)
        rules.check_free(booked, interest.start_at, interest.end_at)
    taken = listing.taken + 1
    if rules.is_filled(listing.kind, listing.places, taken):
        await _decline_rest(unit, listing, but=interest.id)
        _end(unit, listing, State.FILLED, {"taken": taken})
    else:
        unit.change(listings, listing, {"taken": taken})


async def withdraw(unit: UnitOfWork, interest_id: str) -> Row:
    """Take one's interest back, and the ticket with it. Twice is once; a booking gives its time free."""
    seen = await queries.interest(unit, interest_id)
    listing = await queries.listing(unit, seen.listing_id, lock=True)
    interest = await queries.interest(unit, interest_id, lock=True)
    if not access.sent(interest, unit.context):
        raise Forbidden("NOT_YOUR_INTEREST")
    if interest.state == Standing.WITHDRAWN:
        return interest
    rules.check_withdrawable(interest, unit.now)
    if rules.is_booked(interest):
        unit.change(listings, listing, {"taken": listing.taken - 1})
    if interest.ticket_id:
        await requests.take_back(unit, interest.ticket_id)
    return _move(unit, interest, Standing.WITHDRAWN, listing.created_by, interest.answer)


async def _decline_rest(unit: UnitOfWork, listing: Row, but: str = "") -> None:
    for interest in await queries.open_in(unit, listing.id):
        if interest.id != but:
            await _answer(unit, interest, Standing.DECLINED, listing.created_by, "")


async def _answer(unit: UnitOfWork, interest: Row, after: Standing, maker: str, words: str) -> Row:
    if interest.ticket_id and after is Standing.SHOWN:
        await requests.comment(unit, interest.ticket_id, words, ())
    elif interest.ticket_id:
        await requests.settle(unit, interest.ticket_id, words or _RESULTS[after])
    return _move(unit, interest, after, maker, words)


def _move(unit: UnitOfWork, interest: Row, state: Standing, maker: str, words: str) -> Row:
    columns = {column.name for column in interests.c}
    row = NewRow({name: value for name, value in dict(interest).items() if name in columns})
    changed = unit.change(interests, row, {"state": state, "answer": words})
    told = events.answered(changed, maker, unit.context.caller.account_id)
    unit.emit(told, aggregate_id=interest.id, audience=(maker, interest.account))
    return NewRow({**dict(interest), **dict(changed)})


def _end(unit: UnitOfWork, listing: Row, state: State, more: dict[str, Any]) -> Row:
    listing = unit.change(listings, listing, {"state": state, **more})
    unit.emit(events.ended(listing), aggregate_id=listing.id, audience=(listing.created_by,))
    return listing
