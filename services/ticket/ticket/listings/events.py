"""The words of listings on the wire, and their events: ids and categories, never what people wrote."""

from typing import Final

from chassis.statements import Row
from chassis.words import Words
from louyu.ticket.v1 import listings_pb2 as pb

KIND: Final = Words(pb.ListingKind)
STATE: Final = Words(pb.ListingState)
STANDING: Final = Words(pb.InterestState)


def published(listing: Row, publisher: str) -> pb.ListingPublished:
    return pb.ListingPublished(
        listing_id=listing.id,
        kind=KIND.number(listing.kind),
        enterprise_id=listing.enterprise_id or "",
        maker=listing.created_by,
        publisher=publisher,
        synthetic=listing.synthetic,
    )


def ended(listing: Row) -> pb.ListingEnded:
    return pb.ListingEnded(
        listing_id=listing.id, kind=KIND.number(listing.kind), state=STATE.number(listing.state)
    )


def sent(interest: Row, maker: str) -> pb.InterestSent:
    return pb.InterestSent(
        interest_id=interest.id,
        listing_id=interest.listing_id,
        kind=KIND.number(interest.kind),
        maker=maker,
        account=interest.account,
        synthetic=interest.synthetic,
    )


def answered(interest: Row, maker: str, actor: str) -> pb.InterestAnswered:
    return pb.InterestAnswered(
        interest_id=interest.id,
        listing_id=interest.listing_id,
        kind=KIND.number(interest.kind),
        state=STANDING.number(interest.state),
        account=interest.account,
        maker=maker,
        actor=actor,
        synthetic=interest.synthetic,
    )
