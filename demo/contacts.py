"""Who contacts whom in 华融国际大厦: the liaison of the twelfth floor, and a care pair."""

from collections.abc import Sequence
from typing import Any, Final

from demo.client import Refused
from demo.district import District
from demo.timeline import Step, Timeline

_TOPICS: Final = ("VISIT", "SERVICE", "SAFETY", "POLICY", "ACTIVITY", "WORK")
_DAYS: Final = 24
"""Ticks from the end in which the liaison is at work; the rest would be as many more rows of the same."""


async def begin(made: District) -> dict[str, list[str]]:
    """Say who is to be contacted; the links by the login of who contacts."""
    people, path = made.people, made.path("t2", "contact-links")
    network = await people.get("secretary", made.path("t2", "network"))
    floor = next(one for one in network["floors"] if one["floor"] == "12")
    east = next(one["id"] for one in floor["areas"] if one["name"] == "东区")
    worker, other = await _person(made, "演示白领01"), await _person(made, "演示白领02")
    wanted: Sequence[tuple[str, dict[str, Any]]] = (
        ("liaison", {"kind": "AREA", "area_id": east, "person_id": worker}),
        ("liaison", {"kind": "AREA", "area_id": east, "enterprise_id": made.firms["t2"][0]}),
        ("activist", {"kind": "CARE", "carer_id": await _person(made, "演示骨干01"), "person_id": other}),
    )
    found: dict[str, list[str]] = {}
    for login, link in wanted:
        opened = await people.post("secretary", path, {**link, "synthetic": True})
        found.setdefault(login, []).append(opened["id"])
    return found


async def _person(made: District, name: str) -> str:
    found = await made.people.get("secretary", made.path("t2", "people"), q=name)
    return str(found["people"][0]["id"])


def plan(made: District, links: dict[str, list[str]], timeline: Timeline) -> None:
    """The liaison is about on most days, the carer every now and then; a need comes up now and then."""
    last = len(timeline.ticks) - 1
    for number, tick in enumerate(range(max(0, last - _DAYS), last)):
        person, stall = links["liaison"]
        link = person if number % 3 == 0 else stall
        need = "LIFE" if number % 9 == 3 else "NONE"
        timeline.at(tick, "contact-liaison", _contact(made, "liaison", link, number, need))
        if number % 8 == 4:
            need = "LEARNING" if number == 4 else "NONE"
            step = _contact(made, "activist", links["activist"][0], number, need)
            timeline.at(tick, "contact-activist", step)


def _contact(made: District, login: str, link: str, number: int, need: str) -> Step:
    async def step() -> None:
        said = {
            "link_id": link,
            "topic": _TOPICS[number % len(_TOPICS)],
            "need": need,
            "synthetic": True,
        }
        try:
            await made.people.post(login, made.path("t2", "contacts"), said, key=str(number))
        except Refused as refused:
            # Two ticks may fall on one day, and a day has one contact with each.
            if refused.reason != "CONTACT_EXISTS":
                raise

    return step
