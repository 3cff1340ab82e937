"""make restore: the district as it was when the last piece of its log was archived.

The cluster is recovered beside its place and moved in when it is whole; what was there before moves aside.
The bus does not stay: it is from a later time than the databases and knows of events that, to them, never
happened. Relays find an empty one and publish all of the outbox archive; consumers know what they have
applied.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import shutil
import tarfile
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO

import asyncpg

from deploy.local import archive, backup, postgres, secrets_file
from deploy.local.archive import Place
from deploy.local.child import unprivileged_user
from deploy.local.faults import Fault
from deploy.local.state import end_leftovers, only_instance, read_state, write_state

HISTORY_WITHIN_S = 60.0
REPLACED = ("secrets", "files", "nats", "postgres")
"""What a restore puts in place or makes anew; the cluster last, since without it nothing starts."""


_BROKEN = (tarfile.TarError, zlib.error, gzip.BadGzipFile, EOFError, FileNotFoundError, ValueError)


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
        _give(place)
        if archive.remembered(home) is None and "LOUYU_BACKUP_SECONDS" not in os.environ:
            place = replace(place, seconds=facts.seconds)
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
    own, kept = home / "secrets" / "local.json", place.keys / f"{name}.json"
    for path in (kept, own):
        if path.is_file():
            secrets = secrets_file.read(path)
            if path == kept or archive.fingerprint(secrets) == name:
                return path.read_bytes(), secrets
    raise Fault(
        f"The keys of this backup, {name}.json, are not in {place.keys}. "
        "Say where they are: make restore LOUYU_BACKUP_KEYS=/their/folder"
    )


def _unpack(base: Path, fresh: Path) -> None:
    """Unpacks a base and checks every file of it against its manifest."""
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    found: dict[str, str] = {}
    try:
        listed = json.loads((base / "backup_manifest").read_bytes())["Files"]
        with tarfile.open(base / "base.tar.gz") as packed:
            for member in packed:
                target = fresh / member.name
                if ".." in target.parts or not (member.isdir() or member.isfile()):
                    raise Damaged(f"{member.name} has no place in it")
                if member.isdir():
                    target.mkdir(exist_ok=True, mode=0o700)
                elif content := packed.extractfile(member):
                    with content:
                        found[str(target.relative_to(fresh))] = _write(target, content)
    except _BROKEN as broken:
        raise Damaged(str(broken)) from broken
    for file in listed:
        if found.get(file["Path"]) != file["Checksum"]:
            raise Damaged(f"{file['Path']} is not what was saved")
    _give_all(fresh)


def _give(place: Place) -> None:
    """A backup that came here by copy belongs to whoever copied it; PostgreSQL reads it and writes on."""
    for folder in (place.wal, place.files):
        folder.mkdir(exist_ok=True, mode=0o700)
        _give_all(folder)


def _give_all(folder: Path) -> None:
    """Makes a folder and all in it the property of PostgreSQL's user."""
    if user := unprivileged_user():
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user.uid, user.gid)


def _write(target: Path, content: IO[bytes]) -> str:
    """Writes a file; its hash."""
    digest = sha256()
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        while piece := content.read(2**20):
            digest.update(piece)
            out.write(piece)
    return digest.hexdigest()


async def _recovered(server: postgres.Server, place: Place) -> datetime | None:
    """Once the log has been read: up to when. Waits until the archive knows that a new timeline began."""
    admin = await asyncpg.connect(server.url())
    try:
        async with asyncio.timeout(archive.RECOVERY_WITHIN_S):
            # It serves readers long before it has read everything.
            while await admin.fetchval("SELECT pg_is_in_recovery()"):  # noqa: ASYNC110 -- PostgreSQL works
                await asyncio.sleep(0.05)
        until: datetime | None = await admin.fetchval("SELECT pg_last_xact_replay_timestamp()")
        timeline = await admin.fetchval(
            "SELECT ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int"
        )
        history = place.wal / f"{timeline:08X}.history.gz"
        async with asyncio.timeout(HISTORY_WITHIN_S):
            while not history.exists():  # noqa: ASYNC110 -- PostgreSQL makes it
                await asyncio.sleep(0.05)
    except (TimeoutError, OSError, asyncpg.PostgresConnectionError) as failed:
        raise Fault(
            f"PostgreSQL could not read {place.wal} to its end, or not write to it "
            f"({str(failed) or 'too slow'}). Why not is in log/postgres.log"
        ) from failed
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
