"""Commitments through HTTP: the enterprise makes and withdraws them, the building shows them."""

import asyncio
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from demo.client import People, Refused

T2 = "华融国际大厦"


async def firm_of(people: People, who: str, tenant: str) -> str:
    """The enterprise that somebody acts for."""
    me = await people.get(who, "/v1/me")
    held = next(row for row in me["memberships"] if row["tenant"] == tenant)["permissions"]
    return str(next(one["scope_id"] for one in held if one["permission"] == "commitments.make"))


@pytest.mark.row("2-27/MEM")
async def test_a_commitment_is_dated_shown_and_withdrawn(people: People, places: dict[str, str]) -> None:
    tenant = places[T2]
    root = f"/v1/tenants/{tenant}/commitments"
    firm, other = [await firm_of(people, who, tenant) for who in ("contact", "contact2")]
    wanted: dict[str, Any] = {
        "enterprise_id": firm,
        "kind": "TIME",
        "promise": "每月支持员工参加一次组织生活",
        "synthetic": True,
    }

    async def shown(who: str, enterprise: str) -> list[dict[str, Any]]:
        return list((await people.get(who, root, enterprise_id=enterprise))["commitments"])

    async def refused(who: str, path: str, body: dict[str, Any]) -> tuple[int, str]:
        with pytest.raises(Refused) as refusal:
            await people.post(who, path, body)
        return refusal.value.status, refusal.value.reason

    now = datetime.fromisoformat((await people.get("clerk", "/v1/clock"))["business_time"])
    today = now.astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()
    made = await people.post("contact", root, wanted)
    assert (made["made_date"], made["state"]) == (today, "IN_FORCE")
    for who in ("contact", "clerk"):
        assert next(one for one in await shown(who, firm) if one["id"] == made["id"]) == made

    assert await refused("contact", root, {**wanted, "until_date": "2020-01-01"}) == (
        400,
        "COMMITMENT_ENDS_IN_PAST",
    )
    assert await refused("contact", root, {**wanted, "enterprise_id": other}) == (404, "ENTERPRISE_NOT_FOUND")
    assert (await refused("clerk", root, wanted))[0] == 403, "nobody commits a firm but the firm"
    withdrawal = f"{root}/{made['id']}:withdraw"
    assert await refused("contact2", withdrawal, {}) == (404, "COMMITMENT_NOT_FOUND")
    with pytest.raises(Refused) as hidden:
        await shown("contact2", firm)
    assert (hidden.value.status, hidden.value.reason) == (404, "ENTERPRISE_NOT_FOUND")

    both = await asyncio.gather(
        *(people.post("contact", withdrawal, {"reason": "部门调整"}, key=str(number)) for number in range(2)),
        return_exceptions=True,
    )
    (late,) = [one for one in both if isinstance(one, Refused)]
    assert (late.status, late.reason) == (409, "COMMITMENT_OVER")
    kept = next(one for one in await shown("clerk", firm) if one["id"] == made["id"])
    assert (kept["state"], kept["reason"], kept["made_date"]) == ("WITHDRAWN", "部门调整", today)
    assert kept["withdraw_time"]
