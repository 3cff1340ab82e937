"""The busier it is, the longer a batch is waited for, within bounds."""

from hypothesis import given
from hypothesis import strategies as st

from chassis.gathering import pause_after


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_pause_keeps_its_bounds_and_grows_with_the_batch(few: int, more: int) -> None:
    few, more = sorted((few, more))
    pauses = [pause_after(events, shortest=0.1, longest=0.3) for events in (few, more)]
    assert 0.1 <= pauses[0] <= pauses[1] <= 0.3


def test_a_hundred_events_a_second_wait_no_longer_and_four_hundred_do() -> None:
    """What a steady rate comes to: each batch holds what came during the pause before it."""
    for rate, settled in ((100, 0.1), (400, 0.3)):
        pause = 0.1
        for _ in range(10):
            pause = pause_after(int(rate * pause), shortest=0.1, longest=0.3)
        assert pause == settled
