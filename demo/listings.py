"""What is offered and wanted in the demo's two months: a stall to let, things that firms share, an offer
between firms, work-study posts."""

from typing import Any

from demo.district import District
from demo.timeline import Timeline

_ENQUIRY = {
    "code": "stall-enquiry",
    "name_zh": "档口招商咨询",
    "name_en": "Stall enquiries",
    "affairs": "BUSINESS",
    "summary_zh": "看铺、入驻条件，由第二支部专人对接",
    "summary_en": "Viewings and terms, answered by the second branch",
    "desk": "second-branch",
    "first_response_hours": 4,
    "resolution_hours": 35,
    "synthetic": True,
}
_SECOND_BRANCH = {"code": "second-branch", "name_zh": "第二支部", "name_en": "Second branch"}


def plan(made: District, timeline: Timeline) -> None:
    """Lay the steps out over the two months."""
    last = len(timeline.ticks) - 1
    catering, tower = _Market(made, "t1"), _Market(made, "t2")
    timeline.at(last // 3, "listings-t1", catering.stalls)
    timeline.at(last // 3 + 3, "listings-t1", catering.let)
    timeline.at(last // 2, "listings-t1", catering.posts)
    timeline.at(last // 2, "listings-t2", tower.shared)
    timeline.at(last // 2 + 3, "listings-t2", tower.matched)
    timeline.at(last - 3, "listings-t2", tower.drafted)


class _Market:
    """One building's listings."""

    def __init__(self, made: District, key: str) -> None:
        self._made = made
        self._key = key
        self._known: dict[str, str] = {}

    async def _post(self, who: str, path: str, body: dict[str, Any], key: str = "") -> dict[str, Any]:
        body = {**body, "synthetic": True}
        return await self._made.people.post(who, self._made.path(self._key, path), body, key=key)

    async def _do(self, who: str, path: str, **body: Any) -> None:
        await self._made.people.post(who, self._made.path(self._key, path), body)

    async def _listed(self, who: str, secretary: str, **said: Any) -> str:
        made = await self._post(who, "listings", said)
        await self._do(secretary, f"listings/{made['id']}:publish")
        return str(made["id"])

    async def _interest(self, who: str, listing: str, words: str, **more: Any) -> str:
        body = {"listing_id": listing, "words": words, **more}
        return str((await self._post(who, "interests", body, key=f"{listing}-{who}"))["id"])

    async def stalls(self) -> None:
        """The second branch's desk, and two stalls to let."""
        people = self._made.people
        await people.sign_in("secretary1")
        desk = await people.post("operator", self._made.path("t1", "desks"), _SECOND_BRANCH)
        member = {"account": people.accounts["secretary1"]}
        await people.post("operator", self._made.path("t1", f"desks/{desk['id']}:addMember"), member)
        item = await people.post("operator", self._made.path("t1", "catalogue"), _ENQUIRY)
        stall = {"kind": "STALL", "service_item_id": item["id"], "terms": "面议"}
        words = {"floor": "2", "summary": "临近楼梯口，水电排烟齐全，约 18 平方米"}
        self._known["let"] = await self._listed(
            "clerk1", "secretary1", **stall, **words, title="二楼 7 号档口"
        )
        await self._listed("clerk1", "secretary1", **stall, floor="3", title="三楼 2 号档口")

    async def let(self) -> None:
        """An investor asks, looks and takes it."""
        interest = await self._interest("investor", self._known["let"], "想开一家面馆，周末可以看铺")
        await self._do("secretary1", f"interests/{interest}:show", answer="周六上午十点，一楼爱心驿站见")
        await self._do("secretary1", f"interests/{interest}:accept", answer="条件谈妥，请来签合同")

    async def posts(self) -> None:
        """Work-study: one place of three is filled."""
        said = {"kind": "VACANCY", "places": 3, "terms": "每小时 18 元", "floor": "1"}
        post = await self._listed("clerk1", "secretary1", **said, title="爱心驿站值守（勤工俭学）")
        interest = await self._interest("worker1", post, "周二、周四下午没课")
        await self._do("clerk1", f"interests/{interest}:accept", answer="下周二来报到")

    async def shared(self) -> None:
        """Two firms list: one shares its meeting room, the other offers its trade."""
        firms = self._made.firms["t2"]
        room = {"kind": "RESOURCE", "title": "十二人会议室", "enterprise_id": firms[0], "floor": "2"}
        self._known["room"] = await self._listed("contact", "secretary", **room, terms="楼内企业免费")
        offer = {"kind": "OFFER", "title": "楼内企业法律顾问优惠", "enterprise_id": firms[1], "places": 5}
        self._known["offer"] = await self._listed("contact2", "secretary", **offer, terms="首年八折")

    async def matched(self) -> None:
        """A third firm takes the offer up."""
        firm = {"enterprise_id": self._made.firms["t2"][2]}
        interest = await self._interest("contact3", self._known["offer"], "我们要签常年顾问", **firm)
        await self._do("contact2", f"interests/{interest}:accept", answer="这周来谈合同")

    async def drafted(self) -> None:
        """What the building has not looked at yet."""
        firm = self._made.firms["t2"][2]
        post = {"kind": "VACANCY", "title": "暑期实习文员", "enterprise_id": firm, "places": 2}
        await self._post("contact3", "listings", {**post, "terms": "每天 120 元"})
