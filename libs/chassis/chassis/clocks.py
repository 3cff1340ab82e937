"""The two clocks.

*Business* time drives deadlines, periods and `occurred_at`; in demo and test deployments it can be
behind the system clock and is only ever walked forward. *System* time drives tokens, leases, seals
and ids and never moves: code that needs it calls `system_now`.
"""

import math
from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp


def system_now() -> datetime:
    """Real time, aware, in UTC."""
    return datetime.now(UTC)


def timestamp(moment: datetime | None) -> Timestamp | None:
    """An aware moment on the wire; None stays None. For lists: several times as fast as FromDatetime."""
    if moment is None:
        return None
    return Timestamp(seconds=math.floor(moment.timestamp()), nanos=moment.microsecond * 1000)


class BusinessClock:
    """Business time of one process: system time plus an offset that is never positive."""

    def __init__(self, offset: timedelta = timedelta(0)) -> None:
        self._offset = timedelta(0)
        self._begun = False
        self.apply(offset)

    @property
    def offset(self) -> timedelta:
        """Business minus system time; zero in production."""
        return self._offset

    def now(self) -> datetime:
        """Business time, aware, in UTC."""
        return system_now() + self._offset

    def apply(self, offset: timedelta) -> None:
        """Move the clock. It can be set back once, from zero; after that it only moves forward.

        Raises `ValueError` for an offset in the future or behind the present one.
        """
        if offset > timedelta(0):
            raise ValueError("business time cannot be ahead of system time")
        if self._begun and offset < self._offset:
            raise ValueError("business time cannot go back")
        self._offset = offset
        self._begun = self._begun or offset < timedelta(0)
