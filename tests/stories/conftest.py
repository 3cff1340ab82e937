"""The people and places of the demo district, for stories through the public API."""

from collections.abc import AsyncIterator

import pytest_asyncio

from demo.client import People
from deploy.local.stack import Stack


@pytest_asyncio.fixture(scope="session")
async def people(district: Stack) -> AsyncIterator[People]:
    """Everybody of the demo district; each signs in when first asked for."""
    async with People(district.url, known_within_s=1.5) as everybody:
        yield everybody


@pytest_asyncio.fixture(scope="session")
async def places(people: People) -> dict[str, str]:
    """Tenant ids by Chinese name, as the operator, who administers all of them, sees them."""
    mine = (await people.get("operator", "/v1/me"))["memberships"]
    return {row["name_zh"]: row["tenant"] for row in mine}
