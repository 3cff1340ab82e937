"""The mail sink as a program of the stack."""

from __future__ import annotations

import sys
from pathlib import Path

from deploy.local.program import Program, greets

ROOT = Path(__file__).resolve().parents[2]


def program(folder: Path, port: int) -> Program:
    """Delivers everything that the stack sends into a folder."""

    async def ready(_: int) -> bool:
        return await greets(port, b"220 ")

    command = [sys.executable, "-m", "deploy.local.mail_sink", "--port", str(port), "--folder", str(folder)]
    return Program(name="mail", argv=command, cwd=ROOT, ready=ready, quiet=True)
