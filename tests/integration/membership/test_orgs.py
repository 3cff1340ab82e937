"""Organisations on a real database: who applies, who decides, who sees, and what cannot be raced."""

import asyncio

import asyncpg
import pytest

from chassis.errors import Conflict, Forbidden, Invalid, NotFound, Stale, WrongState
from louyu.membership.v1 import orgs_pb2 as pb
from tests.integration.membership.network_of import Network, person


async def test_the_street_applies_the_district_approves_and_the_building_founds(network: Network) -> None:
    org = await network.apply(network.street, serves="经营单位从业人员")
    assert (org.state, list(org.verbs)) == (pb.ORG_STATE_APPLIED, [])
    assert (org.applicant.name_zh, org.approver.name_zh) == ("subdistrict", "district")
    assert [one.id for one in await network.applications(network.district, to_decide=True)] == [org.id]
    seen = (await network.applications(network.district))[0]
    assert seen.verbs == ["approve", "reject"]
    with pytest.raises(Conflict) as early:
        await network.group(org, "1")
    assert early.value.reason == "ORG_NOT_ACTIVE"

    approved = await network.above(
        network.district, "ApproveOrg", org, approved_on="2016-07-01", approval_no="演组〔2016〕1号"
    )
    assert (approved.state, approved.approved_on) == (pb.ORG_STATE_APPROVED, "2016-07-01")
    assert not await network.applications(network.district, to_decide=True)
    with pytest.raises(Invalid) as before:
        await network.here("ActivateOrg", approved, founded_on="2016-06-30")
    assert before.value.reason == "FOUNDED_BEFORE_APPROVAL"
    active = await network.here("ActivateOrg", approved)
    assert (active.state, active.founded_on) == (pb.ORG_STATE_ACTIVE, "2016-07-01")
    assert [event.approved_on for event in await network.told("OrgUnitApproved")] == ["2016-07-01"]
    assert [event.founded_on for event in await network.told("OrgUnitActivated")] == ["2016-07-01"]


async def test_only_those_above_apply_and_only_for_those_below(network: Network) -> None:
    stranger = person(network.neighbour.tenant, "B")
    for who, place in (
        (stranger, network.secretary.tenant),
        (network.superior, network.neighbour.tenant),
        (network.street, network.district.tenant),
    ):
        with pytest.raises(Invalid) as refused:
            await network.apply(who, place=place)
        assert refused.value.reason == "PLACE_NOT_BELOW"
    with pytest.raises(Invalid) as unknown:
        await network.apply(network.street, approver=network.street.tenant)
    assert unknown.value.reason == "APPROVER_UNKNOWN"
    own = await network.apply(network.superior, "总支", place=network.superior.tenant)
    assert own.place.id == network.superior.tenant


async def test_the_database_alone_keeps_a_party_from_applying_elsewhere_or_deciding_its_own(
    network: Network,
) -> None:
    org = await network.apply(network.superior)
    async with network.units.database.transaction(network.superior.context("party")) as connection:
        approve = "UPDATE orgs_orgs SET state = 'approved' WHERE id = $1"
        assert await connection.execute(approve, org.id) == "UPDATE 0"
    insert = (
        "INSERT INTO orgs_orgs (tenant_id, id, created_at, updated_at, kind, name, name_key, serves, floor, "
        "state, applicant_id) VALUES ($1, gen_random_uuid(), now(), now(), 'branch', 'x', 'x', '', '', "
        "'applied', $2)"
    )
    async with network.units.database.transaction(network.superior.context("party")) as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(insert, network.neighbour.tenant, network.superior.tenant)


async def test_nobody_approves_what_they_applied_for_under_whatever_account(network: Network) -> None:
    org = await network.apply(network.superior, approver=network.superior.tenant)
    with pytest.raises(Forbidden) as own:
        await network.above(network.superior, "ApproveOrg", org)
    assert own.value.reason == "OWN_RECORD"
    colleague = person(network.superior.tenant, "T")
    assert (await network.above(colleague, "ApproveOrg", org)).state == pb.ORG_STATE_APPROVED
    other = await network.apply(network.street, "另一个支部")
    with pytest.raises(Forbidden) as not_theirs:
        await network.above(network.street, "ApproveOrg", other)
    assert not_theirs.value.reason == "NOT_YOURS_TO_DECIDE"


async def test_a_rejected_application_ends_and_another_may_follow(network: Network) -> None:
    org = await network.apply(network.street)
    with pytest.raises(Conflict):
        await network.apply(network.superior)
    rejected = await network.above(network.district, "RejectOrg", org, reason="材料不全")
    assert (rejected.state, rejected.last_word) == (pb.ORG_STATE_REJECTED, "材料不全")
    with pytest.raises(WrongState):
        await network.here("ActivateOrg", rejected)
    assert (await network.apply(network.street)).state == pb.ORG_STATE_APPLIED


async def test_the_superior_sees_its_subtree_only(network: Network) -> None:
    branch = await network.branch()
    other = await network.apply(network.street, "邻楼支部", place=network.neighbour.tenant)
    await network.above(network.district, "ApproveOrg", other)
    await network.group(branch, "1")
    seen = await network.tree(network.superior, network.secretary)
    assert {one.place.id for one in seen} == {network.secretary.tenant}
    assert {one.name for one in seen} == {"楼宇党支部", "1层党小组"}
    assert next(one for one in seen if not one.parent).superior == network.superior.tenant
    with pytest.raises(NotFound):
        await network.above(network.superior, "DissolveOrg", other, reason="x")
    everything = await network.tree(network.street, network.secretary, network.neighbour)
    assert {one.place.id for one in everything} == {network.secretary.tenant, network.neighbour.tenant}


async def test_people_without_a_say_see_what_is_in_force(network: Network) -> None:
    branch = await network.branch()
    await network.apply(network.street, "第二支部")
    worker = person(network.secretary.tenant, "O")
    assert [one.id for one in await network.listed(worker)] == [branch.id]
    assert not await network.listed(worker, states=[pb.ORG_STATE_APPLIED])
    assert len(await network.listed(states=[pb.ORG_STATE_APPLIED])) == 1


async def test_the_tree_is_corrected_without_loops(network: Network) -> None:
    committee = await network.apply(network.street, "楼宇党委", kind=pb.ORG_KIND_PARTY_COMMITTEE)
    committee = await network.above(network.district, "ApproveOrg", committee)
    committee = await network.here("ActivateOrg", committee)
    branch = await network.branch()
    moved = await network.here("UpdateOrg", branch, etag=branch.etag, parent=committee.id, name="第一支部")
    assert (moved.parent, moved.superior, moved.name) == (committee.id, "", "第一支部")
    with pytest.raises(Stale):
        await network.here("UpdateOrg", branch, etag=branch.etag, name="第二支部")
    with pytest.raises(Invalid) as loop:
        await network.here("UpdateOrg", committee, etag=committee.etag, parent=committee.id)
    assert loop.value.reason == "PARENT_IS_BELOW"
    with pytest.raises(Invalid) as floors:
        await network.here("UpdateOrg", moved, etag=moved.etag, floor="3")
    assert floors.value.reason == "ONLY_GROUPS_HAVE_FLOORS"


async def test_an_organisation_is_dissolved_last(network: Network) -> None:
    branch = await network.branch()
    group = await network.group(branch, "2")
    with pytest.raises(Conflict) as others:
        await network.above(network.district, "DissolveOrg", branch, reason="合并")
    assert others.value.reason == "ORG_HAS_OTHERS_BELOW"
    with pytest.raises(Forbidden):
        await network.here("DissolveGroup", branch, reason="合并")
    assert (await network.here("DissolveGroup", group, reason="合并")).state == pb.ORG_STATE_DISSOLVED
    gone = await network.above(network.district, "DissolveOrg", branch, reason="合并")
    assert gone.state == pb.ORG_STATE_DISSOLVED
    assert [event.floor for event in await network.told("OrgUnitDissolved")] == ["2", ""]


async def test_two_who_apply_for_the_same_at_once_make_one(network: Network) -> None:
    made = await asyncio.gather(
        network.apply(network.street, "同名 支部"),
        network.apply(network.superior, "同名支部"),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in made) == ["Conflict", "Org"]
