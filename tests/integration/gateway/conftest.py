from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.fixtures.district import NewDistrict
from tests.integration.gateway.house import House, settled


@pytest_asyncio.fixture(scope="session")
async def house(new_district: NewDistrict) -> AsyncIterator[House]:
    """Two buildings with their people, on real processes: the gateway, identity and ticket."""
    settings = {
        "LOUYU_GATEWAY_ACCOUNT_RATE": "0",
        "LOUYU_GATEWAY_TENANT_RATE": "0",
        "LOUYU_GATEWAY_SIGN_IN_PAIR": "4",
    }
    only = ("identity", "ticket", "gateway")
    async with new_district(only=only, settings=settings) as stack, settled(stack) as found:
        yield found
