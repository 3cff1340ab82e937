"""The events of honours, the words of the contract, and members who leave the roster."""

from collections.abc import Sequence
from typing import Any, Final

from google.protobuf.message import Message

from chassis.consumer import Apply, Consumer
from chassis.events import Event
from chassis.statements import Row
from chassis.units import UnitOfWork
from chassis.words import Words
from louyu.membership.v1 import honours_pb2 as pb
from louyu.membership.v1 import members_pb2
from membership.honours.rules import State

KIND: Final = Words(pb.HonourKind)
STATE: Final = Words(pb.HonourState)
ENDING: Final = Words(pb.HonourEnding)
BRANCH_DESK: Final = "party-desk"
"""The duty group that hears of nominations, and of what became of them."""


def departures(apply: Apply) -> Consumer:
    """Follows the roster: only after whatever took a member off it can be seen who is there no more, since a
    member who changes the kind of membership leaves and comes at once."""
    return Consumer("roster-honours", "membership", ("member",), apply)


def departed(events: Sequence[Event]) -> list[str]:
    """The persons whose membership of the party ended."""
    ended = (event.message for event in events if isinstance(event.message, members_pb2.MemberEnded))
    return [said.person_id for said in ended if said.belongs_to == members_pb2.MEMBER_BODY_PARTY]


def changed(unit: UnitOfWork, row: Row) -> None:
    """An honour is in another state."""
    said: dict[str, Any] = {
        "honour_id": row.id,
        "kind": KIND.number(row.kind),
        "account": row.account or "",
        "nominator": row.nominator_account or "",
        "desk": BRANCH_DESK,
        "synthetic": row.synthetic,
    }
    event: Message
    match State(row.state):
        case State.NOMINATED:
            event = pb.HonourNominated(**said)
        case State.APPROVED:
            event = pb.HonourApproved(**said)
        case State.REJECTED:
            event = pb.HonourRejected(**said)
        case State.NOT_CONSENTED:
            event = pb.HonourDeclined(**said)
        case State.WITHDRAWN:
            event = pb.HonourWithdrawn(**said)
        case State.DISPLAYED:
            event = pb.HonourDisplayed(**said, floor=row.floor)
        case State.ENDED:
            event = pb.HonourEnded(**said, floor=row.floor, ending=ENDING.number(row.ending))
        case State.REVOKED:
            event = pb.HonourRevoked(**said, floor=row.floor)
    # A nomination that the branch has not agreed to is no news for the nominee.
    asked = row.decider is not None and row.state != State.REJECTED
    unit.emit(event, aggregate_id=row.id, audience=[row.account or ""] if asked else [])
