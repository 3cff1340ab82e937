"""The business clock on a real database; walking it in all processes is proved by loading the demo."""

from datetime import timedelta

import pytest

from chassis.clocks import BusinessClock
from chassis.errors import Conflict, Forbidden, Invalid
from identity.clock.rpc import Clock
from louyu.identity.v1 import clock_pb2 as pb
from tests.integration.identity.conftest import CALL, District

DAY = 86_400


async def test_the_clock_begins_once_and_walks_to_the_present(district: District) -> None:
    begin = pb.BeginClockRequest(tenant=district.id, seconds_ago=2 * DAY)
    with district.acting(district.id):
        for _ in range(2):  # asked for again where it did not reach every process
            await district.clock.BeginClock(begin, CALL)
        other = pb.BeginClockRequest(tenant=district.id, seconds_ago=DAY)
        with pytest.raises(Conflict, match="CLOCK_STARTED"):
            await district.clock.BeginClock(other, CALL)
        step = pb.AdvanceClockRequest(tenant=district.id, seconds=DAY)
        for _ in range(2):
            await district.clock.AdvanceClock(step, CALL)
        with pytest.raises(Invalid, match="CLOCK_BEYOND_NOW"):
            await district.clock.AdvanceClock(step, CALL)
    kept = await district.sql("SELECT seconds FROM clock_offset")
    assert [row["seconds"] for row in kept] == [0]


async def test_a_fixed_clock_tells_the_time_and_stays(district: District) -> None:
    clock = Clock(district.units, BusinessClock(), [], walkable=False)
    with district.acting(district.id):
        told = await clock.GetClock(pb.GetClockRequest(), CALL)
        assert (told.offset_seconds, told.walkable) == (0, False)
        assert abs(told.business_time.ToDatetime() - told.system_time.ToDatetime()) < timedelta(seconds=1)
        with pytest.raises(Forbidden, match="CLOCK_FIXED"):
            await clock.AdvanceClock(pb.AdvanceClockRequest(tenant=district.id, seconds=1), CALL)
        with pytest.raises(Forbidden, match="CLOCK_FIXED"):
            await clock.BeginClock(pb.BeginClockRequest(tenant=district.id, seconds_ago=1), CALL)
