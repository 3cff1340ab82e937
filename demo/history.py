"""Two months of daily life, walked through with the business clock: requests, activities, cases."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from demo.client import Json
from demo.district import District

STEP: Final = timedelta(days=3)
_AT_ONCE: Final = 4

_WORDS: Final = {
    "bookkeeping": "公司刚成立，想找人代理记账",
    "legal-aid": "有一份租赁合同想请律师看看",
    "policy-advice": "想了解小微企业的扶持政策",
    "tax-advice": "年度申报有几个问题想咨询",
    "registration": "要变更注册地址，请帮忙办理",
    "invoicing": "需要代开一张服务费发票",
    "moving": "下周末搬入，需要预约货梯",
    "repair": "走廊的灯不亮了",
    "worker-activity": "想参加摄影社团",
    "labour-dispute": "想咨询加班工资怎么算",
    "party-advice": "想了解组织关系怎么转",
    "advice": "想咨询办事流程",
    "lost-item": "在一楼丢了一把雨伞",
    "legal": "有一份合同想请人看看",
    "procurement": "需要采购一批办公用品",
}
_FILLED: Final[dict[str, Json]] = {
    "bookkeeping": {"months": 12, "kind": "小规模纳税人"},
    "repair": {"place": "三楼东侧走廊"},
}
_FIRMS: Final[Sequence[str]] = (
    "bookkeeping",
    "legal-aid",
    "policy-advice",
    "tax-advice",
    "registration",
    "invoicing",
    "moving",
)
_OWN: Final[Sequence[str]] = ("repair", "worker-activity", "labour-dispute", "party-advice")
_OTHERS: Final = ("advice", "repair", "lost-item", "party-advice", "legal", "procurement")
_RESULTS: Final = ("已办好，请查收。", "已联系办理，结果已发到邮箱。", "现场处理完毕。")
_REMARKS: Final = ("很及时，谢谢", "态度很好", "解决了问题", "")
_DESK: Final = {"t1": "clerk1", "t3": "clerk3", "t4": "clerk4", "t5": "clerk5"}
_WORKER: Final = {"t1": "worker1", "t3": "worker33", "t4": "worker4", "t5": "worker5"}
_MEMBERS: Final[Sequence[str]] = ("member", "floating")
_GUESTS: Final[Sequence[str]] = (*_MEMBERS, "worker", "worker2", "worker3", "contact", "contact2", "activist")
_TITLES: Final = (
    ("电商沙龙：直播间里的合规", "SALON", "BUSINESS", "ENTERPRISE", "帮助入驻企业规范直播经营"),
    ("茶艺社：周末品茶", "CIRCLE", "SOCIAL", "WORKERS", ""),
    ("主题党日：学习与志愿", "ORG_LIFE", "PARTY", "PARTY_MASS", "为企业解决两件实事"),
    ("保险沙龙：中小企业怎么投保", "SALON", "BUSINESS", "ENTERPRISE", "对接入驻企业的保险需求"),
    ("羽毛球协会友谊赛", "FEATURE", "SOCIAL", "WORKERS", ""),
    ("红领学堂：税收优惠讲座", "EDUCATION", "GOVERNMENT", "ENTERPRISE", "企业用足优惠政策"),
)


@dataclass(slots=True)
class History:
    """What is under way."""

    district: District
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    """Business time of the present step."""
    chance: random.Random = field(default_factory=lambda: random.Random(2026))
    tickets: list[tuple[str, str, Json]] = field(default_factory=list)
    """(organisation, requester's login, ticket) of requests that are not over."""
    planned: list[Json] = field(default_factory=list)
    running: list[Json] = field(default_factory=list)
    count: int = 0

    async def walk(self, tell: Callable[[str], None]) -> None:
        """From the clock's present to now, a step at a time."""
        while True:
            clock = await self.district.operator.get("/v1/clock")
            self.now = datetime.fromisoformat(clock["business_time"])
            left = timedelta(seconds=-int(clock["offset_seconds"]))
            tell(f"{self.now:%Y-%m-%d}")
            await self._live(last=left <= timedelta(0))
            if left <= timedelta(0):
                break
            step = min(STEP, left)
            await self.district.operator.post(
                self.district.path("district", "clock:advance"),
                seconds=str(int(step.total_seconds())),
            )

    async def _live(self, *, last: bool) -> None:
        await self._activities(last=last)
        await self._finish_requests(last=last)
        await self._new_requests()
        if not last:
            await self._case()
        self.count += 1

    async def _new_requests(self) -> None:
        orders: list[Awaitable[None]] = []
        for place in range(6):
            if place % 3 < 2:
                login, codes, firm = f"contact{('', '2', '3')[place % 3]}", _FIRMS, True
            else:
                login, codes, firm = ("worker", "worker2", "worker3")[self.count % 3], _OWN, False
            orders.append(self._order("t2", login, self.chance.choice(codes), firm=firm))
        for key, login in _WORKER.items():
            if self.chance.random() < 0.7:
                orders.append(self._order(key, login, self.chance.choice(_OTHERS), firm=False))
        await gather(orders)

    async def _order(self, key: str, login: str, code: str, *, firm: bool) -> None:
        ticket = await self.district.people[login].post(
            self.district.path(key, "requests"),
            service_item_id=self.district.items[key][code],
            filed_for="ENTERPRISE" if firm else "PERSON",
            summary=_WORDS[code],
            form=_FILLED.get(code, {}),
            urgency="URGENT" if self.chance.random() < 0.1 else "NORMAL",
            synthetic=True,
        )
        self.tickets.append((key, login, ticket))

    async def _finish_requests(self, *, last: bool) -> None:
        waiting, self.tickets = self.tickets, []
        # What was asked for in the last days is still under way when the district is looked at.
        share = 0.5 if last else 1.0
        await gather([self._handle(*row) for row in waiting if self.chance.random() <= share])

    async def _handle(self, key: str, login: str, ticket: Json) -> None:
        desk = self.district.people[_DESK.get(key, "clerk")]
        handler = self.district.people["clerk2"] if key == "t2" else desk
        path = self.district.path(key, f"requests/{ticket['id']}")
        if self.chance.random() < 0.05:
            await desk.post(f"{path}:reject", reason="不在本楼宇的服务范围，已电话说明。")
            return
        triaged = await desk.post(f"{path}:triage", etag=ticket["etag"], urgency=ticket["urgency"])
        await desk.post(f"{path}:assign", etag=triaged["etag"], assignee=handler.account_id)
        await handler.post(f"{path}:accept")
        await handler.post(f"{path}:start")
        await handler.post(f"{path}:resolve", result=self.chance.choice(_RESULTS), trips=0)
        requester, fate = self.district.people[login], self.chance.random()
        if fate < 0.08:
            await requester.post(f"{path}:reopen", reason="还有一处没有解决，请再看看。")
            await handler.post(f"{path}:accept")
            await handler.post(f"{path}:resolve", result="已重新处理完毕。")
        if fate < 0.85:
            rating = self.chance.choices((5, 4, 3, 2), (70, 20, 7, 3))[0]
            remark = self.chance.choice(_REMARKS)
            await requester.post(f"{path}:confirm", rating=rating, remark=remark)

    async def _activities(self, *, last: bool) -> None:
        planner = self.district.people["secretary"]
        for activity in self.running:
            path = self.district.path("t2", f"calendar/{activity['id']}")
            shown = await planner.get(path)
            await planner.post(
                f"{path}:confirm-evidence", etag=shown["etag"], note="现场照片和签到表已核对。"
            )
        self.running = []
        due, self.planned = self.planned, []
        for activity in due:
            await self._check_in(activity)
        await self._publish(last=last)

    async def _check_in(self, activity: Json) -> None:
        clerk = self.district.people["clerk"]
        path = self.district.path("t2", f"calendar/{activity['id']}")
        sheet = await clerk.get(f"{path}/enrolments?page_size=100")
        for enrolment in sheet["enrolments"]:
            if enrolment["state"] == "ENROLLED" and self.chance.random() < 0.85:
                await clerk.post(f"{path}:check-in", enrolment=enrolment["id"])
        self.running.append(activity)

    async def _publish(self, *, last: bool) -> None:
        planner = self.district.people["secretary"]
        title, kind, affairs, station, link = _TITLES[self.count % len(_TITLES)]
        starts = self.now + STEP - timedelta(minutes=30)
        made = await planner.post(
            self.district.path("t2", "calendar"),
            title=title,
            kind=kind,
            affairs=affairs,
            station=station,
            summary="欢迎楼里的朋友参加，签到后计入活动记录。",
            hosts=["PARTY"],
            audience=["MEMBERS"] if kind == "ORG_LIFE" else ["MEMBERS", "WORKERS", "ENTERPRISES"],
            business_link=link,
            floor="29",
            place="29楼多功能会议厅",
            start_time=starts.isoformat(),
            end_time=(starts + timedelta(hours=2)).isoformat(),
            capacity=6,
            synthetic=True,
        )
        path = self.district.path("t2", f"calendar/{made['id']}")
        activity = await planner.post(f"{path}:publish", etag=made["etag"])
        guests = _MEMBERS if kind == "ORG_LIFE" else _GUESTS
        chosen = self.chance.sample(guests, k=len(guests) if last else max(2, len(guests) - 1))
        await gather([self.district.people[login].post(f"{path}:enrol") for login in chosen])
        self.planned.append(activity)

    async def _case(self) -> None:
        """A firm's case at a counter, from filed to rated, by the book."""
        contact, department = self.district.people["contact"], ("industry", "tax")[self.count % 2]
        offered = await contact.get(
            self.district.path("t2", f"building-matters?department_id={self.district.tenants[department]}")
        )
        matter = self.chance.choice(offered["matters"])
        materials = [
            {"code": material["code"], "on_paper": True} for material in matter["matter"]["materials"]
        ]
        case = await contact.post(
            self.district.path("t2", "cases"),
            building_matter_id=matter["id"],
            filed_for="ENTERPRISE",
            summary="请协助办理",
            materials=materials,
            synthetic=True,
        )
        own = self.district.path("t2", f"cases/{case['id']}")
        for verb in ("precheck", "submit"):
            case = await contact.post(f"{own}:{verb}", etag=case["etag"])
        clerk = self.district.people[department]
        received = self.district.path(department, f"received-cases/{case['id']}")
        if self.count % 5 == 4:
            return
        case = await clerk.post(f"{received}:accept", etag=case["etag"])
        case = await clerk.post(f"{received}:start", etag=case["etag"])
        case = await clerk.post(
            f"{received}:decide", etag=case["etag"], decision="GRANTED", text="材料齐全，准予办理。"
        )
        case = await clerk.post(
            f"{received}:deliver", etag=case["etag"], delivery="COUNTER", trips=self.chance.choice((0, 1))
        )
        await contact.post(f"{own}:rate", etag=case["etag"], grade="VERY_GOOD", remark="一次办好")


async def gather(work: Sequence[Awaitable[object]]) -> None:
    """All of it, a few at once."""
    limit = asyncio.Semaphore(_AT_ONCE)

    async def one(piece: Awaitable[object]) -> None:
        async with limit:
            await piece

    await asyncio.gather(*(one(piece) for piece in work))
