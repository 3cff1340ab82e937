"""make backup: a base backup of the whole cluster, with everything that a restore needs beside it.

All databases are one cluster, so that a backup shows one moment of the whole district. NATS is not in it: the
outbox archives are, and relays fill an empty bus from them.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import re
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from deploy.local import archive, postgres, secrets_file
from deploy.local.archive import Place
from deploy.local.child import before_exec
from deploy.local.faults import Fault
from deploy.local.state import end_leftovers, holder, only_instance, read_state

KEPT = 2
"""Base backups that stay. The older one is for the case that the newer one is damaged."""
ARCHIVED_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class About:
    """What a base backup says of itself."""

    taken: str
    system: int
    """Which cluster it is of; every one has another number."""
    keys: str
    """The fingerprint of the keys that open it."""
    needs: str
    """The first segment of write-ahead log that a restore reads, without its timeline."""
    seconds: int
    """How often the log was closed; a restore goes on like that."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a backup came to."""

    place: Place
    base: Path
    seconds: float
    base_bytes: int
    wal_bytes: int
    files: int
    file_bytes: int
    pruned: int

    def __str__(self) -> str:
        return (
            f"backup {self.base.name} took {self.seconds:.1f} s: base {size(self.base_bytes)}, "
            f"log {size(self.wal_bytes)}, {self.files} files {size(self.file_bytes)}; "
            f"all of it in {self.place.folder}. "
            f"Its keys lie in {self.place.keys}: keep them elsewhere, without them it cannot be read"
        )


def size(number: int) -> str:
    """Bytes for people."""
    return f"{number / 2**20:.1f} MiB"


def about(base: Path) -> About:
    """What a complete base backup says of itself."""
    return About(**json.loads((base / "about.json").read_text(encoding="utf-8")))


async def take(home: Path) -> Taken:
    """Backs up the district of this folder, running or stopped, and archives its log from now on."""
    home = home.resolve()
    if not (home / "postgres" / "PG_VERSION").is_file():
        raise Fault(f"{home} holds no district yet. Start one: make up")
    place = archive.chosen(home)
    secrets = secrets_file.read(home / "secrets" / "local.json")
    async with _server(home, secrets.postgres_password) as server:
        admin = await asyncpg.connect(server.url())
        try:
            return await _take(home, place, server, admin, archive.fingerprint(secrets))
        finally:
            await admin.close()


@contextlib.asynccontextmanager
async def _server(home: Path, password: str) -> AsyncIterator[postgres.Server]:
    """The PostgreSQL that runs, or one that runs as long as it takes."""
    if holder(home) is not None:
        yield postgres.Server(read_state(home / "state.json").ports["postgres"], password)
        return
    with only_instance(home):
        end_leftovers(home / "log" / "running")
        archive.configure(home / "postgres", home, archive.remembered(home))
        async with archive.running(home / "postgres", home, password) as server:
            yield server


async def _take(
    home: Path,
    place: Place,
    server: postgres.Server,
    admin: asyncpg.Connection[asyncpg.Record],
    keys: str,
) -> Taken:
    started = time.monotonic()
    system = await admin.fetchval("SELECT system_identifier FROM pg_control_system()")
    if await admin.fetchval("SHOW archive_mode") != "on":
        raise Fault("The district that runs was not started by make up. Start it again: make down, make up")
    _refuse_strangers(place, system)
    data = home / "postgres"
    for folder in (place.folder, place.wal, place.files):
        archive.own(folder, data)
    place.base.mkdir(exist_ok=True, mode=0o700)
    with _alone(place):
        keep_keys(home, place, keys)
        archive.remember(home, place)
        archive.configure(data, home, place)
        await admin.execute("SELECT pg_reload_conf()")
        await _archived(admin, place)  # before the work, so that it is not in vain
        taken = datetime.now(UTC)
        fresh = place.base / f"{taken:%Y%m%dT%H%M%SZ}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        await _base_backup(server, fresh)
        listed = _names(place.files)
        present = _names(home / "files" / "kept")
        await _archived(admin, place)
        manifest = json.loads((fresh / "backup_manifest").read_bytes())
        first = _first_segment(manifest)
        facts = About(taken.isoformat(timespec="seconds"), system, keys, first, place.seconds)
        (fresh / "about.json").write_text(json.dumps(asdict(facts), indent=1) + "\n", encoding="utf-8")
        base = fresh.rename(fresh.with_suffix(""))
        pruned = _prune(place)
        # Gone from the district before the moment that this backup can be taken back to.
        for name in listed - present:
            (place.files / name).unlink(missing_ok=True)
    files = [place.files / name for name in _names(place.files)]
    return Taken(
        place=place,
        base=base,
        seconds=time.monotonic() - started,
        base_bytes=(base / "base.tar.gz").stat().st_size,
        wal_bytes=sum(segment.stat().st_size for segment in place.wal.glob("*.gz")),
        files=len(files),
        file_bytes=sum(file.stat().st_size for file in files),
        pruned=pruned,
    )


def _refuse_strangers(place: Place, system: int) -> None:
    """Two districts in one place would spoil each other's log."""
    held = place.bases()
    found = about(held[-1]).system if held else None
    if found not in (None, system) or (found is None and any(place.wal.glob("*.gz"))):
        raise Fault(
            f"{place.folder} holds backups of another district. Move it away, or name another place: "
            "make backup LOUYU_BACKUP=/other/folder"
        )


@contextlib.contextmanager
def _alone(place: Place) -> Iterator[None]:
    """One backup at a time."""
    with (place.folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Fault(f"Another backup into {place.folder} is being made. Wait for it") from None
        yield


def keep_keys(home: Path, place: Place, name: str) -> None:
    """Copies the secrets to where the keys of backups lie."""
    place.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = place.keys / f"{name}.json"
    fresh = target.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write((home / "secrets" / "local.json").read_bytes())
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(target)


async def _archived(admin: asyncpg.Connection[asyncpg.Record], place: Place) -> None:
    """Closes the present segment and returns when it lies in the archive."""
    deadline = time.monotonic() + ARCHIVED_WITHIN_S
    while time.monotonic() < deadline:
        # An untouched segment would not be closed.
        await admin.execute("SELECT pg_logical_emit_message(false, 'louyu', 'backup')")
        segment = await admin.fetchval("SELECT pg_walfile_name(pg_switch_wal())")
        # The first one may still go the way that archiving was set to before: then the next will not.
        again = time.monotonic() + 5
        while time.monotonic() < min(again, deadline):
            if (place.wal / f"{segment}.gz").exists():
                return
            await asyncio.sleep(0.05)
    raise Fault(
        f"PostgreSQL does not archive into {place.wal}: is there room, and may it write there? "
        "Why not is in log/postgres.log, in lines with 'backup:'"
    )


async def _base_backup(server: postgres.Server, fresh: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        postgres.binary("pg_basebackup"),
        *("--host", "127.0.0.1", "--port", str(server.port), "--username", postgres.SUPERUSER),
        # Its own log comes with it: a base can be opened even where the archive was lost.
        *("--no-password", "--checkpoint=fast", "--wal-method=fetch", "--label=louyu"),
        *("--manifest-checksums=SHA256", "--format=tar", "--compress=client-gzip:1", "--pgdata", str(fresh)),
        env={**os.environ, "LC_ALL": "C", "PGPASSWORD": server.password},
        stderr=asyncio.subprocess.PIPE,
        preexec_fn=before_exec(),
    )
    try:
        _, said = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        last = said.decode(errors="replace").strip().splitlines()[-1:] or ["no reason given"]
        raise Fault(f"pg_basebackup failed: {last[0]}")


def _first_segment(manifest: dict[str, list[dict[str, str]]]) -> str:
    """The last 16 digits of its name; as long as a timeline lasts, names are in order."""
    high, low = manifest["WAL-Ranges"][0]["Start-LSN"].split("/")
    return f"{int(high, 16):08X}{int(low, 16) >> 24:08X}"


def _names(folder: Path) -> set[str]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def _prune(place: Place) -> int:
    """Removes all but the newest bases, then the log that only the older ones needed; how many segments."""
    *older, _ = place.bases()
    for base in older[: max(0, len(older) + 1 - KEPT)]:
        (base / "about.json").unlink()
        shutil.rmtree(base)
    needed = min(about(base).needs for base in place.bases())
    segment = re.compile(r"[0-9A-F]{8}([0-9A-F]{16})(\..+)?\.gz")
    gone = [path for path in place.wal.iterdir() if (m := segment.fullmatch(path.name)) and m[1] < needed]
    for path in gone:
        path.unlink()
    return len(gone)
