"""Honours through HTTP: posts with a plaque, models and stars on the wall, and how they leave it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from demo.client import People, Refused
from tests.fixtures.waiting import eventually

MINE, TOWER, CATERING = "矿业服务公司", "华融国际大厦", "餐饮中心"
ORIGIN = "https://louyu.example"

Json = dict[str, Any]
WORDS: Json = {"citation": "三年零投诉", "grounds": "支部大会推荐", "synthetic": True}


async def refusal(call: Callable[[], Awaitable[Any]]) -> Refused:
    """The refusal that a call meets."""
    with pytest.raises(Refused) as refused:
        await call()
    return refused.value


class Branch:
    """One building: a clerk nominates, the secretary decides, and whoever is honoured answers."""

    def __init__(self, people: People, tenant: str, clerk: str, secretary: str) -> None:
        self.people, self.root = people, f"/v1/tenants/{tenant}"
        self.clerk, self.secretary = clerk, secretary

    async def nominated(self, name: str, kind: str, **more: Any) -> Json:
        """A nomination of somebody by name."""
        found = await self.people.get(self.clerk, f"{self.root}/people", q=name)
        wish = {
            "person_id": next(one["id"] for one in found["people"] if one["name"] == name),
            "kind": kind,
            "shown_as": f"{name[-2:]}号先锋",
            **WORDS,
            **more,
        }
        return await self.people.post(self.clerk, f"{self.root}/honours", wish)

    async def approved(self, name: str, kind: str, **more: Any) -> Json:
        """The secretary approved."""
        made = await self.nominated(name, kind, **more)
        path = f"{self.root}/honours/{made['id']}:approve"
        return await self.people.post(self.secretary, path, etag=made["etag"])

    async def displayed(self, who: str, name: str, kind: str, **more: Any) -> Json:
        """The nominee consented; as the clerk sees it."""
        made = await self.approved(name, kind, **more)
        await self.people.post(who, f"{self.root}/honours/{made['id']}:consent", etag=made["etag"])
        return await self.people.get(self.clerk, f"{self.root}/honours/{made['id']}")

    async def wall(self, who: str) -> dict[str, Json]:
        """Who is on display, as somebody of the building sees it."""
        found = await self.people.get(who, f"{self.root}/honours:wall")
        return {
            one["id"]: {**one, "floor": each.get("floor", "")}
            for each in found.get("floors", [])
            for one in each["honours"]
        }

    async def scan(self, code: str) -> Json:
        """What a plaque says to whoever stands before it."""
        return await self.people.look(f"{self.root}/honour-plaques/{code}")

    async def told(self, who: str, title: str) -> None:
        """A message arrives."""

        async def here() -> bool:
            messages = (await self.people.get(who, "/v1/me/messages", page_size=100))["messages"]
            return title in {one["title"] for one in messages}

        await eventually(here)


@pytest.fixture
def mine(people: People, places: dict[str, str]) -> Branch:
    return Branch(people, places[MINE], "clerk4", "secretary4")


@pytest.mark.row("0-12/MEM")
@pytest.mark.row("1-14/MEM")
async def test_the_qr_code_of_a_plaque_shows_approved_public_fields_only(mine: Branch) -> None:
    said = {"floor": "1", "place": "砂轮区"}
    held = await mine.displayed("member410", "演示党员10", "PIONEER_POST", **said)
    query = {"origin": ORIGIN, "ids": [held["id"]]}
    assert (await mine.people.download("clerk4", f"{mine.root}/honours:plaques", **query)).startswith(
        b"%PDF-"
    )
    seen = await mine.scan(held["code"])
    assert {name for name, value in seen.items() if value} == {
        *("kind", "shown_as", "floor", "place", "citation", "from_date", "until_date", "number"),
        *("building_zh", "building_en"),
    }
    assert (seen["shown_as"], seen["place"]) == ("10号先锋", "砂轮区")
    path = f"{mine.root}/honours/{held['id']}:stepDown"
    assert (await mine.people.post("member410", path))["ending"] == "STEPPED_DOWN"
    assert (await refusal(lambda: mine.scan(held["code"]))).reason == "HONOUR_PLAQUE_NOT_FOUND"


@pytest.mark.row("0-11/MEM")
async def test_models_are_shown_by_floor_and_a_revoked_one_leaves_the_wall_and_says_so(mine: Branch) -> None:
    held = await mine.displayed("member411", "演示党员11", "STAR_MEMBER", floor="2", stars=3)
    shown = (await mine.wall("worker4"))[held["id"]]
    assert (shown["floor"], shown["stars"], shown["shown_as"]) == ("2", 3, "11号先锋")
    path = f"{mine.root}/honours/{held['id']}:revoke"
    body = {"reason": "考核复查不符"}
    by_clerk = await refusal(lambda: mine.people.post("clerk4", path, body, etag=held["etag"]))
    assert by_clerk.reason == "PERMISSION_DENIED"
    gone = await mine.people.post("secretary4", path, body, etag=held["etag"])
    assert gone["state"] == "REVOKED"
    assert held["id"] not in await mine.wall("worker4")
    assert (await refusal(lambda: mine.scan(held["code"]))).status == 404
    own = (await mine.people.get("member411", f"{mine.root}/honours:mine"))["honours"]
    assert own[0]["reason"] == "考核复查不符"
    await mine.told("member411", "您的一项荣誉已被撤销")
    await mine.told("clerk4", "一项荣誉已被撤销")


async def test_who_does_not_consent_is_never_public(mine: Branch) -> None:
    before = await mine.wall("worker4")
    made = await mine.approved("演示党员12", "MODEL_MEMBER", floor="1")
    await mine.told("member412", "请确认是否同意公示您的荣誉")
    mine_now = (await mine.people.get("member412", f"{mine.root}/honours:mine"))["honours"][0]
    assert (mine_now["verbs"], mine_now.get("grounds", "")) == (["consent", "decline"], "")
    consent = f"{mine.root}/honours/{made['id']}:consent"
    by_other = await refusal(lambda: mine.people.post("member401", consent, etag=made["etag"]))
    assert by_other.reason == "HONOUR_NOT_FOUND"
    await mine.people.post("member412", f"{mine.root}/honours/{made['id']}:decline")
    assert await mine.wall("worker4") == before
    late = await refusal(lambda: mine.people.post("member412", consent, etag="3"))
    assert (late.status, late.reason) == (409, "HONOUR_WRONG_STATE")
    found = await mine.people.get("clerk4", f"{mine.root}/honours/{made['id']}")
    assert (found["state"], found.get("code", "")) == ("NOT_CONSENTED", "")
    await mine.told("clerk4", "一项荣誉本人未同意公示")


async def test_a_branch_decides_once_and_only_on_its_own(
    mine: Branch, people: People, places: dict[str, str]
) -> None:
    made = await mine.nominated("演示党员11", "PIONEER_POST", place="值班室")
    path = f"{mine.root}/honours/{made['id']}:approve"
    elsewhere = f"/v1/tenants/{places[TOWER]}/honours/{made['id']}:approve"
    foreign = await refusal(lambda: people.post("secretary", elsewhere, etag=made["etag"]))
    assert (foreign.status, foreign.reason) == (404, "HONOUR_NOT_FOUND")
    outside = await refusal(lambda: people.post("secretary", path, etag=made["etag"]))
    assert outside.status == 404
    seen = await people.post("secretary4", path, etag=made["etag"])
    second = await refusal(lambda: people.post("secretary4", path, etag=seen["etag"]))
    assert (second.status, second.reason) == (409, "HONOUR_WRONG_STATE")
    wish = {**WORDS, "person_id": seen["person_id"], "kind": "MODEL_MEMBER", "shown_as": "11号先锋"}
    own = await people.post("secretary4", f"{mine.root}/honours", wish)
    path = f"{mine.root}/honours/{own['id']}:approve"
    alone = await refusal(lambda: people.post("secretary4", path, etag=own["etag"]))
    assert alone.reason == "HONOUR_NOMINATED_BY_YOU"
    for one in (seen, own):
        await people.post("clerk4", f"{mine.root}/honours/{one['id']}:withdraw")


async def test_a_term_ran_out_while_the_clock_went_on(mine: Branch) -> None:
    listed = await mine.people.get("clerk4", f"{mine.root}/honours", states=["ENDED"], page_size=100)
    over = next(one for one in listed["honours"] if one["ending"] == "TERM_OVER")
    assert over["until_date"] < over["end_date"] < datetime.now(UTC).date().isoformat()
    assert over["id"] not in await mine.wall("worker4")
    await mine.told("member406", "您的一项荣誉已经结束")


@pytest.mark.row("0-14/MEM", partial=True)
async def test_a_merchant_takes_a_post_without_a_party_record(people: People, places: dict[str, str]) -> None:
    catering = Branch(people, places[CATERING], "clerk1", "secretary1")
    said = {"floor": "1", "place": "演示面馆"}
    as_member = await refusal(lambda: catering.nominated("演示联系人11", "PIONEER_POST", **said))
    assert (as_member.status, as_member.reason) == (409, "NOMINEE_NOT_MEMBER")
    shown = [one for one in (await catering.wall("worker1")).values() if one["kind"] == "MERCHANT_POST"]
    assert [(one["place"], one["floor"]) for one in shown] == [("演示面馆", "1")]
    mine = await people.get("contact1", f"{catering.root}/members:mine")
    assert mine.get("members", []) == []
