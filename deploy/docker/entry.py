"""What a container does before its process: takes its settings from the secrets, migrates, and becomes it.

Without a secrets file every setting is expected in the environment, as on Kubernetes.
With arguments, it becomes `python -m <arguments>` with the same settings: `docker compose run identity …`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from deploy.local import secrets_file

SECRETS = Path(os.environ.get("LOUYU_SECRETS", "/secrets/local.json"))
SERVICES = (
    "identity",
    "membership",
    "activity",
    "ticket",
    "window",
    "notification",
    "dashboard",
    "gateway",
)
WITHOUT_DATABASE = ("gateway",)


def settings(service: str, secrets: secrets_file.Secrets) -> dict[str, str]:
    """The LOUYU_ variables that come from the secrets, for containers that reach each other by name."""
    own = secrets.services[service]
    told = {
        "LOUYU_ADDRESSES": json.dumps({name: f"{name}:50051" for name in SERVICES}),
        "LOUYU_SERVICE_KEY": own.seed,
        "LOUYU_SERVICE_KEYS": json.dumps({name: secrets.services[name].public_key for name in SERVICES}),
        "LOUYU_SECRET": own.secret,
    }
    if service not in WITHOUT_DATABASE:
        server = os.environ.get("LOUYU_POSTGRES", "postgres:5432")
        told["LOUYU_DATABASE_URL"] = _url(service, "app", own.app_password, server)
        told["LOUYU_OWNER_DATABASE_URL"] = _url(service, "owner", own.owner_password, server)
    if service == "identity":
        told["LOUYU_KEK"] = secrets.kek
        told["LOUYU_BLIND_INDEX_KEY"] = secrets.blind_index_key
    return told


def _url(service: str, login: str, password: str, server: str) -> str:
    return f"postgresql+asyncpg://{service}_{login}:{password}@{server}/{service}"


def migrate(service: str) -> None:
    """Brings the database to this image's version; replicas that start together migrate once."""
    from chassis import migrations

    if migrations.upgrade(service, os.environ["LOUYU_OWNER_DATABASE_URL"]):
        print(f"louyu: migrated the database of {service}", flush=True)


def main() -> None:
    service = os.environ["LOUYU_SERVICE"]
    if SECRETS.is_file():
        for name, value in settings(service, secrets_file.read(SECRETS)).items():
            os.environ.setdefault(name, value)
    if len(sys.argv) > 1:
        os.execvp(sys.executable, [sys.executable, "-m", *sys.argv[1:]])
    if service not in WITHOUT_DATABASE and "LOUYU_OWNER_DATABASE_URL" in os.environ:
        migrate(service)
        # The process itself has no business with the owner's login.
        del os.environ["LOUYU_OWNER_DATABASE_URL"]
    os.execvp(sys.executable, [sys.executable, "-m", service])


if __name__ == "__main__":
    main()
