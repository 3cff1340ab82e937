"""The read side of events: durable, ordered per aggregate, each effect once, poison put aside."""

import asyncio
import contextlib
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import asyncpg
import grpc
import nats.errors
import orjson
import structlog
from google.protobuf.message import DecodeError
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import APIError, NotFoundError
from prometheus_client import Counter

from chassis import inbox, tracing
from chassis.context import Caller, Context, bind
from chassis.database import is_overload
from chassis.errors import DomainError, Unavailable
from chassis.events import PREFIX, Event, decode, stream_of
from chassis.gathering import pause_after
from chassis.ids import NIL, is_id
from chassis.relay import ensure_stream
from chassis.units import UnitOfWork, Units

log: Final = structlog.get_logger()
APPLIED: Final = Counter("louyu_events_applied_total", "Events applied", ["consumer"])
SKIPPED: Final = Counter("louyu_events_skipped_total", "Events seen before", ["consumer"])
LETTERS: Final = Counter("louyu_dead_letters_total", "Events put aside", ["consumer"])

ATTEMPTS: Final = 3
ACK_WAIT_S: Final = 30
OUT_OF_ORDER_DELAY_S: Final = 0.2
IDLE_FETCH_S: Final = 2.0
# Between two fetches. The price of fewer, larger transactions is this much of latency.
GATHER_S: Final = 0.1
GATHER_MOST_S: Final = 0.3

Apply = Callable[[UnitOfWork, Sequence[Event]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Consumer:
    """One consumer of one producer's events.

    name        durable name, unique within the consuming service
    source      the producing service
    aggregates  the kinds of aggregates whose whole history it follows. It is handed every event of
                them, also types it has no use for, because numbers are dense per aggregate.
    apply       gets events in order, in one transaction. With `per_tenant` they are those of one
                tenant, and the unit runs in that tenant; otherwise (projections) of all tenants.
    """

    name: str
    source: str
    aggregates: tuple[str, ...]
    apply: Apply
    per_tenant: bool = True
    batch: int = 200


class Transient(Exception):
    """Something that will pass was in the way; the events are delivered again."""


_TRANSIENT: Final = (
    Transient,
    Unavailable,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    OSError,
    TimeoutError,
)


def is_transient(error: BaseException) -> bool:
    """True for errors of the surroundings, which say nothing about the event."""
    if isinstance(error, grpc.aio.AioRpcError):
        return error.code() in (
            grpc.StatusCode.UNAVAILABLE,
            grpc.StatusCode.DEADLINE_EXCEEDED,
            grpc.StatusCode.RESOURCE_EXHAUSTED,
        )
    return is_overload(error) or isinstance(error, _TRANSIENT)


class ConsumerRunner:
    """Runs one consumer of one process."""

    def __init__(self, units: Units, bus: Client, consumer: Consumer) -> None:
        self._units = units
        self._bus = bus
        self._consumer = consumer
        self._js: JetStreamContext = bus.jetstream(timeout=5)
        self.label = f"{units.database.service}/{consumer.name}"
        self._pause = 0.1
        self._empty_at = time.monotonic()
        self._applied_to: datetime | None = None

    async def loop(self, stop: asyncio.Event) -> None:
        """Fetch and apply until `stop`; recreates the durable consumer if NATS has lost it."""
        while not stop.is_set():
            try:
                subscription = await self._subscribe()
                try:
                    while not stop.is_set():
                        await self._turn(subscription, stop)
                finally:
                    # NATS would go on delivering to a subscription that nobody reads any more.
                    with contextlib.suppress(nats.errors.Error, OSError):
                        await subscription.unsubscribe()
            except (nats.errors.Error, APIError, OSError, TimeoutError) as error:
                log.warning("consumer_interrupted", consumer=self.label, error=repr(error))
            except Exception as error:
                if not is_transient(error):
                    log.exception("consumer_failed", consumer=self.label)
                else:
                    log.warning("consumer_waits", consumer=self.label, error=repr(error))
            self._pause = min(self._pause * 2, 5.0)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self._pause)

    async def caught_up(self) -> bool:
        """True when everything published so far has been delivered and acknowledged."""
        info = await self._js.consumer_info(stream_of(self._consumer.source), self._durable)
        return not info.num_pending and not info.num_ack_pending

    async def behind(self) -> tuple[int, float]:
        """How many events wait here, and for how many seconds the first of them does, at most.

        Two bounds, of which the lower is given: it has not waited longer than since nothing waited, nor,
        events being in order, than since the last one that was applied was made. The first holds where
        events are rare, the second under a steady load.
        """
        info = await self._js.consumer_info(stream_of(self._consumer.source), self._durable)
        waiting = (info.num_pending or 0) + (info.num_ack_pending or 0)
        now = time.monotonic()
        if not waiting:
            self._empty_at = now
            return 0, 0.0
        bound = now - self._empty_at
        if self._applied_to is not None:
            bound = min(bound, (self._units.clock.now() - self._applied_to).total_seconds())
        return waiting, max(0.0, bound)

    @property
    def _durable(self) -> str:
        return f"{self._units.database.service}-{self._consumer.name}"

    async def _subscribe(self) -> JetStreamContext.PullSubscription:
        consumer = self._consumer
        stream = stream_of(consumer.source)
        await ensure_stream(self._js, consumer.source)
        wanted = [f"{PREFIX}.{consumer.source}.v1.*.{aggregate}.>" for aggregate in consumer.aggregates]
        followed = await self._followed()
        if followed is not None and not followed.issuperset(wanted):
            # A release that follows more. What there was of the new aggregates is to be delivered too, since
            # numbers are dense: the durable begins anew, and what was applied before is passed over.
            log.info("consumer_follows_more", consumer=self.label)
            await self._js.delete_consumer(stream, self._durable)
            followed = None
        if followed is None:
            await self._js.add_consumer(
                stream,
                ConsumerConfig(
                    durable_name=self._durable,
                    deliver_policy=DeliverPolicy.ALL,
                    ack_policy=AckPolicy.EXPLICIT,
                    ack_wait=ACK_WAIT_S,
                    max_ack_pending=5000,
                    filter_subjects=wanted,
                ),
            )
        return await self._js.pull_subscribe_bind(durable=self._durable, stream=stream)

    async def _followed(self) -> set[str] | None:
        """The subjects that the durable is delivered; None where NATS has none of this name."""
        try:
            config = (await self._js.consumer_info(stream_of(self._consumer.source), self._durable)).config
        except NotFoundError:
            return None
        # NATS names a single one in another field.
        return set(config.filter_subjects or [config.filter_subject or ""])

    async def _turn(self, subscription: JetStreamContext.PullSubscription, stop: asyncio.Event) -> None:
        fetching = asyncio.ensure_future(subscription.fetch(self._consumer.batch, timeout=IDLE_FETCH_S))
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait({fetching, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not fetching.done():
            # What is on its way is delivered again, to whoever comes next.
            fetching.cancel()
            return
        try:
            messages = fetching.result()
        except TimeoutError:  # nats-py raises its own or asyncio's, by where it waited
            # Nothing came, or the consumer is gone: consumer_info raises NotFoundError for the loop.
            await self._js.consumer_info(stream_of(self._consumer.source), self._durable)
            return
        await self.handle(messages)
        self._pause = 0.1
        if len(messages) < self._consumer.batch:
            await asyncio.sleep(pause_after(len(messages), shortest=GATHER_S, longest=GATHER_MOST_S))

    async def handle(self, messages: Sequence[Msg]) -> None:
        """Apply a batch; acknowledge what is settled, give back what came too early."""
        readable: list[tuple[Msg, Event]] = []
        for message in messages:
            try:
                event = decode(message.headers or {}, message.data)
                if not (is_id(event.tenant_id) and is_id(event.aggregate_id) and event.seq > 0):
                    raise ValueError("not an event of ours")
                readable.append((message, event))
            except (KeyError, ValueError, DecodeError) as error:
                await self._park_unreadable(message, error)
        if readable:
            await self._apply_all(readable)

    async def _apply_all(self, batch: list[tuple[Msg, Event]]) -> None:
        context = self._context()
        async with self._units.database.transaction(context) as connection:
            done, parked = await inbox.positions(connection, self._consumer.name, [e for _, e in batch])
        ready: list[tuple[Msg, Event]] = []
        for message, event in sorted(batch, key=lambda pair: pair[1].seq):
            at = done.get(event.aggregate_id, 0)
            if event.seq <= at:
                SKIPPED.labels(self.label).inc()
                await message.ack()
            elif event.aggregate_id in parked:
                await self._park(message, event, error="", attempts=0, waiting=True)
            elif event.seq == at + 1:
                done[event.aggregate_id] = event.seq
                ready.append((message, event))
            else:
                await message.nak(delay=OUT_OF_ORDER_DELAY_S)
        if not ready:
            return
        ready = in_turn(ready)
        try:
            await self.apply([event for _, event in ready])
        except Exception as error:
            if is_transient(error):
                for message, _ in ready:
                    await message.nak(delay=self._pause)
                raise
            await self._one_by_one(ready)
            return
        for message, _ in ready:
            await message.ack()

    async def apply(self, events: Sequence[Event]) -> None:
        """Apply events and move the positions past them, in one transaction."""
        consumer = self._consumer
        units = self._units
        with (
            tracing.following(self.label, events) as traceparent,
            bind(self._context(traceparent)) as context,
        ):
            async with units.database.transaction(context) as connection:
                unit = UnitOfWork(connection, context, units.clock.now(), units.numbers)
                if not await inbox.advance(connection, consumer.name, events):
                    raise Transient("another delivery was quicker")
                if consumer.per_tenant:
                    by_tenant: dict[str, list[Event]] = {}
                    for event in events:
                        by_tenant.setdefault(event.tenant_id, []).append(event)
                    for tenant_id, own in by_tenant.items():
                        await units.database.enter(connection, context.within(tenant_id))
                        await consumer.apply(unit.within(tenant_id), own)
                        await unit.write()
                else:
                    await consumer.apply(unit, events)
                told = await unit.flush()
        if told:
            units.wake()
        APPLIED.labels(self.label).inc(len(events))
        self._applied_to = events[-1].occurred_at

    async def _one_by_one(self, batch: list[tuple[Msg, Event]]) -> None:
        """The batch holds a bad event: find it, so that only its aggregate is parked."""
        bad: set[str] = set()
        for message, event in batch:
            if event.aggregate_id in bad:
                await self._park(message, event, error="", attempts=0, waiting=True)
                continue
            failure = await self._tries(event)
            if failure is None:
                await message.ack()
            else:
                bad.add(event.aggregate_id)
                await self._park(message, event, error=failure, attempts=ATTEMPTS, waiting=False)

    async def _tries(self, event: Event) -> str | None:
        for attempt in range(ATTEMPTS):
            try:
                await self.apply([event])
            except Exception as error:
                if is_transient(error):
                    raise
                failure = describe(error)
                log.exception("event_failed", consumer=self.label, event_id=event.id, attempt=attempt + 1)
                await asyncio.sleep(0.05 * (attempt + 1))
            else:
                return None
        return failure

    async def _park(self, message: Msg, event: Event, *, error: str, attempts: int, waiting: bool) -> None:
        identity = {
            "event_id": event.id,
            "tenant_id": event.tenant_id,
            "event_type": event.type,
            "aggregate_id": event.aggregate_id,
            "seq": event.seq,
        }
        await self._store(message, identity, error=error, attempts=attempts, waiting=waiting)

    async def _park_unreadable(self, message: Msg, error: Exception) -> None:
        """Garbage is kept too. Where its headers name an aggregate, that aggregate is parked."""
        headers = message.headers or {}
        stream_seq = message.metadata.sequence.stream
        named = {
            name: value if is_id(value := headers.get(header, "")) else NIL
            for name, header in (("tenant_id", "louyu-tenant"), ("aggregate_id", "ce-subject"))
        }
        found = headers.get("ce-id", "")
        source = f"{self._consumer.source}/{stream_seq}"
        seq = headers.get("louyu-seq", "0")
        identity = {
            "event_id": found if is_id(found) else str(uuid.uuid5(uuid.NAMESPACE_URL, source)),
            **named,
            "event_type": headers.get("ce-type", "")[:200],
            "seq": int(seq) if seq.isdigit() and len(seq) < 18 else 0,
        }
        await self._store(message, identity, error=describe(error), attempts=1, waiting=False)

    async def _store(
        self, message: Msg, identity: dict[str, Any], *, error: str, attempts: int, waiting: bool
    ) -> None:
        context = self._context()
        async with self._units.database.transaction(context) as connection:
            await inbox.park(
                connection,
                self._consumer.name,
                identity,
                orjson.dumps(dict(message.headers or {})).decode(),
                message.data,
                error=error,
                attempts=attempts,
                waiting=waiting,
            )
        LETTERS.labels(self.label).inc()
        await message.ack()

    def _context(self, traceparent: str = "") -> Context:
        caller = Caller(kind="system", service=self.label)
        return Context(mode="consumer", caller=caller, traceparent=traceparent)


def in_turn(batch: list[tuple[Msg, Event]]) -> list[tuple[Msg, Event]]:
    """Events by their place in the stream, but an aggregate's never before those that precede them: one that
    was published again stands behind what followed it. `batch` is ordered by number."""
    latest: dict[str, int] = {}
    turns: list[int] = []
    for message, event in batch:
        place = max(latest.get(event.aggregate_id, 0), message.metadata.sequence.stream)
        latest[event.aggregate_id] = place
        turns.append(place)
    order = sorted(range(len(batch)), key=turns.__getitem__)
    return [batch[at] for at in order]


def describe(error: Exception) -> str:
    """The error's class and first line, as a dead letter keeps it."""
    text = error.reason if isinstance(error, DomainError) else str(error)
    first_line = text.strip().split("\n", 1)[0]
    return f"{type(error).__name__}: {first_line}"
