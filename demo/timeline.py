"""What happens when: steps of the demo's two months, done in their order as business time is walked."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from demo.client import People
from demo.settings import DAYS, OPERATOR, TIME_ZONE

ZONE: Final = ZoneInfo(TIME_ZONE)
MORNING: Final = time(9, 30)
AFTERNOON: Final = time(15, 0)

Step = Callable[[], Awaitable[None]]


def ticks(begin: datetime, end: datetime) -> list[datetime]:
    """The moments at which people act: morning and afternoon of every weekday."""
    found = []
    day = begin.astimezone(ZONE).date()
    while day <= end.astimezone(ZONE).date():
        for hour in (MORNING, AFTERNOON):
            moment = datetime.combine(day, hour, ZONE)
            if begin < moment < end and day.weekday() < 5:
                found.append(moment)
        day += timedelta(days=1)
    return found


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
    clock = await people.get(OPERATOR, "/v1/clock")
    behind = -int(clock.get("offset_seconds", 0))
    present = datetime.fromisoformat(clock["business_time"])
    ahead = behind if moment is None else min(behind, int((moment - present).total_seconds()))
    if ahead > 0:
        path = f"/v1/tenants/{district}/clock:advance"
        await people.post(OPERATOR, path, {"seconds": str(ahead)}, key=clock["business_time"])
