"""The rules that sources describe, as proposals that a building may adopt."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from membership.cadence.periods import Length
from membership.cadence.rules import Evidence, Rule, Scope


@dataclass(frozen=True, slots=True)
class Starter:
    """A rule as its source has it. `period` is None where the source says "regularly" and nothing else;
    `designed` names what no source fixes."""

    code: str
    title_zh: str
    title_en: str
    scope: Scope
    period: Length | None
    evidence: Evidence
    activity_kind: str
    due_days: int
    grace_days: int
    unannounced: bool
    source: str
    designed: Sequence[str]

    def is_followed_by(self, rule: Rule) -> bool:
        """Whether a building's rule says what this one does."""
        return all(getattr(self, name) == getattr(rule, name) for name in Rule.__dataclass_fields__)


@cache
def starters() -> Mapping[str, Starter]:
    """All of them by code, in the order of the file."""
    found = tomllib.loads(files("membership.cadence").joinpath("starter.toml").read_text("utf-8"))["rule"]
    return {row["code"]: _starter(row) for row in found}


def _starter(row: Mapping[str, Any]) -> Starter:
    period = row.get("period")
    return Starter(
        code=row["code"],
        title_zh=row["title_zh"],
        title_en=row["title_en"],
        scope=Scope(row["scope"]),
        period=Length(period) if period else None,
        evidence=Evidence(row["evidence"]),
        activity_kind=row.get("activity_kind", ""),
        due_days=row.get("due_days", 0),
        grace_days=row.get("grace_days", 0),
        unannounced=row.get("unannounced", False),
        source=row["source"],
        designed=row["designed"],
    )
