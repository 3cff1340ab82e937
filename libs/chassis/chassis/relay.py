"""Moves committed events from the outbox to NATS, in order, and refills NATS should it lose them.

One relay is active per service: the holder of an advisory lock, on a connection that dies with its
process. Rows leave the outbox for the archive once NATS has acknowledged them; the archive is never
pruned, because JetStream acknowledges before it has written to disk.
"""

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import asyncpg
import nats.errors
import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import RetentionPolicy, StorageType, StreamConfig, StreamInfo
from nats.js.errors import APIError, NotFoundError
from prometheus_client import Counter

from chassis import tracing
from chassis.database import Database
from chassis.events import PREFIX, headers_of, stream_of, subject_of
from chassis.gathering import pause_after

log: Final = structlog.get_logger()
PUBLISHED: Final = Counter("louyu_relay_published_total", "Events acknowledged by NATS")
REFILLED: Final = Counter("louyu_relay_refilled_total", "Archived events published again")

BATCH: Final = 500
PUBLISH_TIMEOUT_S: Final = 5.0
IDLE_POLL_S: Final = 1.0
STREAM_CHECK_S: Final = 5.0
RETRY_S: Final = 0.5
# After a wake-up and between two batches, events of the commits that follow go into the same batch.
GATHER_S: Final = 0.04
GATHER_MOST_S: Final = 0.12
_CHANNEL: Final = "louyu_outbox"

_COLUMNS: Final = (
    "id, tenant_id, aggregate, aggregate_id, seq, event_id, type, payload, occurred_at, "
    "correlation_id, audience, traceparent"
)
_READ: Final = f"SELECT {_COLUMNS} FROM outbox ORDER BY id LIMIT {BATCH}"
_ARCHIVE: Final = f"""
WITH gone AS (DELETE FROM outbox WHERE id = ANY($1::bigint[]) RETURNING {_COLUMNS}),
     kept AS (INSERT INTO outbox_archive ({_COLUMNS}, published_at)
              SELECT {_COLUMNS}, clock_timestamp() FROM gone)
UPDATE relay_state SET last_seq = greatest(last_seq, $2) WHERE shard = 0
"""
_REFILL: Final = f"SELECT {_COLUMNS} FROM outbox_archive WHERE id > $1 ORDER BY id LIMIT {BATCH}"


class Relay:
    """The relay of one service. `wake` is called after every commit that wrote events."""

    def __init__(self, database: Database, bus: Client) -> None:
        self._database = database
        self._bus = bus
        self._js: JetStreamContext = bus.jetstream(timeout=PUBLISH_TIMEOUT_S)
        self._service = database.service
        self._wanted = asyncio.Event()
        self._active = False
        self._checked = 0.0

    def wake(self) -> None:
        """Look at the outbox soon."""
        self._wanted.set()

    async def loop(self, stop: asyncio.Event) -> None:
        """Relay until `stop`; every failure is logged and tried again on fresh connections."""
        while not stop.is_set():
            try:
                await self._hold_and_run(stop)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                log.warning("relay_interrupted", error=repr(error))
            except (nats.errors.Error, APIError) as error:
                log.warning("relay_without_nats", error=repr(error))
            finally:
                self._active = False
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), RETRY_S)

    async def _hold_and_run(self, stop: asyncio.Event) -> None:
        connection = await self._database.dedicated("relay")
        try:
            while not stop.is_set() and not await connection.fetchval(
                "SELECT pg_try_advisory_lock(hashtextextended('louyu-relay', 2))"
            ):
                await self._pass_on(connection)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), RETRY_S)
            self._active = True
            await connection.add_listener(_CHANNEL, lambda *_: self.wake())
            while not stop.is_set():
                if time.monotonic() - self._checked > STREAM_CHECK_S:
                    await self._ensure_stream(connection)
                relayed = await self._one_batch(connection)
                if not relayed:
                    await self._idle(stop)
                elif relayed < BATCH:
                    await asyncio.sleep(pause_after(relayed, shortest=GATHER_S, longest=GATHER_MOST_S))
        finally:
            await _close(connection)

    async def _pass_on(self, connection: "asyncpg.Connection[Any]") -> None:
        """This replica does not relay: tell the one that does. After the commit, never inside it."""
        if self._wanted.is_set():
            self._wanted.clear()
            await connection.execute(f"NOTIFY {_CHANNEL}")

    async def _idle(self, stop: asyncio.Event) -> None:
        stopping = asyncio.ensure_future(stop.wait())
        wanted = asyncio.ensure_future(self._wanted.wait())
        _, rest = await asyncio.wait(
            {stopping, wanted}, timeout=IDLE_POLL_S, return_when=asyncio.FIRST_COMPLETED
        )
        for task in rest:
            task.cancel()
        if self._wanted.is_set():
            await asyncio.sleep(GATHER_S)
        self._wanted.clear()

    async def _one_batch(self, connection: "asyncpg.Connection[Any]") -> int:
        """Relays the oldest events; how many there were."""
        rows = await connection.fetch(_READ)
        if not rows:
            return 0
        acknowledged, last_seq = await self._publish(rows)
        if acknowledged:
            await connection.execute(_ARCHIVE, acknowledged, last_seq)
            PUBLISHED.inc(len(acknowledged))
        if len(acknowledged) < len(rows):
            self._checked = 0.0
            await asyncio.sleep(RETRY_S)
        return len(rows)

    async def _publish(self, rows: Sequence[Mapping[str, Any]]) -> tuple[list[int], int]:
        """Publish a batch: aggregates side by side, the events of one aggregate one by one."""
        lanes: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for row in rows:
            lanes[row["aggregate_id"]].append(row)
        done: list[int] = []
        last_seq = 0

        async def lane(events: list[Mapping[str, Any]]) -> None:
            nonlocal last_seq
            for row in events:
                headers = headers_of(self._service, row)
                span = tracing.follow("publish", row["type"], row["traceparent"], "producer")
                if span is not None:
                    headers["traceparent"] = span.traceparent
                try:
                    ack = await self._js.publish(
                        subject_of(self._service, str(row["tenant_id"]), row["aggregate"], row["type"]),
                        row["payload"],
                        timeout=PUBLISH_TIMEOUT_S,
                        stream=stream_of(self._service),
                        headers=headers,
                    )
                except (nats.errors.Error, APIError, OSError) as error:
                    # The rest of this aggregate waits behind it; other aggregates go on.
                    log.warning("publish_failed", type=row["type"], error=repr(error))
                    if span is not None:
                        span.end("UNAVAILABLE")
                    return
                if span is not None:
                    span.end()
                done.append(row["id"])
                last_seq = max(last_seq, ack.seq)

        await asyncio.gather(*(lane(events) for events in lanes.values()))
        return done, last_seq

    async def _ensure_stream(self, connection: "asyncpg.Connection[Any]") -> None:
        """Make sure the stream exists and still holds what was published; refill it if not."""
        info = await ensure_stream(self._js, self._service)
        created = f"{info.created:%Y-%m-%dT%H:%M:%S.%f}" if info.created else ""
        known = await connection.fetchrow("SELECT stream_created, last_seq FROM relay_state")
        wiped = known is not None and (
            known["stream_created"] != created or info.state.last_seq < known["last_seq"]
        )
        if known is None or wiped:
            if wiped or await connection.fetchval("SELECT EXISTS (SELECT FROM outbox_archive)"):
                await self._refill(connection)
                info = await self._js.stream_info(stream_of(self._service))
            await connection.execute(
                "INSERT INTO relay_state (shard, stream_created, last_seq) VALUES (0, $1, $2) "
                "ON CONFLICT (shard) DO UPDATE SET stream_created = $1, last_seq = $2",
                created,
                info.state.last_seq,
            )
        self._checked = time.monotonic()

    async def _refill(self, connection: "asyncpg.Connection[Any]") -> None:
        log.warning("stream_lost_refilling", stream=stream_of(self._service))
        after, count = 0, 0
        while rows := await connection.fetch(_REFILL, after):
            done, _ = await self._publish(rows)
            if len(done) < len(rows):
                raise TimeoutError("NATS went away during the refill")
            after, count = rows[-1]["id"], count + len(rows)
            REFILLED.inc(len(rows))
        log.warning("stream_refilled", stream=stream_of(self._service), events=count)


async def ensure_stream(js: JetStreamContext, service: str) -> StreamInfo:
    """The stream of a producer, made if it is not there."""
    try:
        return await js.stream_info(stream_of(service))
    except NotFoundError:
        return await js.add_stream(
            StreamConfig(
                name=stream_of(service),
                subjects=[f"{PREFIX}.{service}.v1.>"],
                retention=RetentionPolicy.LIMITS,
                storage=StorageType.FILE,
                duplicate_window=120,
            )
        )


async def _close(connection: "asyncpg.Connection[Any]") -> None:
    try:
        await connection.close(timeout=2)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection.terminate()
