"""Development of members in 华融国际大厦: an activist in the second half year of training, one who waits for
the sub-district, one whose talk is late, and one who has not confirmed yet. Everybody is invented.

What was handed in on paper before the demo begins is recorded by the clerk and confirmed by the person.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from demo.district import District, Json, together

_DAYS_IN_TRAINING: Final = 300
_REVIEW_AFTER_DAYS: Final = 175
_MENTORS: Final = 2


async def begin(made: District, first: datetime) -> None:
    """Everything is on days up to `first`, the day it is."""
    await together(
        [
            _trained(made, "activist", "演示骨干01", first),
            _waits_for_superior(made, "contact3", "演示联系人03", first),
            _recorded(made, "演示群众01", first, "演示申请书03"),
            _applied(made, "volunteer"),
        ]
    )


async def _trained(made: District, login: str, name: str, first: datetime) -> None:
    """An activist with mentors and one review; the next one comes due in the two months."""
    began = first - timedelta(days=_DAYS_IN_TRAINING)
    one = await _confirmed(made, login, name, began - timedelta(days=40), "演示申请书01")
    one = await _step(made, one, began - timedelta(days=20))
    one = await _step(made, one, began)
    one = await _filed(made, one, began + timedelta(days=7))
    people = await _members(made)
    one = await _step(made, one, began + timedelta(days=10), people=people[:_MENTORS])
    path = made.path("t2", f"development/{one['id']}:review")
    held = began + timedelta(days=_REVIEW_AFTER_DAYS)
    body = {"held_on": _day(held), "outcome": "PROGRESSING"}
    await made.people.post("clerk", path, body, etag=one["etag"])


async def _waits_for_superior(made: District, login: str, name: str, first: datetime) -> None:
    one = await _confirmed(made, login, name, first - timedelta(days=45), "演示申请书02")
    one = await _step(made, one, first - timedelta(days=30))
    await _step(made, one, first - timedelta(days=2))


async def _applied(made: District, login: str) -> None:
    """Applies on the phone, and nobody talks with them in time."""
    body = {"org_id": made.orgs["t2"], "synthetic": True}
    await made.people.post(login, made.path("t2", "development:apply"), body)


async def _recorded(made: District, name: str, on: datetime, number: str) -> Json:
    found = await made.people.get("clerk", made.path("t2", "people"), q=name)
    person = next(one["id"] for one in found["people"] if one["name"] == name)
    body = {
        "person_id": person,
        "org_id": made.orgs["t2"],
        "applied_on": _day(on),
        "document_no": number,
        "synthetic": True,
    }
    return await made.people.post("clerk", made.path("t2", "development"), body)


async def _confirmed(made: District, login: str, name: str, on: datetime, number: str) -> Json:
    one = await _recorded(made, name, on, number)
    return await made.people.post(login, made.path("t2", f"development/{one['id']}:confirm"))


async def _step(made: District, one: Json, on: datetime, **more: Any) -> Json:
    """The secretary does the branch's next step."""
    number = f"演示记录{one['done_steps'] + 1:02d}"
    body = {"step": one["next"]["code"], "done_on": _day(on), "document_no": number, **more}
    path = made.path("t2", f"development/{one['id']}:complete")
    return await made.people.post("secretary", path, body, etag=one["etag"])


async def _filed(made: District, one: Json, on: datetime) -> Json:
    """The sub-district does the superior's."""
    body = {"step": one["next"]["code"], "done_on": _day(on), "document_no": "演示备案01"}
    path = made.path("dinghe", f"development-below/{one['id']}:approve")
    return await made.people.post("subdistrict", path, body, etag=one["etag"])


async def _members(made: District) -> list[str]:
    """Full members of the building's branch."""
    query = {"org_id": made.orgs["t2"], "states": ["ACTIVE"], "page_size": 10}
    found = await made.people.get("clerk", made.path("t2", "members"), **query)
    return [one["person_id"] for one in found["members"]]


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
