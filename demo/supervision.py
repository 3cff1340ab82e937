"""餐饮中心 is supervised by the general branch above it: something is found, put right and verified."""

from datetime import timedelta
from typing import Any, Final

from demo.district import District
from demo.timeline import ZONE, Step, Timeline

_FOUND: Final = {"records": "两次党小组会没有签到表。", "theme-day": "九月主题党日没有留下记录。"}
_DAYS: Final = 14


def plan(made: District, timeline: Timeline) -> None:
    """Held in the middle of the two months; one finding is verified, the other still waits."""
    middle = len(timeline.ticks) // 2
    timeline.at(middle, "supervision", _hold(made, timeline))
    timeline.at(middle + 6, "supervision", _put_right(made))
    timeline.at(middle + 8, "supervision", _verify(made))


def _hold(made: District, timeline: Timeline) -> Step:
    async def step() -> None:
        people = made.people
        today = timeline.ticks[len(timeline.ticks) // 2].astimezone(ZONE).date()
        checklist = await people.get("superior", made.path("logistics", "supervision-checklist"))
        codes = [item["code"] for item in checklist["items"]]
        due = (today + timedelta(days=_DAYS)).isoformat()
        body: dict[str, Any] = {
            "place": made.tenants["t1"],
            "answers": [{"code": code, "met": code not in _FOUND} for code in codes],
            "findings": [{"code": code, "text": text, "due_date": due} for code, text in _FOUND.items()],
            "synthetic": True,
        }
        await people.post("superior", made.path("logistics", "supervisions-below"), body)

    return step


async def _first(made: District, who: str, path: str) -> Any:
    """The first finding of the newest supervision that somebody sees."""
    newest = (await made.people.get(who, path))["supervisions"][0]
    return (await made.people.get(who, f"{path}/{newest['id']}"))["findings"][0]


def _put_right(made: District) -> Step:
    async def step() -> None:
        finding = await _first(made, "secretary1", made.path("t1", "supervisions"))
        path = made.path("t1", f"supervision-findings/{finding['id']}:submit")
        body = {"measure": "补齐签到表，今后由组长当场收取。（演示）", "reference": "演示整改 01 号"}
        await made.people.post("secretary1", path, body, etag=finding["etag"])

    return step


def _verify(made: District) -> Step:
    async def step() -> None:
        finding = await _first(made, "superior", made.path("logistics", "supervisions-below"))
        path = made.path("logistics", f"findings-below/{finding['id']}:verify")
        await made.people.post("superior", path, {}, etag=finding["etag"])

    return step
