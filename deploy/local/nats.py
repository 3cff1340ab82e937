"""A real NATS server with JetStream from a wheel."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from deploy.local.program import Program, greets

USER = "louyu"


@dataclass(frozen=True, slots=True)
class Server:
    """How to reach the server."""

    port: int
    password: str

    @property
    def url(self) -> str:
        return f"nats://{USER}:{self.password}@127.0.0.1:{self.port}"


def program(folder: Path, server: Server) -> Program:
    """The server over a folder; what it stored there before, it serves again."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    conf = folder / "nats.conf"
    conf.touch(mode=0o600)
    conf.write_text(
        f"""\
listen: "127.0.0.1:{server.port}"
server_name: louyu
max_payload: 1MB
jetstream {{ store_dir: "{folder}", max_memory_store: 64MB, max_file_store: 16GB }}
authorization {{ user: {USER}, password: "{server.password}" }}
""",
        encoding="utf-8",
    )

    async def ready(_: int) -> bool:
        # The client port opens only after JetStream has recovered its streams.
        return await greets(server.port, b"INFO ")

    return Program(
        name="nats",
        argv=[str(Path(sys.executable).parent / "nats-server"), "--config", str(conf)],
        ready=ready,
        quiet=True,
    )
