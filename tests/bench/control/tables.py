"""Makes the control's tables."""

from __future__ import annotations

import asyncio

from tests.bench.control.app import Base, engine


async def main() -> None:
    """Creates what is missing."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
