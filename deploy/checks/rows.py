"""Which mechanisms the last test run proved: `make rows`.

Tests name what they prove with @pytest.mark.row; the run writes the outcome to .louyu/rows.json. A part of a
row is `proved` when every test that names it passed, `partial` when those tests prove it only up to the event
another service will consume, and `-` when no test that ran proves it.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parents[2]
ROWS = ROOT / "docs" / "rows.toml"

Outcome = Literal["proved", "partial", "-"]


def report_path() -> Path:
    """Where a test run leaves what it proved."""
    return Path(os.environ.get("LOUYU_HOME", ROOT / ".louyu")) / "rows.json"


def parts() -> list[str]:
    """Every row and owner, as in 0-28/TKT, in the order of the documents."""
    owners = tomllib.loads(ROWS.read_text(encoding="utf-8"))
    return [f"{row}/{owner}" for row, named in owners.items() for owner in named]


def proved_by_last_run() -> dict[str, Outcome]:
    """Part → outcome; empty when no tests have run."""
    try:
        found: dict[str, Outcome] = json.loads(report_path().read_text(encoding="utf-8"))
    except FileNotFoundError:
        found = {}
    return found


def lines(outcomes: Mapping[str, Outcome]) -> Iterator[str]:
    """One line per part, then the total."""
    counted: Counter[str] = Counter()
    for part in parts():
        outcome = outcomes.get(part, "-")
        counted[outcome] += 1
        yield f"{part} {outcome}"
    in_words = ", ".join(f"{counted[outcome]} {outcome}" for outcome in ("proved", "partial", "-"))
    yield f"total {counted.total()}: {in_words}"


if __name__ == "__main__":
    for line in lines(proved_by_last_run()):
        print(line)
