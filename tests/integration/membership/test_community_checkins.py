"""Reporting to communities on a real database: only what the community confirmed counts."""

import asyncio
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from chassis import days
from chassis.context import Scope
from chassis.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Stale, WrongState
from chassis.ids import new_id
from louyu.membership.v1 import community_checkins_pb2 as pb
from louyu.membership.v1 import members_pb2 as mpb
from membership.community_checkins.rpc import CommunityCheckins
from membership.members.queries import ONESELF
from tests.integration.membership.network_of import Network, Person, person

CARE = pb.COMMUNITY_POST_CARE
_OWN = ("CheckMeIn", "ListMyCommunityCheckins", "LeaveMyCommunityCheckin", "ListCommunities")


class Reporting:
    """A building whose branch and members report to a community."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.rpc = CommunityCheckins(network.units, network.pages, network.people)
        self.office = network.secretary
        self.community = person(new_id(), "B")
        self.today = days.day_of(network.units.clock.now()).isoformat()
        self.org = ""

    async def begin(self) -> None:
        """A branch, and two communities that take part."""
        self.org = (await self.network.branch()).id
        for name, tenant in (("万方桥", self.community.tenant), ("邻近", new_id())):
            await self.network.stored(
                "INSERT INTO tenants (tenant_id, kind, name_zh, name_en, state, synthetic, updated_at) "
                "VALUES ($1, 'community', $2, $2, 'active', true, now())",
                tenant,
                name,
            )

    async def do(self, verb: str, who: Person | None = None, **fields: Any) -> Any:
        """A verb of the building or of one of its members."""
        request = getattr(pb, f"{verb}Request")(**fields)
        permission = ONESELF if verb in _OWN else "community_checkins.manage"
        return await self.network.call(
            who or self.office, getattr(self.rpc, verb), request, permission=permission
        )

    async def here(self, verb: str, who: Person | None = None, **fields: Any) -> Any:
        """A verb of the community."""
        request = getattr(pb, f"{verb}Request")(**fields)
        return await self.network.call(who or self.community, getattr(self.rpc, verb), request, "party")

    async def member(self) -> Person:
        """Somebody on the roster of the party."""
        who = Person(self.office.tenant, self.network.people.add("李四"), (Scope("O"),))
        entry = mpb.EnrolMemberRequest(person_id=who.id, body=mpb.MEMBER_BODY_PARTY, org_id=self.org)
        made = await self.network.call(self.office, self.network.members.EnrolMember, entry)
        confirm = mpb.ConfirmMyMembershipRequest(id=made.id)
        await self.network.call(who, self.network.members.ConfirmMyMembership, confirm)
        return who

    async def reported(self, who: Person | None = None) -> pb.CommunityCheckin:
        """The branch, or somebody, reports."""
        wanted: dict[str, Any] = {"community_id": self.community.tenant, "offers": [CARE]}
        verb = "CheckMeIn" if who else "CheckInOrganisation"
        found: pb.CommunityCheckin = await self.do(
            verb, who, **wanted, **({} if who else {"org_id": self.org})
        )
        return found

    async def confirmed(self, who: Person | None = None) -> pb.CommunityCheckin:
        """The same, and the community confirms."""
        made = await self.reported(who)
        more: dict[str, Any] = {"post": CARE} if who else {}
        found: pb.CommunityCheckin = await self.here(
            "ConfirmCommunityCheckin", id=made.id, etag=made.etag, **more
        )
        return found

    async def planned(self, org: pb.CommunityCheckin) -> pb.CommunityService:
        """A service that the branch plans."""
        found: pb.CommunityService = await self.do(
            "PlanCommunityService", checkin_id=org.id, **self.task(pb.BENEFICIARY_GROUP_LIVING_ALONE)
        )
        return found

    def task(self, group: int) -> dict[str, Any]:
        """What is to be done today."""
        return {"title": "扶弱助困情暖人心", "group": group, "due_on": self.today, "synthetic": True}

    async def done(
        self, one: pb.CommunityService, *who: pb.CommunityCheckin, **more: Any
    ) -> pb.CommunityService:
        """The branch says that it was done: an hour each."""
        servings = [pb.Serving(checkin_id=each.id, minutes=60) for each in who]
        fields = {"held_on": self.today, "helped": 3, "servings": servings, **more}
        found: pb.CommunityService = await self.do(
            "ReportCommunityService", id=one.id, etag=one.etag, **fields
        )
        return found


@pytest_asyncio.fixture
async def reporting(network: Network) -> Reporting:
    found = Reporting(network)
    await found.begin()
    return found


async def test_an_organisation_and_a_member_report_and_the_community_confirms(reporting: Reporting) -> None:
    who = await reporting.member()
    made = await reporting.reported(who)
    assert (made.state, list(made.verbs)) == (pb.CHECKIN_STATE_REPORTED, ["leave"])
    with pytest.raises(Conflict) as twice:
        await reporting.reported(who)
    assert twice.value.reason == "CHECKIN_EXISTS"
    with pytest.raises(Forbidden) as stranger:
        await reporting.reported(Person(who.tenant, new_id(), who.scopes))
    assert stranger.value.reason == "NOT_A_MEMBER"
    with pytest.raises(Invalid):
        await reporting.do(
            "CheckInOrganisation", community_id=reporting.network.neighbour.tenant, org_id=reporting.org
        )
    listed = (await reporting.here("ListCheckinsHere")).checkins
    assert [(one.id, one.person_id, list(one.verbs)) for one in listed] == [
        (made.id, "", ["confirm", "return"])
    ]
    elsewhere = person(new_id(), "B")
    confirm: dict[str, Any] = {"id": made.id, "etag": made.etag, "post": CARE}
    with pytest.raises(NotFound):
        await reporting.here("ConfirmCommunityCheckin", elsewhere, **confirm)
    himself = Person(reporting.community.tenant, who.id, (Scope("B"),))
    with pytest.raises(Forbidden):
        await reporting.here("ConfirmCommunityCheckin", himself, **confirm)
    with pytest.raises(Invalid):
        await reporting.here("ConfirmCommunityCheckin", **{**confirm, "post": 0})
    found = await reporting.here("ConfirmCommunityCheckin", **confirm)
    assert (found.state, found.post, found.confirmed_on) == (
        pb.CHECKIN_STATE_CONFIRMED,
        CARE,
        reporting.today,
    )
    with pytest.raises(Stale):
        await reporting.here("ConfirmCommunityCheckin", **confirm)
    org = await reporting.reported()
    back = await reporting.here("ReturnCommunityCheckin", id=org.id, etag=org.etag, reason="请先联系网格员")
    assert (back.state, back.reason) == (pb.CHECKIN_STATE_RETURNED, "请先联系网格员")
    mine = await reporting.do("ListMyCommunityCheckins", who)
    assert (mine.member, [one.state for one in mine.checkins]) == (True, [pb.CHECKIN_STATE_CONFIRMED])
    left = await reporting.do("LeaveMyCommunityCheckin", who, id=found.id)
    assert left.ended_on == reporting.today
    with pytest.raises(asyncpg.CheckViolationError):
        await reporting.network.stored("UPDATE community_checkins_checkins SET decider = reporter")
    assert len(await reporting.network.told("CommunityCheckinConfirmed")) == 1


async def test_only_services_that_the_community_confirmed_count(reporting: Reporting) -> None:
    org = await reporting.confirmed()
    first, second = [await reporting.confirmed(await reporting.member()) for _ in range(2)]
    own = await reporting.done(await reporting.planned(org), first, second)
    asked = await reporting.here(
        "AskForCommunityService", checkin_id=org.id, **reporting.task(pb.BENEFICIARY_GROUP_CHILDREN)
    )
    assert (asked.state, asked.asked, asked.place_id) == (
        pb.COMMUNITY_SERVICE_STATE_ASKED,
        True,
        reporting.office.tenant,
    )
    taken = await reporting.do("TakeUpCommunityService", id=asked.id, etag=asked.etag)
    done = await reporting.done(taken, first)
    summary = await reporting.do("SummariseCommunityCheckins")
    assert (summary.services, summary.minutes, summary.unconfirmed) == (0, 0, 2)
    himself = Person(reporting.community.tenant, reporting.office.id, (Scope("B"),))
    with pytest.raises(Forbidden):
        await reporting.here("ConfirmCommunityService", himself, id=own.id, etag=own.etag)
    await reporting.here("ConfirmCommunityService", id=own.id, etag=own.etag)
    back = await reporting.here("ReturnCommunityService", id=done.id, etag=done.etag, reason="人数不符")
    assert (back.state, back.reason) == (pb.COMMUNITY_SERVICE_STATE_TAKEN, "人数不符")
    again = await reporting.done(back, second, helped=1)
    assert [one.checkin_id for one in again.servings] == [second.id]
    same: dict[str, Any] = {"id": again.id, "etag": again.etag}
    both = await asyncio.gather(
        reporting.here("ConfirmCommunityService", **same),
        reporting.here("ReturnCommunityService", **same, reason="再核"),
        return_exceptions=True,
    )
    assert sum(isinstance(one, DomainError) for one in both) == 1, both
    shown = (await reporting.do("ListCommunityServices")).services
    late = next(one for one in shown if one.id == again.id)
    if late.state == pb.COMMUNITY_SERVICE_STATE_TAKEN:
        late = await reporting.done(late, second, helped=1)
        await reporting.here("ConfirmCommunityService", id=late.id, etag=late.etag)

    summary = await reporting.do("SummariseCommunityCheckins")
    assert (summary.organisations, summary.members, summary.services, summary.minutes) == (1, 2, 2, 180)
    assert [(one.group, one.services, one.helped) for one in summary.groups] == [
        (pb.BENEFICIARY_GROUP_CHILDREN, 1, 1),
        (pb.BENEFICIARY_GROUP_LIVING_ALONE, 1, 3),
    ]
    members = await reporting.do("ListCommunityCheckins", kind=pb.CHECKIN_KIND_MEMBER, page_size=1)
    assert [(one.id, one.minutes) for one in members.checkins] == [(second.id, 120)]
    assert members.next_page_token
    (told, _) = await reporting.network.told("CommunityServiceConfirmed")
    assert (len(told.person_ids), list(told.minutes), told.helped) == (2, [60, 60], 3)


async def test_what_is_refused(reporting: Reporting) -> None:
    made = await reporting.reported()
    with pytest.raises(Conflict) as early:
        await reporting.planned(made)
    assert early.value.reason == "CHECKIN_NOT_CONFIRMED"
    org = await reporting.here("ConfirmCommunityCheckin", id=made.id, etag=made.etag)
    member = await reporting.reported(await reporting.member())
    one = await reporting.planned(org)
    for wrong, more in (
        ("SERVER_NOT_REPORTED", {}),
        ("SERVED_OUTSIDE", {"held_on": "2020-01-01"}),
    ):
        with pytest.raises(Invalid) as refused:
            await reporting.done(one, member, **more)
        assert refused.value.reason == wrong
    with pytest.raises(Conflict) as tasks:
        await reporting.do("EndCommunityCheckin", id=org.id, etag=org.etag)
    assert tasks.value.reason == "CHECKIN_HAS_TASKS"
    with pytest.raises(WrongState):
        await reporting.here("ConfirmCommunityService", id=one.id, etag=one.etag)
    gone = await reporting.do("DeclineCommunityService", id=one.id, etag=one.etag, reason="人手不够")
    assert gone.state == pb.COMMUNITY_SERVICE_STATE_DECLINED
    ended = await reporting.do("EndCommunityCheckin", id=org.id, etag=org.etag)
    assert ended.state == pb.CHECKIN_STATE_ENDED
    found = (await reporting.do("ListCommunities", q="万方桥")).communities
    assert [one.id for one in found] == [reporting.community.tenant]


async def test_hours_are_expected_once_they_are_set(reporting: Reporting) -> None:
    held = await reporting.do("GetCommunityCheckinSettings")
    assert (held.hours_year, held.source) == (0, "none")
    org, member = await reporting.confirmed(), await reporting.confirmed(await reporting.member())
    done = await reporting.done(await reporting.planned(org), member)
    await reporting.here("ConfirmCommunityService", id=done.id, etag=done.etag)
    assert (await reporting.do("SummariseCommunityCheckins")).reached == 0
    said = await reporting.do("UpdateCommunityCheckinSettings", etag="0", hours_year=1)
    assert (said.hours_year, said.source) == (1, "tenant")
    assert (await reporting.do("SummariseCommunityCheckins")).reached == 1
    assert (await reporting.do("SummariseCommunityCheckins", year=2020)).reached == 0
