"""The quarterly supervision through HTTP: what was found is closed before the star."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from demo.client import People, Refused, Reply
from tests.fixtures.waiting import eventually


def root_of(places: dict[str, str], name: str) -> str:
    """Where a tenant is in the API."""
    return f"/v1/tenants/{next(tenant for known, tenant in places.items() if name in known)}"


async def refusal(call: Any) -> str:
    """The reason why something is refused."""
    with pytest.raises(Refused) as refused:
        await call
    return refused.value.reason


async def move(people: People, who: str, path: str, seen: Reply, verb: str, **body: Any) -> Reply:
    """A verb on what somebody has seen."""
    return await people.post(who, f"{path}/{seen['id']}:{verb}", body, etag=seen["etag"])


@pytest.mark.row("4-25/MEM")
async def test_findings_of_a_quarterly_supervision_are_closed_before_the_star(
    people: People, places: dict[str, str]
) -> None:
    root, above = root_of(places, "矿业服务"), root_of(places, "演示矿区")
    place = root.rpartition("/")[2]
    rule = {
        "title_zh": "线上督导",
        "scope": "BUILDING",
        "period": "QUARTER",
        "evidence": "SUPERVISION",
        "grace_days": 5,
        "synthetic": True,
    }
    await people.post("secretary4", f"{root}/obligation-rules/online-supervision:set", rule, etag="0")
    (owed,) = (await people.get("secretary4", f"{root}/obligations", code="online-supervision"))[
        "obligations"
    ]
    orgs = (await people.get("secretary4", f"{root}/orgs", kind="BRANCH"))["orgs"]
    wish = {"org_id": orgs[0]["id"], "level": 3, "grounds": "全年达标（演示）", "synthetic": True}
    stars = f"{root}/branch-stars"
    assert await refusal(people.post("secretary4", stars, wish)) == "STAR_WITHOUT_SUPERVISION"

    items = (await people.get("superior4", f"{above}/supervision-checklist"))["items"]
    assert all(item["source"] for item in items)
    due = (datetime.now(UTC) + timedelta(days=10)).date().isoformat()
    body = {
        "place": place,
        "answers": [{"code": item["code"], "met": item["code"] != "records"} for item in items],
        "synthetic": True,
    }
    below = f"{above}/supervisions-below"
    assert await refusal(people.post("superior4", below, body)) == "FINDING_MISSING"
    body["findings"] = [{"code": "records", "text": "缺少签到表（演示）", "due_date": due}]
    held = await people.post("superior4", below, body)

    async def is_met() -> bool:
        now = await people.get("secretary4", f"{root}/obligations/{owed['id']}")
        return (now["state"], now.get("evidence_id")) == ("FULFILLED", held["id"])

    await eventually(is_met)
    assert await refusal(people.post("secretary4", stars, wish)) == "STAR_FINDINGS_OPEN"
    (finding,) = (await people.get("secretary4", f"{root}/supervisions/{held['id']}"))["findings"]
    verify = move(people, "superior4", f"{above}/findings-below", finding, "verify")
    assert await refusal(verify) == "FINDING_WRONG_STATE"
    path = f"{root}/supervision-findings"
    said = {"measure": "已补齐（演示）", "reference": "演示 01 号"}
    assert await refusal(move(people, "member401", path, finding, "submit", **said)) == "PERMISSION_DENIED"
    finding = await move(people, "clerk4", path, finding, "submit", **said)
    assert await refusal(people.post("secretary4", stars, wish)) == "STAR_FINDINGS_OPEN"
    finding = await move(people, "superior4", f"{above}/findings-below", finding, "verify")
    assert (await people.get("superior4", f"{below}/{held['id']}"))["state"] == "CLOSED"

    star = await people.post("secretary4", stars, wish)
    star = await move(people, "superior4", f"{above}/branch-stars-below", star, "grant")
    assert (star["state"], star["level"]) == ("GRANTED", 3)
    assert await refusal(
        people.get("superior", f"{root_of(places, '后勤')}/supervisions-below/{held['id']}")
    ) == ("SUPERVISION_NOT_FOUND")
