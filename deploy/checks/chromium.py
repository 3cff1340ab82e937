"""Finds a Chromium for the browser tests: on PATH, else from the system's packages when we may install them.

    python -m deploy.checks.chromium        prints where it is

A font with Chinese characters comes along, without one every page would show boxes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.local.faults import Fault

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
PACKAGES = ("chromium", "fonts-noto-cjk")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def find() -> str | None:
    """The browser that is there already; LOUYU_CHROMIUM names one that is elsewhere."""
    asked = os.environ.get("LOUYU_CHROMIUM", "")
    if asked:
        return asked
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or (str(MAC) if MAC.exists() else None)


def ensure() -> str:
    """The browser, installed first where that is needed and possible."""
    found = find()
    can_install = os.geteuid() == 0 and shutil.which("apt-get") is not None
    if can_install and (found is None or not _has_chinese_font()):
        print("louyu: installing Chromium and a Chinese font ...", file=sys.stderr)
        _install()
        found = find()
    if found is None:
        raise Fault(
            "The browser tests need Chromium. Install it (Debian: apt install chromium fonts-noto-cjk) "
            "or name one: LOUYU_CHROMIUM=/path/to/chromium make test"
        )
    return found


def _has_chinese_font() -> bool:
    if shutil.which("fc-list") is None:
        return False
    listed = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip())


def _install() -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    commands = (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES],
    )
    for command in commands:
        subprocess.run(command, env=environment, stdout=sys.stderr, check=False)


if __name__ == "__main__":
    try:
        print(ensure())
    except Fault as fault:
        raise SystemExit(f"louyu: {fault}") from fault
