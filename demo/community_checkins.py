"""Reporting to the community in 机关后勤服务中心: the branch, two members, and eight services (document 4).
The community confirmed them; the days, the people and the hours are invented."""

from dataclasses import dataclass
from typing import Final

from demo.district import District, Json
from demo.timeline import ZONE, Timeline

PLACE: Final = "t5"
COMMUNITY: Final = "wanfangqiao"
TITLE: Final = "“扶弱助困情暖人心”志愿服务"
_CONFIRMED: Final = 8
_GROUPS: Final = ("LIVING_ALONE", "IN_NEED", "CHILDREN")
_MEMBERS: Final = ("member501", "member502")
_POSTS: Final = ("CARE", "PUBLICITY")


@dataclass(frozen=True, slots=True)
class Reported:
    """Who reported, by check-in."""

    branch: str
    members: tuple[str, ...]


async def begin(made: District) -> Reported:
    """The branch reports, and so do two members; the community confirms and gives the members posts."""
    people, path = made.people, made.path(PLACE, "community-checkins")
    wish: Json = {"community_id": made.tenants[COMMUNITY], "offers": ["CARE"], "synthetic": True}
    branch = await people.post("clerk5", path, {**wish, "org_id": made.orgs[PLACE]})
    members = [await people.post(login, f"{path}:report", wish) for login in _MEMBERS]
    await _confirmed(made, branch, {})
    for member, post in zip(members, _POSTS, strict=True):
        await _confirmed(made, member, {"post": post})
    return Reported(branch["id"], tuple(member["id"] for member in members))


async def _confirmed(made: District, checkin: Json, body: Json) -> None:
    path = made.path(COMMUNITY, f"community-checkins-here/{checkin['id']}:confirm")
    await made.people.post("community", path, body, etag=checkin["etag"])


def plan(made: District, reported: Reported, timeline: Timeline) -> None:
    """Eight services over the two months; at the end a ninth waits for the community's word, and a tenth is
    asked for."""
    last = len(timeline.ticks) - 1
    for number in range(_CONFIRMED):
        tick = 2 + number * (last - 4) // _CONFIRMED
        timeline.at(tick, "community", _Run(made, reported, timeline, tick, number).held)
    timeline.at(last - 1, "community", _Run(made, reported, timeline, last - 1, _CONFIRMED).waiting)
    timeline.at(last, "community", _Run(made, reported, timeline, last, _CONFIRMED + 1).asked)


class _Run:
    """One service, done on the day of a tick."""

    def __init__(
        self, made: District, reported: Reported, timeline: Timeline, tick: int, number: int
    ) -> None:
        self._made = made
        self._reported = reported
        self._day = timeline.ticks[tick].astimezone(ZONE).date().isoformat()
        self._number = number

    async def held(self) -> None:
        """Planned, done and confirmed."""
        service = await self._done()
        path = self._made.path(COMMUNITY, f"community-services-here/{service['id']}:confirm")
        await self._made.people.post("community", path, etag=service["etag"])

    async def waiting(self) -> None:
        """Planned and done; the community has not answered."""
        await self._done()

    async def asked(self) -> None:
        """What the community asks for."""
        path = self._made.path(COMMUNITY, "community-services-here")
        await self._made.people.post("community", path, self._task())

    def _task(self) -> Json:
        return {
            "checkin_id": self._reported.branch,
            "title": TITLE,
            "group": _GROUPS[self._number % len(_GROUPS)],
            "due_on": self._day,
            "synthetic": True,
        }

    async def _done(self) -> Json:
        people, path = self._made.people, self._made.path(PLACE, "community-services")
        service = await people.post("clerk5", path, self._task())
        body = {
            "held_on": self._day,
            "helped": 2 + self._number % 3,
            "servings": [{"checkin_id": one, "minutes": 120} for one in self._reported.members],
        }
        return await people.post("clerk5", f"{path}/{service['id']}:report", body, etag=service["etag"])
