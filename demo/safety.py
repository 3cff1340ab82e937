"""How places are looked after in the demo's two months: inspected, put right, watched, and what went
wrong."""

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Any, Final

from demo.client import People
from demo.data import data
from demo.district import District, together
from demo.settings import OPERATOR, SEED
from demo.timeline import Timeline

CLASSES: Final = ("WIRING", "ELECTRICAL", "HYDRANT", "EXTINGUISHER", "FOOD")
_DEADLINE: Final = timedelta(days=4)
_FAR: Final = {"found": 0, "assigned": 1, "rectifying": 2, "submitted": 3, "overdue": 1}
_ACTS: Final = ("EQUIPMENT", "OPERATION", "ELECTRICITY", "EXITS", "SMOKING")
_ABOVE: Final = {
    "mines": ["superior4"],
    "logistics": ["superior"],
    "yanshi": ["subdistrict2"],
    "dinghe": ["subdistrict"],
}
_TOLD: Final = {"code": "safety-desk", "name_zh": "安全岗", "name_en": "Safety desk"}
_RECTIFY: Final = {"code": "rectification", "name_zh": "整改验收组", "name_en": "Rectification group"}
_RECTIFIERS: Final = {"t2": ["property", "clerk2"], "t4": ["owner", "verifier", "teamlead"]}
_STAFF: Final = {
    "t1": ["clerk1"],
    "t2": ["clerk", "secretary"],
    "t3": ["clerk3"],
    "t4": ["clerk4", "secretary4"],
    "t5": ["clerk5"],
}


@dataclass(slots=True)
class Places:
    """The places of an organisation and the people who look after them."""

    people: People
    root: str
    inspectors: list[str]
    owner: str
    verifier: str
    worker: str
    sites: list[str] = field(default_factory=list)


async def places(made: District) -> dict[str, Places]:
    """Add the places, and the duty groups that are told of hazards, here and above, or put them right."""
    desks = [(key, _TOLD, logins) for key, logins in {**_STAFF, **_ABOVE}.items()]
    desks += [(key, _RECTIFY, logins) for key, logins in _RECTIFIERS.items()]
    await together(_desk(made, key, desk, logins) for key, desk, logins in desks)
    rows = data("safety")["places"]
    found = await together(_places(made, row) for row in rows)
    return dict(zip((row["in"] for row in rows), found, strict=True))


async def _desk(made: District, key: str, desk: dict[str, str], logins: Iterable[str]) -> None:
    group = await made.people.post(OPERATOR, made.path(key, "desks"), desk)
    for login in logins:
        body = {"account": made.people.accounts[login]}
        await made.people.post(OPERATOR, made.path(key, f"desks/{group['id']}:addMember"), body)


async def _places(made: District, row: dict[str, Any]) -> Places:
    who = {name: row[name] for name in ("inspectors", "owner", "verifier", "worker")}
    found = Places(made.people, made.path(row["in"], "").rstrip("/"), **who)
    for name, floor in row["names"]:
        body = {"name": name, "floor": floor, "synthetic": True}
        site = await made.people.post(found.inspectors[0], f"{found.root}/sites", body)
        found.sites.append(site["id"])
    return found


class Problem:
    """One problem: found at an inspection or reported, and as far as it has come."""

    def __init__(self, where: Places, row: list[Any], number: int) -> None:
        self._where = where
        self._place, self._class, self._severity, self._what, self._measure, self.fate = row
        self._number = number
        self._id = ""

    async def found(self) -> None:
        """A worker reports what belongs to no class; everything else is found at an inspection."""
        where = self._where
        if self._class not in CLASSES:
            body = {
                "site_id": where.sites[self._place],
                "hazard_class": self._class,
                "description": self._what,
                "attachments": [await self._photo(where.worker, before=True)],
                "synthetic": True,
            }
            self._id = (await where.people.post(where.worker, f"{where.root}/hazards", body))["id"]
            return
        photo = await self._photo(where.inspectors[0], before=True)
        problem = {
            "result": "PROBLEM",
            "remark": self._what,
            "severity": self._severity,
            "attachments": [photo],
        }
        done = await inspect(where, self._place, self._class, problem, key=f"problem-{self._number}")
        self._id = next(check["hazard_id"] for check in done["checks"] if check["hazard_id"])

    async def assigned(self, deadline: datetime) -> None:
        """It gets an owner, a verifier and a deadline."""
        where = self._where
        people = where.people
        seen = await people.get(where.inspectors[0], f"{where.root}/hazards/{self._id}")
        body = {
            "owner": people.accounts[where.owner],
            "verifier": people.accounts[where.verifier],
            "deadline_time": deadline.isoformat(),
        }
        path = f"{where.root}/hazards/{self._id}:assign"
        await people.post(where.inspectors[0], path, body, etag=seen["etag"])

    async def started(self) -> None:
        """The owner begins."""
        await self._do(self._where.owner, "start")

    async def submitted(self) -> None:
        """The owner shows what was done."""
        photo = await self._photo(self._where.owner, before=False)
        await self._do(self._where.owner, "submit", measure=self._measure, attachments=[photo])

    async def returned(self) -> None:
        """The verifier is not satisfied."""
        await self._do(self._where.verifier, "return", reason="检查日期没有登记，请补上")

    async def verified(self) -> None:
        """The verifier has looked."""
        await self._do(self._where.verifier, "verify", note="现场看过，已整改到位")

    async def _do(self, who: str, verb: str, **body: Any) -> None:
        await self._where.people.post(who, f"{self._where.root}/hazards/{self._id}:{verb}", body)

    async def _photo(self, who: str, *, before: bool) -> str:
        name = "整改前.png" if before else "整改后.png"
        shade = (168, 90, 60) if before else (70, 130, 90)
        return await self._where.people.upload(
            who, f"{self._where.root}/files", name, picture(shade), "image/png"
        )

    def plan(self, timeline: Timeline, tick: int) -> None:
        """Lay its steps out from a tick on."""
        thread = f"problem-{self._number}-{self._what}"
        last = len(timeline.ticks) - 1
        later = min(tick + 1, last)
        far = _FAR.get(self.fate, 4)
        timeline.at(tick, thread, self.found)
        if far == 0:
            return
        deadline = timeline.ticks[later] + _DEADLINE
        timeline.at(later, thread, lambda: self.assigned(deadline))
        steps = [self.started, self.submitted, self.verified]
        if self.fate == "returned":
            steps = [self.started, self.submitted, self.returned, self.submitted, self.verified]
        at = later
        for step in steps[: len(steps) if far == 4 else far - 1]:
            # What is late begins only when the deadline has passed.
            while self.fate == "late" and timeline.ticks[at] <= deadline and at < last:
                at += 1
            at = min(at + 1, last)
            timeline.at(at, thread, step)


async def inspect(
    where: Places, place: int, name: str = "", problem: dict[str, Any] | None = None, *, key: str
) -> dict[str, Any]:
    """Record an inspection of a place; with a problem in one of the classes, if there is one."""
    good = {one: {"check_class": one, "result": "GOOD"} for one in CLASSES}
    if problem:
        good[name] = {"check_class": name, **problem}
    body = {"site_id": where.sites[place], "checks": list(good.values()), "synthetic": True}
    return await where.people.post(where.inspectors[0], f"{where.root}/inspections:record", body, key=key)


def plan(made: District, timeline: Timeline, found: dict[str, Places]) -> None:
    """Spread problems, inspections, observations and incidents over the two months."""
    for row in data("safety")["problems"]:
        where, problems = found[row["in"]], row["found"]
        last = len(timeline.ticks) - 1
        for number, one in enumerate(problems):
            problem = Problem(where, one, number)
            ended = problem.fate in ("closed", "returned", "late", "overdue")
            spread = 3 + number * (last - 30) // len(problems)
            problem.plan(timeline, spread if ended else last - 6 + number % 3)
    for key, where in found.items():
        _routine(timeline, key, where)


def _routine(timeline: Timeline, key: str, where: Places) -> None:
    random = Random(f"{SEED}-safety-{key}")
    weeks: dict[tuple[int, int], list[int]] = {}
    for tick, moment in enumerate(timeline.ticks):
        weeks.setdefault(moment.isocalendar()[:2], []).append(tick)
    for number, ticks in enumerate(weeks.values()):
        ended = number < len(weeks) - 1
        # In the present week the last place has not been inspected yet.
        for place in range(len(where.sites) - (0 if ended else 1)):
            name = f"week-{number}-{place}"
            step = _inspection(where, place, name)
            timeline.at(random.choice(ticks), f"{key}-{name}", step)
        acts = random.randint(38, 60)
        unsafe = max(1, 7 - number // 2 + random.randint(-1, 1))
        place = number % len(where.sites)
        timeline.at(ticks[-1], f"{key}-observed-{number}", _observation(where, place, acts, unsafe, number))
    middle = len(timeline.ticks) // 3
    incidents = (
        ((middle, where.inspectors[0], "ACCIDENT", 2, "检修时手部被轻微划伤，已处理"),) if key == "t4" else ()
    )
    near = (middle // 2, where.worker, "NEAR_MISS", 0, "地面有油渍，差点滑倒，已清理")
    for number, (tick, who, kind, place, summary) in enumerate((*incidents, near)):
        timeline.at(tick, f"{key}-incident-{number}", _incident(where, who, kind, place, summary))


def _inspection(where: Places, place: int, key: str) -> Any:
    async def step() -> None:
        await inspect(where, place, key=key)

    return step


def _observation(where: Places, place: int, acts: int, unsafe: int, number: int) -> Any:
    async def step() -> None:
        first = unsafe // 2
        counts = [(number, first), (number + 1, unsafe - first)]
        body = {
            "site_id": where.sites[place],
            "acts": acts,
            "counts": [{"act": _ACTS[at % len(_ACTS)], "count": count} for at, count in counts if count],
            "synthetic": True,
        }
        path = f"{where.root}/safety-observations"
        await where.people.post(where.inspectors[0], path, body, key=f"observed-{number}")

    return step


def _incident(where: Places, who: str, kind: str, place: int, summary: str) -> Any:
    async def step() -> None:
        body = {"kind": kind, "site_id": where.sites[place], "summary": summary, "synthetic": True}
        await where.people.post(who, f"{where.root}/incidents", body)

    return step


@cache
def picture(shade: tuple[int, int, int], width: int = 320, height: int = 240) -> bytes:
    """A plain drawing in place of a photo: nobody and no real place is in it."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            wall = y < height * 2 // 3
            box = width // 3 < x < width * 2 // 3 and height // 4 < y < height * 3 // 4
            light = 1.0 if box else 1.25 if wall else 0.7
            rows += bytes(min(255, int(part * light)) for part in shade)

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(bytes(rows), 9)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)
