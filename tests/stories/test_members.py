"""Who belongs where, through HTTP: T1 steps 3 and 6, T2 steps 2 to 4."""

from typing import Any

import pytest

from demo.client import People, Refused
from tests.fixtures.waiting import eventually

T1, T2, HOME = "餐饮中心", "华融国际大厦", "演示原支部"


async def refusal(call: Any) -> Refused:
    """The refusal that a call meets."""
    with pytest.raises(Refused) as refused:
        await call
    return refused.value


async def person(people: People, who: str, root: str, name: str) -> str:
    """Somebody of a roster, by name."""
    found = await people.get(who, f"{root}/people", q=name)
    return str(found["people"][0]["id"])


@pytest.mark.row("1-06/MEM")
@pytest.mark.row("2-07/MEM")
@pytest.mark.row("0-05/MEM", partial=True)
@pytest.mark.row("0-30/MEM")
async def test_a_worker_whose_branch_is_elsewhere(people: People, places: dict[str, str]) -> None:
    here, home = f"/v1/tenants/{places[T1]}", f"/v1/tenants/{places[HOME]}"
    orgs = (await people.get("clerk1", f"{here}/orgs", page_size=100))["orgs"]
    branch = next(one for one in orgs if one["kind"] == "BRANCH")
    group = next(one for one in orgs if one["kind"] == "GROUP" and one["floor"] == "2")
    firms = (await people.get("clerk1", f"{here}/enterprises"))["enterprises"]
    someone = await person(people, "clerk1", here, "演示员工11")
    body = {
        "person_id": someone,
        "org_id": branch["id"],
        "employer_id": firms[0]["id"],
        "home_id": places[HOME],
        "synthetic": True,
    }
    made = await people.post("clerk1", f"{here}/affiliations", body)
    assert (made["state"], bool(made["group_due_on"])) == ("DECLARED", True)
    verify = f"{here}/affiliations/{made['id']}:verify"
    early = await refusal(people.post("secretary1", verify, etag=made["etag"]))
    assert (early.status, early.reason) == (409, "NOT_CONFIRMED")

    async def told() -> bool:
        messages = (await people.get("worker1", "/v1/me/messages", page_size=100))["messages"]
        return any(one["subject_id"] == made["id"] for one in messages)

    await eventually(told)
    mine = (await people.get("worker1", f"{here}/affiliations:mine"))["affiliations"]
    assert [(one["id"], one["verbs"]) for one in mine] == [(made["id"], ["confirm", "object"])]
    made = await people.post("worker1", f"{here}/affiliations/{made['id']}:confirm")
    draft = await refusal(people.post("clerk1", verify, etag=made["etag"]))
    assert draft.status == 403
    made = await people.post("secretary1", verify, etag=made["etag"])
    assert made["state"] == "PENDING_HOME"

    async def home_told() -> bool:
        messages = (await people.get("home", "/v1/me/messages", page_size=100))["messages"]
        return any(one["subject_id"] == made["id"] for one in messages)

    await eventually(home_told)
    path = f"{home}/home-affiliations/{made['id']}:acknowledge"
    made = await people.post("home", path, etag=made["etag"])
    assert (made["state"], made["home"]["name_zh"]) == ("ACTIVE", HOME)
    made = await people.get("clerk1", f"{here}/affiliations/{made['id']}")

    # Found, and within the days in a group; then the worker changes the company.
    member = await people.get("clerk1", f"{here}/members/{made['member_id']}")
    assert (member["kind"], member["employer_id"]) == ("FLOATING", firms[0]["id"])
    move = f"{here}/members/{member['id']}:move"
    member = await people.post("clerk1", move, {"group_id": group["id"]}, etag=member["etag"])
    register = await people.get("clerk1", f"{here}/affiliations/{made['id']}")
    assert register["group_due_on"] == ""
    member = await people.post("clerk1", move, {"employer_id": firms[1]["id"]}, etag=member["etag"])
    assert (member["group_id"], member["org_id"]) == (group["id"], branch["id"])
    moves = (await people.get("clerk1", f"{here}/members/{member['id']}/moves"))["moves"]
    assert [one["employer_name"] for one in moves] == [
        firms[1]["name"],
        firms[0]["name"],
        firms[0]["name"],
    ]
    assert [bool(one["until_on"]) for one in moves] == [False, True, True]

    # The demo district stays as it was for the others.
    over = {"ending": "LEFT"}
    made = await people.get("secretary1", f"{here}/affiliations/{made['id']}")
    gone = await people.post("secretary1", f"{here}/affiliations/{made['id']}:end", over, etag=made["etag"])
    assert gone["state"] == "ENDED"


@pytest.mark.row("1-06/MEM")
async def test_both_sides_and_the_member_see_the_same_attendance(
    people: People, places: dict[str, str]
) -> None:
    here, home = f"/v1/tenants/{places[T2]}", f"/v1/tenants/{places[HOME]}"
    mine = (await people.get("floating", f"{here}/affiliations:mine"))["affiliations"][0]
    assert (mine["state"], mine["home"]["name_zh"]) == ("ACTIVE", HOME)

    async def own() -> dict[str, Any]:
        return await people.get("floating", f"{here}/affiliations/{mine['id']}/my-attendance")

    theirs: dict[str, Any] = {}

    async def counted() -> bool:
        nonlocal theirs
        theirs = await people.get("home", f"{home}/home-affiliations/{mine['id']}/attendance")
        known = any(one["kind"] == "ORG_LIFE" for one in theirs.get("counts", []))
        here_too = await people.get("secretary", f"{here}/affiliations/{mine['id']}/attendance")
        return known and theirs == await own() == here_too

    await eventually(counted)
    assert theirs["shared"]
    assert int(theirs["total"]) > 0
    assert (await refusal(people.get("home", f"{here}/affiliations/{mine['id']}"))).status == 404


@pytest.mark.row("1-03/MEM")
@pytest.mark.row("1-04/MEM", partial=True)
async def test_the_rosters_of_the_tower(people: People, places: dict[str, str]) -> None:
    here = f"/v1/tenants/{places[T2]}"
    told = await people.get("district", f"{here}/members:summary")
    by_org = {one["org_name"]: one for one in told["orgs"]}
    building = by_org.pop("华融国际大厦党支部")
    assert (building["own"], building["floating"], building["employers"]) == (0, 19, 19)
    with_members = [one for one in by_org.values() if one["own"]]
    assert (len(with_members), sum(one["own"] for one in with_members)) == (5, 37)
    assert (told["people"], told["own"], told["floating"]) == (56, 37, 19)
    assert (await refusal(people.get("district", f"{here}/members"))).status == 403
    homes = (await people.get("secretary", f"{here}/affiliations", page_size=100))["affiliations"]
    assert len(homes) == 19
    assert all(one["home"]["name_zh"] for one in homes)


async def test_a_member_objects_and_never_counts(people: People, places: dict[str, str]) -> None:
    here = f"/v1/tenants/{places[T2]}"
    orgs = (await people.get("clerk", f"{here}/orgs", kind="UNION"))["orgs"]
    someone = await person(people, "clerk", here, "演示白领03")
    body = {"person_id": someone, "body": "UNION", "org_id": orgs[0]["id"], "synthetic": True}
    made = await people.post("clerk", f"{here}/members", body)
    stranger = await refusal(people.post("worker2", f"{here}/members/{made['id']}:confirm"))
    assert stranger.status == 404
    gone = await people.post("worker3", f"{here}/members/{made['id']}:object")
    assert (gone["state"], gone["verbs"]) == ("DECLINED", [])
    told = await people.get("secretary", f"{here}/members:summary")
    assert told["proposed"] == 0
