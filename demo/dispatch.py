"""A village linked with 机关后勤服务中心, and two batches; the second is to take over. All is invented."""

from datetime import timedelta
from typing import Final

from demo.district import District
from demo.timeline import ZONE, Timeline

PLACE: Final = "t5"
VILLAGE: Final = "演示联建村"
_LEADS: Final = (("member501", "演示党员01"), ("member502", "演示党员02"))
_ITEMS: Final = ("修缮村卫生室屋顶", "联系食堂收购滞销蔬菜", "给文化广场装路灯")
_NOTE: Final = "卫生室屋顶等雨季后开工，材料已付定金；蔬菜收购每周三由食堂来车。（演示）"
_TERM_DAYS: Final = 180


def plan(made: District, timeline: Timeline) -> None:
    """The first batch begins with the two months; at their end it hands over to the second."""
    sending = _Sending(made, timeline)
    last = len(timeline.ticks) - 1
    timeline.at(1, "dispatch", sending.begin)
    timeline.at(last // 2, "dispatch", sending.finish)
    timeline.at(last - 1, "dispatch", sending.hand_over)


class _Sending:
    """What happens between the organisation and its village."""

    def __init__(self, made: District, timeline: Timeline) -> None:
        self._made = made
        self._first = timeline.ticks[1].astimezone(ZONE).date()
        self._link = ""
        self._batch = ""

    async def begin(self) -> None:
        """The first batch goes, and finds what is to be done."""
        people, path = self._made.people, self._made.path
        link = await people.post(
            "clerk5", path(PLACE, "dispatch-links"), {"village": VILLAGE, "synthetic": True}
        )
        self._link = link["id"]
        self._batch = await self._selected(0)
        started = path(PLACE, f"dispatch-batches/{self._batch}:start")
        await people.post("clerk5", started, etag="1")
        for title in _ITEMS:
            body = {"batch_id": self._batch, "title": title, "synthetic": True}
            await people.post(_LEADS[0][0], path(PLACE, "dispatch-items"), body)

    async def _selected(self, number: int) -> str:
        people, path = self._made.people, self._made.path
        found = await people.get("clerk5", path(PLACE, "people"), q=_LEADS[number][1])
        begins = self._first + timedelta(days=number * _TERM_DAYS)
        body = {
            "link_id": self._link,
            "lead_id": found["people"][0]["id"],
            "from_on": begins.isoformat(),
            "until_on": (begins + timedelta(days=_TERM_DAYS - 1)).isoformat(),
            "synthetic": True,
        }
        return str((await people.post("clerk5", path(PLACE, "dispatch-batches"), body))["id"])

    async def finish(self) -> None:
        """One item is done."""
        people, lead = self._made.people, _LEADS[0][0]
        found = (await people.get(lead, self._made.path(PLACE, "dispatch-items:mine")))["items"]
        item = next(one for one in found if one["title"] == _ITEMS[-1])
        path = self._made.path(PLACE, f"dispatch-items/{item['id']}:finish")
        await people.post(lead, path, {"result": "六盏路灯已装好"}, etag=item["etag"])

    async def hand_over(self) -> None:
        """The second batch is selected, and the first hands over to it."""
        await self._selected(1)
        people, lead = self._made.people, _LEADS[0][0]
        path = self._made.path(PLACE, "dispatch-batches")
        (mine,) = (await people.get(lead, f"{path}:mine"))["batches"]
        await people.post(lead, f"{path}/{mine['id']}:handover", {"note": _NOTE}, etag=mine["etag"])
