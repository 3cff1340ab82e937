from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.unit.gateway.door import Door, opened


@pytest_asyncio.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    """A gateway with default settings."""
    async with opened(tmp_path / "files") as found:
        yield found
