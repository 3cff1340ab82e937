"""Answers are believed for a while, errors are not."""

import pytest

from chassis.recent import Recent


async def test_an_answer_is_kept_until_it_is_forgotten_or_old() -> None:
    asked = []

    async def load() -> int:
        asked.append(1)
        return len(asked)

    recent = Recent[str, int](60.0)
    assert [await recent.get("a", load), await recent.get("a", load), await recent.get("b", load)] == [
        1,
        1,
        2,
    ]
    recent.forget("a")
    assert await recent.get("a", load) == 3
    at_once = Recent[str, int](0.0)
    assert [await at_once.get("a", load), await at_once.get("a", load)] == [4, 5]


async def test_an_error_is_not_kept() -> None:
    recent = Recent[str, int](60.0)

    async def fails() -> int:
        raise LookupError

    async def answers() -> int:
        return 1

    with pytest.raises(LookupError):
        await recent.get("a", fails)
    assert await recent.get("a", answers) == 1
