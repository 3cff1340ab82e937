from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Exhausted, Unavailable
from gateway.limits import Failures, InFlight, Quota, Rate


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@given(
    rate=st.floats(0.5, 50),
    burst=st.integers(1, 20),
    steps=st.lists(st.floats(0, 3), min_size=1, max_size=80),
)
def test_a_rate_never_lets_through_more_than_burst_and_refill(
    rate: float, burst: int, steps: list[float]
) -> None:
    clock = Clock()
    limit = Rate("TOO_FAST", rate, burst, clock)
    began = clock.now
    for taken, step in enumerate(steps, start=1):
        clock.now += step
        try:
            limit.take("a")
        except Exhausted as error:
            clock.now += error.retry_after_s + 1e-6
            limit.take("a")
        assert taken <= burst + (clock.now - began) * rate + 1e-3


def test_keys_do_not_share_a_bucket_and_zero_is_no_limit() -> None:
    limit = Rate("TOO_FAST", 1, 1, Clock())
    limit.take("a")
    limit.take("b")
    with pytest.raises(Exhausted):
        limit.take("a")
    free = Rate("TOO_FAST", 0, 1, Clock())
    for _ in range(100):
        free.take("a")


def test_a_key_may_have_its_own_rate() -> None:
    limit = Rate("TOO_FAST", 1, 1, Clock())
    for _ in range(20):
        limit.take("big", 10)
    with pytest.raises(Exhausted):
        limit.take("big", 10)


def test_a_quota_is_per_day_and_what_was_refused_is_not_used() -> None:
    clock = Clock()
    quota = Quota("DAY", 10, clock)
    quota.take("a", 8)
    with pytest.raises(Exhausted) as caught:
        quota.take("a", 3)
    assert caught.value.retry_after_s == 86400 - 1000
    quota.take("a", 2)
    quota.take("b", 10)
    clock.now += 86400
    quota.take("a", 10)


@given(st.lists(st.tuples(st.sampled_from(["", "a", "b"]), st.booleans()), max_size=60))
def test_calls_under_way_are_counted_in_and_out(steps: list[tuple[str, bool]]) -> None:
    counter = InFlight(limit=4, tenant_limit=2)
    inside: list[str] = []
    for tenant, enters in steps:
        if enters:
            full = len(inside) >= 4 or (bool(tenant) and inside.count(tenant) >= 2)
            try:
                counter.enter(tenant)
                inside.append(tenant)
                assert not full
            except Unavailable:
                assert full
        elif tenant in inside:
            inside.remove(tenant)
            counter.leave(tenant)
        assert counter.total == len(inside)
    for tenant in inside:
        counter.leave(tenant)
    assert (counter.total, counter.tenants) == (0, {})


def test_failures_are_forgotten_when_their_window_ends() -> None:
    clock = Clock()
    failures = Failures("PAUSED", 2, 60, clock)
    failures.add("a")
    clock.now += 50
    failures.add("a")
    with pytest.raises(Exhausted) as caught:
        failures.check("a")
    assert caught.value.retry_after_s == pytest.approx(10)
    failures.check("b")
    clock.now += 11
    failures.check("a")
    failures.add("a")
    failures.check("a")


def test_attempts_under_way_count_until_they_are_over() -> None:
    failures = Failures("PAUSED", 2, 60, Clock())
    failures.add("a")
    failures.enter("a")
    with pytest.raises(Exhausted) as caught:
        failures.check("a")
    assert caught.value.retry_after_s == 1
    failures.check("b")
    failures.leave("a")
    failures.check("a")
