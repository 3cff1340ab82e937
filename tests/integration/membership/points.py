"""A building's points on a database of its own, as members, the office and events meet them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from chassis.context import Caller, Context, Scope
from chassis.events import Event
from chassis.ids import new_id
from chassis.pages import PageTokens
from louyu.activity.v1 import calendar_pb2
from louyu.membership.v1 import points_pb2 as pb
from louyu.membership.v1 import rewards_pb2 as rpb
from membership.points import commands, events
from membership.points.rpc import Points
from membership.rewards.rpc import Rewards
from tests.integration.membership.conftest import SECRET, Building

BALANCED = """
SELECT a.id, a.balance, coalesce(m.moved, 0) AS moved
FROM points_accounts AS a
LEFT JOIN (SELECT side, sum(moved) AS moved
           FROM (SELECT credit AS side, amount AS moved FROM points_entries WHERE tenant_id = $1
                 UNION ALL SELECT debit, -amount FROM points_entries WHERE tenant_id = $1) AS both_sides
           GROUP BY side) AS m ON m.side = a.id
WHERE a.tenant_id = $1
"""


@dataclass(frozen=True, slots=True)
class Someone:
    """A member of the building."""

    person: str
    account: str


class Nobody:
    """Stands for identity where nobody consents to anything."""

    async def agreeing(self, tenant_id: str, people: Iterable[str]) -> set[str]:
        """Nobody does."""
        return set()


NOBODY: Any = Nobody()


class Ledger:
    """The points of one building."""

    def __init__(self, building: Building, consents: Any = NOBODY) -> None:
        self.building = building
        self.tenant = building.tenant
        self.rpc = Points(building.units, PageTokens(SECRET), consents)
        self.shop = Rewards(building.units, PageTokens(SECRET))
        self.consumer = events.attendances(commands.answer)
        self.office = self.member()

    def member(self) -> Someone:
        """Somebody new."""
        return Someone(new_id(), new_id())

    def context(self, who: Someone, *letters: str) -> Context:
        """What the server would bind for them."""
        return self.building.context(
            *(Scope(letter) for letter in letters or ("O",)),
            tenant_id=self.tenant,
            caller=Caller("account", who.account, who.person),
        )

    async def as_member(self, who: Someone, method: Any, request: Any) -> Any:
        """Call something for oneself."""
        return await self.building.call(method, request, self.context(who))

    async def as_office(self, method: Any, request: Any, who: Someone | None = None) -> Any:
        """Call something for the building."""
        return await self.building.call(method, request, self.context(who or self.office, "B"))

    async def rule(self, **said: Any) -> pb.PointsRule:
        """A rule that holds from now on."""
        wanted = {"title": "参加组织生活", "source": pb.POINTS_SOURCE_ATTENDANCE, "delta": 5, **said}
        rule: pb.PointsRule = await self.as_office(self.rpc.SetPointsRule, pb.SetPointsRuleRequest(**wanted))
        return rule

    def attended(self, who: Someone, at: datetime | None = None, **said: Any) -> Event:
        """The event of an attendance that was confirmed."""
        now = self.building.units.clock.now()
        start = Timestamp()
        start.FromDatetime(at or now)
        message = calendar_pb2.AttendanceConfirmed(
            enrolment_id=said.pop("enrolment_id", None) or new_id(),
            activity_id=said.pop("activity_id", None) or new_id(),
            account=who.account,
            person_id=who.person,
            attendance=said.pop("attendance", calendar_pb2.ENROLMENT_STATE_ATTENDED),
            kind=said.pop("kind", calendar_pb2.ACTIVITY_KIND_ORG_LIFE),
            title=said.pop("title", "主题党日"),
            start_time=start,
            **said,
        )
        return Event(
            id=new_id(),
            tenant_id=self.tenant,
            type=message.DESCRIPTOR.full_name,
            aggregate="enrolment",
            aggregate_id=message.enrolment_id,
            seq=1,
            occurred_at=now,
            correlation_id="",
            audience=(who.account,),
            traceparent="",
            message=message,
        )

    async def deliver(self, *told: Event) -> None:
        """Apply events as the consumer would, past the inbox, which would keep out what came before."""
        caller = Caller("system", service="membership/activity-points")
        context = Context(mode="consumer", tenant_id=self.tenant, caller=caller)
        await self.building.units.run(context, lambda unit: self.consumer.apply(unit, list(told)))

    async def account(self, who: Someone) -> pb.PointsAccount:
        """Somebody's own account."""
        account: pb.PointsAccount = await self.as_member(who, self.rpc.GetMyPoints, pb.GetMyPointsRequest())
        return account

    async def entries(self, who: Someone) -> Sequence[pb.PointsEntry]:
        """Somebody's own entries, all pages of two."""
        found: list[pb.PointsEntry] = []
        request = pb.ListMyPointsEntriesRequest(page_size=2)
        while True:
            page = await self.as_member(who, self.rpc.ListMyPointsEntries, request)
            found.extend(page.entries)
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token

    async def post(self, who: Someone, delta: int, reason: str = "值守服务") -> pb.PointsEntry:
        """Points by hand."""
        opened = await self.as_member(who, self.rpc.OpenMyPoints, pb.OpenMyPointsRequest())
        request = pb.PostPointsRequest(id=opened.id, delta=delta, reason=reason)
        entry: pb.PointsEntry = await self.as_office(self.rpc.PostPoints, request)
        return entry

    async def reward(self, **said: Any) -> rpb.Reward:
        """A reward in the shop."""
        wanted = {"title": "帆布袋", "kind": rpb.REWARD_KIND_DAILY, "price": 10, "stock": 5, **said}
        made: rpb.Reward = await self.as_office(self.shop.CreateReward, rpb.CreateRewardRequest(**wanted))
        return made

    async def redeem(self, who: Someone, reward: rpb.Reward) -> rpb.Redemption:
        """Somebody reserves a reward."""
        request = rpb.RedeemRewardRequest(id=reward.id)
        made: rpb.Redemption = await self.as_member(who, self.shop.RedeemReward, request)
        return made

    async def stock(self, reward: rpb.Reward) -> int:
        """How many are left."""
        found = await self.as_office(self.shop.GetReward, rpb.GetRewardRequest(id=reward.id))
        return int(found.stock)

    async def check_balanced(self) -> None:
        """What one account got another gave, and every balance is what its entries moved."""
        rows = await self.building.stored(BALANCED, self.tenant)
        assert sum(row["balance"] for row in rows) == 0
        assert [row["balance"] for row in rows] == [row["moved"] for row in rows]
