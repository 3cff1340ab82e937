"""Reporting to the community through HTTP: T5 step 8, exactly eight services are confirmed."""

from typing import Any

import pytest

from demo.client import People, Refused
from demo.community_checkins import TITLE

PLACE, COMMUNITY, ELSEWHERE = "机关后勤服务中心", "万方桥社区", "华融国际大厦"


async def refusal(call: Any) -> tuple[int, str]:
    """What refuses a call."""
    with pytest.raises(Refused) as refused:
        await call
    return refused.value.status, refused.value.reason


async def services(people: People, who: str, root: str, state: str = "") -> list[dict[str, Any]]:
    """The services that the demo's two months brought, as somebody sees them."""
    states = {"states": state} if state else {}
    found = (await people.get(who, root, page_size=100, **states))["services"]
    return [one for one in found if one["title"] == TITLE]


@pytest.mark.row("4-14/MEM")
async def test_the_community_confirms_and_exactly_eight_services_count(
    people: People, places: dict[str, str]
) -> None:
    root, here = (f"/v1/tenants/{places[name]}" for name in (PLACE, COMMUNITY))
    own, theirs = f"{root}/community-services", f"{here}/community-services-here"
    assert len(await services(people, "clerk5", own, "CONFIRMED")) == 8
    (waiting,) = await services(people, "clerk5", own, "REPORTED")
    back = {"reason": "日期与社区记录不符，请核对"}
    verb = f"{theirs}/{waiting['id']}"
    assert (await refusal(people.post("clerk5", f"{verb}:confirm", etag=waiting["etag"])))[0] == 404
    returned = await people.post("community", f"{verb}:return", back, etag=waiting["etag"])
    assert (returned["state"], returned["verbs"]) == ("TAKEN", [])

    # The figures are what the community confirmed, in whichever of the years the two months lie.
    confirmed = await services(people, "community", theirs, "CONFIRMED")
    years = {int(one["held_on"][:4]) for one in confirmed}
    told = [await people.get("secretary5", f"{root}/community-checkins:summary", year=year) for year in years]
    assert sum(one["services"] for one in told) == 8
    assert {group["group"] for one in told for group in one["groups"]} == {
        "LIVING_ALONE",
        "IN_NEED",
        "CHILDREN",
    }
    assert {(one["organisations"], one["members"]) for one in told} == {(1, 2)}
    assert sum(one["minutes"] for one in told) == 8 * 2 * 120

    # Who was helped stands nowhere: a group and a number, and no words that could hold a person's numbers.
    branch = next(one["checkin_id"] for one in confirmed)
    task = {"checkin_id": branch, "group": "IN_NEED", "due_on": "2099-01-01", "synthetic": True}
    named = {**task, "title": "看望张三 13912345678"}
    assert await refusal(people.post("clerk5", own, named)) == (400, "INVALID_REQUEST")
    assert not {"name", "person_id", "people"} & set(confirmed[0])
    assert {one["place_name"] for one in confirmed} == {PLACE}
    foreign = f"/v1/tenants/{places[ELSEWHERE]}/community-services"
    assert await services(people, "clerk", foreign) == []


@pytest.mark.row("4-14/MEM")
async def test_a_member_reports_where_they_live_and_the_organisation_hears_of_it(
    people: People, places: dict[str, str]
) -> None:
    root, here = (f"/v1/tenants/{places[name]}" for name in (PLACE, COMMUNITY))
    path = f"{root}/community-checkins"
    mine = await people.get("member503", f"{path}:mine")
    assert mine["member"]
    assert not mine.get("checkins")
    wish = {"community_id": places[COMMUNITY], "offers": ["PATROL"], "synthetic": True}
    assert await refusal(people.post("worker5", f"{path}:report", wish)) == (403, "NOT_A_MEMBER")
    made = await people.post("member503", f"{path}:report", wish)
    (listed,) = (
        await people.get("community", f"{here}/community-checkins-here", kind="MEMBER", states="REPORTED")
    )["checkins"]
    assert (listed["id"], listed["person_id"], listed["place_name"]) == (made["id"], "", PLACE)
    verb = f"{here}/community-checkins-here/{made['id']}:confirm"
    assert (await refusal(people.post("community", verb, etag=made["etag"])))[1] == "CHECKIN_POST"
    done = await people.post("community", verb, {"post": "PATROL"}, etag=made["etag"])
    assert (done["state"], done["post"]) == ("CONFIRMED", "PATROL")
    at_home = (await people.get("secretary5", path, kind="MEMBER", states="CONFIRMED"))["checkins"]
    assert made["id"] in {one["id"] for one in at_home}
    left = await people.post("member503", f"{path}/{made['id']}:leave")
    assert left["state"] == "ENDED"
