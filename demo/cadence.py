"""What is to be done in periods: rules out of their sources, and the leader of a floor to be told of it."""

from datetime import date
from typing import Any, Final

from demo.district import District
from demo.timeline import Timeline

_SAID: Final = (
    "title_zh",
    "title_en",
    "scope",
    "period",
    "evidence",
    "activity_kind",
    "due_days",
    "grace_days",
    "unannounced",
)
_FROM_THE_BEGINNING: Final = {
    "t1": (
        "secretary1",
        ("weekly-activity", "monthly-report", "quarterly-summary", "online-supervision"),
    ),
    "t2": (
        "secretary",
        ("weekly-activity", "theme-day", "monthly-report", "members-meeting", "secretary-lecture"),
    ),
    "t4": ("secretary4", ("weekly-inspection",)),
}
_CONTACT_TICKS: Final = 24
"""As long as the liaison is at work in the demo."""


async def begin(made: District, timeline: Timeline) -> None:
    """Configure rules as their sources propose them; some stay unconfigured. The leader of the twelfth floor
    is on record, to be told what its areas miss."""
    await _lead(made, "12", "演示组长01")
    for key, (who, codes) in _FROM_THE_BEGINNING.items():
        await _adopt(made, key, who, codes)
    since = timeline.ticks[max(0, len(timeline.ticks) - _CONTACT_TICKS)].date()
    await _adopt(made, "t2", "secretary", ("daily-contact",), since)


async def _lead(made: District, floor: str, name: str) -> None:
    people = made.people
    groups = await people.get("secretary", made.path("t2", "orgs"), floor=floor)
    found = await people.get("secretary", made.path("t2", "people"), q=name)
    body = {
        "org_id": groups["orgs"][0]["id"],
        "person_id": found["people"][0]["id"],
        "post": "SECRETARY",
        "post_type": "PART_TIME",
        "synthetic": True,
    }
    await people.post("secretary", made.path("t2", "cadres"), body)


async def _adopt(
    made: District, key: str, who: str, codes: tuple[str, ...], since: date | None = None
) -> None:
    people = made.people
    board = await people.get(who, made.path(key, "cadence-board"))
    proposed = {row["rule"]["code"]: row["rule"] for row in board["rows"]}
    for code in codes:
        rule = proposed[code]
        body: dict[str, Any] = {name: rule[name] for name in _SAID if name in rule}
        body |= {"from_date": since.isoformat() if since else "", "synthetic": True}
        path = made.path(key, f"obligation-rules/{code}:set")
        await people.post(who, path, body, etag=rule.get("etag", "0"))
