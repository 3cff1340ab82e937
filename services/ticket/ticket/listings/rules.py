"""Rules of listings and of interest in them. No I/O.

Source: mechanisms 0-15 (档口招商: publish → enquiry → viewing → let), 1-32 (资源共享: one firm shares,
another books), 1-23 (企业对企业: an offer that both firms accept) and 0-13 (勤工俭学).
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from chassis.errors import Conflict, FieldError, Forbidden, Invalid, WrongState
from ticket.affairs import Sensitivity


class Kind(StrEnum):
    """What is listed."""

    STALL = "stall"
    RESOURCE = "resource"
    OFFER = "offer"
    VACANCY = "vacancy"


class State(StrEnum):
    """Where a listing stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    FILLED = "filled"
    CLOSED = "closed"


class Standing(StrEnum):
    """Where an interest stands."""

    SENT = "sent"
    SHOWN = "shown"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


WAITING: Final = frozenset({Standing.SENT, Standing.SHOWN})
"""Interests that the side that listed it still owes an answer."""
ANSWERS: Final[dict[str, tuple[frozenset[Standing], Standing]]] = {
    "show": (frozenset({Standing.SENT}), Standing.SHOWN),
    "accept": (WAITING, Standing.ACCEPTED),
    "decline": (WAITING, Standing.DECLINED),
}
"""Verbs of the side that listed it."""


def check_listing(kind: Kind, enterprise_id: str, service_item_id: str) -> None:
    """Stalls are the building's and name the item that an enquiry is filed under; offers are firms'."""
    if kind is Kind.STALL:
        if enterprise_id:
            raise _fault("STALL_OF_BUILDING", "enterprise_id")
        if not service_item_id:
            raise _fault("ENQUIRY_ITEM_MISSING", "service_item_id")
    elif service_item_id:
        raise _fault("ENQUIRY_ITEM_UNEXPECTED", "service_item_id")
    if kind is Kind.OFFER and not enterprise_id:
        raise _fault("OFFER_OF_FIRM", "enterprise_id")


def check_enquiry_item(item: Any) -> None:
    """Whoever lets a stall sees what is asked about it."""
    if item.sensitivity != Sensitivity.P1:
        raise _fault("ENQUIRY_ITEM_CLOSED", "service_item_id")


def check_open(listing: Any) -> None:
    """Somebody can still have it."""
    if listing.state != State.PUBLISHED:
        raise WrongState("LISTING_WRONG_STATE", state=listing.state)


def listing_verbs(listing: Any, *, own: bool, manages: bool, for_firm: bool) -> list[str]:
    """What a reader can do with a listing; `for_firm` says that they speak for one."""
    verbs = []
    if manages and listing.state == State.DRAFT:
        verbs.append("publish")
    if (own or manages) and listing.state != State.CLOSED:
        verbs.append("close")
    if listing.state == State.PUBLISHED and not own and (for_firm or listing.kind != Kind.OFFER):
        verbs.append("respond")
    return verbs


def check_publish(listing: Any) -> None:
    """Only a draft is published."""
    if listing.state != State.DRAFT:
        raise WrongState("LISTING_WRONG_STATE", state=listing.state)


def check_interest(
    listing: Any, enterprise_id: str, start: datetime | None, end: datetime | None, now: datetime
) -> None:
    """Interest is in what is published and somebody else's; offers are between firms, posts are for persons;
    a booking says when."""
    check_open(listing)
    if enterprise_id and enterprise_id == listing.enterprise_id:
        raise Conflict("OWN_LISTING")
    if listing.kind == Kind.OFFER and not enterprise_id:
        raise _fault("OFFER_TO_FIRM", "enterprise_id")
    if listing.kind == Kind.VACANCY and enterprise_id:
        raise _fault("POST_FOR_PERSONS", "enterprise_id")
    if listing.kind != Kind.RESOURCE:
        if start or end:
            raise _fault("BOOKING_UNEXPECTED", "start_time")
        return
    if start is None or end is None:
        raise _fault("BOOKING_TIME_MISSING", "start_time")
    if not now <= start < end:
        raise _fault("BOOKING_TIME_WRONG", "end_time")


def answered(interest: Any, kind: str, verb: str) -> Standing:
    """Where an interest stands after an answer; viewings are of stalls."""
    states, after = ANSWERS[verb]
    if interest.state not in states or (verb == "show" and kind != Kind.STALL):
        raise WrongState("INTEREST_WRONG_STATE", state=interest.state)
    return after


def check_withdrawable(interest: Any, now: datetime) -> None:
    """What is not answered can be taken back; a booking also later, until it begins."""
    if not _is_withdrawable(interest, now):
        raise WrongState("INTEREST_WRONG_STATE", state=interest.state)


def _is_withdrawable(interest: Any, now: datetime) -> bool:
    return interest.state in WAITING or (is_booked(interest) and now < interest.start_at)


def is_booked(interest: Any) -> bool:
    """A resource is with them, or will be."""
    return bool(interest.state == Standing.ACCEPTED and interest.kind == Kind.RESOURCE)


def is_own(interest: Any, account_id: str, person_id: str) -> bool:
    """The person who is interested, through whichever account."""
    return interest.account == account_id or (bool(person_id) and interest.person_id == person_id)


def check_not_own(interest: Any, account_id: str, person_id: str) -> None:
    """Nobody agrees with themselves."""
    if is_own(interest, account_id, person_id):
        raise Forbidden("OWN_INTEREST")


def check_free(booked: Iterable[tuple[datetime, datetime]], start: datetime, end: datetime) -> None:
    """A resource is with one firm at a time."""
    if any(start < until and since < end for since, until in booked):
        raise Conflict("BOOKING_OVERLAPS")


def is_filled(kind: str, places: int, taken: int) -> bool:
    """The last place is taken; a resource is booked again and again."""
    return kind != Kind.RESOURCE and taken >= places


def interest_verbs(interest: Any, now: datetime, *, sent: bool, answers: bool) -> list[str]:
    """What a reader can do with an interest: whoever `sent` it, or stands on the side that `answers`."""
    verbs: list[str] = []
    if answers and interest.state in WAITING:
        if interest.kind == Kind.STALL and interest.state == Standing.SENT:
            verbs.append("show")
        verbs += ["accept", "decline"]
    if sent and _is_withdrawable(interest, now):
        verbs.append("withdraw")
    return verbs


def _fault(reason: str, field: str) -> Invalid:
    return Invalid(reason, fields=[FieldError(field, reason)])
