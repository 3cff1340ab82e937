"""Promise 24: what a backup is good for. The whole district dies under load and its data is deleted."""

from __future__ import annotations

import asyncio
import gzip
import os
import random
import shutil
import sys
import time
from base64 import b64decode
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
from deploy.local import archive, restore
from deploy.local.services import WITH_DATABASE
from deploy.local.stack import ROOT, Stack
from tests.chaos import streams
from tests.chaos.conftest import Proof
from tests.chaos.crowd import Crowd
from tests.chaos.test_events import settled
from tests.chaos.test_uploads import PDF
from tests.fixtures.district import NewDistrict

FILER = "worker"
RATES = {f"LOUYU_GATEWAY_{name}_RATE": "0" for name in ("ACCOUNT", "CLIENT", "TENANT", "ADDRESS")}
RPO_S, RTO_S = 300, 1800
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


async def tickets(stack: Stack) -> set[str]:
    """Every request there is; the overview must know the same."""
    async with streams.database(stack, "ticket") as connection:
        owned = {row["id"] for row in await connection.fetch("SELECT id::text FROM requests_tickets")}
    async with streams.database(stack, "dashboard") as connection:
        shown = {row["id"] for row in await connection.fetch("SELECT id::text FROM overview_tickets")}
    assert shown == owned
    return owned


def size(folder: Path) -> int:
    """Bytes below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def readable(folder: Path) -> dict[str, bytes]:
    """Everything in a backup as somebody would see it who unpacks it."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            found[str(path.relative_to(folder))] = (
                gzip.decompress(content) if path.suffix == ".gz" else content
            )
    return found


async def test_a_dead_district_comes_back(
    proof: Proof, new_district: NewDistrict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice from one base: the second time it reads on across the first restore."""
    seconds, every = proof.size(12, 150), proof.size(5, 60)
    proof.of(
        24,
        "restore drill",
        load=f"8 requests/s, {seconds} s after the backup, {seconds} s after the restore",
        faults="kill -9 of everything, 2x; databases, bus, files, keys deleted",
    )
    for name in ("LOUYU_BACKUP", "LOUYU_BACKUP_KEYS", "LOUYU_BACKUP_SECONDS"):
        monkeypatch.delenv(name, raising=False)
    rpo, rto, lines, kept = [], [], [], 0
    async with new_district(demo=True, archived=True, settings=RATES) as stack, Crowd(stack) as crowd:
        known = await streams.followers(stack)
        place = archive.chosen(stack.home)
        written: list[Written] = []
        papers: dict[str, bytes] = {}
        for turn in range(2):
            async with Ledger(crowd, 8) as ledger:
                await asyncio.sleep(2)
                before = ledger.written[-1]
                papers[before.id] = await attach(crowd, before.id)
                if turn == 0:
                    said = await make(stack, "backup", LOUYU_BACKUP_SECONDS=str(every))
                    lines.append(said.split(":")[1].strip())
                await asyncio.sleep(1)
                after = ledger.written[-1]
                papers[after.id] = await attach(crowd, after.id)
                await asyncio.sleep(seconds + every * random.random())
                await stack.crash()
                crashed = time.time()
            written += ledger.written
            for name in DELETED:
                path = stack.home / name
                shutil.rmtree(path) if path.is_dir() else path.unlink()

            restored = await restore.restore(stack.home, lambda _: None)
            await stack.start()
            crowd.http.base_url = stack.url
            there = await tickets_within(stack, written)
            rto.append(time.time() - crashed)
            assert restored.until is not None
            until = restored.until.timestamp()
            owed = {one.id for one in written if one.at <= until}
            assert owed <= there, "all that was committed before the end of the archived log is there"
            lost = [one for one in written if one.id not in there]
            rpo.append(max((crashed - one.at for one in lost), default=0.0))
            assert until > before.at
            assert after.id in there
            written = [one for one in written if one.id in there]
            kept = len(written)

            await settled(crowd, known)
            caught_up = time.time() - crashed
            await tickets(stack)
            entries = await chains(stack)
            for ticket, content in papers.items():
                assert await attached(crowd, ticket) == [content]
            taken = (await crowd.order(FILER)).raise_for_status().json()["id"]
            await settled(crowd, known)
            assert taken in await tickets(stack)
        total = await streams.events(stack)
        sizes = f"base {size(place.base) / 2**20:.0f} MiB, log {size(place.wal) / 2**20:.0f} MiB"
    assert max(rpo) <= RPO_S
    assert max(rto) <= RTO_S
    proof.found(
        cases=kept + total + entries,
        figure=(
            f"RPO {max(rpo):.1f} s (log closed every {every} s), RTO {max(rto):.1f} s, events applied at "
            f"{caught_up:.1f} s; {kept} acknowledged requests, {total} events, {entries} audit entries; "
            f"{sizes}; {lines[0]}"
        ),
    )


async def tickets_within(stack: Stack, written: list[Written]) -> set[str]:
    """Which of these requests are in the database."""
    async with streams.database(stack, "ticket") as connection:
        rows = await connection.fetch(
            "SELECT id::text FROM requests_tickets WHERE id = ANY($1::uuid[])", [one.id for one in written]
        )
    return {row["id"] for row in rows}
