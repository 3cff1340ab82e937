"""Contacts through HTTP: the liaison's day, the care pair, and what the person they are about sees."""

import pytest

from demo.client import People, Refused, Reply

TOWER = "华融国际大厦"
TEXTS = {"note", "text", "remark", "summary", "description", "opinion", "profile"}


def names(value: object) -> set[str]:
    """Every name of a field in a reply."""
    if isinstance(value, dict):
        return set(value) | {name for inner in value.values() for name in names(inner)}
    return {name for inner in value for name in names(inner)} if isinstance(value, list) else set()


async def of_today(people: People, root: str, who: str, link: str, need: str = "NONE") -> Reply:
    """A contact of today; the one there is where the demo made it already."""
    body = {"link_id": link, "topic": "VISIT", "need": need, "synthetic": True}
    return await people.post(who, f"{root}/contacts", body)


async def pair(people: People, root: str, carer: str, worker: str) -> Reply:
    """A care pair of this test's own."""
    found = [
        (await people.get("secretary", f"{root}/people", q=name))["people"][0]["id"]
        for name in (carer, worker)
    ]
    body = {"kind": "CARE", "carer_id": found[0], "person_id": found[1], "synthetic": True}
    return await people.post("secretary", f"{root}/contact-links", body)


# Whether a day without an entry is missed is for the cadence to say; this is the evidence it waits for.
@pytest.mark.row("0-07/MEM", partial=True)
async def test_the_liaison_logs_a_contact_and_the_person_sees_it(
    people: People, places: dict[str, str]
) -> None:
    root = f"/v1/tenants/{places[TOWER]}"
    links = (await people.get("liaison", f"{root}/contact-links:mine"))["links"]
    assert {bool(one["person_id"]) for one in links} == {True, False}
    person = next(one for one in links if one["person_id"])
    if not person["contacted_today"]:
        await of_today(people, root, "liaison", person["id"])
    with pytest.raises(Refused) as twice:
        await people.post(
            "liaison", f"{root}/contacts", {"link_id": person["id"], "topic": "WORK", "need": "NONE"}
        )
    assert twice.value.reason == "CONTACT_EXISTS"
    with pytest.raises(Refused) as other:
        await of_today(people, root, "leader", person["id"])
    assert other.value.reason == "NOT_YOUR_CONTACT"
    about = (await people.get("worker", f"{root}/contacts:about-me"))["contacts"]
    assert about[0]["link"]["id"] == person["id"]
    assert not names(about) & TEXTS
    areas = (await people.get("leader", f"{root}/contacts:summary"))["areas"]
    assert [one["area_name"] for one in areas] == ["12F 东区"]
    assert areas[0]["days"] >= 5


@pytest.mark.row("2-17/MEM")
async def test_a_need_of_a_care_pair_becomes_a_ticket_and_the_worker_reads_and_objects(
    people: People, places: dict[str, str]
) -> None:
    root = f"/v1/tenants/{places[TOWER]}"
    link = await pair(people, root, "演示骨干01", "演示白领03")
    entry = await of_today(people, root, "activist", link["id"], "WORK")
    assert not names(entry) & TEXTS
    about = (await people.get("worker3", f"{root}/contacts:about-me"))["contacts"]
    assert (about[0]["id"], about[0]["verbs"]) == (entry["id"], ["object", "tie"])

    items = (await people.get("worker3", f"{root}/catalogue", page_size=100))["service_items"]
    item = next(one for one in items if not one.get("form") and one["sensitivity"] == "P1")
    filed = {"service_item_id": item["id"], "summary": "想了解技能培训的安排", "synthetic": True}
    ticket = await people.post("worker3", f"{root}/requests", filed)
    with pytest.raises(Refused):
        await people.post("activist", f"{root}/contacts/{entry['id']}:tie", {"ticket_id": ticket["id"]})
    tied = await people.post("worker3", f"{root}/contacts/{entry['id']}:tie", {"ticket_id": ticket["id"]})
    assert tied["ticket_id"] == ticket["id"]

    path = f"{root}/contacts/{entry['id']}"
    await people.post("worker3", f"{path}:object", {"objection": "NOT_HAPPENED"})
    seen = (await people.get("secretary", f"{root}/contacts", state="OBJECTED"))["contacts"]
    assert entry["id"] in {one["id"] for one in seen}
    removed = await people.post("secretary", f"{path}:decide", {"remove": True})
    assert removed["state"] == "REMOVED"
    assert not removed.get("link")
    about = (await people.get("worker3", f"{root}/contacts:about-me"))["contacts"]
    assert entry["id"] not in {one["id"] for one in about}
    await people.post("secretary", f"{root}/contact-links/{link['id']}:end")
