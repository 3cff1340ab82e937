"""The events of reporting to communities, and the words of the contract."""

from collections.abc import Sequence
from typing import Any, Final

from google.protobuf.message import Message

from chassis import days
from chassis.statements import Row
from chassis.units import UnitOfWork
from chassis.words import Words
from louyu.membership.v1 import community_checkins_pb2 as pb
from membership.community_checkins.rules import Service, State

KIND: Final = Words(pb.CheckinKind)
STATE: Final = Words(pb.CheckinState)
POST: Final = Words(pb.CommunityPost)
GROUP: Final = Words(pb.BeneficiaryGroup)
SERVICE: Final = Words(pb.CommunityServiceState)
DESK: Final = "party-desk"
"""The duty group that hears of it: the community's of who reports, the organisation's of what is asked."""


def changed(unit: UnitOfWork, row: Row) -> None:
    """A check-in is in another state."""
    said: dict[str, Any] = {
        "community_checkin_id": row.id,
        "community_id": row.community_id,
        "kind": KIND.number(row.kind),
        "person_id": row.person_id or "",
        "account": row.account or "",
        "synthetic": row.synthetic,
    }
    event: Message
    match State(row.state):
        case State.REPORTED:
            event = pb.CommunityCheckinReported(**said, desk=DESK)
        case State.CONFIRMED:
            event = pb.CommunityCheckinConfirmed(**said, post=POST.number(row.post))
        case State.RETURNED:
            event = pb.CommunityCheckinReturned(**said)
        case State.ENDED:
            event = pb.CommunityCheckinEnded(**said)
    unit.emit(event, aggregate_id=row.id, tenant_id=row.tenant_id, audience=[row.account or ""])


def moved(unit: UnitOfWork, row: Row, served: Sequence[Row] = ()) -> None:
    """A service is in another state; `served` is who did what the community confirmed."""
    said: dict[str, Any] = {
        "community_service_id": row.id,
        "community_id": row.community_id,
        "checkin_id": row.checkin_id,
        "group": GROUP.number(row.beneficiaries),
        "desk": DESK,
        "synthetic": row.synthetic,
    }
    event: Message
    match Service(row.state):
        case Service.ASKED:
            event = pb.CommunityServiceAsked(**said)
        case Service.REPORTED:
            event = pb.CommunityServiceReported(**said)
        case Service.CONFIRMED:
            event = pb.CommunityServiceConfirmed(
                **said,
                held_date=days.written(row.held_on),
                person_ids=[one.person_id or "" for one in served],
                minutes=[one.minutes for one in served],
                helped=row.helped,
            )
        case Service.TAKEN if row.decider:
            event = pb.CommunityServiceReturned(**said)
        case Service.TAKEN | Service.DECLINED:
            event = pb.CommunityServiceAnswered(**said, state=SERVICE.number(row.state))
    unit.emit(event, aggregate_id=row.id, tenant_id=row.tenant_id)
