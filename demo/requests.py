"""Service requests of the demo's two months: ordered, handled, confirmed and rated, with what goes wrong."""

from dataclasses import dataclass
from random import Random
from typing import Any, Final

from demo.client import People
from demo.settings import SEED
from demo.timeline import Step, Timeline

_REMARKS: Final = ("办得很快，谢谢", "态度好，说得清楚", "比自己跑省心多了", "", "", "")
_POOR: Final = ("等得有点久", "来回补了两次材料")
_RESULTS: Final = ("已办妥，材料已送到前台", "已联系并办结，有问题随时找我们", "已陪同办理完成")
_WORDS: Final = {
    "legal-aid": "劳动合同到期，想请律师看看怎么续签",
    "policy-advice": "想了解小微企业今年能享受哪些政策",
    "bookkeeping": "公司刚搬来，想请驿站代理记账",
    "fit-out": "新租的办公室要装修，请帮忙办手续",
    "moving": "下周从六楼搬到十二楼，请安排电梯和通道",
    "invoicing": "需要代开一批增值税发票",
    "tax-advice": "季度申报口径不清楚，请税务专员指导",
    "registration": "要注册一家子公司，请协助",
    "permits": "食品经营许可证快到期了，请协助换证",
    "declaration": "请代为准备项目申报材料",
    "policy-application": "想申请稳岗补贴，请协助准备材料",
    "repair": "走廊的灯不亮了，请来修一下",
    "lost-item": "在一楼丢了一把雨伞",
    "procurement": "需要采购一批办公用品",
    "labour-dispute": "想咨询加班工资怎么算",
    "worker-activity": "想参加摄影社团",
}
_FILLED: Final = {
    "bookkeeping": {"months": 12, "kind": "小规模纳税人"},
    "repair": {"place": "三楼东侧走廊"},
}


@dataclass(frozen=True, slots=True)
class Building:
    """A tenant with its items, who orders and who handles."""

    code: str
    id: str
    items: tuple[tuple[str, str], ...]
    """Codes with ids of what can be ordered."""
    for_firms: frozenset[str]
    """Codes of what firms order."""
    requesters: tuple[tuple[str, str], ...]
    """Logins with the enterprise they act for, or nothing."""
    dispatcher: str
    handlers: tuple[str, ...]


class Request:
    """One request and the steps it takes."""

    def __init__(self, people: People, building: Building, number: int, random: Random) -> None:
        self._people = people
        self._building = building
        self._path = f"/v1/tenants/{building.id}/requests"
        self._number = number
        self._random = random
        self._who, self._firm = random.choice(building.requesters)
        # A contact orders for the firm, everybody else for themselves.
        asked = [item for item in building.items if (item[0] in building.for_firms) == bool(self._firm)]
        self._item, self._item_id = random.choice(asked or building.items)
        self._handler = random.choice(building.handlers)
        self._ticket: dict[str, Any] = {}

    async def order(self) -> None:
        """The requester orders the item."""
        body: dict[str, Any] = {
            "service_item_id": self._item_id,
            "filed_for": "ENTERPRISE" if self._firm else "PERSON",
            "summary": _WORDS.get(self._item, "想咨询办事流程，请联系我"),
            "urgency": "URGENT" if self._random.random() < 0.1 else "NORMAL",
            "synthetic": True,
        }
        if self._firm:
            body["enterprise_id"] = self._firm
        if self._item in _FILLED:
            body["form"] = _FILLED[self._item]
        key = f"{self._building.code}-{self._number}"
        self._ticket = await self._people.post(self._who, self._path, body, key=key)

    async def _do(self, who: str, verb: str, **body: Any) -> None:
        path = f"{self._path}/{self._ticket['id']}:{verb}"
        self._ticket = await self._people.post(who, path, body, etag=self._ticket["etag"])

    async def triage(self) -> None:
        """The desk looks at it."""
        await self._do(self._building.dispatcher, "triage", urgency=self._ticket["urgency"])

    async def assign(self) -> None:
        """The desk gives it to a handler."""
        account = self._people.accounts[self._handler]
        await self._do(self._building.dispatcher, "assign", assignee=account)

    async def accept(self) -> None:
        """The handler takes it on."""
        await self._do(self._handler, "accept")

    async def start(self) -> None:
        """Work begins."""
        await self._do(self._handler, "start")

    async def hold(self) -> None:
        """The handler asks something."""
        await self._do(self._handler, "hold", question="请补充一下联系时间和楼层")

    async def resume(self) -> None:
        """The requester answers."""
        await self._do(self._who, "resume", note="工作日上午都在，前台联系我")

    async def resolve(self) -> None:
        """The handler is done."""
        trips = self._random.choice((0, 0, 0, 1, 1, 2))
        await self._do(self._handler, "resolve", result=self._random.choice(_RESULTS), trips=trips)

    async def confirm(self) -> None:
        """The requester agrees and rates."""
        rating = self._random.choices((5, 4, 3, 2), (62, 28, 7, 3))[0]
        remark = self._random.choice(_REMARKS if rating > 3 else _POOR)
        await self._do(self._who, "confirm", rating=rating, remark=remark)

    async def reopen(self) -> None:
        """The requester does not agree."""
        await self._do(self._who, "reopen", reason="问题还在，请再看一下")

    async def reject(self) -> None:
        """The desk cannot do this."""
        await self._do(self._building.dispatcher, "reject", reason="这件事要到政务窗口办，已告知所需材料")

    async def withdraw(self) -> None:
        """The requester does not need it any more."""
        await self._do(self._who, "withdraw", reason="已经自己解决了")

    def plan(self, timeline: Timeline, tick: int) -> None:
        """Lay the steps out over the ticks from here on. A step beyond the last tick does not happen: what
        was ordered lately is still under way when the district is looked at."""
        thread = f"{self._building.code}-{self._number}"

        def at(later: int, *steps: Step) -> int:
            for step in steps:
                timeline.at(later, thread, step)
            return later

        fate, later = self._random.random(), self._random.choice
        at(tick, self.order)
        if fate < 0.03:
            at(tick + 1, self.withdraw)
            return
        if fate < 0.07:
            at(tick + 1, self.reject)
            return
        taken = at(tick + later((0, 1)), self.triage, self.assign)
        begun = at(max(taken, tick + later((1, 1, 1, 2))), self.accept, self.start)
        if fate < 0.17:
            at(begun + 1, self.hold)
            begun = at(begun + 2, self.resume)
        done = at(begun + later((1, 1, 1, 2, 4, 6)), self.resolve)
        if fate < 0.22:
            at(done + 1, self.reopen)
            done = at(done + 3, self.resolve)
        if fate < 0.88:  # the others close by themselves
            at(done + later((1, 1, 2, 3)), self.confirm)

    def plan_waiting(self, timeline: Timeline) -> None:
        """Ordered on the last day and not far along: what a desk finds in the morning."""
        thread = f"{self._building.code}-{self._number}"
        steps: list[Step] = [self.order, self.triage, self.assign, self.accept, self.start, self.hold]
        for step in steps[: self._random.randint(1, len(steps))]:
            timeline.at(len(timeline.ticks) - 1, thread, step)


def plan(people: People, timeline: Timeline, building: Building, count: int) -> None:
    """Spread a building's requests over the mornings, a little more of them each week."""
    random = Random(f"{SEED}-{building.code}")
    last = len(timeline.ticks) - 1
    for number in range(count):
        request = Request(people, building, number, Random(f"{SEED}-{building.code}-{number}"))
        if number % 6 == 0:
            request.plan_waiting(timeline)
        else:
            request.plan(timeline, int(last * random.random() ** 0.8) // 3 * 3)
