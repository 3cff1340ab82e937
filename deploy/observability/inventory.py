"""What the rules and dashboards name: alerts with their runbooks, and every metric they read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RULES = HERE / "rules"
DASHBOARDS = HERE / "dashboards"
RUNBOOKS = HERE.parents[1] / "docs" / "runbooks"

_ALERT = re.compile(r"^ +- alert: (\w+)$", re.MULTILINE)
_METRIC = re.compile(r"\b(?:louyu|process)_[a-z_]+\b")
_RECORDED = re.compile(r"\blouyu:[a-z0-9_:]+")
_RECORD = re.compile(r"^ +- record: (\S+)$", re.MULTILINE)
_PART_OF_A_HISTOGRAM = re.compile(r"_(?:bucket|count|sum)$")


def alerts() -> dict[str, str]:
    """Every alert by name, as it is written down."""
    parts = _ALERT.split(_text("alerts.yml"))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def recorded() -> set[str]:
    """The series that rules make."""
    return set(_RECORD.findall(_text("recording.yml")))


def used_in_rules() -> set[str]:
    """Metrics that rules read, a histogram by its own name."""
    return _metrics("\n".join(_without_comments(path.read_text("utf-8")) for path in RULES.glob("*.yml")))


def expressions() -> Iterator[tuple[str, str]]:
    """Every query of every dashboard, with the file it stands in."""
    for path in sorted(DASHBOARDS.glob("*.json")):
        yield from ((path.name, found) for found in _queries(json.loads(path.read_text("utf-8"))))


def used_in_dashboards() -> set[str]:
    """Metrics that dashboards read."""
    return _metrics("\n".join(query for _, query in expressions()))


def recorded_in_dashboards() -> set[str]:
    """Recorded series that dashboards read."""
    return {name for _, query in expressions() for name in _RECORDED.findall(query)}


def _metrics(text: str) -> set[str]:
    return {_PART_OF_A_HISTOGRAM.sub("", name) for name in _METRIC.findall(text)}


def _text(name: str) -> str:
    return (RULES / name).read_text("utf-8")


def _without_comments(text: str) -> str:
    return re.sub(r"^ *#.*$", "", text, flags=re.MULTILINE)


def _queries(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("expr", "query") and isinstance(value, str):
                yield value
            else:
                yield from _queries(value)
    elif isinstance(node, list):
        for value in node:
            yield from _queries(value)
