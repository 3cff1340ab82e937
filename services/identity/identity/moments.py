"""Points in time on the wire."""

from datetime import UTC, datetime

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp


def stamp(moment: datetime | None) -> Timestamp | None:
    """The moment as a message; None stays unset."""
    if moment is None:
        return None
    said = Timestamp()
    said.FromDatetime(moment)
    return said


def asked(request: Message, field: str) -> datetime | None:
    """The moment in a request's field, in UTC; None where it is unset."""
    if not request.HasField(field):
        return None
    moment: datetime = getattr(request, field).ToDatetime(tzinfo=UTC)
    return moment
