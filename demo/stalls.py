"""The canteen's stalls: one was in difficulty and has improved, one is being helped."""

from typing import Any

from demo.district import District
from demo.timeline import Timeline

FLOORS = ("一楼", "二楼", "三楼", "四楼")
EACH = 6


async def begin(made: District) -> None:
    """Write the stalls down, six on each of the four floors."""
    canteen = _Canteen(made)
    for number in range(len(FLOORS) * EACH):
        place = FLOORS[number // EACH]
        await canteen.do("clerk1", "stalls", name=f"演示档口{number + 1:02}", place=place, synthetic=True)


def plan(made: District, timeline: Timeline) -> None:
    """Lay the steps out over the two months."""
    last = len(timeline.ticks) - 1
    canteen = _Canteen(made)
    timeline.at(last // 3, "stalls-t1", canteen.found)
    timeline.at(last // 2, "stalls-t1", canteen.helped)
    timeline.at(last - 6, "stalls-t1", canteen.improved)
    timeline.at(last - 4, "stalls-t1", canteen.another)


class _Canteen:
    """The stalls as those who look after them see them."""

    def __init__(self, made: District) -> None:
        self._made = made

    async def do(self, who: str, path: str, **body: Any) -> dict[str, Any]:
        made: dict[str, Any] = await self._made.people.post(who, self._made.path("t1", path), body)
        return made

    async def _stall(self, name: str) -> str:
        listed = await self._made.people.get("clerk1", self._made.path("t1", "stalls"), page_size=100)
        return next(str(one["id"]) for one in listed["stalls"] if one["name"] == name)

    async def found(self) -> None:
        """A stall that few people go to."""
        await self.do(
            "clerk1",
            f"stalls/{await self._stall('演示档口07')}:begin",
            score=52,
            findings="午餐排队的人少，菜品三周没有更换，价目牌看不清",
            plan="每周换两道菜；更换价目牌；和相邻档口错开高峰备餐",
        )

    async def helped(self) -> None:
        """What was done about it."""
        what = "陪档口排了两周的菜单，价目牌换成大字"
        await self.do("clerk1", f"stalls/{await self._stall('演示档口07')}:help", what=what)

    async def improved(self) -> None:
        """Somebody else looks again."""
        path = f"stalls/{await self._stall('演示档口07')}:reassess"
        await self.do("secretary1", path, score=78, findings="午餐有固定客人，菜品按周更换，价目清楚")

    async def another(self) -> None:
        """The next one is being helped."""
        path = f"stalls/{await self._stall('演示档口15')}"
        findings, scheme = "出餐慢，晚餐时段常缺菜", "调整备餐时间；帮助联系配送"
        await self.do("secretary1", f"{path}:begin", score=60, findings=findings, plan=scheme)
        await self.do("clerk1", f"{path}:help", what="和配送方约定每日两次补货")
