"""Reports of a month by the leader of the twelfth floor, a summary of a quarter by the branch of 餐饮中心."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from demo.district import District
from demo.timeline import ZONE, Step, Timeline

_DONE: Final = "走访了本层企业，组织党员参加支部活动，联络区域每天有人到岗。（演示）"
_SUMMARY: Final = "各楼层党小组都已成立，全楼活动按周开展，走访了经营单位。（演示）"
_PROBLEMS: Final = "西区还没有联络员。"
_PLANS: Final = "下月补上西区联络员，办一次楼层党小组学习。"
_SENTENCE: Final = "请补充下一步打算。"


def plan(made: District, timeline: Timeline) -> None:
    """When a month is over the leader reports it, the secretary returns it once and then accepts it; the
    present month is a draft. When a quarter is over the branch sums it up, and the superior accepts."""
    for tick, moment in enumerate(timeline.ticks):
        before = timeline.ticks[tick - 1] if tick else moment
        if moment.month == before.month:
            continue
        hands = (
            _submit("leader", {"done": _DONE, "problems": _PROBLEMS}),
            _Hand("secretary", "return", {"sentence": _SENTENCE}),
            _submit("leader", {"plans": _PLANS}),
            _Hand("secretary", "accept", {}),
        )
        timeline.at(tick, "report", _begin(made, "t2", "leader", "monthly-report", moment))
        for later, hand in enumerate(hands, start=1):
            timeline.at(tick + later, "report", _all(made, hand))
        timeline.at(tick, "summary", _begin(made, "t1", "clerk1", "quarterly-summary", moment))
        summary = (
            _submit("clerk1", {"done": _SUMMARY}, "t1"),
            _Hand("superior", "accept", {}, "logistics", "reports-below"),
        )
        for later, hand in enumerate(summary, start=1):
            timeline.at(tick + later, "summary", _all(made, hand))
    timeline.at(len(timeline.ticks) - 1, "report", _begin(made, "t2", "leader", "monthly-report"))


def _begin(made: District, key: str, who: str, code: str, now: datetime | None = None) -> Step:
    """Begin what is owed; with `now` only for periods that are over by then."""

    async def step() -> None:
        people, path = made.people, made.path(key, "reports")
        owed = await people.get(who, made.path(key, "obligations"), code=code, state="OPEN")
        written = {one["obligation_id"] for one in (await people.get(who, path)).get("reports", ())}
        for one in owed.get("obligations", ()):
            is_over = now is None or one["end_date"] < now.astimezone(ZONE).date().isoformat()
            if is_over and one["id"] not in written and "report" in one.get("verbs", ()):
                await people.post(who, path, {"obligation_id": one["id"]})

    return step


@dataclass(frozen=True)
class _Hand:
    """What somebody does with every report that lets them."""

    who: str
    verb: str
    body: Mapping[str, Any]
    key: str = "t2"
    noun: str = "reports"


def _submit(who: str, said: Mapping[str, Any], key: str = "t2") -> _Hand:
    return _Hand(who, "submit", said, key)


def _all(made: District, hand: _Hand) -> Step:
    async def step() -> None:
        people, path = made.people, made.path(hand.key, hand.noun)
        for report in (await people.get(hand.who, path)).get("reports", ()):
            if hand.verb not in report.get("verbs", ()):
                continue
            at, etag, body = f"{path}/{report['id']}", report["etag"], dict(hand.body)
            if hand.verb == "submit":
                etag, body = (await people.patch(hand.who, at, body, etag=etag))["etag"], {}
            await people.post(hand.who, f"{at}:{hand.verb}", body, etag=etag)

    return step
