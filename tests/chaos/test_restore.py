"""Promise 24: what a backup is good for. The whole district dies under load and its data is deleted."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sys
import time
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import httpx
import pytest

from chassis import audit
from chassis.context import Context
from chassis.ids import new_id
from chassis.statements import Record, read_plainly
from chassis.tokens import SigningKey
from chassis.units import Reader
from deploy.local import restore
from deploy.local.archive import Place
from deploy.local.backup import size
from deploy.local.postgres import UNSAFE_BUT_FAST
from deploy.local.services import WITH_DATABASE
from deploy.local.stack import ROOT, Stack
from tests.chaos import streams
from tests.chaos.conftest import Proof
from tests.chaos.crowd import Crowd
from tests.chaos.test_events import settled
from tests.chaos.test_uploads import PDF
from tests.fixtures.waiting import eventually

FILER = "worker"
RATES = {f"LOUYU_GATEWAY_{name}_RATE": "0" for name in ("ACCOUNT", "CLIENT", "TENANT", "ADDRESS")}
RPO_S, RTO_S = 300, 1800
ARCHIVED = 'SELECT coalesce(last_archived_wal COLLATE "C" >= $1, false) FROM pg_stat_archiver'
DELETED = ("postgres", "nats", "files", "secrets", "backup.json")


@dataclass(frozen=True, slots=True)
class Written:
    """A request that the district said it had taken, and when it said so."""

    id: str
    at: float


class Ledger:
    """Files requests at a steady rate and keeps what was acknowledged, where no crash can reach it."""

    def __init__(self, crowd: Crowd, per_s: float) -> None:
        self._crowd = crowd
        self._pause = 1 / per_s
        self._tasks: set[asyncio.Task[None]] = set()
        self._clock: asyncio.Task[None] | None = None
        self.written: list[Written] = []

    async def __aenter__(self) -> Ledger:
        await self._crowd.item(FILER)
        self._clock = asyncio.create_task(self._tick())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._clock is not None:
            self._clock.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _tick(self) -> None:
        while True:
            task = asyncio.create_task(self._one())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            await asyncio.sleep(self._pause)

    async def _one(self) -> None:
        try:
            reply = await self._crowd.order(FILER, idempotency_key=new_id())
        except httpx.HTTPError:
            return  # the crash: not acknowledged, not owed
        if reply.is_success:
            self.written.append(Written(reply.json()["id"], time.time()))


async def make(stack: Stack, verb: str, **variables: str) -> str:
    """What `make backup` runs, beside the running district."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.local", verb),
        cwd=ROOT,
        env={**os.environ, "LOUYU_HOME": str(stack.home), **variables},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    assert process.returncode == 0, out.decode()
    return out.decode()


async def attach(crowd: Crowd, ticket: str) -> bytes:
    """Uploads a paper and puts it on a request; what the paper says."""
    tenant = await crowd.tenant(FILER)
    content = PDF + f"% {new_id()}\n".encode()
    stored = await crowd.http.post(
        f"/v1/tenants/{tenant}/files",
        files={"file": ("paper.pdf", content, "application/pdf")},
        headers={"authorization": await crowd.token(FILER)},
    )
    body = {"text": "请看附件", "attachments": [stored.raise_for_status().json()["reference"]]}
    path = f"/v1/tenants/{tenant}/requests/{ticket}:comment"
    (await crowd.call(FILER, "POST", path, body)).raise_for_status()
    return content


async def attached(crowd: Crowd, ticket: str) -> list[bytes]:
    """The papers on a request, read through the API."""
    tenant = await crowd.tenant(FILER)
    path = f"/v1/tenants/{tenant}/requests/{ticket}/timeline"
    timeline = (await crowd.call(FILER, "GET", path)).raise_for_status().json()
    found = []
    for entry in timeline["entries"]:
        for paper in entry.get("attachments", []):
            reply = await crowd.call(FILER, "GET", f"/v1/files/{paper['id']}")
            found.append(reply.raise_for_status().content)
    return found


async def chains(stack: Stack) -> int:
    """Checks every tenant's audit chain in every service; how many entries are in them."""
    entries = 0
    for service in WITH_DATABASE:
        key = SigningKey(service, b64decode(stack.environment(service)["LOUYU_SERVICE_KEY"]))
        connection = await asyncpg.connect(stack.superuser_url(service), record_class=Record)
        try:
            await read_plainly(connection)
            reader = Reader(connection, Context(mode="service"), datetime.now(UTC))
            for row in await connection.fetch("SELECT DISTINCT tenant_id::text AS id FROM audit_entries"):
                verdict = await audit.verify(reader, row.id, key.sealed)
                assert verdict.intact, f"{service}, {row.id}: {verdict}"
                entries += verdict.entries
        finally:
            await connection.close()
    return entries


async def there(stack: Stack, written: list[Written]) -> set[str]:
    """Which of these requests the ticket service has."""
    return await _known(stack, "ticket", "requests_tickets", written)


async def shown(stack: Stack, written: list[Written]) -> set[str]:
    """Which of these requests the overview counts."""
    return await _known(stack, "dashboard", "overview_tickets", written)


async def _known(stack: Stack, service: str, table: str, written: list[Written]) -> set[str]:
    async with streams.database(stack, service) as connection:
        rows = await connection.fetch(
            f"SELECT id::text FROM {table} WHERE id = ANY($1::uuid[])", [one.id for one in written]
        )
    return {row["id"] for row in rows}


def weight(folder: Path) -> int:
    """Bytes below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@asynccontextmanager
async def twin(crowd: Crowd, home: Path) -> AsyncIterator[Stack]:
    """A district of our own with all that the crowd's has: its backup, rehearsed on a copy."""
    await make(crowd.stack, "backup")
    for name in ("backup", "backup-keys"):
        # What is being written this moment has no name of its own yet.
        shutil.copytree(crowd.stack.home / name, home / name, ignore=shutil.ignore_patterns("*.new"))
    await restore.restore(home, lambda _: None)
    async with Stack(
        home,
        public_port=0,
        with_web=False,
        settings=RATES,
        postgres_settings=UNSAFE_BUT_FAST,
        archived=True,
    ) as stack:
        yield stack


async def test_a_dead_district_comes_back(
    proof: Proof, crowd: Crowd, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice from one base: the second time it reads on across the first restore."""
    seconds, every = proof.size(8, 150), proof.size(5, 60)
    proof.of(
        24,
        "restore drill",
        load=f"8 requests/s, {seconds} s after the backup, {seconds} s after the restore",
        faults="backup disk away; kill -9 of everything, 2x; databases, bus, files, keys deleted",
    )
    for name in ("LOUYU_BACKUP", "LOUYU_BACKUP_KEYS", "LOUYU_BACKUP_SECONDS"):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path_factory.mktemp("drill")
    async with twin(crowd, home) as stack, Crowd(stack) as people:
        drill = Drill(stack, people, await streams.followers(crowd.stack), seconds, every)
        for turn in range(2):
            await drill.live(backup=turn == 0)
            await drill.die()
            await drill.come_back()
        entries = await chains(stack)
        total = await streams.events(stack)
    assert max(drill.rpo) <= RPO_S
    assert max(drill.rto) <= RTO_S
    place = Place(home / "backup", home / "backup-keys")
    base = (place.bases()[-1] / "base.tar.gz").stat().st_size
    proof.found(
        cases=len(drill.written) + total + entries,
        figure=(
            f"RPO {max(drill.rpo):.1f} s, RTO {max(drill.rto):.1f} s, all applied {max(drill.applied):.1f} s "
            f"after the crash; {len(drill.written)} of {drill.acknowledged} acknowledged requests, {total} "
            f"events, {entries} audit entries; log closed every {every} s; backup {drill.backup_s:.1f} s, "
            f"base {size(base)}, log {size(weight(place.wal))}"
        ),
    )


class Drill:
    """A district that lives, dies and is restored; what it owed and what it kept."""

    def __init__(
        self, stack: Stack, crowd: Crowd, known: list[streams.Follower], seconds: float, every: int
    ) -> None:
        self._stack = stack
        self._crowd = crowd
        self._known = known
        self._seconds = seconds
        self._every = every
        self._papers: dict[str, bytes] = {}
        self._crashed = 0.0
        self.written: list[Written] = []
        """Acknowledged, and still owed after the restores so far."""
        self.rpo: list[float] = []
        self.rto: list[float] = []
        self.applied: list[float] = []
        self.backup_s = 0.0
        self.acknowledged = 0

    async def live(self, *, backup: bool) -> None:
        """Work goes on, also while a backup is taken; then everything is gone at once."""
        async with Ledger(self._crowd, 8) as ledger:
            await self._paper(ledger)
            if backup:
                started = time.monotonic()
                await make(self._stack, "backup", LOUYU_BACKUP_SECONDS=str(self._every))
                self.backup_s = time.monotonic() - started
                await self._without_the_disk()
            await self._paper(ledger)
            await self._archived()  # how long that takes is not promised in seconds
            await asyncio.sleep(self._seconds + self._every * random.random())
            await self._stack.crash()
            self._crashed = time.time()
        self.written += ledger.written
        self.acknowledged += len(ledger.written)

    async def _without_the_disk(self) -> None:
        """The backup's disk is gone for a while: the night operator hears of it, and that it is back."""
        wal = self._stack.home / "backup" / "wal"
        aside = wal.rename(wal.with_name("unmounted"))
        try:
            await eventually(lambda: self._failing(1), 120 + 2 * self._every)
        finally:
            aside.rename(wal)
        await eventually(lambda: self._failing(0), 120 + 2 * self._every)

    async def _failing(self, expected: float) -> bool:
        """What the alert LogNotArchived looks at."""
        port = self._stack.around.ports["ticket-ops"]
        metrics = (await self._crowd.http.get(f"http://127.0.0.1:{port}/metrics")).text
        return f"louyu_log_archive_failing {expected:.1f}" in metrics

    async def _archived(self) -> None:
        """Returns when the log so far, with the papers in it, is in the backup."""
        async with streams.database(self._stack, "ticket") as connection:
            segment = await connection.fetchval("SELECT pg_walfile_name(pg_current_wal_lsn())")

            async def kept() -> bool:
                return bool(await connection.fetchval(ARCHIVED, segment))

            await eventually(kept, 120 + 2 * self._every)

    async def die(self) -> None:
        """The data is gone as well."""
        for name in DELETED:
            path = self._stack.home / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

    async def come_back(self) -> None:
        """Restores, starts, and checks what there is against what was acknowledged."""
        restored = await restore.restore(self._stack.home, lambda _: None)
        await self._stack.start()
        self._crowd.http.base_url = httpx.URL(self._stack.url)
        kept = await there(self._stack, self.written)
        self.rto.append(time.time() - self._crashed)
        assert restored.until is not None
        until = restored.until.timestamp()
        owed = {one.id for one in self.written if one.at <= until}
        assert owed <= kept, "all that was committed before the end of the archived log is there"
        lost = [one for one in self.written if one.id not in kept]
        self.rpo.append(max((self._crashed - one.at for one in lost), default=0.0))
        assert self._papers.keys() <= kept

        taken = (await self._crowd.order(FILER)).raise_for_status().json()["id"]
        everything = [*self.written, Written(taken, time.time())]
        self.acknowledged += 1
        await settled(self._crowd, self._known)
        self.applied.append(time.time() - self._crashed)
        assert await shown(self._stack, everything) == {*kept, taken} == await there(self._stack, everything)
        for ticket, content in self._papers.items():
            assert await attached(self._crowd, ticket) == [content]
        self.written = [one for one in everything if one not in lost]

    async def _paper(self, ledger: Ledger) -> None:
        """Puts a paper on the next request that is taken."""
        count = len(ledger.written)

        async def another() -> bool:
            return len(ledger.written) > count

        await eventually(another, 60)
        ticket = ledger.written[-1].id
        self._papers[ticket] = await attach(self._crowd, ticket)
