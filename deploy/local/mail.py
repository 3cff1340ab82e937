"""A mail server that delivers into a folder, so that every e-mail of a local stack can be read and tested.

python -m deploy.local.mail --port 2525 --folder .louyu/mail
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import re
import signal
import sys
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.local.program import Program, greets


class Sink:
    """Writes each message to `<milliseconds>-<number>-<first recipient>.eml`, complete before it appears."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Called by aiosmtpd for every accepted message; the reply goes to the sender."""
        recipient = re.sub(r"[^\w.@-]", "_", envelope.rcpt_tos[0] if envelope.rcpt_tos else "nobody")
        name = f"{time.time_ns() // 1_000_000}-{next(self._numbers):06}-{recipient}"
        content = envelope.content or b""
        draft = self._folder / f".{name}"
        draft.write_bytes(content if isinstance(content, bytes) else content.encode())
        draft.rename(self._folder / f"{name}.eml")
        return "250 kept"


def program(folder: Path, port: int) -> Program:
    """The sink as a program of the stack."""

    async def ready(_: int) -> bool:
        return await greets(port, b"220 ")

    return Program(
        name="mail",
        argv=[sys.executable, "-m", "deploy.local.mail", "--port", str(port), "--folder", str(folder)],
        cwd=Path(__file__).resolve().parents[2],
        ready=ready,
        quiet=True,
    )


async def serve(folder: Path, port: int) -> None:
    """Serves until the process is asked to end."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    sink = Sink(folder)
    server = await loop.create_server(lambda: SMTP(sink, enable_SMTPUTF8=True), "127.0.0.1", port)
    await ended.wait()
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="Keep every mail in a folder.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    asyncio.run(serve(options.folder, options.port))


if __name__ == "__main__":
    main()
