"""The checklists that superiors supervise by, in versions; the first is a proposal with its sources."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.resources import files

from chassis.versions import Versions
from membership.supervision.rules import Item
from membership.supervision.tables import checklists


@cache
def proposed() -> Sequence[Mapping[str, str]]:
    """The items of the proposal, as a version keeps them."""
    text = files("membership.supervision").joinpath("starter.toml").read_text("utf-8")
    return tuple(tomllib.loads(text)["item"])


@dataclass(frozen=True, slots=True)
class Checklist:
    """What a superior supervises by; version 0 is the proposal [D]: the sources say every quarter, and not
    what is looked at."""

    version: int = 0
    items: Sequence[Mapping[str, str]] = field(default_factory=proposed)
    created_at: datetime | None = None

    def asked(self) -> list[Item]:
        """Its items."""
        return [Item(**item) for item in self.items]


CHECKLIST = Versions(checklists, Checklist)
