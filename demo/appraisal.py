"""The appraisal of the members of 矿业服务公司, month by month over the demo's time, and the year's review.

Two members have a month that nobody assessed. At the end one result is final, one waits for its member, one
for the superior's answer; one review is decided.
"""

from datetime import datetime
from typing import Final

from demo.district import District, Json, together
from demo.timeline import Step, Timeline

_FIGURES: Final = ("items", "star_steps", "months_percent", "due_days", "late_days", "appeal_days")
_GAPS: Final = (3, 8)
"""Whose first month nobody assessed, in the order of the roster's names."""
_WAYS: Final = ("ROUTINE", "ON_SITE", "DOCUMENTS")
_FIRST_RESULTS: Final = 3


async def begin(made: District, first: datetime, timeline: Timeline) -> None:
    """Decide the rubric as it is proposed, and open a period for the months of the demo; `first` is today."""
    people = made.people
    proposed = await people.get("secretary4", made.path("t4", "appraisal-rubric"))
    body = {name: proposed[name] for name in _FIGURES}
    await people.post(
        "secretary4", made.path("t4", "appraisal-rubric:set"), body, etag=proposed.get("etag", "0")
    )
    period = {
        "org_id": made.orgs["t4"],
        "from_month": f"{first:%Y-%m}",
        "until_month": f"{_closing(timeline)[1]:%Y-%m}",
        "synthetic": True,
    }
    await people.post("secretary4", made.path("t4", "appraisal-periods"), period)


def plan(made: District, first: datetime, timeline: Timeline) -> None:
    """Every month is assessed at its end, the last one before the targets are confirmed."""
    work = _Work(made)
    closing, day = _closing(timeline)
    # A first month in whose days nobody acts is assessed at once when they do.
    ends = {f"{first:%Y-%m}": 0}
    ends |= {f"{moment:%Y-%m}": tick for tick, moment in enumerate(timeline.ticks[: closing + 1])}
    for month, tick in ends.items():
        timeline.at(tick, "appraisal", work.month(month))
    timeline.at(closing + 1, "appraisal", work.results)
    timeline.at(closing + 2, "appraisal", work.answers)
    timeline.at(closing + 2, "reviews", work.reviews(day.year))


def _closing(timeline: Timeline) -> tuple[int, datetime]:
    """The tick at which the last month is assessed, and its moment; three are left for what follows."""
    closing = len(timeline.ticks) - 4
    return closing, timeline.ticks[closing]


class _Work:
    """What the branch and its members do."""

    def __init__(self, made: District) -> None:
        self._made, self._people = made, made.people

    async def _sheets(self) -> list[Json]:
        """The appraisals, by the members' names: 演示党员01 comes first."""
        path = self._made.path("t4", "appraisals")
        found = (await self._people.get("clerk4", path, page_size=100))["appraisals"]
        known = await self._people.get("clerk4", self._made.path("t4", "people"), q="演示党员", page_size=100)
        names = {one["id"]: one["name"] for one in known["people"]}
        return sorted(found, key=lambda one: names[one["person_id"]])

    def month(self, month: str) -> Step:
        """The clerk records a month of everybody; the other ways of looking are taken in turn."""

        async def step() -> None:
            sheets = await self._sheets()
            is_first = sheets[0]["from_month"] == month
            work = [
                self._record(sheet, number, month, "MONTHLY")
                for number, sheet in enumerate(sheets)
                if not (is_first and number in _GAPS)
            ]
            if is_first:
                work += [
                    self._record(sheet, number, month, way)
                    for number, sheet in enumerate(sheets)
                    for way in _WAYS
                ]
            await together(work)

        return step

    async def _record(self, sheet: Json, number: int, month: str, way: str) -> None:
        items = [target["item"] for target in sheet["targets"] if way in target["item"]["channels"]]
        marks = [
            {"target": item["code"], "score": 82 + (5 * number + 3 * place + int(month[-2:])) % 18}
            for place, item in enumerate(items)
        ]
        body = {"month": month, "channel": way, "marks": marks}
        if way == "DOCUMENTS":
            body["reference"] = f"〔{month[:4]}〕{number + 1}号"
        path = self._made.path("t4", f"appraisals/{sheet['id']}:record")
        await self._people.post("clerk4", path, body)

    async def results(self) -> None:
        """Three of them are confirmed and shown."""
        await together(self._shown(sheet) for sheet in (await self._sheets())[:_FIRST_RESULTS])

    async def _shown(self, sheet: Json) -> None:
        path = self._made.path("t4", f"appraisals/{sheet['id']}")
        one = sheet
        for target in sheet["targets"]:
            body = {"target": target["item"]["code"], "outcome": "MET"}
            one = await self._people.post("secretary4", f"{path}:confirm", body, etag=one["etag"])
        await self._people.post("secretary4", f"{path}:show", etag=one["etag"])

    async def answers(self) -> None:
        """The first accepts, the second has not looked yet, the third appeals."""
        accepted, _, appealed = (await self._sheets())[:_FIRST_RESULTS]
        path = self._made.path("t4", f"appraisals/{accepted['id']}:accept")
        await self._people.post("member401", path, etag=accepted["etag"])
        path = self._made.path("t4", f"appraisals/{appealed['id']}:appeal")
        said = {"targets": ["study"], "reason": "本月带队外出学习没有计入，请核对学习记录。"}
        await self._people.post("member403", path, said, etag=appealed["etag"])

    def reviews(self, year: int) -> Step:
        """The year's review: some rated themselves, one grade is decided."""

        async def step() -> None:
            body = {"org_id": self._made.orgs["t4"], "year": year, "synthetic": True}
            await self._people.post("clerk4", self._made.path("t4", "reviews:open"), body)
            await together(self._rated(login) for login in ("member402", "member403"))
            decided = await self._rated("member401")
            path = self._made.path("t4", f"reviews/{decided['id']}")
            tally = {
                "kind": "PEERS",
                "tally": {"excellent": 8, "qualified": 3},
                "reference": f"〔{year}〕3号",
            }
            decided = await self._people.post("clerk4", f"{path}:tally", tally, etag=decided["etag"])
            grade = {"grade": "EXCELLENT", "bases": ["SELF", "PEERS"]}
            await self._people.post("secretary4", f"{path}:decide", grade, etag=decided["etag"])

        return step

    async def _rated(self, login: str) -> Json:
        mine = await self._people.get(login, self._made.path("t4", "reviews:mine"))
        path = self._made.path("t4", f"reviews/{mine['reviews'][0]['id']}:rate")
        return await self._people.post(login, path, {"grade": "QUALIFIED"})
