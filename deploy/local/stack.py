"""The whole district on one machine: PostgreSQL, NATS, a mail sink and the eight processes.

`make up` runs one for a person; tests and the bench run their own, in a folder and on ports of their own:

    async with Stack(home, public_port=0, web=False) as stack:
        await httpx.AsyncClient(base_url=stack.url).get(...)
        stack["dashboard"].kill()          it comes back by itself
        await stack.restart("ticket")      a successor takes over, no request fails
        await stack["nats"].restart()
        asyncpg.connect(stack.superuser_url("ticket"))
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import shutil
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from deploy.local import archive, backup, mail, migrate, nats, ports, postgres, secrets_file, services, web
from deploy.local.child import before_exec
from deploy.local.faults import Fault
from deploy.local.program import Program
from deploy.local.state import State, end_leftovers, only_instance, read_state, write_state
from deploy.local.supervisor import Output, Running, Supervisor

ROOT = Path(__file__).resolve().parents[2]
NEEDED_BYTES = 512 * 2**20


def _silent(_: str) -> None:
    pass


class Stack:
    """One running district over one folder."""

    def __init__(
        self,
        home: Path,
        *,
        public_port: int | None = None,
        with_web: bool = True,
        only: Sequence[str] = services.SERVICES,
        clock: str = "walkable",
        settings: Mapping[str, str] | None = None,
        postgres_settings: Mapping[str, str] | None = None,
        archived: bool = False,
        console: Callable[[str, str], None] | None = None,
        say: Callable[[str], None] = _silent,
    ) -> None:
        """`public_port`: None for LOUYU_PORT or the next free one from 8800, 0 for any free port.
        `archived`: `make backup` can be used on it, and its log is archived from then on."""
        self.home = home.resolve()
        self.services = tuple(only)
        self._public_port = public_port
        self._with_web = with_web
        self._clock = clock
        self._settings = dict(settings or {})
        self._postgres_settings = dict(postgres_settings or {})
        self._archived = archived
        self._say = say
        self._log = "json" if console is None else "console"
        self._supervisor = Supervisor(Output(self.home / "log", console=console, say=say))
        self._held = contextlib.ExitStack()
        self._around: services.Surroundings | None = None
        self._listener: socket.socket | None = None
        self._reserved = ports.Reserved()
        self._state_file = self.home / "state.json"

    async def __aenter__(self) -> Stack:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    def __getitem__(self, name: str) -> Running:
        """A program by name: a service, "postgres", "nats" or "mail"."""
        return self._supervisor[name]

    @property
    def around(self) -> services.Surroundings:
        """Ports, secrets and servers; there once the stack has begun to start."""
        if self._around is None:
            raise RuntimeError("the stack was not started")
        return self._around

    @property
    def url(self) -> str:
        """Where people and tests reach the district."""
        return f"http://127.0.0.1:{self.around.public_port}"

    @property
    def nats_url(self) -> str:
        """The message bus, as the services address it."""
        return self.around.nats.url

    @property
    def mail_folder(self) -> Path:
        """Every e-mail that was sent, one .eml each, oldest first by name."""
        return self.home / "mail"

    def superuser_url(self, service: str) -> str:
        """A service's database past every policy, for asyncpg: to assert what is really stored."""
        return self.around.postgres.url(service)

    def environment(self, service: str) -> dict[str, str]:
        """The LOUYU_ settings of one process."""
        return services.environment(service, self.around)

    def pids(self) -> dict[str, int]:
        """Process ids of the services that run now."""
        found = ((name, self._supervisor[name].pid) for name in self.services)
        return {name: pid for name, pid in found if pid is not None}

    async def start(self) -> None:
        """Returns when everything serves. A Fault says in one line why it cannot; nothing is left running."""
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Drains the gateway, then the services, then ends what they stood on."""
        await self._supervisor.stop(["gateway"], services.WITH_DATABASE, ["mail", "nats"], ["postgres"])
        self._held.close()

    async def restart(self, *names: str, settings: Mapping[str, str] | None = None) -> None:
        """Replaces services one after another while they serve, all of them where none is named; nobody's
        request fails. Fault where a new process does not come up: the old one goes on. `settings` hold for
        what is started from now on."""
        for name in names or self.services:
            self._say(f"{name}: starting its successor ...")
            ahead = replace(
                self.around,
                ports=services.ports_of_successor(name, self.around.ports),
                extra={**self.around.extra, **(settings or {})},
            )
            self._reserved.give(services.next_ports(name, self.around.ports))
            try:
                await self._supervisor.replace(
                    services.program(name, ahead), known_after_s=services.FOUND_WITHIN_S
                )
                self._around = ahead
            finally:
                self._reserved.keep(services.next_ports(name, self.around.ports))
            state = read_state(self._state_file)
            state.ports = dict(ahead.ports)
            write_state(self._state_file, state)
            self._say(f"{name}: the successor serves, the old one has ended")

    async def rekey(self) -> None:
        """Replaces the key-encryption key while everybody works, and gives every tenant a new data key.

        At every step the process that goes and the one that comes open what the other has sealed. An
        interrupted one leaves both keys in place and is to be run again.
        """
        held, path = self.around.secrets, self.home / "secrets" / "local.json"
        await self.command("identity", "identity", "rewrap", quiet=True)  # what an interrupted one left
        old, new = held.kek, secrets_file.fresh_key()
        for held.kek, held.kek_previous in ((old, new), (new, old)):
            secrets_file.save(path, held)
            if (place := archive.remembered(self.home)) is not None:
                backup.keep_keys(self.home, place, archive.fingerprint(held))
            await self.restart("identity")
        await self.command("identity", "identity", "rewrap", "--fresh", quiet=True)
        await self.restart("identity")  # what is sealed from now on is sealed with the new data keys

    async def crash(self) -> None:
        """What a power cut does: every process is gone at once, and none comes back by itself."""
        await self._supervisor.crash()
        self._held.close()

    async def command(self, service: str, *arguments: str, quiet: bool = False) -> str:
        """Runs `python -m <arguments>` with the settings of a service and returns what it printed."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *arguments,
            cwd=ROOT,
            env={**os.environ, **self.environment(service), "LOUYU_URL": self.url},
            stdout=asyncio.subprocess.PIPE if quiet else None,
            preexec_fn=before_exec(),
        )
        try:
            out, _ = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        if process.returncode != 0:
            raise Fault(f"python -m {' '.join(arguments)} failed with code {process.returncode}")
        return out.decode() if out else ""

    async def load_demo(self) -> None:
        """Loads the demo district through the public API, unless this folder holds it already."""
        state = read_state(self._state_file)
        if state.demo or importlib.util.find_spec("demo") is None:
            return
        self._say("loading the demo district ...")
        await self.command("identity", "demo")
        state.demo = True
        write_state(self._state_file, state)

    def attach(self) -> None:
        """Makes addresses, settings and commands available for an instance that another process runs."""
        self._around = self._surroundings(read_state(self._state_file))

    async def _start(self) -> None:
        self._make_home()
        self._held.enter_context(only_instance(self.home))
        end_leftovers(self.home / "log" / "running")
        state = read_state(self._state_file)
        internal = ("postgres", "nats", "smtp", *services.SERVICE_PORTS, *services.NEXT_PORTS)
        state.ports = ports.internal_ports(internal, state.ports)
        if self._public_port == 0:
            # Nobody listens on the others yet: only their list tells that they are taken.
            state.public_port = ports.internal_ports(["public"], state.ports)["public"]
        else:
            state.public_port = self._public_port or ports.public_port(state.public_port)
        for service in services.SERVICES:
            self._reserved.keep(services.next_ports(service, state.ports))
        self._held.callback(self._reserved.close)
        if "gateway" in self.services:
            self._listener = self._held.enter_context(ports.listen(state.public_port or 0))
        self._around = self._surroundings(state)
        pages = asyncio.create_task(asyncio.to_thread(self._web))
        try:
            await self._supervisor.start(*self._infrastructure(self._around))
            await self._migrate(state)
        finally:
            # A thread cannot be cancelled; what it built is wanted anyhow.
            await pages
        write_state(self._state_file, state)
        await self._supervisor.start(*(services.program(name, self.around) for name in self.services))

    def _surroundings(self, state: State) -> services.Surroundings:
        secrets = secrets_file.load(self.home / "secrets" / "local.json", services.SERVICES)
        return services.Surroundings(
            home=self.home,
            ports=state.ports,
            public_port=state.public_port or 0,
            secrets=secrets,
            postgres=postgres.Server(state.ports["postgres"], secrets.postgres_password),
            nats=nats.Server(state.ports["nats"], secrets.nats_password),
            web=web.DIST if self._with_web and (web.WEB / "package.json").is_file() else None,
            listener=self._listener.fileno() if self._listener is not None else None,
            clock=self._clock,
            log=self._log,
            extra=self._settings,
        )

    def _make_home(self) -> None:
        try:
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self.home / "log").mkdir(exist_ok=True)
            (self.home / "files").mkdir(exist_ok=True, mode=0o700)
        except OSError as failed:
            raise Fault(
                f"{self.home} cannot be written ({failed.strerror}). Free space or fix its owner"
            ) from failed
        if (free := shutil.disk_usage(self.home).free) < NEEDED_BYTES:
            raise Fault(
                f"The disk that holds {self.home} has {free // 2**20} MB left. "
                "Free at least 1 GB and run the command again"
            )

    def _infrastructure(self, around: services.Surroundings) -> list[Program]:
        data = self.home / "postgres"
        if not data.is_dir():
            self._say("making a database cluster ...")
        user = postgres.prepare(data, around.postgres.password, self._postgres_settings)
        if self._archived:
            archive.configure(data, self.home, archive.remembered(self.home))
        return [
            postgres.program(data, around.postgres, user),
            nats.program(self.home / "nats", around.nats),
            mail.program(self.mail_folder, around.ports["smtp"]),
        ]

    async def _migrate(self, state: State) -> None:
        names = [name for name in self.services if name in services.WITH_DATABASE]
        wanted = migrate.fingerprint()
        # The databases are asked as well: somebody may have put back an old copy of them.
        if state.migrated_from == wanted and await migrate.revisions(self.around, names) == state.revisions:
            return
        state.revisions = await migrate.upgrade_all(self.around, names, self._say)
        state.migrated_from = wanted

    def _web(self) -> None:
        if self._with_web:
            web.build(self.home / "log" / "web.log", self._say)
