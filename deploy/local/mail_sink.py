"""A mail server that delivers into a folder, so that every e-mail of a demo can be read and tested.

python -m deploy.local.mail_sink --port 2525 --folder .louyu/mail

It takes mail from anyone for anyone and sends none on. Standard library only: it also runs in the containers.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import re
import signal
import time
from asyncio import StreamReader, StreamWriter
from pathlib import Path

LARGEST = 10 * 2**20


class Sink:
    """Writes each message to `<milliseconds>-<number>-<first recipient>.eml`, complete before it appears."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)

    def keep(self, recipients: list[str], content: bytes) -> None:
        """Stores one message."""
        recipient = re.sub(r"[^\w.@-]", "_", recipients[0])
        name = f"{time.time_ns() // 1_000_000}-{next(self._numbers):06}-{recipient}"
        draft = self._folder / f".{name}"
        draft.write_bytes(content)
        draft.rename(self._folder / f"{name}.eml")

    async def converse(self, reader: StreamReader, writer: StreamWriter) -> None:
        """One SMTP session (RFC 5321, the commands that clients use)."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await self._session(reader, writer)
        writer.close()

    async def _session(self, reader: StreamReader, writer: StreamWriter) -> None:
        recipients: list[str] = []
        writer.write(b"220 louyu mail sink\r\n")
        while line := await reader.readline():
            verb, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            match verb.upper():
                case "EHLO":
                    writer.write(b"250-louyu\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE %d\r\n" % LARGEST)
                case "HELO" | "NOOP" | "MAIL" | "RSET":
                    recipients = []
                    writer.write(b"250 ok\r\n")
                case "RCPT":
                    recipients.append(rest.partition(":")[2].partition(">")[0].strip(" <"))
                    writer.write(b"250 ok\r\n")
                case "DATA" if recipients:
                    writer.write(b"354 go ahead\r\n")
                    content = await reader.readuntil(b"\r\n.\r\n")
                    self.keep(recipients, content[:-3].replace(b"\r\n..", b"\r\n."))
                    recipients = []
                    writer.write(b"250 kept\r\n")
                case "DATA":
                    writer.write(b"503 no recipients\r\n")
                case "QUIT":
                    writer.write(b"221 bye\r\n")
                    await writer.drain()
                    return
                case _:
                    writer.write(b"502 not known\r\n")
            await writer.drain()


async def serve(folder: Path, host: str, port: int) -> None:
    """Serves until the process is asked to end."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    server = await asyncio.start_server(Sink(folder).converse, host, port, limit=LARGEST)
    await ended.wait()
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="Keep every mail in a folder.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    asyncio.run(serve(options.folder, options.host, options.port))


if __name__ == "__main__":
    main()
