"""make restore: the district as it was when the last piece of its log was archived.

The cluster is recovered beside its place and moved in when it is whole; what was there before moves aside.
The bus does not stay: it is from a later time than the databases and knows of events that, to them, never
happened. Relays find an empty one and publish all of the outbox archive; consumers know what they have
applied.
"""

from __future__ import annotations

import asyncio
import gzip
import os
import shutil
import subprocess
import tarfile
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from deploy.local import archive, backup, postgres, secrets_file
from deploy.local.archive import Place
from deploy.local.child import unprivileged_user
from deploy.local.faults import Fault
from deploy.local.state import end_leftovers, only_instance, read_state, write_state

HISTORY_WITHIN_S = 60.0
REPLACED = ("secrets", "files", "nats", "postgres")
"""What a restore puts in place or makes anew; the cluster last, since without it nothing starts."""


class Damaged(Exception):
    """This base backup cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore came to."""

    base: str
    until: datetime | None
    """When the last transaction that is there was committed; None: none since the base was taken."""
    seconds: float
    aside: Path | None
    """Where the data lies that was there before."""

    def __str__(self) -> str:
        until = f"{self.until:%Y-%m-%d %H:%M:%S} UTC" if self.until else f"the base, {self.base}"
        before = f"; what was there before lies in {self.aside}" if self.aside else ""
        return f"restored in {self.seconds:.1f} s, up to {until}{before}. Start it: make up"


def restorable(home: Path) -> Place:
    """The place with something to restore; Fault where there is none."""
    place = archive.chosen(home.resolve())
    if not place.bases():
        raise Fault(f"{place.folder} holds no backup. Name its place: make restore LOUYU_BACKUP=/its/folder")
    return place


async def restore(home: Path, say: Callable[[str], None]) -> Restored:
    """Puts the newest usable backup, and everything archived since, into a stopped district's folder."""
    started = time.monotonic()
    home = home.resolve()
    place = restorable(home)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    (home / "log").mkdir(exist_ok=True)
    with only_instance(home):
        end_leftovers(home / "log" / "running")
        fresh = home / "postgres.restored"
        for base in reversed(place.bases()):
            facts = backup.about(base)
            keys, secrets = _keys(home, place, facts.keys)
            say(f"unpacking the base {base.name} ...")
            try:
                await asyncio.to_thread(_unpack, base, fresh)
                break
            except Damaged as damaged:
                say(f"{base} is damaged ({damaged}), taking the one before it")
        else:
            raise Fault(f"No base backup in {place.base} can be used")
        say("reading the log that was archived since ...")
        archive.configure_recovery(fresh, home, place)
        async with archive.running(fresh, home, secrets.postgres_password) as server:
            until = await _recovered(server, place)
        archive.configure(fresh, home, place)
        files = home / "files.restored"
        shutil.rmtree(files, ignore_errors=True)
        await asyncio.to_thread(shutil.copytree, place.files, files / "kept")
        aside = _move_in(home, fresh, files, keys)
        archive.remember(home, place)
        state = read_state(home / "state.json")
        # Whatever was restored, the demo district is not for loading on top of it.
        state.demo = True
        write_state(home / "state.json", state)
    return Restored(base.name, until, time.monotonic() - started, aside)


def _keys(home: Path, place: Place, name: str) -> tuple[bytes, secrets_file.Secrets]:
    """The secrets that open a backup: those kept for it, else the folder's own if they are the same."""
    for path in (place.keys / f"{name}.json", home / "secrets" / "local.json"):
        if path.is_file():
            secrets = secrets_file.read(path)
            if archive.fingerprint(secrets) == name:
                return path.read_bytes(), secrets
    raise Fault(
        f"The keys of this backup, {name}.json, are not in {place.keys}. "
        "Say where they are: make restore LOUYU_BACKUP_KEYS=/their/folder"
    )


def _unpack(base: Path, fresh: Path) -> None:
    """Unpacks a base and checks every file of it against its manifest."""
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    try:
        with tarfile.open(base / "base.tar.gz") as packed:
            for member in packed:
                target = fresh / member.name
                if ".." in target.parts or not (member.isdir() or member.isfile()):
                    raise Damaged(f"{member.name} has no place in it")
                if member.isdir():
                    target.mkdir(exist_ok=True, mode=0o700)
                elif content := packed.extractfile(member):
                    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                    with content, os.fdopen(descriptor, "wb") as out:
                        shutil.copyfileobj(content, out, 2**20)
    except (tarfile.TarError, zlib.error, gzip.BadGzipFile, EOFError, FileNotFoundError) as broken:
        raise Damaged(str(broken)) from broken
    command = [postgres.binary("pg_verifybackup"), "--no-parse-wal", "--quiet"]
    command += ["--manifest-path", str(base / "backup_manifest"), str(fresh)]
    checked = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"}
    )
    if checked.returncode != 0:
        raise Damaged((checked.stderr.strip().splitlines() or ["no reason given"])[0])
    if user := unprivileged_user():
        for path in (fresh, *fresh.rglob("*")):
            os.chown(path, user.uid, user.gid)


async def _recovered(server: postgres.Server, place: Place) -> datetime | None:
    """Once the log has been read: up to when. Waits until the archive knows that a new timeline began."""
    admin = await asyncpg.connect(server.url())
    try:
        until: datetime | None = await admin.fetchval("SELECT pg_last_xact_replay_timestamp()")
        timeline = await admin.fetchval(
            "SELECT ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int"
        )
        history = place.wal / f"{timeline:08X}.history.gz"
        async with asyncio.timeout(HISTORY_WITHIN_S):
            while not history.exists():  # noqa: ASYNC110 -- PostgreSQL makes it
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise Fault(f"PostgreSQL cannot write to {place.wal}; why not is in log/postgres.log") from None
    finally:
        await admin.close()
    return until


def _move_in(home: Path, fresh: Path, files: Path, keys: bytes) -> Path | None:
    """Moves the present data aside and the restored data in."""
    aside = home / f"before-restore-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    moved = False
    for name in REPLACED:
        if (home / name).exists():
            aside.mkdir(exist_ok=True, mode=0o700)
            (home / name).rename(aside / name)
            moved = True
        match name:
            case "secrets":
                (home / name).mkdir(mode=0o700)
                descriptor = os.open(home / name / "local.json", os.O_WRONLY | os.O_CREAT, 0o600)
                with os.fdopen(descriptor, "wb") as out:
                    out.write(keys)
            case "files":
                files.rename(home / name)
            case "postgres":
                fresh.rename(home / name)
    return aside if moved else None
