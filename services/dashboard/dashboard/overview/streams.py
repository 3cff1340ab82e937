"""How far the streams have been read."""

from typing import Final

import nats.errors
from nats.aio.client import Client
from nats.js.api import ConsumerInfo
from nats.js.errors import APIError, NotFoundError

from chassis.events import stream_of
from chassis.recent import Recent

UNKNOWN: Final = -1


def durable(source: str) -> str:
    """The durable consumer that reads a source for the overview."""
    return f"dashboard-{source}-overview"


class Streams:
    """Asks NATS how much of a stream is still to be applied."""

    def __init__(self, bus: Client) -> None:
        self._bus = bus
        self._recent = Recent[str, int](1.0)

    async def pending(self, source: str) -> int:
        """Events of a source that are not applied yet, at most a second old; -1 where nobody knows."""
        return await self._recent.get(source, lambda: self._ask(source))

    async def _ask(self, source: str) -> int:
        if not self._bus.is_connected:
            return UNKNOWN
        try:
            info = await self.info(source)
        except (nats.errors.Error, APIError, TimeoutError):
            return UNKNOWN
        return outstanding(info) if info else UNKNOWN

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
