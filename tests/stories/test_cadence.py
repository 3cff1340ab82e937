"""Obligations in periods through HTTP: what shows that they were met, who hears when they were not."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from demo.client import People, Refused, Reply
from tests.fixtures.waiting import eventually

TOWER = "华融国际大厦"
CATERING = "餐饮中心"
DONE = ("FULFILLED", "LATE")
DISTRICT_TIME = ZoneInfo("Asia/Shanghai")
LOOKED_AT_S = 150
"""A day that is over is looked at once a minute."""


def today() -> date:
    """The district's day."""
    return datetime.now(DISTRICT_TIME).date()


async def refusal(call: Any) -> str:
    """The reason why something is refused."""
    with pytest.raises(Refused) as refused:
        await call
    return refused.value.reason


async def owed(people: People, root: str, who: str, **filters: Any) -> Sequence[Reply]:
    """Obligations, the newest first."""
    found = await people.get(who, f"{root}/obligations", page_size=100, **filters)
    return list(found.get("obligations", ()))


async def row_of(people: People, root: str, who: str, code: str) -> Reply:
    """A rule on the board."""
    board = await people.get(who, f"{root}/cadence-board")
    return next(row for row in board["rows"] if row["rule"]["code"] == code)


def root_of(places: dict[str, str], name: str) -> str:
    """Where a tenant is in the API."""
    return f"/v1/tenants/{next(tenant for known, tenant in places.items() if name in known)}"


@pytest.mark.row("0-07/MEM")
async def test_a_day_without_a_contact_is_missed_the_leader_hears_and_the_subject_sees_the_entry(
    people: People, places: dict[str, str]
) -> None:
    root = root_of(places, TOWER)
    days = await owed(people, root, "leader", code="daily-contact")
    east = [one for one in days if one["subject_name"] == "12F 东区"]
    assert {one["state"] for one in east} >= {"FULFILLED"}
    assert all(one["evidence_id"] for one in east if one["state"] == "FULFILLED")

    # Nobody is liaison there: every day that is over was missed, today is still open.
    over: Sequence[Reply] = ()

    async def missed() -> bool:
        nonlocal over
        found = await owed(people, root, "leader", code="daily-contact")
        west = [one for one in found if one["subject_name"] == "12F 西区"]
        over = [one for one in west if one["close_date"] < today().isoformat()]
        return {one["state"] for one in over} == {"MISSED"}

    await eventually(missed, LOOKED_AT_S)
    assert all(one["level"] != "UNSPECIFIED" for one in over[-1:])

    async def told() -> bool:
        inbox = await people.get("leader", "/v1/me/messages", page_size=100)
        return any(one["subject_capability"] == "obligations" for one in inbox["messages"])

    await eventually(told)
    about = (await people.get("worker", f"{root}/contacts:about-me"))["contacts"]
    entries = {one["id"] for one in about}
    assert entries
    # A record shows it: nobody says so by hand.
    body = {"happened_date": over[0]["start_date"]}
    path = f"{root}/obligations/{over[0]['id']}:attest"
    assert await refusal(people.post("leader", path, body)) == "EVIDENCE_FROM_RECORDS"


@pytest.mark.row("0-08/MEM")
async def test_a_week_is_met_by_an_activity_that_was_held_not_by_one_that_was_published(
    people: People, places: dict[str, str]
) -> None:
    root = root_of(places, TOWER)
    weeks = await owed(people, root, "secretary", code="weekly-activity")
    met = [one for one in weeks if one["state"] in DONE]
    assert met
    held = {
        one["id"]
        for one in (
            await people.get("secretary", f"{root}/calendar", states=["CONFIRMED", "ARCHIVED"], page_size=100)
        )["activities"]
    }
    assert {one["evidence_id"] for one in met} <= held

    neighbour = root_of(places, CATERING)
    rule = {
        "title_zh": "每天有活动",
        "scope": "BUILDING",
        "period": "DAY",
        "evidence": "ACTIVITY",
        "synthetic": True,
    }
    path = f"{neighbour}/obligation-rules/daily-activity:set"
    made = await people.post("secretary1", path, rule, etag="0")
    (day,) = await owed(people, neighbour, "secretary1", code="daily-activity")
    starts = datetime.now(UTC) + timedelta(minutes=5)
    activity = {
        "title": "演示：只发布的活动",
        "kind": "FEATURE",
        "affairs": "PARTY",
        "hosts": ["PARTY"],
        "audience": ["WORKERS"],
        "place": "党员之家",
        "start_time": starts.isoformat(),
        "end_time": (starts + timedelta(hours=1)).isoformat(),
        "enrol_until_time": (starts - timedelta(minutes=1)).isoformat(),
        "capacity": 10,
        "synthetic": True,
    }
    drafted = await people.post("clerk1", f"{neighbour}/calendar", activity)
    await people.post("clerk1", f"{neighbour}/calendar/{drafted['id']}:publish", etag=drafted["etag"])
    again = await people.get("secretary1", f"{neighbour}/obligations/{day['id']}")
    assert (again["state"], again.get("evidence_id", "")) == ("OPEN", "")
    ended = await people.post(
        "secretary1", f"{neighbour}/obligation-rules/daily-activity:end", etag=made["etag"]
    )
    assert ended["standing"] == "NOT_CONFIGURED"


@pytest.mark.row("4-24/MEM")
async def test_the_secretary_in_person_names_the_activity_of_the_lecture(
    people: People, places: dict[str, str]
) -> None:
    root = root_of(places, TOWER)
    activities = (
        await people.get("secretary", f"{root}/calendar", states="CONFIRMED", kind="ORG_LIFE", page_size=100)
    )["activities"]
    lesson = next(one for one in activities if "党课" in one["title"])
    given = datetime.fromisoformat(lesson["start_time"]).astimezone(DISTRICT_TIME).date().isoformat()
    # The two months before the present may lie in two halves of a year: it counts for its own.
    halves = await owed(people, root, "secretary", code="secretary-lecture")
    (half,) = [one for one in halves if one["start_date"] <= given <= one["end_date"]]
    path = f"{root}/obligations/{half['id']}:attest"
    said = {"activity_id": lesson["id"]}
    if half["close_date"] < today().isoformat():
        # A week into January or July: the half of that lesson is closed, and in the present one is none yet.
        assert await refusal(people.post("secretary", path, said)) == "OBLIGATION_CLOSED"
        return
    assert await refusal(people.post("clerk", path, said)) == "NOT_THE_SECRETARY"
    salon = (
        await people.get("secretary", f"{root}/calendar", states="CONFIRMED", kind="SALON", page_size=1)
    )["activities"][0]
    no_lesson = {"activity_id": salon["id"]}
    assert await refusal(people.post("secretary", path, no_lesson)) == "ACTIVITY_NOT_HELD"
    done = await people.post("secretary", path, said)
    in_time = "FULFILLED" if today().isoformat() <= half["due_date"] else "LATE"
    assert (done["state"], done["evidence_id"]) == (in_time, lesson["id"])
    assert not done.get("attested")


@pytest.mark.row("3-23/MEM", partial=True)
async def test_a_site_is_inspected_every_week_unannounced_and_a_week_without_is_flagged(
    people: People, places: dict[str, str]
) -> None:
    root = root_of(places, "矿业服务")
    weeks = await owed(people, root, "secretary4", code="weekly-inspection")
    assert {one["scope"] for one in weeks} == {"SITE"}
    row = await row_of(people, root, "secretary4", "weekly-inspection")
    assert row["rule"]["unannounced"]

    async def flagged() -> bool:
        row = await row_of(people, root, "secretary4", "weekly-inspection")
        return bool(row.get("overdue", 0) == sum(one.get("missed", 0) for one in row["periods"]))

    await eventually(flagged, LOOKED_AT_S)
    # Whoever is on the site is not told before: neither a list nor a message shows a week that is still open.
    seen = await owed(people, root, "teamlead", code="weekly-inspection")
    assert all(one["state"] != "OPEN" for one in seen)


@pytest.mark.row("3-16/MEM")
async def test_what_is_not_configured_is_never_shown_as_met(people: People, places: dict[str, str]) -> None:
    root = root_of(places, "矿业服务")
    row = await row_of(people, root, "secretary4", "zone-assessment")
    assert row["rule"]["standing"] == "NOT_CONFIGURED"
    assert row.get("percent") is None
    assert not row.get("periods")
    regular = await row_of(people, root, "secretary4", "regular-visits")
    assert regular["rule"].get("period", "UNSPECIFIED") == "UNSPECIFIED"
    said = {"title_zh": "定期走访", "scope": "BUILDING", "evidence": "ATTESTED", "synthetic": True}
    path = f"{root}/obligation-rules/regular-visits:set"
    assert await refusal(people.post("secretary4", path, said, etag="0")) == "INVALID_REQUEST"


async def test_only_the_superior_lets_an_obligation_go_and_says_why(
    people: People, places: dict[str, str]
) -> None:
    root = root_of(places, CATERING)
    above = root_of(places, "后勤")
    below = (await people.get("superior", f"{above}/obligations-below", overdue=True, page_size=100))[
        "obligations"
    ]
    missed = next(one for one in below if one["code"] == "weekly-activity" and one["state"] == "MISSED")
    assert CATERING in missed["place_name"]
    path = f"{above}/obligations-below/{missed['id']}:waive"
    said = {"reason": "整楼停电检修"}
    assert await refusal(people.post("secretary1", path, said, etag=missed["etag"])) == "TENANT_NOT_FOUND"
    waived = await people.post("superior", path, said, etag=missed["etag"])
    assert waived["state"] == "WAIVED"
    seen = await people.get("secretary1", f"{root}/obligations/{missed['id']}")
    assert (seen["state"], seen["reason"]) == ("WAIVED", said["reason"])
