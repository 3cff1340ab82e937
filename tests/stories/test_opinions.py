"""Opinions through HTTP: asked of three classes, given to a delegate, counted as themes, measured twice."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chassis.ids import new_id
from demo.client import People, Refused
from tests.fixtures.waiting import eventually

T2, T3, T5 = "华融国际大厦", "新多集团党群服务中心", "机关后勤服务中心"
THREE = ["RESIDENT_UNIT", "COMMISSIONED_UNIT", "CADRE"]


class Opinions:
    """One organisation's opinions as the story's people use them."""

    def __init__(self, people: People, tenant: str) -> None:
        self.people = people
        self.root = f"/v1/tenants/{tenant}"

    async def get(self, who: str, rest: str, **query: Any) -> dict[str, Any]:
        return await self.people.get(who, f"{self.root}/{rest}", **query)

    async def post(self, who: str, rest: str, etag: str = "", **body: Any) -> dict[str, Any]:
        return await self.people.post(who, f"{self.root}/{rest}", body, etag=etag, key=new_id())

    async def suggest(self, who: str, text: str, **more: Any) -> dict[str, Any]:
        body: dict[str, Any] = {"respondent_class": "WORKER", "synthetic": True} | more
        return await self.post(who, "opinions", text=text, **body)

    async def refused(self, who: str, rest: str, etag: str = "", **body: Any) -> tuple[int, str]:
        with pytest.raises(Refused) as refusal:
            await self.post(who, rest, etag, **body)
        return refusal.value.status, refusal.value.reason

    async def told(self, who: str, suggestion: dict[str, Any], words: str) -> bool:
        messages = (await self.people.get(who, "/v1/me/messages", page_size=50))["messages"]
        return any(one["subject_id"] == suggestion["id"] and words in one["title"] for one in messages)


@pytest.fixture
async def tower(people: People, places: dict[str, str]) -> Opinions:
    return Opinions(people, places[T2])


@pytest.mark.row("4-04/TKT")
async def test_t5_1_and_3_three_classes_are_asked_eight_answer_and_each_gets_a_reply(
    people: People, places: dict[str, str]
) -> None:
    bodies = Opinions(people, places[T5])
    asked = await bodies.post(
        "clerk5",
        "opinion-campaigns",
        kind="SURVEY",
        title="演示征集",
        classes=THREE,
        opens_on="2020-01-01",
        closes_on="2099-12-31",
        synthetic=True,
    )
    draft = await bodies.refused(
        "worker5", "opinions", respondent_class="CADRE", text="x", campaign_id=asked["id"]
    )
    assert draft == (404, "CAMPAIGN_NOT_FOUND"), "nobody else sees what is being prepared"
    await bodies.post("clerk5", f"opinion-campaigns/{asked['id']}:open")

    own = [
        await bodies.suggest(
            "worker5", f"干部职工的建议 {n}", respondent_class="CADRE", campaign_id=asked["id"]
        )
        for n in range(3)
    ]
    paper = [
        await bodies.post(
            "clerk5",
            "opinions:record",
            respondent_class=THREE[n % 2],
            respondent="演示单位",
            text=f"单位的建议 {n}",
            campaign_id=asked["id"],
            synthetic=True,
        )
        for n in range(5)
    ]
    all_eight = [*own, *paper]
    assert len({one["number"] for one in all_eight}) == len({one["text"] for one in all_eight}) == 8
    assert await bodies.refused(
        "worker5", "opinions", respondent_class="PUBLIC", text="x", campaign_id=asked["id"]
    ) == (
        400,
        "CLASS_NOT_ASKED",
    )

    for n, one in enumerate(all_eight):
        path = f"opinions/{one['id']}"
        if n % 4 == 3:
            await bodies.post("secretary5", f"{path}:explain", reason="明年再办")
        else:
            await bodies.post("secretary5", f"{path}:adopt", decision="列为项目")
            assert await bodies.refused("secretary5", f"{path}:reply", reply="好") == (
                409,
                "SUGGESTION_WRONG_STATE",
            )
            await bodies.post("secretary5", f"{path}:link", action="作风能力提升项目")
        await bodies.post("clerk5", f"{path}:reply", reply="已办理，谢谢")

    seen = await bodies.get("clerk5", f"opinion-campaigns/{asked['id']}")
    progress = {one["respondent_class"]: (one["received"], one["replied"]) for one in seen["progress"]}
    assert progress == {"RESIDENT_UNIT": (3, 3), "COMMISSIONED_UNIT": (2, 2), "CADRE": (3, 3)}
    mine = await bodies.get("worker5", "opinions", mine=True, campaign_id=asked["id"])
    assert [one["reply"] for one in mine["suggestions"]] == ["已办理，谢谢"] * 3
    await eventually(lambda: bodies.told("worker5", own[0], "已采纳"))
    await eventually(lambda: bodies.told("worker5", own[0], "答复"))
    await bodies.post("clerk5", f"opinion-campaigns/{asked['id']}:close")
    late = await bodies.refused(
        "worker5", "opinions", respondent_class="CADRE", text="x", campaign_id=asked["id"]
    )
    assert late == (404, "CAMPAIGN_NOT_FOUND"), "a closed campaign is no page of theirs any more"


@pytest.mark.row("2-11/TKT")
async def test_what_is_said_to_a_delegate_is_answered_by_the_delegate(
    people: People, places: dict[str, str]
) -> None:
    centre = Opinions(people, places[T3])
    await people.sign_in("delegate")
    day: dict[str, Any] = {
        "kind": "SESSION",
        "title": "演示接待日",
        "start_time": "2026-11-21T01:00:00Z",
        "place": "党代表工作室",
        "synthetic": True,
    }
    assert await centre.refused("delegate", "opinion-campaigns", **day, host=new_id()) == (
        403,
        "NOT_THE_HOST",
    )
    held = await centre.post("delegate", "opinion-campaigns", **day, host=people.accounts["delegate"])
    await centre.post("delegate", f"opinion-campaigns/{held['id']}:open")
    to_host = await centre.suggest("worker33", "职工之家周末也开放", campaign_id=held["id"])
    direct = await centre.suggest("worker33", "给书屋添几盏台灯")
    assert (to_host["source"], to_host["assignee"]) == ("SESSION", people.accounts["delegate"])
    await eventually(lambda: centre.told("delegate", to_host, "意见建议"))

    given = await centre.get("delegate", "opinions", page_size=100)
    ids = {one["id"] for one in given["suggestions"]}
    assert to_host["id"] in ids
    assert direct["id"] not in ids, "a delegate sees what was given to them"
    with pytest.raises(Refused) as hidden:
        await centre.get("delegate", f"opinions/{direct['id']}")
    assert (hidden.value.status, hidden.value.reason) == (404, "SUGGESTION_NOT_FOUND")

    assigned = await centre.post(
        "clerk3", f"opinions/{direct['id']}:assign", direct["etag"], assignee=people.accounts["delegate"]
    )
    ticket = (await centre.get("clerk3", "requests"))["tickets"][0]
    for one, linker, link in (
        (to_host, "delegate", {"action": "总支会议研究"}),
        (assigned, "clerk3", {"ticket_id": ticket["id"]}),
    ):
        path = f"opinions/{one['id']}"
        await centre.post("delegate", f"{path}:adopt", decision="向总支反映")
        linked = await centre.post(linker, f"{path}:link", **link)
        assert linked["ticket_number"] == (ticket["number"] if "ticket_id" in link else "")
        done = await centre.post("delegate", f"{path}:reply", reply="已协调落实")
        assert done["state"] == "REPLIED"
    await eventually(lambda: centre.told("worker33", to_host, "答复"))


async def test_nobody_learns_who_wrote_an_anonymous_suggestion_and_its_author_gets_the_reply(
    tower: Opinions, people: People
) -> None:
    made = await tower.suggest("worker2", "夜里电梯厅太暗", anonymous=True)
    assert made["author"] == people.accounts["worker2"]
    path = f"opinions/{made['id']}"
    for who in ("clerk", "secretary"):
        seen = await tower.get(who, path)
        steps = (await tower.get(who, f"{path}/steps"))["steps"]
        assert (seen["author"], seen["mine"], seen["anonymous"]) == ("", False, True)
        assert [step["actor"] for step in steps] == [""]
    for who in ("worker", "contact", "leader", "member"):
        with pytest.raises(Refused) as refused:
            await tower.get(who, path)
        assert (refused.value.status, refused.value.reason) == (404, "SUGGESTION_NOT_FOUND")
    await tower.post("clerk", f"{path}:explain", reason="已排入改造")
    assert await tower.refused("worker2", f"{path}:withdraw") == (409, "SUGGESTION_WRONG_STATE")
    await tower.post("clerk", f"{path}:reply", reply="改造后会全天亮灯")
    await eventually(lambda: tower.told("worker2", made, "答复"))


@pytest.mark.row("0-20/TKT")
async def test_themes_are_reported_for_a_month_and_only_from_ten_persons_on(tower: Opinions) -> None:
    settings = await tower.get("secretary", "opinion-settings")
    assert settings["theme_threshold"] == 10
    low = {"theme_threshold": 4, "answer_threshold": 5}
    with pytest.raises(Refused) as refused:
        await tower.people.patch("secretary", f"{tower.root}/opinion-settings", low, etag=settings["etag"])
    assert refused.value.status == 400
    said = (await tower.get("clerk", "opinions", source="DIRECT", page_size=100))["suggestions"]
    assert all("theme" not in one for one in said), "a theme is not kept with a suggestion"
    first = datetime.fromisoformat(min(one["create_time"] for one in said)).astimezone(
        ZoneInfo("Asia/Shanghai")
    )
    report = await tower.get("secretary", "opinions:themes", month=f"{first:%Y-%m}")
    shown = {one["theme"]: one["persons"] for one in report["themes"] if not one["hidden"]}
    assert shown == {"CANTEEN": 11}
    assert all(one["persons"] == 0 for one in report["themes"] if one["hidden"])
    assert (report["total_hidden"], report["total"]) == (True, 0), "the total would give the hidden away"
    with pytest.raises(Refused) as running:
        await tower.get(
            "secretary", "opinions:themes", month=f"{datetime.now(ZoneInfo('Asia/Shanghai')):%Y-%m}"
        )
    assert (running.value.status, running.value.reason) == (409, "MONTH_NOT_OVER")
    for who in ("worker", "contact", "leader", "delegate"):
        with pytest.raises(Refused) as denied:
            await tower.get(who, "opinions:themes", month=f"{first:%Y-%m}")
        assert denied.value.status in (403, 404)


# The good-deed log is a part of the requests capability and still to come.
@pytest.mark.row("3-38/TKT", partial=True)
async def test_satisfaction_is_asked_before_and_after_and_both_waves_are_shown(tower: Opinions) -> None:
    people = ("worker", "worker2", "worker3", "member", "public")
    survey = await tower.post(
        "clerk",
        "satisfaction",
        title="演示满意度",
        dimensions=[{"name_zh": "及时", "name_en": "Speed"}, {"name_zh": "态度", "name_en": "Manner"}],
        synthetic=True,
    )
    path = f"satisfaction/{survey['id']}"
    assert (await tower.refused("worker", f"{path}:answer", scores=[3, 3]))[0] == 404
    for scores, etag in (([2, 3], "1"), ([4, 5], "3")):
        opened = await tower.post("clerk", f"{path}:open", etag)
        for who in people:
            answered = await tower.post(who, f"{path}:answer", scores=scores)
            assert answered["answered"] is True
        assert await tower.refused("worker", f"{path}:answer", scores=[5, 5]) == (409, "ALREADY_ANSWERED")
        seen = await tower.get("clerk", path)
        assert len(seen["results"]) == (0 if etag == "1" else 1), "a wave that asks shows nothing"
        await tower.post("clerk", f"{path}:close", opened["etag"])
    done = await tower.get("worker", path)
    assert done["state"] == "DONE"
    assert [(one["wave"], one["answers"], one["means"]) for one in done["results"]] == [
        ("BEFORE", 5, [2, 3]),
        ("AFTER", 5, [4, 5]),
    ]
