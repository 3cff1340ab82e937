"""The shop over gRPC: parse, call, convert."""

from collections.abc import Sequence
from typing import Any, Final

from grpc.aio import ServicerContext

from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.membership.v1 import rewards_pb2 as pb
from louyu.membership.v1.rewards_pb2_grpc import RewardsServiceServicer
from membership.rewards import commands, queries
from membership.rewards.events import CAUSE, KIND, STATE
from membership.rewards.rules import State

Context = ServicerContext[Any, Any]
_FACTS: Final = ("title", "summary", "price", "stock", "limit_per_person", "synthetic")
_CHANGES: Final = ("title", "summary", "price", "limit_per_person", "live")


class Rewards(RewardsServiceServicer):
    """Serves louyu.membership.v1.RewardsService."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units = units
        self._pages = pages

    async def CreateReward(self, request: pb.CreateRewardRequest, context: Context) -> pb.Reward:
        facts = {name: getattr(request, name) for name in _FACTS} | {"kind": KIND.word(request.kind)}

        async def work(unit: UnitOfWork) -> pb.Reward:
            return to_reward(await commands.create(unit, facts))

        return await self._units.command(request, pb.Reward, work)

    async def GetReward(self, request: pb.GetRewardRequest, context: Context) -> pb.Reward:
        async def work(reader: Reader) -> pb.Reward:
            return to_reward(await queries.reward(reader, request.id))

        return await self._units.query(work)

    async def ListRewards(self, request: pb.ListRewardsRequest, context: Context) -> pb.ListRewardsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListRewardsResponse:
            retired = request.include_retired and reader.context.has("B")
            rows = await queries.rewards_page(reader, self._pages.decode(request), size, retired=retired)
            more = ""
            if len(rows) > size:
                more = self._pages.encode(request, [rows[size - 1].price, rows[size - 1].id])
            return pb.ListRewardsResponse(
                rewards=[to_reward(row) for row in rows[:size]], next_page_token=more
            )

        return await self._units.query(work)

    async def UpdateReward(self, request: pb.UpdateRewardRequest, context: Context) -> pb.Reward:
        changes = {name: getattr(request, name) for name in _CHANGES if request.HasField(name)}

        async def work(unit: UnitOfWork) -> pb.Reward:
            return to_reward(await commands.change(unit, request.id, request.etag, changes))

        return await self._units.command(request, pb.Reward, work)

    async def RestockReward(self, request: pb.RestockRewardRequest, context: Context) -> pb.Reward:
        async def work(unit: UnitOfWork) -> pb.Reward:
            return to_reward(await commands.restock(unit, request.id, request.pieces))

        return await self._units.command(request, pb.Reward, work)

    async def RedeemReward(self, request: pb.RedeemRewardRequest, context: Context) -> pb.Redemption:
        async def work(unit: UnitOfWork) -> pb.Redemption:
            return to_redemption(await commands.redeem(unit, request.id), own=True)

        return await self._units.command(request, pb.Redemption, work)

    async def CancelMyRedemption(
        self, request: pb.CancelMyRedemptionRequest, context: Context
    ) -> pb.Redemption:
        async def work(unit: UnitOfWork) -> pb.Redemption:
            return to_redemption(await commands.cancel_mine(unit, request.id), own=True)

        return await self._units.command(request, pb.Redemption, work)

    async def FulfilRedemption(self, request: pb.FulfilRedemptionRequest, context: Context) -> pb.Redemption:
        async def work(unit: UnitOfWork) -> pb.Redemption:
            return to_redemption(await commands.fulfil(unit, request.id, request.code), own=False)

        return await self._units.command(request, pb.Redemption, work)

    async def ReturnRedemption(self, request: pb.ReturnRedemptionRequest, context: Context) -> pb.Redemption:
        async def work(unit: UnitOfWork) -> pb.Redemption:
            return to_redemption(await commands.give_back(unit, request.id, request.reason), own=False)

        return await self._units.command(request, pb.Redemption, work)

    async def ListMyRedemptions(
        self, request: pb.ListMyRedemptionsRequest, context: Context
    ) -> pb.ListRedemptionsResponse:
        return await self._redemptions(request, "", own=True)

    async def ListRedemptions(
        self, request: pb.ListRedemptionsRequest, context: Context
    ) -> pb.ListRedemptionsResponse:
        return await self._redemptions(request, STATE.word(request.state), own=False)

    async def _redemptions(
        self, request: pb.ListMyRedemptionsRequest | pb.ListRedemptionsRequest, state: str, *, own: bool
    ) -> pb.ListRedemptionsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListRedemptionsResponse:
            after = self._pages.decode(request)
            rows: Sequence[Row] = await queries.redemptions_page(reader, state, after, size, own=own)
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            found = [to_redemption(row, own=own) for row in rows[:size]]
            return pb.ListRedemptionsResponse(redemptions=found, next_page_token=more)

        return await self._units.query(work)


def to_reward(row: Row) -> pb.Reward:
    """A row as its message."""
    return pb.Reward(
        id=row.id,
        etag=str(row.version),
        title=row.title,
        summary=row.summary,
        kind=KIND.number(row.kind),
        price=row.price,
        stock=row.stock,
        limit_per_person=row.limit_per_person,
        live=row.live,
        synthetic=row.synthetic,
        create_time=row.created_at,
        update_time=row.updated_at,
    )


def to_redemption(row: Row, *, own: bool) -> pb.Redemption:
    """A row as its message; the code is the member's to show."""
    return pb.Redemption(
        id=row.id,
        reward_id=row.reward_id,
        title=row.title,
        price=row.price,
        account=row.account,
        state=STATE.number(row.state),
        cause=CAUSE.number(row.cause),
        reason=row.reason,
        code=row.code if own and row.state == State.RESERVED else "",
        settled_by=row.settled_by,
        expire_time=row.expires_at,
        create_time=row.created_at,
        settle_time=row.settled_at,
    )
