"""The three-level network through HTTP: T1 steps 1 and 2, T2 step 2."""

from typing import Any

import pytest

from demo.client import People, Refused

T1, T2, SUPERIOR = "餐饮中心", "华融国际大厦", "后勤保障处党总支"


async def missing(people: People, tenant: str) -> set[tuple[str, str]]:
    """The gaps of a building, as its secretary sees them."""
    network = await people.get("secretary1", f"/v1/tenants/{tenant}/network")
    return {(gap["kind"], gap["floor"]) for gap in network["gaps"]}


async def percent(people: People, who: str, tenant: str) -> int:
    """How far a building's checklist is."""
    return int((await people.get(who, f"/v1/tenants/{tenant}/network:checklist"))["percent"])


@pytest.mark.row("0-01/MEM")
@pytest.mark.row("0-06/MEM")
async def test_the_network_is_complete_only_with_a_group_and_a_liaison_on_every_floor(
    people: People, places: dict[str, str]
) -> None:
    catering, logistics = f"/v1/tenants/{places[T1]}", f"/v1/tenants/{places[SUPERIOR]}"
    opened = await people.get("superior", f"{logistics}/network-checklists")
    ours = {one["name_zh"]: one for one in opened["checklists"]}
    assert (ours[T1]["initiative"], ours[T1]["percent"]) == ("整楼推进", 100)
    whole = await people.get("superior", f"{catering}/network:checklist")
    kinds = [item["kind"] for item in whole["items"]]
    assert (kinds.count("GROUP"), kinds.count("LIAISON"), kinds.count("BRANCH")) == (4, 4, 1)
    assert await missing(people, places[T1]) == set()

    network = await people.get("secretary1", f"{catering}/network")
    fourth = next(floor for floor in network["floors"] if floor["floor"] == "4")
    area = fourth["areas"][0]
    await people.post("secretary1", f"{catering}/network/areas/{area['id']}:vacate")
    assert await missing(people, places[T1]) == {("AREA_VACANT", "4")}
    assert await percent(people, "superior", places[T1]) == 90
    liaison = {"person_id": area["liaison"]["person_id"]}
    await people.post("secretary1", f"{catering}/network/areas/{area['id']}:appoint", liaison, key="again")

    group = fourth["groups"][0]["org_id"]
    await people.post("secretary1", f"{catering}/orgs/{group}:dissolve", {"reason": "演示调整"})
    assert await missing(people, places[T1]) == {("FLOOR_WITHOUT_GROUP", "4")}
    assert await percent(people, "superior", places[T1]) == 90
    orgs = await people.get("secretary1", f"{catering}/orgs", kind="BRANCH")
    formed = {"name": "4层党小组", "parent": orgs["orgs"][0]["id"], "floor": "4"}
    await people.post("secretary1", f"{catering}/orgs", formed)
    assert await percent(people, "superior", places[T1]) == 100


async def test_a_neighbour_sees_nothing_and_a_member_only_who_leads(
    people: People, places: dict[str, str]
) -> None:
    for who, tenant, status in (("secretary1", T2, 404), ("member", T2, 403)):
        with pytest.raises(Refused) as refused:
            await people.get(who, f"/v1/tenants/{places[tenant]}/network")
        assert refused.value.status == status
    own = await people.get("leader", f"/v1/tenants/{places[T2]}/network")
    assert [floor["floor"] for floor in own["floors"]] == ["12"]


@pytest.mark.row("0-30/MEM", partial=True)
async def test_organisation_and_work_are_counted_apart_with_the_uncovered_named(
    people: People, places: dict[str, str]
) -> None:
    tower = f"/v1/tenants/{places[T2]}"
    coverage = await people.get("secretary", f"{tower}/network:coverage")
    # 152 of document 1, and whatever other tests have registered in the same building.
    registry = await people.get("secretary", f"{tower}/enterprises:summary")
    assert coverage["enterprises"] == registry["total"] >= 152
    assert coverage["organised"] == registry["with_branch"] == 5
    floors = {floor["floor"]: floor for floor in coverage["floors"]}
    worked = {floor for floor, one in floors.items() if one["worked"]}
    assert worked == {"8", "12", "20"}
    assert coverage["worked"] == sum(floors[floor]["enterprises"] for floor in worked)
    found: list[dict[str, Any]] = []
    token = ""
    while True:
        page = await people.get(
            "secretary",
            f"{tower}/network/uncovered",
            kind="ORGANISATION",
            page_size=100,
            page_token=token,
        )
        found += page["enterprises"]
        token = page["next_page_token"]
        if not token:
            break
    assert len(found) == coverage["enterprises"] - 5
    assert "新华保险集团" not in {one["name"] for one in found}
