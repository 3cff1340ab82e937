"""Where the backups of a folder's district lie, and how its PostgreSQL is told to archive into them.

    backup/
      base/<UTC time>/    base.tar.gz, backup_manifest and about.json: the cluster as of that time
      wal/                every segment of write-ahead log since the oldest base
      files/              uploads
    backup-keys/          the keys that open it, one file per set of keys: beside the backup, never in it

Nothing is archived before the first `make backup`: it chooses the place, backup.json remembers it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shlex
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import asyncpg

from deploy.local import ports, postgres
from deploy.local.faults import Fault
from deploy.local.secrets_file import Secrets
from deploy.local.state import read_state, write_state
from deploy.local.supervisor import Output, Supervisor

SCRIPT = Path(__file__).with_name("wal_archive.py")
CONF = "archive.conf"
PATH, NAME = '"%p"', '"%f"'
"""What PostgreSQL fills in: where a segment lies, and what it is called."""
LOSE_AT_MOST_S = 60
BOUNDS_S = (5, 300)
"""A segment is closed after this long at the latest; the upper bound is the promise of five minutes."""
RECOVERY_WITHIN_S = 1800.0
WATCH_S = 30.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where backups go, and how many seconds of work may at most be missing from them."""

    folder: Path
    keys: Path
    seconds: int = LOSE_AT_MOST_S

    @property
    def base(self) -> Path:
        """One folder per base backup; complete ones have no suffix."""
        return self.folder / "base"

    @property
    def wal(self) -> Path:
        """Segments, packed."""
        return self.folder / "wal"

    @property
    def files(self) -> Path:
        """Uploads."""
        return self.folder / "files"

    def bases(self) -> list[Path]:
        """Complete base backups, oldest first."""
        return sorted(found.parent for found in self.base.glob("*Z/about.json"))


def remembered(home: Path) -> Place | None:
    """Where this folder's district is backed up to; None: nowhere yet."""
    try:
        found = json.loads((home / "backup.json").read_text(encoding="utf-8"))
        return Place(Path(found["folder"]), Path(found["keys"]), int(found["seconds"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as broken:
        raise Fault(
            f"{home / 'backup.json'} is damaged. Delete it and name the place again: make backup"
        ) from broken


def chosen(home: Path) -> Place:
    """LOUYU_BACKUP, LOUYU_BACKUP_KEYS, LOUYU_BACKUP_SECONDS, else what is remembered, else the defaults."""
    place = remembered(home) or Place(home / "backup", home / "backup-keys")
    if folder := os.environ.get("LOUYU_BACKUP"):
        place = replace(place, folder=Path(folder).resolve())
    if keys := os.environ.get("LOUYU_BACKUP_KEYS"):
        place = replace(place, keys=Path(keys).resolve())
    if seconds := os.environ.get("LOUYU_BACKUP_SECONDS"):
        least, most = BOUNDS_S
        if not seconds.isdecimal() or not least <= int(seconds) <= most:
            raise Fault(f"LOUYU_BACKUP_SECONDS is {seconds!r}; give a number from {least} to {most}")
        place = replace(place, seconds=int(seconds))
    if place.keys == place.folder or place.folder in place.keys.parents:
        raise Fault(f"{place.keys} lies in the backup that its keys open. Name another: LOUYU_BACKUP_KEYS=…")
    return place


def remember(home: Path, place: Place) -> None:
    """From now on this is the place."""
    path = home / "backup.json"
    held = {"folder": str(place.folder), "keys": str(place.keys), "seconds": place.seconds}
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")
    fresh.replace(path)


def fingerprint(secrets: Secrets) -> str:
    """Names a set of keys without telling anything about them: they are random throughout. It stays when the
    key-encryption key is replaced, so that the newest set is found for every backup."""
    return sha256(secrets.blind_index_key.encode()).hexdigest()[:16]


def _call(*words: str | Path) -> str:
    """A command for PostgreSQL's settings, where % stands for what PostgreSQL fills in."""
    script = [sys.executable, "-I", "-S", str(SCRIPT)]
    given = [str(word) for word in words]
    line = " ".join(
        word if word in (PATH, NAME) else shlex.quote(word.replace("%", "%%")) for word in (*script, *given)
    )
    return "'" + line.replace("\\", "\\\\").replace("'", "''") + "'"


def configure(data: Path, home: Path, place: Place | None) -> None:
    """Writes what PostgreSQL reads at its next start or reload. The mode needs a start, so it is on from the
    first one; without a place, segments pass into nothing and are not closed early."""
    settings = {"archive_mode": "on", "archive_command": "'true'", "archive_timeout": "0"}
    if place is not None:
        settings["archive_command"] = _call("keep", place.folder, home / "files" / "kept", PATH, NAME)
        settings["archive_timeout"] = str(place.seconds)
    write_conf(data, settings)


def configure_recovery(data: Path, home: Path, place: Place) -> None:
    """Reads the log out of the backup, and archives the history of the new timeline into it: without that, a
    second restore would not find what was written after the first."""
    configure(data, home, place)
    with (data / CONF).open("a", encoding="utf-8") as conf:
        command = _call("fetch", place.folder, NAME, PATH)
        conf.write(f"restore_command = {command}\n")
    (data / "recovery.signal").touch()


def write_conf(data: Path, settings: dict[str, str]) -> None:
    """Replaces the part of PostgreSQL's settings that is ours."""
    lines = [f"{name} = {value}\n" for name, value in settings.items()]
    fresh = data / f"{CONF}.new"
    fresh.write_text("".join(lines), encoding="utf-8")
    fresh.replace(data / CONF)


def own(folder: Path, like: Path) -> None:
    """Makes a folder that PostgreSQL's user may write to."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.geteuid() == 0:
        owner = like.stat()
        os.chown(folder, owner.st_uid, owner.st_gid)


@contextlib.asynccontextmanager
async def running(data: Path, home: Path, password: str) -> AsyncIterator[postgres.Server]:
    """PostgreSQL alone over a prepared folder, without the district."""
    state = read_state(home / "state.json")
    state.ports |= ports.internal_ports(["postgres"], state.ports)
    write_state(home / "state.json", state)
    server = postgres.Server(state.ports["postgres"], password)
    user = postgres.prepare(data, password)
    supervisor = Supervisor(Output(home / "log"))
    # Recovery reads all that was archived since the base: as long as the promise allows.
    program = replace(postgres.program(data, server, user), ready_within_s=RECOVERY_WITHIN_S)
    try:
        await supervisor.start(program)
        yield server
    finally:
        await supervisor.stop()


async def watch(server: postgres.Server, say: Callable[[str], None]) -> None:
    """Says when log stops reaching the backup, and when it does again: nothing else would show it."""
    failing = False
    while True:
        await asyncio.sleep(WATCH_S)
        try:
            connection = await asyncpg.connect(server.url(), timeout=10)
            try:
                fails = await connection.fetchval(
                    "SELECT coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) "
                    "FROM pg_stat_archiver"
                )
            finally:
                await connection.close()
        except (OSError, TimeoutError, asyncpg.PostgresError):
            continue  # that the database is away is said elsewhere
        if fails != failing:
            failing = fails
            say(
                "the backup gets no log any more: is its folder there, and room in it? See log/postgres.log"
                if fails
                else "the backup gets the log again"
            )
