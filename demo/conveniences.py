"""What the station gave without a form in the demo's last weeks: counts, day by day."""

from random import Random

from demo.district import District
from demo.timeline import Timeline

_DAYS = 8
_USUAL = {"HEATING": 24, "HOT_WATER": 60, "CONSULTATION": 5}
"""About so often on a day; invented."""


def plan(made: District, timeline: Timeline) -> None:
    """Every evening of the last days the clerk notes what was counted."""
    dice = Random(13)
    evenings = [number for number in range(len(timeline.ticks)) if number % 3 == 2][-_DAYS:]
    for number in evenings:
        counts = {kind: max(1, round(usual * dice.uniform(0.7, 1.3))) for kind, usual in _USUAL.items()}
        timeline.at(number, "conveniences-t1", _Evening(made, number, counts).noted)


class _Evening:
    """One day's counts."""

    def __init__(self, made: District, number: int, counts: dict[str, int]) -> None:
        self._made = made
        self._number = number
        self._counts = counts

    async def noted(self) -> None:
        """Note each kind."""
        path = self._made.path("t1", "conveniences")
        for kind, count in self._counts.items():
            body = {"kind": kind, "count": count, "synthetic": True}
            await self._made.people.post("clerk1", path, body, key=str(self._number))
