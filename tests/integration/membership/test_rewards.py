"""The shop on a real database: never oversold, never on credit, given back whole."""

import asyncio
from datetime import timedelta

import pytest

from chassis.clocks import BusinessClock
from chassis.errors import Conflict, Forbidden, NotFound, WrongState
from chassis.units import Units
from louyu.membership.v1 import points_pb2 as pb
from louyu.membership.v1 import rewards_pb2 as rpb
from membership.rewards import jobs
from tests.integration.membership.conftest import Building
from tests.integration.membership.points import Ledger, Someone


@pytest.fixture
def ledger(building: Building) -> Ledger:
    return Ledger(building)


async def rich(ledger: Ledger, points: int = 100) -> Someone:
    """A member with points to spend."""
    who = ledger.member()
    await ledger.post(who, points)
    return who


@pytest.mark.row("1-13/MEM")
async def test_the_last_one_goes_to_one_of_those_who_want_it(ledger: Ledger) -> None:
    reward = await ledger.reward(stock=1)
    people = [await rich(ledger) for _ in range(6)]

    async def outcome(who: Someone) -> str:
        try:
            await ledger.redeem(who, reward)
        except Conflict as refused:
            return refused.reason
        return "won"

    outcomes = await asyncio.gather(*(outcome(who) for who in people))
    assert sorted(outcomes) == ["REWARD_SOLD_OUT"] * 5 + ["won"]
    balances = [(await ledger.account(who)).balance for who in people]
    assert sorted(balances) == [90, 100, 100, 100, 100, 100]
    assert await ledger.stock(reward) == 0
    await ledger.check_balanced()


async def test_a_redemption_takes_points_and_is_fetched_with_its_code(ledger: Ledger) -> None:
    reward, who = await ledger.reward(), await rich(ledger)
    made = await ledger.redeem(who, reward)
    assert (made.state, len(made.code), made.price) == (rpb.REDEMPTION_STATE_RESERVED, 6, 10)
    listed = await ledger.as_office(ledger.shop.ListRedemptions, rpb.ListRedemptionsRequest())
    assert [(one.id, one.code) for one in listed.redemptions] == [(made.id, "")]
    wrong = "111111" if made.code != "111111" else "222222"
    with pytest.raises(Conflict):
        await ledger.as_office(
            ledger.shop.FulfilRedemption, rpb.FulfilRedemptionRequest(id=made.id, code=wrong)
        )
    right = rpb.FulfilRedemptionRequest(id=made.id, code=made.code)
    with pytest.raises(Forbidden):
        await ledger.as_office(ledger.shop.FulfilRedemption, right, who)
    done = await ledger.as_office(ledger.shop.FulfilRedemption, right)
    assert done.state == rpb.REDEMPTION_STATE_FULFILLED
    with pytest.raises(WrongState):
        await ledger.as_member(who, ledger.shop.CancelMyRedemption, rpb.CancelMyRedemptionRequest(id=made.id))
    account = await ledger.account(who)
    assert (account.balance, account.earned, account.redeemed) == (90, 100, 10)
    assert [one.redemption_id for one in await ledger.building.told("RewardRedeemed")] == [made.id]


async def test_cancelling_gives_points_and_stock_back_once(ledger: Ledger) -> None:
    reward, who = await ledger.reward(stock=2), await rich(ledger)
    made = await ledger.redeem(who, reward)
    cancel = rpb.CancelMyRedemptionRequest(id=made.id)
    with pytest.raises(NotFound):
        await ledger.as_member(ledger.member(), ledger.shop.CancelMyRedemption, cancel)
    await ledger.as_member(who, ledger.shop.CancelMyRedemption, cancel)
    with pytest.raises(WrongState):
        await ledger.as_member(who, ledger.shop.CancelMyRedemption, cancel)
    back = await ledger.redeem(who, reward)
    returned = rpb.ReturnRedemptionRequest(id=back.id, reason="有破损")
    settled = await ledger.as_office(ledger.shop.ReturnRedemption, returned)
    assert (settled.cause, settled.reason) == (rpb.REDEMPTION_CAUSE_OFFICE, "有破损")
    account = await ledger.account(who)
    assert (account.balance, account.redeemed, await ledger.stock(reward)) == (100, 0, 2)
    await ledger.check_balanced()


async def test_a_limit_a_price_and_a_retired_reward_are_kept_to(ledger: Ledger) -> None:
    who = await rich(ledger, 25)
    limited = await ledger.reward(limit_per_person=1)
    await ledger.redeem(who, limited)

    async def refused(one: Someone, reward: rpb.Reward) -> str:
        with pytest.raises(Conflict) as refusal:
            await ledger.redeem(one, reward)
        return refusal.value.reason

    assert await refused(who, limited) == "REWARD_LIMIT_REACHED"
    assert await refused(who, await ledger.reward(price=16)) == "POINTS_TOO_FEW"
    assert await refused(ledger.member(), limited) == "POINTS_TOO_FEW"
    gone = rpb.UpdateRewardRequest(id=limited.id, etag="2", live=False)
    await ledger.as_office(ledger.shop.UpdateReward, gone)
    assert await refused(who, limited) == "REWARD_NOT_IN_SHOP"
    shop = await ledger.as_member(who, ledger.shop.ListRewards, rpb.ListRewardsRequest(include_retired=True))
    assert limited.id not in {one.id for one in shop.rewards}


async def test_a_reversal_of_what_was_spent_is_filled_up_before_anything_is_spent(ledger: Ledger) -> None:
    who = ledger.member()
    entry = await ledger.post(who, 10)
    reward = await ledger.reward()
    await ledger.redeem(who, reward)
    request = pb.ReversePointsRequest(id=entry.id, reason="记错了人")
    await ledger.as_office(ledger.rpc.ReversePoints, request)
    assert (await ledger.account(who)).balance == -10
    await ledger.post(who, 15)
    with pytest.raises(Conflict):
        await ledger.redeem(who, reward)
    await ledger.post(who, 5)
    await ledger.redeem(who, reward)
    assert (await ledger.account(who)).balance == 0
    await ledger.check_balanced()


async def test_what_is_not_fetched_in_time_comes_back(ledger: Ledger) -> None:
    reward, who = await ledger.reward(), await rich(ledger)
    await ledger.redeem(who, reward)
    units = ledger.building.units
    assert await jobs.expire_redemptions().run(units) == 0
    later = Units(units.database, BusinessClock(units.clock.offset + timedelta(days=15)))
    assert await jobs.expire_redemptions().run(later) == 1
    listed = await ledger.as_member(who, ledger.shop.ListMyRedemptions, rpb.ListMyRedemptionsRequest())
    assert [one.cause for one in listed.redemptions] == [rpb.REDEMPTION_CAUSE_EXPIRED]
    assert ((await ledger.account(who)).balance, await ledger.stock(reward)) == (100, 5)
