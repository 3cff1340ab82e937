"""Runs once before the district: draws the secrets, and makes databases and roles on the PostgreSQL given.

python -m deploy.docker.prepare          with PGHOST, PGPORT, PGUSER and PGPASSWORD of a superuser

The secrets go to a volume that the containers share; each process is told only its own (see entry.py).
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import asyncpg

from deploy.docker.entry import SECRETS, SERVICES, WITHOUT_DATABASE
from deploy.local import databases, secrets_file


async def prepare(path: Path) -> None:
    """Idempotent: a second run draws nothing new and leaves the data alone."""
    secrets = secrets_file.load(path, SERVICES)
    admin = await asyncpg.connect(
        host=os.environ["PGHOST"],
        port=int(os.environ.get("PGPORT", "5432")),
        user=os.environ["PGUSER"],
        password=os.environ["PGPASSWORD"],
        database="postgres",
    )
    try:
        for service in SERVICES:
            if service not in WITHOUT_DATABASE:
                own = secrets.services[service]
                await databases.create_roles(admin, service, own.owner_password, own.app_password)
                await databases.create_database(admin, service, service)
    finally:
        await admin.close()
    print("louyu: databases and secrets are ready")


if __name__ == "__main__":
    asyncio.run(prepare(SECRETS))
