"""Who is visited in the demo's two months: enterprises one by one, places again and again, people at a
symposium, and somebody who comes to put a workplace right."""

from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from demo.client import People
from demo.district import District
from demo.safety import Places
from demo.settings import SEED
from demo.timeline import ZONE, Step, Timeline

_TALKED: Final = (
    "经营平稳，新招了几名员工",
    "近期订单增加，关心停车和电梯高峰",
    "想了解稳岗补贴怎么申报",
    "对楼里的活动很感兴趣，想派人参加",
    "办公区计划扩租，问了装修手续",
)
_NEEDS: Final = (
    ("bookkeeping", "走访时提出想请驿站代理记账"),
    ("policy-advice", "想了解小微企业政策，请专人解读"),
    ("fit-out", "计划扩租装修，请帮忙办手续"),
    ("recruitment", "缺两名前台，请帮忙对接招聘"),
)
_TOWER_VISITS: Final = 96
_NEED_EVERY: Final = 16
_LIAISONS_FLOOR: Final = "12"


def plan(made: District, timeline: Timeline, places: dict[str, Places]) -> None:
    """Spread plans, visits, patrols, a symposium and an on-site ticket over the two months."""
    _tower(made, timeline)
    _catering(made, timeline)
    _patrols(made, timeline, places["t4"])
    _OnSite(made).plan(timeline)


def _plan_of(made: District, key: str, who: str, **said: Any) -> Step:
    async def step() -> None:
        await made.people.post(who, made.path(key, "visit-plans"), {**said, "synthetic": True})

    return step


def _visit_of(made: District, key: str, who: str, code: str, **said: Any) -> Step:
    async def step() -> None:
        await made.people.post(who, made.path(key, "visits"), {**said, "synthetic": True}, key=code)

    return step


def _tower(made: District, timeline: Timeline) -> None:
    """All of 152, and by now not quite: what is left is what a clerk sees in the morning."""
    first, last = timeline.ticks[0], timeline.ticks[-1]
    said = {"title": "逐一走访全楼企业", "target": "ENTERPRISE", "start_date": _day(first)}
    timeline.at(0, "visits-t2", _plan_of(made, "t2", "clerk", **said, due_date=_day(last, 10)))
    floor = {"title": "12 层定期走访", "target": "ENTERPRISE", "floor": _LIAISONS_FLOOR, "every_days": 21}
    dates = {"start_date": _day(first), "due_date": _day(first, 20)}
    timeline.at(0, "visits-t2", _plan_of(made, "t2", "secretary", **floor, **dates))
    random = Random(f"{SEED}-visits-t2")
    for number, firm in enumerate(made.firms["t2"][:_TOWER_VISITS]):
        there = str(2 + number % 27)
        who = "liaison" if there == _LIAISONS_FLOOR else ("clerk", "clerk2", "secretary")[number % 3]
        visit: dict[str, Any] = {
            "target": "ENTERPRISE",
            "target_id": firm,
            "remark": _TALKED[number % len(_TALKED)],
        }
        if number % _NEED_EVERY == 0:
            item, words = _NEEDS[number // _NEED_EVERY % len(_NEEDS)]
            visit["needs"] = [{"service_item_id": made.items["t2"][item], "summary": words}]
        tick = random.randrange(1, len(timeline.ticks))
        timeline.at(tick, f"visits-t2-{number}", _visit_of(made, "t2", who, f"visit-{number}", **visit))


def _catering(made: District, timeline: Timeline) -> None:
    """Every three weeks; the first round left one company out. And what was said at a symposium."""
    ticks = timeline.ticks
    said = {"title": "经营单位定期走访", "target": "ENTERPRISE", "every_days": 21}
    dates = {"start_date": _day(ticks[0]), "due_date": _day(ticks[0], 13)}
    timeline.at(0, "visits-t1", _plan_of(made, "t1", "clerk1", **said, **dates))
    for number, moment in enumerate(ticks):
        round_no, in_round = divmod((moment - ticks[0]).days, 21)
        firm = in_round // 4
        newly = number == 0 or (moment - ticks[number - 1]).days > 0 or moment.day != ticks[number - 1].day
        if not newly or in_round % 4 or firm >= len(made.firms["t1"]) or (round_no, firm) == (0, 2):
            continue
        visit = {"target": "ENTERPRISE", "target_id": made.firms["t1"][firm], "remark": _TALKED[firm]}
        code = f"visit-{round_no}-{firm}"
        timeline.at(number, f"visits-t1-{code}", _visit_of(made, "t1", "secretary1", code, **visit))
    items = made.items["t1"]
    minutes = {
        "target": "SYMPOSIUM",
        "topic": "党员座谈会",
        "remark": "第二支部召开，到会十二人。大家提出后厨排风不畅、夜间照明不足两条意见，由服务台跟办。",
        "needs": [
            {
                "service_item_id": items["environment"],
                "summary": "后厨排风不畅，请到现场看",
                "enterprise_id": made.firms["t1"][0],
            },
            {"service_item_id": items["repair"], "summary": "北门夜间照明不足"},
        ],
    }
    timeline.at(
        len(ticks) - 8, "visits-t1-minutes", _visit_of(made, "t1", "secretary1", "minutes", **minutes)
    )


def _patrols(made: District, timeline: Timeline, where: Places) -> None:
    """Every place of 矿业服务公司 once a week; of the present week some are still missing."""
    ticks = timeline.ticks
    monday = ticks[0] - timedelta(days=ticks[0].astimezone(ZONE).weekday())
    said = {"title": "每周点位巡访", "target": "SITE", "every_days": 7}
    dates = {"start_date": _day(monday), "due_date": _day(monday, 6)}
    timeline.at(0, "patrols", _plan_of(made, "t4", "secretary4", **said, **dates))
    weeks: dict[int, list[int]] = {}
    for tick, moment in enumerate(ticks):
        weeks.setdefault((moment - monday).days // 7, []).append(tick)
    random = Random(f"{SEED}-patrols")
    for number, of_week in enumerate(weeks.values()):
        ended = number < len(weeks) - 1
        for place in range(len(where.sites) if ended else 2):
            step = _patrol(made, where, place, number)
            timeline.at(random.choice(of_week[1:] or of_week), f"patrol-{number}-{place}", step)


def _patrol(made: District, where: Places, place: int, week: int) -> Step:
    async def step() -> None:
        site = where.sites[place]
        code = await made.people.get("clerk4", made.path("t4", f"visit-codes/{site}"))
        visit: dict[str, Any] = {
            "target": "SITE",
            "target_id": site,
            "checkin_code": code["code"],
            "remark": "巡访正常",
        }
        if (week, place) in {(2, 3), (5, 4)}:
            item = made.items["t4"]["environment"]
            visit["remark"] = "和当班职工聊了工作环境"
            visit["needs"] = [{"service_item_id": item, "summary": "饮水机出水小，夏天不够用"}]
        await made.people.post(
            "clerk4", made.path("t4", "visits"), {**visit, "synthetic": True}, key=f"patrol-{week}-{place}"
        )

    return step


class _OnSite:
    """A worker's environment ticket, for which somebody comes."""

    def __init__(self, made: District) -> None:
        self._made = made
        self._ticket: dict[str, Any] = {}

    @property
    def _people(self) -> People:
        return self._made.people

    async def _order(self) -> None:
        body = {
            "service_item_id": self._made.items["t3"]["environment"],
            "filed_for": "PERSON",
            "summary": "资料室灯光太暗，长时间看材料眼睛疼",
            "synthetic": True,
        }
        path = self._made.path("t3", "requests")
        self._ticket = await self._people.post("worker33", path, body, key="environment")

    async def _do(self, who: str, verb: str, **body: Any) -> None:
        path = self._made.path("t3", f"requests/{self._ticket['id']}:{verb}")
        self._ticket = await self._people.post(who, path, body, etag=self._ticket["etag"])

    async def _taken(self) -> None:
        await self._people.sign_in("secretary3")
        await self._do("clerk3", "assign", assignee=self._people.accounts["secretary3"])
        await self._do("secretary3", "accept")

    async def _done(self) -> None:
        await self._do("secretary3", "attend")
        await self._do("secretary3", "resolve", result="已到现场更换两组灯管，照度达标", trips=0)

    async def _agreed(self) -> None:
        await self._do("worker33", "confirm", rating=5, remark="亮堂多了")

    def plan(self, timeline: Timeline) -> None:
        """Within three days in the middle of the two months."""
        middle = len(timeline.ticks) // 2
        for later, step in enumerate((self._order, self._taken, self._done, self._agreed)):
            timeline.at(middle + later, "environment", step)


def _day(moment: datetime, later: int = 0) -> str:
    return (moment.astimezone(ZONE) + timedelta(days=later)).date().isoformat()
