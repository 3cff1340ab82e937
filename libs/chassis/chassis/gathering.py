"""How long to wait for more before the next batch.

A batch has its own price, three events or three hundred: statements, a commit, round trips. Where events are
rare, waiting only makes them late. Where they are many, a longer wait makes each of them cheaper, and that is
when it matters.
"""

from typing import Final

_PER_EVENT_S: Final = 0.005
"""Above 200 events a second the wait grows from batch to batch until it is the longest."""


def pause_after(events: int, *, shortest: float, longest: float) -> float:
    """Seconds to wait after a batch of so many events."""
    return min(longest, max(shortest, events * _PER_EVENT_S))
