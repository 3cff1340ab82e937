"""Activities of the demo's two months: made by one person, confirmed by another, attended by several."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any, Final

from demo.client import People
from demo.settings import SEED
from demo.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that takes place in a building."""

    title: str
    kind: str
    affairs: str
    hosts: tuple[str, ...]
    audience: tuple[str, ...]
    place: str
    capacity: int = 30
    summary: str = ""
    brand: str = ""


_TOWER: Final = (
    Activity("主题党日：重温入党誓词", "ORG_LIFE", "PARTY", ("PARTY",), ("MEMBERS",), "29层会议厅"),
    Activity("政策沙龙：小微减税", "SALON", "GOVERNMENT", ("ENTERPRISE",), ("ENTERPRISES",), "路演厅", 20),
    Activity("茶艺社开放日", "CIRCLE", "SOCIAL", ("CLUB",), ("WORKERS",), "六层茶室", 6),
    Activity("午间法律课堂：劳动合同", "EDUCATION", "LEGAL", ("UNION",), ("WORKERS",), "三层教室"),
    Activity("电商直播分享会", "SALON", "BUSINESS", ("ENTERPRISE",), ("WORKERS",), "路演厅", 24),
    Activity("青年联谊：羽毛球赛", "FEATURE", "SOCIAL", ("LEAGUE",), ("WORKERS",), "地下一层球馆", 16),
    Activity("党课：从华融驿家看楼宇党建", "ORG_LIFE", "PARTY", ("PARTY",), ("MEMBERS",), "29层会议厅", 40),
    Activity("女职工健康讲座", "EDUCATION", "SOCIAL", ("WOMEN", "UNION"), ("WORKERS",), "三层教室"),
    Activity("读书会：漂流书第一站", "CIRCLE", "SOCIAL", ("CLUB",), ("WORKERS",), "五层书吧", 8),
    Activity("银企对接会", "SALON", "BUSINESS", ("ENTERPRISE",), ("ENTERPRISES",), "一楼路演厅", 20),
)  # fmt: skip
_BRANDS: Final = ("温馨服务情满机关", "量化积分党员先行", "勤·学思享", "最美青年志愿服务集体")
# The four brands that document 4 names, each with an activity of its own; the second one uses points.
_ORGANS: Final = (
    Activity("党员先行服务岗", "FEATURE", "PARTY", ("PARTY",), ("MEMBERS",), "食堂", brand=_BRANDS[1]),
    Activity("金秋服务月启动", "FEATURE", "SOCIAL", ("UNION",), ("WORKERS",), "食堂", brand=_BRANDS[0]),
    Activity("勤学读书会", "EDUCATION", "PARTY", ("PARTY",), ("WORKERS",), "图书角", brand=_BRANDS[2]),
    Activity("青年志愿服务日", "FEATURE", "SOCIAL", ("LEAGUE",), ("WORKERS",), "大厅", brand=_BRANDS[3]),
)  # fmt: skip
PLANNED: Final = {
    "t2": _TOWER,
    "t1": (
        Activity("三家餐饮公司联合主题党日", "ORG_LIFE", "PARTY", ("PARTY",), ("WORKERS",), "党员之家"),
        Activity("食品安全课堂", "EDUCATION", "SOCIAL", ("PARTY",), ("WORKERS",), "二楼活动室"),
    ),
    "t3": (
        Activity("阅览室周三读书", "CIRCLE", "SOCIAL", ("UNION",), ("WORKERS",), "阅览室", 12),
        Activity("职工才艺展演", "FEATURE", "SOCIAL", ("UNION", "LEAGUE"), ("WORKERS",), "多功能厅"),
    ),
    "t4": (Activity("安全生产主题党日", "ORG_LIFE", "PARTY", ("PARTY",), ("MEMBERS",), "党员活动室"),),
    "t5": _ORGANS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hosts:
    """Who makes, checks in and confirms activities of a tenant, and who comes."""

    code: str
    id: str
    maker: str
    confirmer: str
    guests: tuple[str, ...]


class Held:
    """One activity and what happens to it."""

    def __init__(
        self, people: People, hosts: Hosts, activity: Activity, timeline: Timeline, tick: int
    ) -> None:
        """It takes place at the tick, two hours long; `tick` may lie beyond the last one."""
        self._people = people
        self._hosts = hosts
        self._activity = activity
        self._root = f"/v1/tenants/{hosts.id}/calendar"
        self._starts = _moment(timeline, tick)
        self._row: dict[str, Any] = {}

    async def publish(self) -> None:
        """Made and published."""
        activity = self._activity
        body = {
            "title": activity.title,
            "kind": activity.kind,
            "affairs": activity.affairs,
            "station": "PARTY_MASS" if self._hosts.code == "t2" else "UNSPECIFIED",
            "summary": activity.summary or f"{activity.title}，欢迎报名参加。",
            "hosts": list(activity.hosts),
            "audience": list(activity.audience),
            "place": activity.place,
            "brand": activity.brand,
            "start_time": self._starts.isoformat(),
            "end_time": (self._starts + timedelta(hours=2)).isoformat(),
            "enrol_until_time": (self._starts - timedelta(hours=1)).isoformat(),
            "capacity": activity.capacity,
            "synthetic": True,
        }
        self._row = await self._people.post(self._hosts.maker, self._root, body)
        path = f"{self._root}/{self._row['id']}:publish"
        self._row = await self._people.post(self._hosts.maker, path, etag=self._row["etag"])

    async def enrol(self) -> None:
        """People sign up, one after the other, since who comes goes by their turn; beyond the capacity they
        wait."""
        path = f"{self._root}/{self._row['id']}:enrol"
        for guest in self._hosts.guests:
            await self._people.post(guest, path)

    async def attend(self) -> None:
        """Most of those with a place are checked in at the door."""
        random = Random(f"{SEED}-{self._activity.title}")
        path = f"{self._root}/{self._row['id']}"
        listed = await self._people.get(
            self._hosts.maker, f"{path}/enrolments", states="ENROLLED", page_size=100
        )
        for enrolment in listed.get("enrolments", ()):
            if random.random() < 0.85:
                body = {"enrolment": enrolment["id"]}
                await self._people.post(self._hosts.maker, f"{path}:check-in", body)

    async def confirm(self) -> None:
        """Another person confirms that it took place."""
        path = f"{self._root}/{self._row['id']}"
        seen = await self._people.get(self._hosts.confirmer, path)
        body = {"note": "活动照常举行，签到表和照片已存档"}
        await self._people.post(self._hosts.confirmer, f"{path}:confirm-evidence", body, etag=seen["etag"])


def _moment(timeline: Timeline, tick: int) -> Any:
    """The moment of a tick; beyond the last one, as many half days later."""
    last = len(timeline.ticks) - 1
    if tick <= last:
        return timeline.ticks[tick] + timedelta(minutes=30)
    day = timeline.ticks[last] + timedelta(days=1 + (tick - last) // 2)
    return day.replace(hour=14, minute=0)


def plan(people: People, timeline: Timeline, hosts: Hosts, activities: tuple[Activity, ...]) -> None:
    """Spread a tenant's activities over the ticks, the last of them over the days to come."""
    last = len(timeline.ticks) - 1
    upcoming = max(1, len(activities) // 3)
    for number, activity in enumerate(activities):
        ahead = number - (len(activities) - upcoming)
        past = 4 + number * (last - 6) // max(1, len(activities) - upcoming)
        tick = last + 4 + 3 * ahead if ahead >= 0 else past
        held = Held(people, hosts, activity, timeline, tick)
        thread = f"{hosts.code}-{activity.title}"
        known = min(tick - 3, last - 1)
        timeline.at(known, thread, held.publish)
        timeline.at(known + 1, thread, held.enrol)
        timeline.at(tick, thread, held.attend)
        timeline.at(tick + 2, thread, held.confirm)
