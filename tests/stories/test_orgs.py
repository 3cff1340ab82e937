"""Organisations through HTTP: T2 step 1, and the tree of T1."""

from typing import Any

import pytest

from demo.client import People, Refused

T1, T2, STREET, SUPERIOR = "餐饮中心", "华融国际大厦", "定和街道", "后勤保障处党总支"


async def whole(people: People, who: str, path: str, **query: Any) -> list[dict[str, Any]]:
    """All pages of a list of organisations."""
    found: list[dict[str, Any]] = []
    token = ""
    while True:
        page = await people.get(who, path, page_size=100, page_token=token, **query)
        found += page["orgs"]
        token = page["next_page_token"]
        if not token:
            return found


async def refusal(call: Any) -> Refused:
    """The refusal that a call meets."""
    with pytest.raises(Refused) as refused:
        await call
    return refused.value


@pytest.mark.row("1-05/MEM")
async def test_the_street_applies_the_district_approves_and_before_that_nothing_is_done(
    people: People, places: dict[str, str]
) -> None:
    street, district, tower = (f"/v1/tenants/{places[name]}" for name in (STREET, "演示区", T2))
    wanted = {
        "place": places[T2],
        "kind": "BRANCH",
        "name": "演示新设党支部",
        "synthetic": True,
    }
    org = await people.post("subdistrict", f"{street}/org-applications", wanted)
    assert (org["state"], org["approver"]["name_zh"]) == ("APPLIED", "演示区")
    waiting = await whole(people, "district", f"{district}/org-applications", to_decide="true")
    assert org["id"] in {one["id"] for one in waiting}

    group = {"name": "演示小组", "parent": org["id"], "floor": "9"}
    early = await refusal(people.post("secretary", f"{tower}/orgs", group))
    assert (early.status, early.reason) == (409, "ORG_NOT_ACTIVE")
    person = (await people.get("secretary", f"{tower}/people", q="演示党员05"))["people"][0]
    post = {"org_id": org["id"], "person_id": person["id"], "post": "SECRETARY", "post_type": "PART_TIME"}
    early = await refusal(people.post("secretary", f"{tower}/cadres", post))
    assert (early.status, early.reason) == (409, "ORG_NOT_ACTIVE")
    hasty = await refusal(people.post("secretary", f"{tower}/orgs/{org['id']}:activate"))
    assert (hasty.status, hasty.reason) == (409, "ORG_WRONG_STATE")
    path = f"{street}/org-applications/{org['id']}:approve"
    own = await refusal(people.post("subdistrict", path, etag=org["etag"]))
    assert own.status == 403

    approved = await people.post(
        "district",
        f"{district}/org-applications/{org['id']}:approve",
        {"approved_on": "2016-07-01"},
        etag=org["etag"],
    )
    assert (approved["state"], approved["approved_on"]) == ("APPROVED", "2016-07-01")
    active = await people.post(
        "secretary", f"{tower}/orgs/{org['id']}:activate", {"founded_on": "2016-07-01"}
    )
    assert (active["state"], active["founded_on"]) == ("ACTIVE", "2016-07-01")
    made = await people.post("secretary", f"{tower}/orgs", group)
    assert (made["state"], made["parent"]) == ("ACTIVE", org["id"])
    # The demo district stays as it was for the others.
    await people.post("secretary", f"{tower}/orgs/{made['id']}:dissolve", {"reason": "演示结束"})
    seen = await people.get("district", f"{district}/org-applications/{org['id']}")
    gone = await people.post(
        "district",
        f"{district}/org-applications/{org['id']}:dissolve",
        {"reason": "演示结束"},
        etag=seen["etag"],
    )
    assert gone["state"] == "DISSOLVED"


async def test_the_building_branch_was_approved_on_the_first_of_july_2016(
    people: People, places: dict[str, str]
) -> None:
    orgs = await whole(people, "member", f"/v1/tenants/{places[T2]}/orgs", kind="BRANCH")
    named = {one["name"]: one for one in orgs}
    branch = named["华融国际大厦党支部"]
    assert (branch["founded_on"], branch["applicant"]["name_zh"]) == ("2016-07-01", STREET)
    assert sum(1 for one in orgs if one["enterprise_id"]) == 5


@pytest.mark.row("0-03/MEM")
async def test_one_secretary_and_a_superior_that_sees_its_subtree_only(
    people: People, places: dict[str, str]
) -> None:
    catering, logistics = f"/v1/tenants/{places[T1]}", f"/v1/tenants/{places[SUPERIOR]}"
    tree = await whole(people, "superior", f"{logistics}/org-tree")
    named = {one["name"]: one for one in tree}
    branch = named["第二支部"]
    assert branch["serves"] == "经营单位从业人员"
    assert (branch["superior"], named["后勤保障处党总支"]["kind"]) == (places[SUPERIOR], "GENERAL_BRANCH")
    assert {one["place"]["name_zh"] for one in tree} == {T1, SUPERIOR}
    assert {one["parent"] for one in tree if one["kind"] == "GROUP"} == {branch["id"]}
    other = await refusal(people.get("superior", f"/v1/tenants/{places[T2]}/orgs"))
    assert other.status == 404

    held = await people.get("secretary1", f"{catering}/cadres", org_id=branch["id"], post="SECRETARY")
    assert [one["display"] for one in held["cadres"]] == ["演**"]
    person = (await people.get("secretary1", f"{catering}/people", q="演示党员03"))["people"][0]
    post = {"org_id": branch["id"], "person_id": person["id"], "post": "SECRETARY", "post_type": "PART_TIME"}
    second = await refusal(people.post("secretary1", f"{catering}/cadres", post))
    assert (second.status, second.reason) == (409, "SECRETARY_EXISTS")


async def test_the_district_sees_figures_of_cadres_and_no_people(
    people: People, places: dict[str, str]
) -> None:
    tower = f"/v1/tenants/{places[T2]}"
    told = await people.get("district", f"{tower}/cadres:summary")
    known = await people.get("secretary", f"{tower}/cadres", page_size=100)
    at_work = {one["person_id"] for one in known["cadres"] if one["post"] != "RESERVE"}
    assert told["people"] == len(at_work) > 0
    assert all(band["withheld"] or band["count"] == 0 or band["count"] >= 3 for band in told["bands"])
    assert (await refusal(people.get("district", f"{tower}/cadres"))).status == 403
