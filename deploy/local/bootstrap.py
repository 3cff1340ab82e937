"""Makes .louyu/venv from requirements.lock and installs the local packages into it.

Needs nothing but Python >= 3.11. It runs before anything is installed, so it uses the standard library
alone; it is also the first file an older Python meets, so it must still parse there and say what to do.
A second run costs a few milliseconds: a stamp remembers what the environment was made from.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.lock"
OLDEST = (3, 11)
NEWEST = (3, 14)  # the newest Python the locked wheels were tried with
NEEDED_BYTES = 1536 * 2**20


def local_packages(root: Path = ROOT) -> list[Path]:
    """Every library and service of the repository that is a Python package."""
    return sorted(project.parent for project in root.glob("[ls]*/*/pyproject.toml"))


def fingerprint(root: Path = ROOT) -> str:
    """What the environment depends on: the lock, the local packages' settings, and the interpreter."""
    digest = hashlib.sha256(sys.version.encode())
    digest.update(LOCK.read_bytes())
    for package in local_packages(root):
        digest.update(str(package.relative_to(root)).encode())
        digest.update((package / "pyproject.toml").read_bytes())
    return digest.hexdigest()


def interpreter() -> str:
    """This Python if it is new enough, else a newer one found on PATH."""
    if sys.version_info >= OLDEST:
        return sys.executable
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found:
            return found
    version = ".".join(map(str, sys.version_info[:2]))
    raise SystemExit(
        f"louyu: Python 3.{OLDEST[1]} or newer is needed, this is {version}. "
        "Install one and run: make up PYTHON=python3.11"
    )


def pinned(name: str) -> str:
    """The entry of one distribution in the lock, with its hashes."""
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(name + "=="))
    entry = [lines[start]]
    for line in lines[start + 1 :]:
        if not line.startswith("    --hash="):
            break
        entry.append(line)
    return "\n".join(entry).rstrip(" \\") + "\n"


def install(venv: Path) -> None:
    """Fills the environment: uv from the lock, everything else through it, or through pip where uv cannot."""
    python = venv / "bin" / "python"
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as only_uv:
        only_uv.write(pinned("uv"))
        only_uv.flush()
        subprocess.run([*pip, "--require-hashes", "--no-deps", "-r", only_uv.name], check=True)

    uv = [str(venv / "bin" / "uv"), "pip"]
    target = ["--quiet", "--python", str(python)]
    environment = {**os.environ, "UV_NO_PROGRESS": "1"}
    # pip is told where packages come from in ways uv does not read; what one cannot find the other may.
    # `uv pip sync` would also remove what the lock no longer names, and for a moment the local packages,
    # from under whatever runs.
    installed = subprocess.run(
        [*uv, "install", *target, "--require-hashes", "-r", str(LOCK)], env=environment, check=False
    )
    if installed.returncode != 0:
        print("louyu: uv could not install the lock, trying pip", file=sys.stderr)
        subprocess.run([*pip, "--require-hashes", "--no-deps", "-r", str(LOCK)], check=True)

    editable = [part for package in local_packages() for part in ("--editable", str(package))]
    subprocess.run(
        [*uv, "install", *target, "--no-deps", "--no-build-isolation", *editable],
        env=environment,
        check=True,
    )


def ensure(home: Path) -> Path:
    """Returns an environment that matches the sources, making or updating it when it does not."""
    venv = home / "venv"
    stamp = venv / ".made-from"
    wanted = fingerprint()
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return venv
    home.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(str(home)).free < NEEDED_BYTES:
        raise SystemExit(f"louyu: the disk that holds {home} is full. Free at least 2 GB and run it again")
    started = time.monotonic()
    print(f"louyu: installing Python packages into {os.path.relpath(venv)} ...", file=sys.stderr)
    stamp.unlink(missing_ok=True)
    if not (venv / "bin" / "python").exists() or not (venv / "bin" / "pip").exists():
        shutil.rmtree(venv, ignore_errors=True)
        made = subprocess.run([sys.executable, "-m", "venv", str(venv)], check=False)
        if made.returncode != 0:
            raise SystemExit(
                "louyu: this Python cannot make virtual environments. On Debian and Ubuntu run: "
                "apt install python3-venv"
            )
    install(venv)
    stamp.write_text(wanted, encoding="utf-8")
    print(f"louyu: packages ready in {time.monotonic() - started:.0f} s", file=sys.stderr)
    return venv


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the Python environment of this checkout.")
    parser.add_argument("--home", type=Path, default=Path(os.environ.get("LOUYU_HOME", ROOT / ".louyu")))
    options = parser.parse_args()
    python = interpreter()
    if python != sys.executable:
        os.execv(python, [python, *sys.argv])
    try:
        ensure(options.home)
    except subprocess.CalledProcessError as failed:
        raise SystemExit(
            f"louyu: installing packages failed ({Path(failed.cmd[0]).name}, see above). "
            "Check the network and the package index, then run the same command again."
        ) from failed


if __name__ == "__main__":
    main()
