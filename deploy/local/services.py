"""The eight processes of the district and what each is told through its environment."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local import nats, postgres
from deploy.local.program import Program, http_ok
from deploy.local.secrets_file import Secrets

WITH_DATABASE = (
    "identity",
    "membership",
    "activity",
    "ticket",
    "window",
    "notification",
    "dashboard",
)
SERVICES = (*WITH_DATABASE, "gateway")
KINDS = ("grpc", "ops")
SERVICE_PORTS = tuple(f"{service}-{kind}" for service in SERVICES for kind in KINDS)
NEXT_PORTS = tuple(f"{name}-next" for name in SERVICE_PORTS)
"""Where a process's successor listens while both run; then the two change their names."""
FOUND_WITHIN_S = 2.8
"""Callers look for a replica that was not there at least every 2.4 s (`chassis.client`)."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all processes of one stack share."""

    home: Path
    ports: Mapping[str, int]
    public_port: int
    secrets: Secrets
    postgres: postgres.Server
    nats: nats.Server
    web: Path | None = None
    listener: int | None = None
    """The listening socket of the public port: every gateway takes its connections from this one queue."""
    bind: str = "127.0.0.1"
    clock: str = "walkable"
    log: str = "json"
    extra: Mapping[str, str] = field(default_factory=dict)
    """Further settings for every process, such as LOUYU_LOG_LEVEL."""


def environment(service: str, around: Surroundings) -> dict[str, str]:
    """The LOUYU_ variables of one process."""
    own = around.secrets.services[service]
    variables = {
        "LOUYU_SERVICE": service,
        "LOUYU_GRPC_PORT": str(around.ports[f"{service}-grpc"]),
        "LOUYU_OPS_PORT": str(around.ports[f"{service}-ops"]),
        "LOUYU_NATS_URL": around.nats.url,
        "LOUYU_ADDRESSES": json.dumps(
            {
                name: ",".join(f"127.0.0.1:{around.ports[f'{name}-grpc{which}']}" for which in ("", "-next"))
                for name in SERVICES
            }
        ),
        "LOUYU_SERVICE_KEY": own.seed,
        "LOUYU_SERVICE_KEYS": json.dumps(
            {name: around.secrets.services[name].public_key for name in SERVICES}
        ),
        "LOUYU_SECRET": own.secret,
        "LOUYU_CLOCK": around.clock,
        "LOUYU_LOG": around.log,
        "PYTHONUNBUFFERED": "1",
        # Nobody forks after gRPC has started; its handlers would only write about it into the log.
        "GRPC_ENABLE_FORK_SUPPORT": "false",
    }
    if service in WITH_DATABASE:
        variables |= {
            "LOUYU_DATABASE_URL": database_url(service, around, "app", own.app_password),
            "LOUYU_OWNER_DATABASE_URL": database_url(service, around, "owner", own.owner_password),
        }
    match service:
        case "identity":
            variables |= {
                "LOUYU_KEK": around.secrets.kek,
                "LOUYU_KEK_PREVIOUS": around.secrets.kek_previous,
                "LOUYU_BLIND_INDEX_KEY": around.secrets.blind_index_key,
            }
        case "membership":  # reads the workbooks that the gateway stores
            variables["LOUYU_FILES"] = str(around.home / "files")
        case "notification":
            variables["LOUYU_SMTP_URL"] = f"smtp://127.0.0.1:{around.ports['smtp']}"
        case "gateway":
            variables |= {
                "LOUYU_HTTP_PORT": str(around.public_port),
                "LOUYU_FILES": str(around.home / "files"),
                "LOUYU_BIND": around.bind,
            }
            if around.listener is not None:
                variables["LOUYU_HTTP_FD"] = str(around.listener)
            if around.web is not None:
                variables["LOUYU_WEB"] = str(around.web)
    return {**variables, **around.extra}


def database_url(service: str, around: Surroundings, login: str, password: str) -> str:
    """A service's database as SQLAlchemy addresses it."""
    url = around.postgres.url(service, f"{service}_{login}", password)
    return url.replace("postgresql://", "postgresql+asyncpg://", 1)


def program(service: str, around: Surroundings) -> Program:
    """One process, ready when its ops port says so."""
    ops_port = around.ports[f"{service}-ops"]

    async def ready(_: int) -> bool:
        return await http_ok(ops_port, "/readyz")

    return Program(
        name=service,
        argv=[sys.executable, "-m", service],
        env=environment(service, around),
        ready=ready,
        pass_fds=(around.listener,) if service == "gateway" and around.listener is not None else (),
    )


def next_ports(service: str, ports: Mapping[str, int]) -> list[int]:
    """Where the service's next process is going to listen."""
    return [ports[f"{service}-{kind}-next"] for kind in KINDS]


def ports_of_successor(service: str, ports: Mapping[str, int]) -> dict[str, int]:
    """The ports once the service's next process has taken over."""
    names = [f"{service}-{kind}" for kind in KINDS]
    changed = {name: ports[f"{name}-next"] for name in names}
    return {**ports, **changed, **{f"{name}-next": ports[name] for name in names}}
