"""Finds Prometheus and promtool: on PATH, else unpacked from Debian's package when apt can fetch it.

    python -m deploy.checks.prometheus        prints where they are

The package is unpacked beside the other data rather than installed: installing it would start a server
on this machine that nobody asked for.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from deploy.local.faults import Fault

PACKAGE = "prometheus"
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Tools:
    """The two programs."""

    prometheus: str
    promtool: str


def _folder() -> Path:
    return Path(os.environ.get("LOUYU_HOME", ROOT / ".louyu")) / "tools" / PACKAGE


def find() -> Tools | None:
    """The programs that are there already."""
    unpacked = _folder() / "usr" / "bin"
    path = os.pathsep.join((os.environ.get("PATH", ""), str(unpacked)))
    server, tool = shutil.which("prometheus", path=path), shutil.which("promtool", path=path)
    return Tools(server, tool) if server is not None and tool is not None else None


def ensure() -> Tools:
    """The programs, fetched first where that is needed and possible."""
    found = find()
    if found is None and shutil.which("apt-get") is not None and shutil.which("dpkg") is not None:
        print("louyu: fetching Prometheus ...", file=sys.stderr)
        _unpack(_folder())
        found = find()
    if found is None:
        raise Fault(
            "These tests need Prometheus and promtool. Install them (Debian: apt install prometheus) "
            "and put both on PATH"
        )
    return found


def _unpack(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        _quietly(["apt-get", "update", "-qq"], folder)
    _quietly(["apt-get", "download", "-qq", PACKAGE], folder)
    for archive in folder.glob("*.deb"):
        _quietly(["dpkg", "-x", archive.name, "."], folder)
        archive.unlink()


def _quietly(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, stdout=sys.stderr, check=False)


if __name__ == "__main__":
    try:
        tools = ensure()
    except Fault as fault:
        raise SystemExit(f"louyu: {fault}") from fault
    print(tools.prometheus, tools.promtool)
