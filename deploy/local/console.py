"""What `make up` shows a person: prefixed log lines, one-line faults, and where to go when all is ready."""

from __future__ import annotations

import os
import sys

_COLOURS = {
    "gateway": 35,
    "identity": 36,
    "membership": 32,
    "activity": 33,
    "ticket": 34,
    "window": 95,
    "notification": 96,
    "dashboard": 92,
}
_WIDTH = max(map(len, _COLOURS))
_PLAIN = 37


def coloured(text: str, colour: int) -> str:
    """Coloured on a terminal that wants colours (NO_COLOR unset), plain elsewhere."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\x1b[{colour}m{text}\x1b[0m"


def line(name: str, text: str) -> None:
    """One line of a program's output."""
    print(coloured(f"{name:<{_WIDTH}} │", _COLOURS.get(name, _PLAIN)), text, flush=True)


def say(text: str) -> None:
    """One line from the stack itself."""
    print(coloured(f"{'louyu':<{_WIDTH}} │", 1), text, flush=True)


def fault(text: str) -> None:
    """Why it cannot go on, and what to do."""
    print(coloured(f"louyu: {text}", 31), file=sys.stderr, flush=True)
