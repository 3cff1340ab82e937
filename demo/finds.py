"""What was found in the demo's two months: given back, set aside, and still waiting for its owner."""

from typing import Any

from demo.district import District
from demo.timeline import Timeline


def plan(made: District, timeline: Timeline) -> None:
    """Lay the steps out over the two months."""
    last = len(timeline.ticks) - 1
    station = _Station(made, "t1")
    timeline.at(last // 2 + 1, "finds-t1", station.umbrella)
    timeline.at(last // 2 + 4, "finds-t1", station.given_back)
    timeline.at(last - 5, "finds-t1", station.waiting)


class _Station:
    """One building's station."""

    def __init__(self, made: District, key: str) -> None:
        self._made = made
        self._key = key
        self._find = ""
        self._claim = ""

    async def _post(self, who: str, path: str, **body: Any) -> str:
        made = await self._made.people.post(who, self._made.path(self._key, path), body)
        return str(made["id"])

    async def _found(self, kind: str, title: str, place: str, marks: str) -> str:
        said = {"kind": kind, "title": title, "place": place, "marks": marks, "synthetic": True}
        return await self._post("clerk1", "finds", **said)

    async def umbrella(self) -> None:
        """An umbrella is brought, and somebody knows it."""
        self._find = await self._found("CLOTHING", "长柄黑伞一把", "一楼食堂", "伞柄有一道划痕，缠蓝色胶带")
        words = "黑色长柄伞，伞柄缠着蓝胶带"
        self._claim = await self._post("worker1", f"finds/{self._find}:claim", words=words, synthetic=True)

    async def given_back(self) -> None:
        """The secretary compares; the owner comes for it."""
        await self._post("secretary1", f"find-claims/{self._claim}:verify", answer="请到一楼爱心驿站领取")
        await self._post("clerk1", f"finds/{self._find}:return")

    async def waiting(self) -> None:
        """What nobody has missed yet."""
        await self._found("KEYS", "钥匙一串", "三楼电梯口", "五把，挂一只绿色小熊")
        await self._found("CARD", "校园卡一张", "一楼爱心驿站", "卡面右下角有缺口")
