"""What happens when: steps of the demo's two months, done in their order as business time is walked."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from demo.client import People, Refused
from demo.settings import DAYS, OPERATOR, TIME_ZONE

ZONE: Final = ZoneInfo(TIME_ZONE)
HOURS: Final = (time(9, 0), time(10, 30), time(16, 0))
"""When people act on a day: they order, take things on, finish."""
_DAYS_IN_FULL: Final = 5
"""The last days before the present; before them every second working day is lived, which is enough to see."""

Step = Callable[[], Awaitable[None]]


def ticks(begin: datetime, end: datetime) -> list[datetime]:
    """The moments at which people act."""
    found = []
    day, last = begin.astimezone(ZONE).date(), end.astimezone(ZONE).date()
    working = 0
    while day <= last:
        if day.weekday() < 5:
            working += 1
            if working % 2 or (last - day).days < _DAYS_IN_FULL:
                found += [datetime.combine(day, hour, ZONE) for hour in HOURS]
        day += timedelta(days=1)
    return [moment for moment in found if begin < moment < end]


@dataclass
class Timeline:
    """Plans steps by tick and thread; threads of one tick run side by side, steps of a thread in order."""

    ticks: list[datetime]
    _plan: dict[int, dict[str, list[Step]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def at(self, tick: int, thread: str, step: Step) -> None:
        """Do `step` at a tick; what lies beyond the last one does not happen any more."""
        if 0 <= tick < len(self.ticks):
            self._plan[tick][thread].append(step)

    async def play(self, people: People, district: str) -> None:
        """Walk the clock from tick to tick and on to the present."""
        for number, moment in enumerate(self.ticks):
            threads = self._plan.get(number)
            if not threads:
                continue
            await walk_to(people, district, moment)
            await asyncio.gather(*(_in_order(steps) for steps in threads.values()))
        await walk_to(people, district, None)


async def _in_order(steps: list[Step]) -> None:
    for step in steps:
        await step()


async def begin(people: People, district: str) -> datetime:
    """Let business time begin in the past, early on a working day; when that is."""
    now = datetime.now(UTC)
    first = (now - timedelta(days=DAYS)).astimezone(ZONE).replace(hour=8, minute=0, second=0, microsecond=0)
    seconds = int((now - first).total_seconds())
    await people.post(OPERATOR, f"/v1/tenants/{district}/clock:begin", {"seconds_ago": str(seconds)})
    return first


async def walk_to(people: People, district: str, moment: datetime | None) -> None:
    """Walk the clock forward to a moment of business time, or to the present."""
    while True:
        clock = await people.get(OPERATOR, "/v1/clock")
        behind = -int(clock.get("offset_seconds", 0))
        present = datetime.fromisoformat(clock["business_time"])
        ahead = behind if moment is None else min(behind, int((moment - present).total_seconds()))
        if ahead <= 0:
            return
        try:
            await people.post(OPERATOR, f"/v1/tenants/{district}/clock:advance", {"seconds": str(ahead)})
        except Refused as refused:
            # On a busy machine the jobs that became due may take longer than a call; they go on alone.
            if refused.status != 504:
                raise
            await asyncio.sleep(2)
