"""Guests on a real database: both sides want it, for a term, and what they attend counts as external."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from chassis import days
from chassis.clocks import BusinessClock
from chassis.context import Context, Scope
from chassis.errors import Conflict, Forbidden, NotFound, Stale, WrongState
from chassis.ids import new_id
from louyu.membership.v1 import guests_pb2 as pb
from louyu.membership.v1 import members_pb2 as mpb
from membership.guests import commands, jobs
from membership.guests.events import Happened
from membership.guests.rules import Quarter
from membership.members.queries import ONESELF
from tests.integration.membership.network_of import Network, Person, person

FIRM = "演示邻近物流公司"


class Centre:
    """A centre with a clerk, and people of enterprises around it."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.clerk = person(network.secretary.tenant, "B")
        self.today = days.day_of(network.units.clock.now())

    def neighbour(self) -> Person:
        """Somebody of another enterprise whom the centre knows."""
        return Person(self.clerk.tenant, self.network.people.add("赵六"), (Scope("O"),))

    async def do(self, who: Person, verb: str, **fields: Any) -> Any:
        """A verb, in somebody's name."""
        request = getattr(pb, f"{verb}Request")(**fields)
        mine = "My" in verb or verb in ("AskAsGuest", "LeaveAsGuest")
        permission = ONESELF if mine else "guests.manage"
        return await self.network.call(
            who, getattr(self.network.guests, verb), request, permission=permission
        )

    async def admitted(self, who: Person, firm: str = FIRM, **more: Any) -> pb.Guest:
        """Asked by the person, admitted by the clerk."""
        made = await self.do(who, "AskAsGuest", enterprise_name=firm)
        found: pb.Guest = await self.do(self.clerk, "AdmitGuest", id=made.id, etag=made.etag, **more)
        return found

    async def attend(self, *happened: Happened) -> None:
        """Activities say who was there."""
        context = Context(mode="consumer", tenant_id=self.clerk.tenant)
        await self.network.units.run(context, lambda unit: commands.keep(unit, happened))


@pytest.fixture
def centre(network: Network) -> Centre:
    return Centre(network)


async def test_both_sides_want_it(centre: Centre) -> None:
    who = centre.neighbour()
    asked = await centre.do(who, "AskAsGuest", enterprise_name=FIRM)
    assert (asked.state, list(asked.verbs)) == (pb.GUEST_STATE_ASKED, ["leave"])
    with pytest.raises(Conflict) as twice:
        await centre.do(centre.clerk, "InviteGuest", person_id=who.id, enterprise_name=FIRM)
    assert twice.value.reason == "GUEST_EXISTS"
    himself = Person(who.tenant, who.id, (Scope("B"),))
    with pytest.raises(Forbidden):
        await centre.do(himself, "AdmitGuest", id=asked.id, etag=asked.etag)
    with pytest.raises(NotFound):
        await centre.do(centre.network.neighbour, "AdmitGuest", id=asked.id, etag=asked.etag)
    admitted = await centre.do(centre.clerk, "AdmitGuest", id=asked.id, etag=asked.etag)
    assert admitted.until_on == (centre.today + timedelta(days=365)).isoformat()
    with pytest.raises(Stale):
        await centre.do(centre.clerk, "EndGuest", id=asked.id, etag=asked.etag)
    invited = await centre.do(
        centre.clerk, "InviteGuest", person_id=centre.neighbour().id, enterprise_name=FIRM
    )
    with pytest.raises(WrongState):
        await centre.do(centre.clerk, "AdmitGuest", id=invited.id, etag=invited.etag)
    with pytest.raises(NotFound):
        await centre.do(who, "ConfirmMyGuestPass", id=invited.id)
    other = Person(who.tenant, invited.person_id, (Scope("O"),))
    confirmed = await centre.do(other, "ConfirmMyGuestPass", id=invited.id)
    assert confirmed.state == pb.GUEST_STATE_ADMITTED
    with pytest.raises(asyncpg.CheckViolationError):
        await centre.network.stored("UPDATE guests_guests SET confirmed_at = NULL")
    listed = await centre.do(centre.clerk, "ListGuests", states=[pb.GUEST_STATE_ADMITTED], page_size=1)
    assert [one.id for one in listed.guests] == [invited.id]
    assert listed.next_page_token
    assert len(await centre.network.told("GuestAdmitted")) == 2


async def test_members_are_no_guests(centre: Centre) -> None:
    branch = await centre.network.branch()
    who = centre.neighbour()
    entry = mpb.EnrolMemberRequest(person_id=who.id, body=mpb.MEMBER_BODY_PARTY, org_id=branch.id)
    await centre.network.call(centre.clerk, centre.network.members.EnrolMember, entry)
    with pytest.raises(Conflict) as member:
        await centre.do(who, "AskAsGuest", enterprise_name=FIRM)
    assert member.value.reason == "GUEST_IS_MEMBER"


async def test_what_guests_attend_counts_once_and_as_external(centre: Centre) -> None:
    who, other = centre.neighbour(), centre.neighbour()
    await centre.admitted(who)
    await centre.admitted(other, "演示邻近 物流公司")
    came = Happened(new_id(), who.id, centre.today)
    await centre.attend(came, Happened(new_id(), who.id, centre.today - timedelta(days=1)))
    await centre.attend(came, Happened(new_id(), centre.neighbour().id, centre.today))
    summary = await centre.do(centre.clerk, "SummariseGuests")
    assert (summary.people, summary.enterprises, summary.attendances, summary.asked) == (2, 1, 1, 0)
    assert summary.quarter == str(Quarter.of(centre.today))
    earlier = await centre.do(centre.clerk, "SummariseGuests", quarter="2020-Q1")
    assert (earlier.quarter, earlier.people, earlier.attendances) == ("2020-Q1", 2, 0)


async def test_a_term_runs_out_and_people_leave(centre: Centre) -> None:
    who, other = centre.neighbour(), centre.neighbour()
    short = await centre.admitted(who, until_on=(centre.today + timedelta(days=5)).isoformat())
    long = await centre.admitted(other)
    began = centre.network.units.clock.offset
    centre.network.units.clock = BusinessClock(began + timedelta(days=10))
    for _ in range(2):
        await jobs.expire_guests().run(centre.network.units)
    mine = (await centre.do(who, "ListMyGuestPasses")).guests
    assert [(one.id, one.ending) for one in mine] == [(short.id, pb.GUEST_ENDING_TERM_OVER)]
    left = await centre.do(other, "LeaveAsGuest", id=long.id)
    assert (left.state, left.ending) == (pb.GUEST_STATE_ENDED, pb.GUEST_ENDING_LEFT)
    again = await centre.do(who, "AskAsGuest", enterprise_name=FIRM)
    turned = await centre.do(centre.clerk, "RejectGuest", id=again.id, etag=again.etag)
    assert turned.state == pb.GUEST_STATE_REJECTED
    assert len(await centre.network.told("GuestEnded")) == 2


async def test_a_centre_says_how_long_a_term_is(centre: Centre) -> None:
    held = await centre.do(centre.clerk, "GetGuestSettings")
    assert (held.term_days, held.source) == (365, "default")
    said = await centre.do(centre.clerk, "UpdateGuestSettings", etag="0", term_days=30)
    assert (said.term_days, said.source) == (30, "tenant")
    made = await centre.admitted(centre.neighbour())
    assert made.until_on == (centre.today + timedelta(days=30)).isoformat()
