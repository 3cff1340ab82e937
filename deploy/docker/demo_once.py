"""Loads the demo district into the containers' district, once: a file in its volume remembers that it did."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

LOADED = Path(os.environ.get("LOUYU_DEMO_LOADED", "/data/loaded"))


def main() -> None:
    if LOADED.exists():
        print("louyu: the demo district is loaded")
        return
    subprocess.run([sys.executable, "-m", "demo"], check=True)
    LOADED.touch()


if __name__ == "__main__":
    main()
