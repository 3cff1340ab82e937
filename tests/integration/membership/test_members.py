"""The roster and affiliations on a real database: nobody unasked, two sides, and what each may see."""

import asyncio
from typing import Any

import asyncpg
import pytest

from chassis.context import Scope
from chassis.days import day_of
from chassis.errors import Conflict, Forbidden, NotFound, Stale
from chassis.ids import new_id
from louyu.membership.v1 import affiliations_pb2 as apb
from louyu.membership.v1 import members_pb2 as pb
from membership.affiliations import commands
from membership.affiliations.rules import Attended, Happened
from tests.integration.membership.network_of import Network, Person, person

PARTY = pb.MEMBER_BODY_PARTY


async def enrol(network: Network, org_id: str, **more: Any) -> pb.Member:
    """Put somebody forward."""
    wanted = {"person_id": network.people.add("张三"), "body": PARTY, "org_id": org_id, **more}
    found: pb.Member = await network.call(
        network.secretary, network.members.EnrolMember, pb.EnrolMemberRequest(**wanted)
    )
    return found


def oneself(network: Network, person_id: str) -> Person:
    """Somebody of the building as a caller."""
    return Person(network.secretary.tenant, person_id, (Scope("O"),))


async def test_nobody_counts_who_was_not_asked(network: Network) -> None:
    branch = await network.branch()
    made = await enrol(network, branch.id)
    assert (made.state, list(made.verbs)) == (pb.MEMBER_STATE_PROPOSED, ["notify", "activate", "end"])
    activate = pb.ActivateMemberRequest(id=made.id)
    with pytest.raises(Conflict) as unasked:
        await network.call(network.secretary, network.members.ActivateMember, activate)
    assert unasked.value.reason == "NOT_CONFIRMED"
    tell = pb.NotifyMemberRequest(id=made.id, told_how=pb.TOLD_HOW_PHONE)
    await network.call(network.secretary, network.members.NotifyMember, tell)
    with pytest.raises(Conflict) as running:
        await network.call(network.secretary, network.members.ActivateMember, activate)
    assert running.value.reason == "NOTICE_RUNNING"
    confirm = pb.ConfirmMyMembershipRequest(id=made.id)
    with pytest.raises(NotFound):
        await network.call(network.secretary, network.members.ConfirmMyMembership, confirm)
    who = oneself(network, made.person_id)
    mine = await network.call(who, network.members.ConfirmMyMembership, confirm)
    assert (mine.state, mine.mine) == (pb.MEMBER_STATE_ACTIVE, True)
    assert [event.person_id for event in await network.told("MemberActivated")] == [made.person_id]
    with pytest.raises(asyncpg.CheckViolationError):
        await network.stored("UPDATE members_members SET confirmed_at = NULL, told_on = NULL")


async def test_one_person_has_many_bodies_and_each_once(network: Network) -> None:
    branch = await network.branch()
    union = await network.apply(network.street, "联合工会", kind=5)
    union = await network.above(network.district, "ApproveOrg", union, approved_on="2018-05-01")
    await network.here("ActivateOrg", union)
    someone = network.people.add("李四")
    made = await asyncio.gather(
        *(enrol(network, branch.id, person_id=someone) for _ in range(3)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in made) == ["Conflict", "Conflict", "Member"]
    both = await enrol(network, union.id, person_id=someone, body=pb.MEMBER_BODY_UNION)
    assert both.stage == pb.MEMBER_STAGE_MEMBER
    who = oneself(network, someone)
    mine = await network.call(who, network.members.ListMyMemberships, pb.ListMyMembershipsRequest())
    assert {one.body for one in mine.members} == {PARTY, pb.MEMBER_BODY_UNION}
    for one in mine.members:
        await network.call(who, network.members.ConfirmMyMembership, pb.ConfirmMyMembershipRequest(id=one.id))
    told = await network.call(
        network.secretary, network.members.SummariseMembers, pb.SummariseMembersRequest()
    )
    assert (told.people, told.own, told.proposed) == (1, 1, 0)


async def test_a_floor_sees_its_members_without_knowing_who_they_are(network: Network) -> None:
    branch = await network.branch()
    group = await network.group(branch, "8")
    here = await enrol(network, branch.id, group_id=group.id)
    await enrol(network, branch.id)
    leader = person(network.secretary.tenant, "F", "8")
    found = await network.call(leader, network.members.ListMembers, pb.ListMembersRequest())
    assert [(one.id, one.person_id, one.display) for one in found.members] == [(here.id, "", "张**")]
    other = person(network.secretary.tenant, "F", "9")
    with pytest.raises(NotFound):
        await network.call(other, network.members.GetMember, pb.GetMemberRequest(id=here.id))
    everyone = await network.call(network.secretary, network.members.ListMembers, pb.ListMembersRequest())
    assert len(everyone.members) == 2


async def registered(network: Network, **more: Any) -> apb.Affiliation:
    """Somebody registered by the secretary, whose home organisation is the superior."""
    wanted = {
        "person_id": network.people.add("王五"),
        "org_id": (await network.branch(f"支部{new_id()[-6:]}")).id,
        "home_id": network.superior.tenant,
        **more,
    }
    request = apb.RegisterAffiliationRequest(**wanted)
    found: apb.Affiliation = await network.call(
        network.secretary, network.affiliations.RegisterAffiliation, request
    )
    return found


async def verified(network: Network) -> apb.Affiliation:
    """The same, confirmed by the member and verified."""
    made = await registered(network)
    who = oneself(network, made.person_id)
    confirm = apb.ConfirmMyAffiliationRequest(id=made.id)
    made = await network.call(who, network.affiliations.ConfirmMyAffiliation, confirm)
    request = apb.VerifyAffiliationRequest(id=made.id, etag=made.etag)
    found: apb.Affiliation = await network.call(
        network.secretary, network.affiliations.VerifyAffiliation, request
    )
    return found


async def at_home(network: Network, verb: str, made: apb.Affiliation, **more: Any) -> apb.Affiliation:
    """A verb of the home organisation."""
    request = getattr(apb, f"{verb}Request")(id=made.id, etag=made.etag, **more)
    method = getattr(network.affiliations, verb)
    found: apb.Affiliation = await network.call(network.superior, method, request, "party")
    return found


async def test_two_people_agree_and_the_home_organisation_keeps_the_relation(network: Network) -> None:
    made = await registered(network, told_on="2020-01-01", told_how=pb.TOLD_HOW_LETTER)
    listed = apb.ListHomeAffiliationsRequest()
    call = network.affiliations.ListHomeAffiliations
    assert not (await network.call(network.superior, call, listed, "party")).affiliations
    verify = apb.VerifyAffiliationRequest(id=made.id, etag=made.etag)
    with pytest.raises(Forbidden) as alone:
        await network.call(network.secretary, network.affiliations.VerifyAffiliation, verify)
    assert alone.value.reason == "REGISTERED_BY_YOURSELF"
    deputy = person(network.secretary.tenant, "B")
    made = await network.call(deputy, network.affiliations.VerifyAffiliation, verify)
    assert made.state == apb.AFFILIATION_STATE_PENDING_HOME
    assert [one.home_id for one in await network.told("AffiliationVerified")] == [network.superior.tenant]
    seen = (await network.call(network.superior, call, listed, "party")).affiliations
    assert [(one.id, list(one.verbs)) for one in seen] == [(made.id, ["acknowledge", "dispute"])]
    stranger = person(network.street.tenant, "B")
    theirs = await network.call(stranger, call, apb.ListHomeAffiliationsRequest(), "party")
    assert not theirs.affiliations
    request = apb.AcknowledgeAffiliationRequest(id=made.id, etag=made.etag)
    with pytest.raises(NotFound):
        await network.call(stranger, network.affiliations.AcknowledgeAffiliation, request, "party")
    done = await at_home(network, "AcknowledgeAffiliation", made)
    assert done.state == apb.AFFILIATION_STATE_ACTIVE
    with pytest.raises(Stale):
        await at_home(network, "DisputeAffiliation", made, reason="不认识")


async def test_nobody_verifies_or_acknowledges_themselves(network: Network) -> None:
    made = await verified(network)
    member = Person(network.superior.tenant, made.person_id, (Scope("B"),))
    request = apb.AcknowledgeAffiliationRequest(id=made.id, etag=made.etag)
    with pytest.raises(Forbidden) as own:
        await network.call(member, network.affiliations.AcknowledgeAffiliation, request, "party")
    assert own.value.reason == "OWN_RECORD"


async def test_a_dispute_is_looked_into_by_the_building(network: Network) -> None:
    made = await verified(network)
    disputed = await at_home(network, "DisputeAffiliation", made, reason="名册里没有此人")
    assert disputed.state == apb.AFFILIATION_STATE_DISPUTED
    end = apb.EndAffiliationRequest(id=made.id, etag=disputed.etag, ending=apb.AFFILIATION_ENDING_NOT_KNOWN)
    over = await network.call(network.secretary, network.affiliations.EndAffiliation, end)
    assert over.state == apb.AFFILIATION_STATE_ENDED
    member = await network.call(
        network.secretary, network.members.GetMember, pb.GetMemberRequest(id=over.member_id)
    )
    assert (member.state, member.ending) == (pb.MEMBER_STATE_ENDED, pb.MEMBER_ENDING_MISTAKE)


async def test_both_sides_count_an_attendance_once_and_home_only_after_its_word(network: Network) -> None:
    made = await verified(network)
    on = day_of(network.units.clock.now())
    happened = [Happened(new_id(), made.person_id, Attended(on, "org_life"))]
    context = network.secretary.context("consumer")
    for _ in range(2):
        await network.units.run(context, lambda unit: commands.keep(unit, happened))
    here = apb.GetAffiliationAttendanceRequest(id=made.id)
    told = await network.call(network.secretary, network.affiliations.GetAffiliationAttendance, here)
    assert (told.total, told.shared) == (1, False)
    there = apb.GetHomeAffiliationAttendanceRequest(id=made.id)
    method = network.affiliations.GetHomeAffiliationAttendance
    assert (await network.call(network.superior, method, there, "party")).total == 0
    await at_home(network, "AcknowledgeAffiliation", made)
    same = await network.call(network.superior, method, there, "party")
    mine = apb.GetMyAffiliationAttendanceRequest(id=made.id)
    who = oneself(network, made.person_id)
    assert same == await network.call(who, network.affiliations.GetMyAffiliationAttendance, mine)
    assert (same.total, same.shared) == (1, True)
