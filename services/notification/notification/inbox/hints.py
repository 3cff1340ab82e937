"""Tells the live channel that an inbox has something new: a hint, sent once, kept nowhere.

Hints go over NATS itself, not through the outbox: who misses one sees the message with the next look
at the inbox, and the busiest path of the district does not write a second row per message.
"""

import asyncio
import contextlib
from typing import Any, Final

import nats.errors
from nats.aio.client import Client

from chassis.clocks import BusinessClock
from chassis.hints import send
from louyu.notification.v1 import inbox_pb2 as pb

SERVICE: Final = "notification"
FLUSH_S: Final = 0.3
"""Gathers what one commit delivers, and lets that commit become visible first."""
MOST_WAITING: Final = 10_000


class Hints:
    """Collects hints and sends them every so often, one per account."""

    def __init__(self, bus: Client, clock: BusinessClock) -> None:
        self._bus = bus
        self._clock = clock
        self._waiting: dict[tuple[str, str], Any] = {}
        self._wanted = asyncio.Event()

    def delivered(self, row: Any) -> None:
        """A message was put into an inbox."""
        if not row["desk"] and len(self._waiting) < MOST_WAITING:
            self._waiting[row["tenant_id"], row["account"]] = row
            self._wanted.set()

    async def loop(self, stop: asyncio.Event) -> None:
        """Send until `stop`."""
        stopping = asyncio.ensure_future(stop.wait())
        while not stop.is_set():
            wanted = asyncio.ensure_future(self._wanted.wait())
            await asyncio.wait({stopping, wanted}, return_when=asyncio.FIRST_COMPLETED)
            wanted.cancel()
            self._wanted.clear()
            await asyncio.sleep(FLUSH_S)
            await self.flush()

    async def flush(self) -> None:
        """Send what waits. Hints of a time without NATS are dropped."""
        due, self._waiting = self._waiting, {}
        if not due or not self._bus.is_connected:
            return
        with contextlib.suppress(nats.errors.Error):
            for (tenant_id, account), row in due.items():
                hint = pb.MessageDelivered(
                    message_id=row["id"],
                    template=row["template"],
                    subject_capability=row["capability"],
                    subject_id=row["subject_id"],
                )
                await send(
                    self._bus,
                    SERVICE,
                    hint,
                    tenant_id=tenant_id,
                    aggregate_id=row["id"],
                    at=self._clock.now(),
                    audience=[account],
                )
