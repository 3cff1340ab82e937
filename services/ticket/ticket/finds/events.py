"""The words of finds on the wire, and their events: ids and categories, never what people wrote."""

from typing import Final

from chassis.statements import Row
from chassis.words import Words
from louyu.ticket.v1 import finds_pb2 as pb

KIND: Final = Words(pb.FindKind)
STATE: Final = Words(pb.FindState)
STANDING: Final = Words(pb.FindClaimState)


def registered(find: Row) -> pb.FindRegistered:
    return pb.FindRegistered(find_id=find.id, kind=KIND.number(find.kind), synthetic=find.synthetic)


def ended(find: Row) -> pb.FindEnded:
    return pb.FindEnded(
        find_id=find.id,
        kind=KIND.number(find.kind),
        state=STATE.number(find.state),
        synthetic=find.synthetic,
    )


def claimed(claim: Row, keeper: str) -> pb.FindClaimed:
    return pb.FindClaimed(
        find_claim_id=claim.id,
        find_id=claim.find_id,
        keeper=keeper,
        account=claim.account,
        synthetic=claim.synthetic,
    )


def answered(claim: Row, actor: str) -> pb.FindClaimAnswered:
    return pb.FindClaimAnswered(
        find_claim_id=claim.id,
        find_id=claim.find_id,
        state=STANDING.number(claim.state),
        account=claim.account,
        actor=actor,
        synthetic=claim.synthetic,
    )
