"""The appraisal of members and the democratic review through HTTP: months with their gaps, year-end stars, an
appeal, and a grade that somebody decides."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from demo.client import People, Refused
from tests.fixtures.waiting import eventually

MINE, MINES = "矿业服务公司", "矿区"

Json = dict[str, Any]


async def refusal(call: Callable[[], Awaitable[Any]]) -> str:
    """The reason of the refusal that a call meets."""
    with pytest.raises(Refused) as refused:
        await call()
    return refused.value.reason


class Branch:
    """The branch of the mine, whose months the demo lived through, and the superior above it."""

    def __init__(self, people: People, places: dict[str, str]) -> None:
        self.people, self.root = people, f"/v1/tenants/{places[MINE]}"
        self.above = f"/v1/tenants/{next(places[name] for name in places if MINES in name)}"

    async def period(self) -> Json:
        """The period of the demo: the one that was opened first."""
        found = await self.people.get("clerk4", f"{self.root}/appraisal-periods", page_size=100)
        first: Json = found["periods"][-1]
        return first

    async def person(self, name: str) -> str:
        """Somebody's id."""
        found = await self.people.get("clerk4", f"{self.root}/people", q=name)
        return str(next(one["id"] for one in found["people"] if one["name"] == name))

    async def sheet(self, name: str) -> Json:
        """Somebody's sheet in the period of the demo."""
        person, period = await self.person(name), await self.period()
        query = {"period_id": period["id"], "page_size": 100}
        found = await self.people.get("clerk4", f"{self.root}/appraisals", **query)
        return next(one for one in found["appraisals"] if one["person_id"] == person)

    async def do(self, who: str, one: Json, verb: str, body: Json | None = None) -> Json:
        """A verb on an appraisal as it was seen."""
        return await self.people.post(
            who, f"{self.root}/appraisals/{one['id']}:{verb}", body, etag=one["etag"]
        )

    async def confirmed(self, one: Json, outcome: str) -> Json:
        """Every target confirmed the same way."""
        for target in one["targets"]:
            body = {"target": target["item"]["code"], "outcome": outcome}
            one = await self.do("secretary4", one, "confirm", body)
        return one

    async def review(self, who: str, name: str) -> Json:
        """Somebody's review of the year."""
        person = await self.person(name)
        found = await self.people.get(who, f"{self.root}/reviews", page_size=100)
        return next(one for one in found["reviews"] if one["person_id"] == person)

    async def told(self, who: str, title: str) -> None:
        """A message arrives."""

        async def here() -> bool:
            messages = (await self.people.get(who, "/v1/me/messages"))["messages"]
            return title in {one["title"] for one in messages}

        await eventually(here)


@pytest.fixture
def mine(people: People, places: dict[str, str]) -> Branch:
    return Branch(people, places)


@pytest.mark.row("3-16/MEM")
async def test_a_missing_month_is_seen_and_is_neither_a_zero_nor_met(mine: Branch) -> None:
    one = await mine.sheet("演示党员09")
    gap = one["from_month"]
    assert one["months_missing"] == 1
    for target in one["targets"]:
        first, *others = target["months"]
        assert (first["month"], first["state"], first.get("score")) == (gap, "MISSING", None)
        assert {cell["state"] for cell in others} == {"ASSESSED"}
        assert target["months_due"] == target["months_assessed"] + 1
        assert target["score"] > 50
        assert not target.get("assessable")
    # The member sees the same gap.
    own = (await mine.people.get("member409", f"{mine.root}/appraisals:mine"))["appraisals"][0]
    assert (own["months_missing"], own["id"]) == (1, one["id"])
    # It cannot be confirmed as met, and there are no stars for what nobody looked at.
    code = one["targets"][0]["item"]["code"]
    as_met = {"target": code, "outcome": "MET"}
    assert await refusal(lambda: mine.do("secretary4", one, "confirm", as_met)) == "TARGET_NOT_ASSESSABLE"
    by_clerk = await refusal(lambda: mine.do("clerk4", one, "confirm", as_met))
    assert by_clerk == "PERMISSION_DENIED"
    one = await mine.confirmed(one, "NOT_ASSESSABLE")
    assert (one["state"], one.get("score"), one.get("proposed_stars")) == ("SCORED", None, None)


@pytest.mark.row("3-16/MEM")
async def test_months_and_four_channels_become_stars_that_the_member_may_appeal_against(mine: Branch) -> None:
    one = await mine.sheet("演示党员05")
    marks = await mine.people.get("clerk4", f"{mine.root}/appraisals/{one['id']}/marks", page_size=100)
    assert {mark["channel"] for mark in marks["marks"]} == {"MONTHLY", "ROUTINE", "ON_SITE", "DOCUMENTS"}
    assert await refusal(lambda: mine.do("secretary4", one, "show")) == "APPRAISAL_WRONG_STATE"
    hidden = {"target": "study", "outcome": "NOT_ASSESSABLE"}
    assert await refusal(lambda: mine.do("secretary4", one, "confirm", hidden)) == "TARGET_ASSESSABLE"
    one = await mine.confirmed(one, "MET")
    before = (await mine.people.get("member405", f"{mine.root}/appraisals:mine"))["appraisals"][0]
    assert before.get("proposed_stars") is None
    one = await mine.do("secretary4", one, "show")
    await mine.told("member405", "请查看您的责任区考核结果")
    own = (await mine.people.get("member405", f"{mine.root}/appraisals:mine"))["appraisals"][0]
    assert own["proposed_stars"] == one["proposed_stars"]
    assert own["verbs"] == ["accept", "appeal"]
    said = {"targets": ["study"], "reason": "外出学习没有计入"}
    foreign = await refusal(lambda: mine.do("member406", own, "appeal", said))
    assert foreign == "APPRAISAL_NOT_FOUND"
    own = await mine.do("member405", own, "appeal", said)
    await mine.told("superior4", "下级有一份考核申诉等待答复")
    below = f"{mine.above}/appraisals-below"
    waiting = await mine.people.get("superior4", below, appealed_only=True, page_size=100)
    seen = next(row for row in waiting["appraisals"] if row["id"] == own["id"])
    assert (seen["appeal"], seen.get("zones", [])) == (said["reason"], [])
    assert all(not target.get("months") for target in seen["targets"])
    better = {"stars": (own.get("proposed_stars", 0) + 1) % 6, "reason": "学习记录已核实"}
    path = f"{below}/{own['id']}:answer"
    done = await mine.people.post("superior4", path, better, etag=seen["etag"])
    assert (done["state"], done.get("stars", 0), done["corrected"]) == ("FINAL", better["stars"], True)
    final = (await mine.people.get("member405", f"{mine.root}/appraisals:mine"))["appraisals"][0]
    assert (final.get("stars", 0), final["answer"]) == (better["stars"], better["reason"])
    # What is final stays.
    for who, verb, body in (
        ("secretary4", "confirm", {"target": "study", "outcome": "NOT_MET"}),
        ("secretary4", "end", {}),
        ("member405", "appeal", said),
    ):
        late = await refusal(partial(mine.do, who, final, verb, body))
        assert late == "APPRAISAL_WRONG_STATE"


@pytest.mark.row("3-15/MEM")
async def test_a_period_keeps_the_version_of_the_rubric_under_which_it_was_opened(mine: Branch) -> None:
    people, path = mine.people, f"{mine.root}/appraisal-rubric"
    held = await people.get("secretary4", path)
    period, one = await mine.period(), await mine.sheet("演示党员10")
    items = [{**item, "weight": 20} for item in held["items"]]
    revised = {**{name: held[name] for name in ("star_steps", "months_percent", "due_days", "late_days")}}
    revised |= {"items": items, "appeal_days": held["appeal_days"] + 1}
    unfair = {**revised, "items": items[1:]}
    assert (
        await refusal(lambda: people.post("secretary4", f"{path}:set", unfair, etag=held["etag"]))
        == "WEIGHTS_DO_NOT_SUM"
    )
    new = await people.post("secretary4", f"{path}:set", revised, etag=held["etag"])
    assert int(new["etag"]) == int(held["etag"]) + 1
    assert (await mine.period())["rubric_version"] == period["rubric_version"]
    kept = await people.get("secretary4", path, version=period["rubric_version"])
    after = await mine.sheet("演示党员10")
    weights = [target["item"]["weight"] for target in after["targets"]]
    assert weights == [item["weight"] for item in kept["items"]]
    assert weights == [target["item"]["weight"] for target in one["targets"]]
    assert weights != [20] * len(weights)
    # A month belongs to one period of an organisation.
    again = {
        "org_id": period["org_id"],
        "from_month": period["until_month"],
        "until_month": period["until_month"],
    }
    refused = await refusal(lambda: people.post("secretary4", f"{mine.root}/appraisal-periods", again))
    assert refused in ("PERIODS_OVERLAP", "MONTH_IN_PAST")


@pytest.mark.row("3-17/MEM")
@pytest.mark.row("0-24/MEM")
async def test_the_result_is_one_basis_of_a_review_that_somebody_decides(mine: Branch) -> None:
    people, name, login = mine.people, "演示党员06", "member406"
    one = await mine.do("secretary4", await mine.confirmed(await mine.sheet(name), "MET"), "show")
    own = await mine.do(login, one, "accept")
    assert own["state"] == "FINAL"
    review = await mine.review("secretary4", name)
    basis = next(basis for basis in review["bases"] if basis["kind"] == "APPRAISAL")
    assert (basis["record_id"], basis.get("stars", 0)) == (own["id"], own.get("stars", 0))
    # It moves nothing by itself, alone it is not enough, and what is not there cannot be named.
    assert (review["state"], review["grade"]) == ("OPEN", "UNSPECIFIED")
    path = f"{mine.root}/reviews/{review['id']}"

    def decide(who: str, etag: str, *bases: str) -> Awaitable[Json]:
        body = {"grade": "EXCELLENT", "bases": list(bases)}
        return people.post(who, f"{path}:decide", body, etag=etag)

    first = review["etag"]
    assert await refusal(lambda: decide("secretary4", first, "APPRAISAL")) == "BASES_TOO_FEW"
    assert await refusal(lambda: decide("secretary4", first, "APPRAISAL", "SELF")) == "BASIS_NOT_THERE"
    assert await refusal(lambda: decide("clerk4", first, "APPRAISAL", "SELF")) == "PERMISSION_DENIED"
    rated = await people.post(login, f"{path}:rate", {"grade": "QUALIFIED"})
    assert (rated["state"], rated["grade"]) == ("OPEN", "UNSPECIFIED")
    assert await refusal(lambda: decide("secretary4", first, "APPRAISAL", "SELF")) == "ETAG_MISMATCH"
    tally = {"kind": "POLL", "tally": {"excellent": 9, "qualified": 2}, "reference": "〔2026〕12号"}
    polled = await people.post("clerk4", f"{path}:tally", tally, etag=rated["etag"])
    done = await decide("secretary4", polled["etag"], "APPRAISAL", "POLL")
    assert (done["state"], done["grade"]) == ("DECIDED", "EXCELLENT")
    assert {basis["kind"] for basis in done["bases"]} == {"APPRAISAL", "POLL"}
    mine_now = (await people.get(login, f"{mine.root}/reviews:mine"))["reviews"][0]
    assert (mine_now["grade"], mine_now.get("verbs", [])) == ("EXCELLENT", [])
    again = await refusal(lambda: people.post(login, f"{path}:rate", {"grade": "EXCELLENT"}))
    assert again == "REVIEW_WRONG_STATE"
    await mine.told(login, f"您的 {done['year']} 年民主评议等次已评定")


@pytest.mark.row("3-17/MEM")
async def test_an_award_rests_on_the_result_and_on_grounds_and_never_on_other_stars(mine: Branch) -> None:
    final = await mine.sheet("演示党员01")
    assert final["state"] == "FINAL"
    wish = {
        "person_id": final["person_id"],
        "kind": "STAR_MEMBER",
        "shown_as": "演示党员01",
        "stars": final["stars"],
        "appraisal_id": final["id"],
        "synthetic": True,
    }
    path, post = f"{mine.root}/honours", mine.people.post
    assert await refusal(lambda: post("clerk4", path, wish)) == "INVALID_REQUEST"
    more = {**wish, "grounds": "支部大会推荐", "stars": final["stars"] % 5 + 1}
    assert await refusal(lambda: post("clerk4", path, more)) == "APPRAISAL_DOES_NOT_FIT"
    made = await post("clerk4", path, {**wish, "grounds": "支部大会推荐"})
    assert (made["state"], made["appraisal_id"]) == ("NOMINATED", final["id"])
    await post("clerk4", f"{path}/{made['id']}:withdraw")
