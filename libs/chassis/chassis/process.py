"""One process from start to drained: what a service's `__main__.py` is written in.

    async def start(process: Process) -> None:
        await process.database()
        process.serve(add_RequestsServiceServicer_to_server, Requests(process.units))
        process.consume(tenants_consumer())
        process.job(Job("auto-close", 60, close_confirmed))
        process.relay()

    run("ticket", start)

`start` says what runs; the process then opens its ports, runs all of it until SIGTERM, and drains:
callers are told and turn to another replica, no new RPCs, those under way finish, consumers, jobs and
relay stop after the piece of work in hand, pools close. A loop that ends by itself, or a bus connection
closed for good, ends the process, so that its supervisor starts it afresh.
"""

import asyncio
import gc
import signal
import sys
from collections.abc import Awaitable, Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import grpc
import structlog
from pydantic import ValidationError

from chassis import logging, tracing
from chassis.client import Channels
from chassis.clocks import BusinessClock
from chassis.errors import Unavailable
from chassis.grants import TRUST_S, Grants
from chassis.identity import Identity
from chassis.messages import Messages
from chassis.ops import Ops
from chassis.server import Edge, Guarded
from chassis.settings import Settings
from chassis.tokens import PublishedKeys, SigningKey, Tokens, decode_keys
from chassis.vitals import Vitals

if TYPE_CHECKING:
    from nats.aio.client import Client

    from chassis.consumer import Consumer
    from chassis.database import Database
    from chassis.files import FileReferences
    from chassis.jobs import Job
    from chassis.units import Units

Loop = Callable[[asyncio.Event], Awaitable[None]]

CONCURRENT_RPCS = 400
"""More than these at once are refused at the door (429) rather than queued."""
SERVER_OPTIONS = (
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
    ("grpc.max_metadata_size", 16_384),
    ("grpc.max_connection_age_ms", 600_000),
    ("grpc.max_connection_age_grace_ms", 30_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.so_reuseport", 0),
)
_CONNECT_S = 60.0

_log = structlog.get_logger(__name__)


class Process:
    """Everything a service can have run; see the module's example."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.service = settings.service
        self.clock = BusinessClock()
        self.ops = Ops()
        self.messages = Messages(settings.service)
        published = PublishedKeys(lambda: self._identity.keys())
        self.key = SigningKey(settings.service, settings.key("service_key"))
        self.tokens = Tokens(settings.service, published, decode_keys(settings.service_keys), self.key)
        self.channels = Channels(settings.addresses, self.tokens)
        self._identity = Identity(self.channels.to("identity"))
        self.grants = Grants(self._identity.effective, self._identity.changes)
        self.edge = Edge(self.messages, self.tokens, self.grants)
        self.stopping = asyncio.Event()
        self.started = False
        self.failed = False
        self._server = grpc.aio.server(options=SERVER_OPTIONS, maximum_concurrent_rpcs=CONCURRENT_RPCS)
        self._loops: list[tuple[str, Loop]] = [("grants", self.grants.follow)]
        self._consumers: list[Consumer] = []
        self._jobs: list[Job] = []
        self._relays = False
        self._client: Client | None = None
        self._connecting: asyncio.Task[None] | None = None

    # What `start` says

    @cached_property
    def units(self) -> "Units":
        """Opens this service's transactions."""
        from chassis.database import Database
        from chassis.units import Units

        database = Database(self.service, self.settings.database_url, pool_size=self.settings.pool_size)
        return Units(database, self.clock)

    @cached_property
    def files(self) -> "FileReferences":
        """Checks and issues references of uploaded files."""
        from chassis.files import FileReferences

        return FileReferences(self.service, self.key, decode_keys(self.settings.service_keys))

    async def database(self) -> "Database":
        """The service's database, once it answers; ends the start after a minute without an answer."""
        database = self.units.database

        async def answers() -> str:
            async with database.connection() as connection:
                await connection.execute("SELECT 1")
            return ""

        async with asyncio.timeout(_CONNECT_S):
            while True:
                try:
                    await answers()
                    break
                except (OSError, Unavailable) as error:
                    _log.info("waiting_for_database", error=type(error).__name__)
                    await asyncio.sleep(0.5)
        self.ops.check("database", answers)
        return database

    async def bus(self) -> "Client":
        """The connection to NATS. It is opened in the background and reopened for ever; `connected`
        waits for it. A process starts and serves without NATS."""
        if self._client is None:
            from nats.aio.client import Client

            self._client = Client()
            self._connecting = asyncio.create_task(self._connect(self._client), name="bus")
        return self._client

    async def connected(self) -> None:
        """Returns once NATS has been reached for the first time."""
        if self._connecting is not None:
            await asyncio.shield(self._connecting)

    def client(self, service: str) -> grpc.aio.Channel:
        """A channel to another service that carries credentials, context and deadline by itself."""
        return self.channels.to(service)

    def bare(self, service: str) -> grpc.aio.Channel:
        """A channel to another service for an edge that sets metadata and timeout itself."""
        return self.channels.bare(service)

    def serve(self, add: Callable[[Any, Any], None], servicer: object) -> None:
        """Serve a gRPC service; ValueError where its contract does not say who may call what."""
        add(servicer, Guarded(self._server, self.edge))

    def consume(self, consumer: "Consumer") -> None:
        """Follow another service's events."""
        self._consumers.append(consumer)

    def job(self, job: "Job") -> None:
        """Repeat a piece of work."""
        self._jobs.append(job)

    def relay(self) -> None:
        """Publish what this service's units emit."""
        self._relays = True

    def background(self, name: str, loop: Loop) -> None:
        """Run something else until `stop` is set; it ends the process if it ends before that."""
        self._loops.append((name, loop))

    # How it runs

    async def run(self, start: Callable[["Process"], Awaitable[None]]) -> None:
        """Start, run until told to stop, drain."""
        self.ops.check("started", self._starting)
        await self.ops.open(self.settings.bind, self.settings.ops_port)
        tasks: list[asyncio.Task[None]] = []
        try:
            if self.settings.clock == "walkable" and self.service != "identity":
                offset = await self._identity.clock_offset()
                if offset:  # a clock that was never walked may still be set back, once
                    self.clock.apply(offset)
            await start(self)
            await self._prepare_loops()
            await self._listen()
            self.ops.check("grants", self._grants_unknown)
            tasks = [asyncio.create_task(self._guard(name, loop), name=name) for name, loop in self._loops]
            gc.collect()
            gc.set_threshold(20_000, 20, 20)
            gc.freeze()  # what start built lives as long as the process: collections need not visit it
            self.started = True
            _log.info("started", grpc_port=self.settings.grpc_port)
            await self.stopping.wait()
        finally:
            await self._drain(tasks)

    async def _starting(self) -> str:
        return "" if self.started else "still starting"

    async def _prepare_loops(self) -> None:
        from chassis.operations import Clock, Quiescence
        from louyu.operations.v1.clock_pb2_grpc import add_ClockServiceServicer_to_server

        units = self.units if self.settings.database_url else None
        runners = {}
        jobs = None
        if units is not None and (self._relays or self._consumers):
            from chassis.consumer import ConsumerRunner
            from chassis.relay import Relay

            bus = await self.bus()
            if self._relays:
                relay = Relay(units.database, bus)
                units.wake = relay.wake
                self.background("relay", self._once_connected(relay.loop))
            for consumer in self._consumers:
                runner = ConsumerRunner(units, bus, consumer)
                runners[consumer.name] = runner
                self.background(f"consumer-{consumer.name}", self._once_connected(runner.loop))
        if units is not None:
            from chassis.jobs import JobRunner
            from chassis.upkeep import upkeep

            self._jobs += upkeep(self.key)
            jobs = JobRunner(units, self._jobs)
            for job in self._jobs:
                self.background(f"job-{job.name}", partial(jobs.loop, job))
        if units is not None and runners:
            from chassis.dead_letters import DeadLetters
            from chassis.pages import PageTokens
            from louyu.operations.v1.dead_letters_pb2_grpc import add_DeadLettersServiceServicer_to_server

            pages = PageTokens(self.settings.key("secret"))
            self.serve(add_DeadLettersServiceServicer_to_server, DeadLetters(units, runners, pages))
        vitals = Vitals(self.ops, self.grants, lambda: self._client)
        if units is not None:
            vitals.database, vitals.relays, vitals.runners = units.database, self._relays, runners
        self.background("tick", vitals.tick)
        self.background("vitals", vitals.measure)
        if self.settings.clock == "walkable":
            quiescence = Quiescence(units if self._relays else None, runners, jobs)
            self.serve(add_ClockServiceServicer_to_server, Clock(self.clock, quiescence))

    async def _listen(self) -> None:
        from chassis import health

        self._health = health.Health(self._server)
        await self._health.starting()
        if self.settings.log == "console":
            from grpc_reflection.v1alpha import reflection

            names = (*sorted(self.edge.services), health.NAME, reflection.SERVICE_NAME)
            reflection.enable_server_reflection(names, self._server)
        self._server.add_insecure_port(f"{self.settings.bind}:{self.settings.grpc_port}")
        await self._server.start()
        await self.grants.begin()
        await self._health.serving()

    def _once_connected(self, loop: Loop) -> Loop:
        async def wait_then_loop(stop: asyncio.Event) -> None:
            first = asyncio.create_task(self.connected())
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait({first, stopped}, return_when=asyncio.FIRST_COMPLETED)
            first.cancel()
            stopped.cancel()
            if not stop.is_set():
                await loop(stop)

        return wait_then_loop

    async def _guard(self, name: str, loop: Loop) -> None:
        try:
            await loop(self.stopping)
        except Exception:
            _log.exception("loop_failed", loop=name)
        if not self.stopping.is_set():
            self.fail(f"{name} ended")

    def fail(self, why: str) -> None:
        """End the process with an error, after draining."""
        if not self.stopping.is_set():
            _log.critical("ending", why=why)
            self.failed = True
            self.stopping.set()

    async def _connect(self, client: "Client") -> None:
        async def closed() -> None:
            self.fail("the connection to NATS is closed for good")

        said = ""

        async def error(problem: Exception) -> None:
            nonlocal said
            if repr(problem) != said:  # a broker that stays away says the same twice a second
                said = repr(problem)
                _log.warning("bus_error", error=said)

        async def lost() -> None:
            _log.warning("bus_lost")

        async def back() -> None:
            _log.info("bus_back")

        await client.connect(
            self.settings.nats_url,
            name=f"louyu-{self.service}",
            max_reconnect_attempts=-1,
            reconnect_time_wait=1,
            connect_timeout=3,
            ping_interval=10,
            max_outstanding_pings=2,
            closed_cb=closed,
            error_cb=error,
            disconnected_cb=lost,
            reconnected_cb=back,
        )

    async def _grants_unknown(self) -> str:
        age_s = self.grants.age_s
        return "" if age_s < TRUST_S else f"the last good answer of the grants feed is {age_s:.0f} s old"

    async def _drain(self, tasks: list[asyncio.Task[None]]) -> None:
        self.ops.draining = True
        self.stopping.set()
        grace = self.settings.drain_s
        if hasattr(self, "_health"):
            await self._health.drain()
        # The server stops taking calls and lets those under way finish; the loops stop beside it, since
        # an RPC that waits for them to settle must not wait in vain.
        await self._server.stop(grace)
        if self._connecting is not None:
            self._connecting.cancel()  # whoever waits for NATS need not wait any longer
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace)
            for task in late:
                _log.warning("loop_cancelled", loop=task.get_name())
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self.channels.close()
        if self._client is not None and self._client.is_connected:
            await self._client.close()
        if "units" in self.__dict__:
            await self.units.database.close()
        tracing.shutdown()
        await self.ops.close()
        _log.info("stopped", failed=self.failed)


def run(service: str, start: Callable[[Process], Awaitable[None]]) -> None:
    """Run a service until SIGTERM or SIGINT. Exits with 1 if it could not start or ended by itself."""
    try:
        settings = Settings(service=service)
    except ValidationError as error:
        wrong = ", ".join(f"LOUYU_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
        sys.exit(f"{service}: wrong settings: {wrong}")
    logging.configure(service, settings.log, settings.log_level)
    tracing.configure(service, settings.otlp)
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        if not runner.run(_main(settings, start)):
            sys.exit(1)


async def _main(settings: Settings, start: Callable[[Process], Awaitable[None]]) -> bool:
    process = Process(settings)
    loop = asyncio.get_running_loop()
    main = asyncio.create_task(process.run(start))

    def stop() -> None:
        if process.stopping.is_set():
            return
        process.stopping.set()
        if not process.started:
            main.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        await main
    except asyncio.CancelledError:
        return True
    except Exception:
        _log.exception("could_not_start")
        return False
    return not process.failed
