"""How far the streams have been read."""

import time
from typing import Final

import nats.errors
from nats.aio.client import Client
from nats.js.api import ConsumerInfo
from nats.js.errors import APIError, NotFoundError

from chassis.events import stream_of

KEPT_S: Final = 1.0
UNKNOWN: Final = -1


def durable(source: str) -> str:
    """The durable consumer that reads a source for the overview."""
    return f"dashboard-{source}-overview"


class Streams:
    """Asks NATS how much of a stream is still to be applied."""

    def __init__(self, bus: Client) -> None:
        self._bus = bus
        self._kept: dict[str, tuple[float, int]] = {}

    async def pending(self, source: str) -> int:
        """Events of a source that are not applied yet, at most a second old; -1 where nobody knows."""
        kept = self._kept.get(source)
        if kept is not None and kept[0] > time.monotonic():
            return kept[1]
        found = UNKNOWN
        if self._bus.is_connected:
            try:
                info = await self.info(source)
                found = outstanding(info) if info else UNKNOWN
            except (nats.errors.Error, APIError, TimeoutError):
                found = UNKNOWN
        self._kept[source] = (time.monotonic() + KEPT_S, found)
        return found

    async def info(self, source: str) -> ConsumerInfo | None:
        """What NATS says about a source's reader; None where there is none."""
        js = self._bus.jetstream(timeout=2)
        try:
            found: ConsumerInfo = await js.consumer_info(stream_of(source), durable(source))
        except NotFoundError:
            return None
        return found

    async def forget(self, source: str) -> None:
        """Take back how far a source was read: the next reader starts at the beginning."""
        try:
            await self._bus.jetstream(timeout=5).delete_consumer(stream_of(source), durable(source))
        except NotFoundError:
            return


def outstanding(info: ConsumerInfo) -> int:
    """Events that are not delivered, or delivered and not acknowledged."""
    return (info.num_pending or 0) + (info.num_ack_pending or 0)
