"""Responsibility zones: complete with teams and duties in 矿业服务公司; begun in 华融国际大厦."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from demo.district import District, together
from demo.safety import Places
from demo.timeline import Step, Timeline

_PLACES: Final = (
    ("1", "东矿区 1 号作业面", 0),
    ("1", "东矿区 2 号作业面", 0),
    ("1", "东矿区皮带走廊", 0),
    ("1", "西矿区作业面", 1),
    ("1", "西矿区水泵房", 1),
    ("1", "机修车间砂轮区", 2),
    ("1", "机修车间焊接区", 2),
    ("1", "职工食堂后厨", 3),
    ("1", "职工食堂餐厅", 3),
    ("2", "职工公寓二层", 4),
    ("2", "职工公寓配电间", 4),
    ("", "物资仓库", 5),
)
"""Floor, name, and the number of the site of inspections that it is part of."""
_TEAMS: Final = ("采掘一班", "采掘二班", "机修班", "后勤班", "公寓管理班", "仓储班")
_UNPLAQUED: Final = 11
_TOWER: Final = (("1", "大堂"), ("12", "东侧通道"), ("20", "茶水间"), ("28", "设备间"))
_DUTIES: Final = (
    "巡检皮带机并填写记录",
    "检查焊接区灭火器",
    "清点留样柜",
    "查看配电间门禁",
    "清理消防通道",
    "核对出入库台账",
)
_PHONE: Final = "0000-5550100 转 4"
"""No such number can be dialled."""


@dataclass(slots=True)
class Grid:
    """What daily life needs to know of the zones that were set up."""

    made: District
    members: list[str] = field(default_factory=list)
    """Ids of persons, in the order of their logins."""
    teams: list[str] = field(default_factory=list)


async def begin(made: District, places: dict[str, Places]) -> Grid:
    """Lay the grids, put the members on the rolls, and let them declare."""
    grid = Grid(made)
    await together((_mine(grid, places["t4"].sites), _tower(made)))
    return grid


async def _mine(grid: Grid, sites: list[str]) -> None:
    made, people = grid.made, grid.made.people
    settings = await people.get("secretary4", made.path("t4", "zone-settings"))
    path = made.path("t4", "zone-settings")
    await people.patch("secretary4", path, {"relay_phone": _PHONE}, etag=settings["etag"])
    numbers = range(1, len(_PLACES) + 1)
    grid.members = await together(_person(made, "secretary4", "t4", number) for number in numbers)
    await people.post("secretary4", made.path("t4", "zone-holders"), {"person_ids": grid.members})
    for number, (floor, name, site) in enumerate(_PLACES):
        place = {"floor": floor, "name": name, "site_id": sites[site], "synthetic": True}
        await _zone(made, place, number)
    for number, name in enumerate(_TEAMS):
        team = {"name": name, "person_ids": grid.members[2 * number : 2 * number + 2], "synthetic": True}
        formed = await people.post("secretary4", made.path("t4", "work-teams"), team)
        grid.teams.append(formed["id"])


async def _person(made: District, who: str, key: str, number: int) -> str:
    found = await made.people.get(who, made.path(key, "people"), q=f"演示党员{number:02d}")
    return str(found["people"][0]["id"])


async def _zone(made: District, place: dict[str, Any], number: int) -> None:
    people, login = made.people, f"member4{number + 1:02d}"
    added = await people.post("secretary4", made.path("t4", "zone-locations"), place)
    wanted = {"location_id": added["id"], "shown_as": f"演示党员{number + 1:02d}", "synthetic": True}
    zone = await people.post(login, made.path("t4", "zones:declare"), wanted)
    if number == 0:
        path = made.path("t4", f"zones/{zone['id']}:return")
        reason = {"reason": "作业面范围写得不清，请与班组核对后再报"}
        await people.post("secretary4", path, reason, etag=zone["etag"])
        zone = await people.post(login, made.path("t4", "zones:declare"), wanted, key="again")
    path = made.path("t4", f"zones/{zone['id']}:approve")
    zone = await people.post("secretary4", path, etag=zone["etag"])
    if number != _UNPLAQUED:
        await people.post("clerk4", made.path("t4", f"zones/{zone['id']}:hang"))


async def _tower(made: District) -> None:
    """One zone in force, one declared, one proposed, and one that nobody wants yet."""
    people = made.people
    path = made.path("t2", "zone-locations")
    lobby, aisle, pantry, _ = [
        await people.post("secretary", path, {"floor": floor, "name": name, "synthetic": True})
        for floor, name in _TOWER
    ]
    declare = made.path("t2", "zones:declare")
    named = {"shown_as": "演示党员01", "synthetic": True}
    zone = await people.post("member", declare, {"location_id": lobby["id"], **named})
    approve = made.path("t2", f"zones/{zone['id']}:approve")
    await people.post("secretary", approve, etag=zone["etag"])
    named = {"shown_as": "演示流动党员01", "synthetic": True}
    await people.post("floating", declare, {"location_id": aisle["id"], **named})
    third = await _person(made, "secretary", "t2", 3)
    proposed = {"location_id": pantry["id"], "person_id": third, "synthetic": True}
    await people.post("secretary", made.path("t2", "zones"), proposed)


def plan(grid: Grid, timeline: Timeline) -> None:
    """Duties over the last two weeks: most are done and confirmed, one was returned, two are still open."""
    last = len(timeline.ticks) - 1
    for number, title in enumerate(_DUTIES):
        _Duty(grid, timeline, number, title).plan(max(0, last - 16 + 2 * number))


class _Duty:
    """One duty: a team's second member carries it out, its first one supervises."""

    def __init__(self, grid: Grid, timeline: Timeline, number: int, title: str) -> None:
        self._grid, self._timeline, self._number, self._title = grid, timeline, number, title
        self._path = ""
        self._returned = False

    def plan(self, tick: int) -> None:
        """Lay its steps out from a tick on."""
        steps: list[Step] = [lambda: self._assign(tick)]
        if self._number < len(_DUTIES) - 2:
            steps += [self._finish, self._confirm]
        if self._number == 1:
            steps[2:2] = [self._send_back, self._finish]
        for offset, step in enumerate(steps):
            self._timeline.at(tick + offset, f"duty-{self._number}", step)

    async def _assign(self, tick: int) -> None:
        made, members = self._grid.made, self._grid.members
        first, second = members[2 * self._number], members[2 * self._number + 1]
        due = (self._timeline.ticks[tick] + timedelta(days=4)).date()
        duty = {
            "title": self._title,
            "team_id": self._grid.teams[self._number],
            "lead": first,
            "executor": second,
            "supervisor": first,
            "due_date": due.isoformat(),
            "synthetic": True,
        }
        found = await made.people.post("clerk4", made.path("t4", "job-duties"), duty)
        self._path = made.path("t4", f"job-duties/{found['id']}")

    async def _finish(self) -> None:
        # Finished again after a return, it is another request.
        await self._do(2, "finish", key="again" if self._returned else "")

    async def _send_back(self) -> None:
        self._returned = True
        await self._do(1, "return", {"reason": "灭火器压力没有登记，请补上"})

    async def _confirm(self) -> None:
        await self._do(1, "confirm")

    async def _do(self, who: int, verb: str, body: dict[str, Any] | None = None, key: str = "") -> None:
        login = f"member4{2 * self._number + who:02d}"
        await self._grid.made.people.post(login, f"{self._path}:{verb}", body, key=key)
