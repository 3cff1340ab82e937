"""Reports and summaries through HTTP: what is returned fulfils nothing, what is accepted in time does."""

from typing import Any

import pytest

from demo.client import People, Refused, Reply
from tests.fixtures.waiting import eventually

TOWER = "华融国际大厦"
CATERING = "餐饮中心"
SENTENCE = "请补充下一步打算"


def root_of(places: dict[str, str], name: str) -> str:
    """Where a tenant is in the API."""
    return f"/v1/tenants/{next(tenant for known, tenant in places.items() if name in known)}"


async def refusal(call: Any) -> str:
    """The reason why something is refused."""
    with pytest.raises(Refused) as refused:
        await call
    return refused.value.reason


async def owed(people: People, root: str, who: str, code: str) -> list[Reply]:
    """Obligations of a rule, the newest first."""
    found = await people.get(who, f"{root}/obligations", code=code, page_size=100)
    return list(found.get("obligations", ()))


async def report_at_any_time(people: People, root: str, who: str) -> None:
    """Let the present period be reported today, whatever day it is."""
    held = await people.get(who, f"{root}/report-settings")
    await people.patch(who, f"{root}/report-settings", {"early_days": 100}, etag=held["etag"])


async def written(people: People, root: str, who: str, obligation: str) -> Reply:
    """The report of an obligation, begun if it is not yet, with words in it."""
    mine = (await people.get(who, f"{root}/reports", mine=True)).get("reports", ())
    found = next((one for one in mine if one["obligation_id"] == obligation), None)
    report = found or await people.post(who, f"{root}/reports", {"obligation_id": obligation})
    said = {"done": "联络区域每天有人到岗（演示）"}
    return await people.patch(who, f"{root}/reports/{report['id']}", said, etag=report["etag"])


async def move(people: People, who: str, path: str, report: Reply, verb: str, **body: Any) -> Reply:
    """A verb on what somebody has seen."""
    return await people.post(who, f"{path}/{report['id']}:{verb}", body, etag=report["etag"])


async def fulfilled(people: People, root: str, who: str, obligation: str, report: str) -> bool:
    """Whether a report fulfilled an obligation."""
    now = await people.get(who, f"{root}/obligations/{obligation}")
    return (now["state"], now.get("evidence_id")) == ("FULFILLED", report)


@pytest.mark.row("0-09/MEM")
async def test_a_month_that_was_returned_is_not_fulfilled_until_it_is_accepted(
    people: People, places: dict[str, str]
) -> None:
    root = root_of(places, TOWER)
    path = f"{root}/reports"
    await report_at_any_time(people, root, "secretary")
    months = await owed(people, root, "leader", "monthly-report")
    assert {one["subject_name"] for one in months} == {"12层党小组"}
    past = next(one for one in months if one["state"] in ("FULFILLED", "LATE"))
    kept = await people.get("secretary", f"{path}/{past['evidence_id']}")
    assert [one["outcome"] for one in kept["versions"]] == ["ACCEPTED", "RETURNED"]
    present = months[0]
    assert present["verbs"] == ["report"]
    attest = people.post("leader", f"{root}/obligations/{present['id']}:attest")
    assert await refusal(attest) == "EVIDENCE_FROM_RECORDS"
    assert await refusal(people.post("liaison", path, {"obligation_id": present["id"]})) == (
        "PERMISSION_DENIED"
    )

    report = await written(people, root, "leader", present["id"])
    assert report["versions"][0]["figures"]
    report = await move(people, "leader", path, report, "submit")
    assert await refusal(move(people, "clerk", path, report, "accept")) == "PERMISSION_DENIED"
    report = await move(people, "secretary", path, report, "return", sentence=SENTENCE)

    async def told() -> bool:
        inbox = await people.get("leader", "/v1/me/messages", page_size=100)
        return any(one["subject_id"] == report["id"] for one in inbox["messages"])

    await eventually(told)
    now = await people.get("leader", f"{root}/obligations/{present['id']}")
    assert (now["state"], now.get("evidence_id", "")) == ("OPEN", "")
    said = {"plans": "补上西区联络员（演示）"}
    report = await people.patch("leader", f"{path}/{report['id']}", said, etag=report["etag"])
    assert report["sentence"] == SENTENCE
    report = await move(people, "leader", path, report, "submit")
    report = await move(people, "secretary", path, report, "accept")
    await eventually(lambda: fulfilled(people, root, "leader", present["id"], report["id"]))
    again = people.patch("leader", f"{path}/{report['id']}", said, etag=report["etag"])
    assert await refusal(again) == "REPORT_ACCEPTED"


@pytest.mark.row("0-10/MEM")
async def test_a_summary_that_the_general_branch_accepts_in_time_turns_the_board_green(
    people: People, places: dict[str, str]
) -> None:
    root, above = root_of(places, CATERING), root_of(places, "后勤")
    below = f"{above}/reports-below"
    await report_at_any_time(people, root, "secretary1")

    async def cell() -> tuple[int, int]:
        board = await people.get("secretary1", f"{root}/cadence-board")
        row = next(one for one in board["rows"] if one["rule"]["code"] == "quarterly-summary")
        return row["periods"][0].get("open", 0), row["periods"][0].get("fulfilled", 0)

    present = (await owed(people, root, "clerk1", "quarterly-summary"))[0]
    assert await cell() == (1, 0)
    report = await written(people, root, "clerk1", present["id"])
    assert report["receiver_name"] == "后勤保障处党总支"
    assert await refusal(people.get("superior", f"{below}/{report['id']}")) == "REPORT_NOT_FOUND"
    report = await move(people, "clerk1", f"{root}/reports", report, "submit")
    by_itself = move(people, "secretary1", f"{root}/reports", report, "accept")
    assert await refusal(by_itself) == "REPORT_GOES_ABOVE"
    assert await refusal(people.get("subdistrict", f"{below}/{report['id']}")) == "TENANT_NOT_FOUND"
    waiting = (await people.get("superior", below, to_accept=True))["reports"]
    assert CATERING in next(one["place_name"] for one in waiting if one["id"] == report["id"])
    assert await cell() == (1, 0)
    await move(people, "superior", below, report, "accept")
    await eventually(lambda: fulfilled(people, root, "secretary1", present["id"], report["id"]))
    assert await cell() == (0, 1)
