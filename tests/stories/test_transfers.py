"""Transfers through HTTP: T1 step 15, and the path for a source that is lost."""

from typing import Any

import pytest

from demo.client import People, Refused
from tests.fixtures.waiting import eventually

T1, T2, T4, HOME, SUPERIOR = "餐饮中心", "华融国际大厦", "矿业服务公司", "演示原支部", "后勤保障处党总支"


async def refusal(call: Any) -> Refused:
    """The refusal that a call meets."""
    with pytest.raises(Refused) as refused:
        await call
    return refused.value


async def branch(people: People, who: str, root: str) -> str:
    """The building's own branch."""
    orgs = (await people.get(who, f"{root}/orgs", kind="BRANCH", page_size=100))["orgs"]
    return str(next(one["id"] for one in orgs if not one["enterprise_id"]))


async def off_the_roster(people: People, clerk: str, root: str, transfer: dict[str, Any]) -> None:
    """The demo district stays as it was for the others."""
    found = await people.get(clerk, f"{root}/members", org_id=transfer["org_id"], kind="OWN", page_size=100)
    member = next(one for one in found["members"] if one["person_id"] == transfer["person_id"])
    path = f"{root}/members/{member['id']}:end"
    await people.post(clerk, path, {"ending": "MISTAKE"}, etag=member["etag"])


@pytest.mark.row("0-22/MEM")
async def test_done_only_after_the_source_released_and_the_target_received(
    people: People, places: dict[str, str]
) -> None:
    here, home = f"/v1/tenants/{places[T2]}", f"/v1/tenants/{places[HOME]}"
    wish = {"source_id": places[HOME], "org_id": await branch(people, "worker2", here), "synthetic": True}
    made = await people.post("worker2", f"{here}/transfers:request", wish)
    assert (made["state"], made["managed_by"]) == ("SUBMITTED", "SOURCE")
    receipt = {"receipt_no": "演示回执01"}
    path = f"{here}/transfers/{made['id']}:receive"
    early = await refusal(people.post("secretary", path, receipt, etag=made["etag"]))
    assert (early.status, early.reason) == (409, "TRANSFER_WRONG_STATE")

    async def told() -> bool:
        messages = (await people.get("home", "/v1/me/messages", page_size=100))["messages"]
        return any(one["subject_id"] == made["id"] for one in messages)

    await eventually(told)
    release = f"{home}/outgoing-transfers/{made['id']}:release"
    made = await people.post("home", release, {"letter_no": "演示介绍信01"}, etag=made["etag"])
    mine = (await people.get("worker2", f"{here}/transfers:mine"))["transfers"][0]
    assert (mine["state"], mine["managed_by"], mine["verbs"]) == ("RELEASED", "SOURCE", [])
    draft = await refusal(people.post("clerk", path, receipt, etag=made["etag"]))
    assert draft.status == 403
    made = await people.post("secretary", path, receipt, etag=made["etag"])
    assert (made["state"], made["managed_by"]) == ("DONE", "TARGET")
    seen = (await people.get("home", f"{home}/outgoing-transfers"))["transfers"]
    assert next(one for one in seen if one["id"] == made["id"])["receipt_no"] == "演示回执01"
    own = (await people.get("worker2", f"{here}/members:mine"))["members"][0]
    assert (own["kind"], own["state"]) == ("OWN", "ACTIVE")
    await off_the_roster(people, "clerk", here, made)


@pytest.mark.row("0-22/MEM")
async def test_the_superior_resolves_for_a_source_that_is_lost(
    people: People, places: dict[str, str]
) -> None:
    here, above = f"/v1/tenants/{places[T1]}", f"/v1/tenants/{places[SUPERIOR]}"
    wish = {
        "source_name": "演示已撤销的镇办企业党支部",
        "org_id": await branch(people, "worker1", here),
        "synthetic": True,
    }
    made = await people.post("worker1", f"{here}/transfers:request", wish)
    stuck = (await people.get("superior", f"{above}/stuck-transfers"))["transfers"]
    assert made["id"] in {one["id"] for one in stuck}
    resolve = f"{above}/stuck-transfers/{made['id']}:resolve"
    bare = await refusal(people.post("superior", resolve, {"trouble": "LOST"}, etag=made["etag"]))
    assert bare.status == 400
    evidence = {"trouble": "LOST", "evidence_no": "演示证明01", "letter_no": "演示代函01"}
    made = await people.post("superior", resolve, evidence, etag=made["etag"])
    assert (made["state"], made["trouble"]) == ("RELEASED", "LOST")
    path = f"{here}/transfers/{made['id']}:receive"
    made = await people.post("secretary1", path, {"receipt_no": "演示回执02"}, etag=made["etag"])
    assert made["state"] == "DONE"
    await off_the_roster(people, "clerk1", here, made)


async def test_letters_need_a_term_that_the_building_chose(people: People, places: dict[str, str]) -> None:
    here = f"/v1/tenants/{places[T4]}"
    held = await people.get("secretary4", f"{here}/transfer-settings")
    assert (held["letter_days"], held["source"]) == (0, "default")
    wish = {"source_name": "演示支部", "org_id": await branch(people, "worker4", here), "synthetic": True}
    unset = await refusal(people.post("worker4", f"{here}/transfers:request", wish))
    assert (unset.status, unset.reason) == (409, "TRANSFERS_NOT_CONFIGURED")
