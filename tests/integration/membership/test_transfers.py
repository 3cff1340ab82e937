"""Transfers on a real database: both sides, the superior in between, and what each may write."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.context import Scope
from chassis.errors import Conflict, NotFound, WrongState
from louyu.membership.v1 import members_pb2 as mpb
from louyu.membership.v1 import orgs_pb2
from louyu.membership.v1 import transfers_pb2 as pb
from membership.transfers import jobs
from tests.integration.membership.network_of import Network, Person


async def configured(network: Network, letter_days: int = 90) -> None:
    """The building says how long a letter is good for."""
    request = pb.UpdateTransferSettingsRequest(etag="0", letter_days=letter_days)
    await network.call(network.secretary, network.transfers.UpdateTransferSettings, request)


async def drafted(network: Network, **more: Any) -> pb.Transfer:
    """A transfer from the neighbour that the office prepared."""
    source = {} if "source_name" in more else {"source_id": network.neighbour.tenant}
    wanted = {
        "person_id": network.people.add("赵六"),
        "org_id": (await network.branch()).id,
        **source,
        **more,
    }
    request = pb.DraftTransferRequest(**wanted)
    found: pb.Transfer = await network.call(network.secretary, network.transfers.DraftTransfer, request)
    return found


async def submitted(network: Network, **more: Any) -> pb.Transfer:
    """The same, submitted by the member."""
    made = await drafted(network, **more)
    member = Person(network.secretary.tenant, made.person_id, (Scope("O"),))
    request = pb.SubmitMyTransferRequest(id=made.id)
    found: pb.Transfer = await network.call(member, network.transfers.SubmitMyTransfer, request)
    return found


async def done_by(network: Network, who: Person, verb: str, made: pb.Transfer, **more: Any) -> pb.Transfer:
    """A verb of a party that came for it."""
    permission = "transfers.resolve" if verb == "Resolve" else "transfers.release"
    request = getattr(pb, f"{verb}TransferRequest")(id=made.id, etag=made.etag, **more)
    method = getattr(network.transfers, f"{verb}Transfer")
    found: pb.Transfer = await network.call(who, method, request, "party", permission=permission)
    return found


async def received(network: Network, made: pb.Transfer) -> pb.Transfer:
    """The building receives."""
    request = pb.ReceiveTransferRequest(id=made.id, etag=made.etag, receipt_no="回执01")
    found: pb.Transfer = await network.call(network.secretary, network.transfers.ReceiveTransfer, request)
    return found


async def work(network: Network) -> None:
    """Run the jobs until there is nothing to do."""
    for job in (jobs.expire_letters(), jobs.leave_rosters()):
        while await job.run(network.units):
            pass


async def test_nothing_is_asked_for_before_letters_have_a_term(network: Network) -> None:
    with pytest.raises(Conflict) as unset:
        await drafted(network)
    assert unset.value.reason == "TRANSFERS_NOT_CONFIGURED"


async def test_done_only_after_the_source_released_and_the_target_received(network: Network) -> None:
    await configured(network)
    made = await submitted(network)
    with pytest.raises(WrongState):
        await received(network, made)
    with pytest.raises(NotFound):
        await done_by(network, network.superior, "Release", made, letter_no="信01")
    sent = await done_by(network, network.neighbour, "Release", made, letter_no="信01")
    assert (sent.managed_by, bool(sent.valid_until)) == (pb.TRANSFER_MANAGER_SOURCE, True)
    # The member is on the source's roster until the receipt.
    branch = await network.apply(network.street, "邻楼党支部", place=network.neighbour.tenant)
    branch = await network.above(network.district, "ApproveOrg", branch, approved_on="2016-07-01")
    founding = orgs_pb2.ActivateOrgRequest(id=branch.id)
    await network.call(network.neighbour, network.orgs.ActivateOrg, founding)
    entry = mpb.EnrolMemberRequest(
        person_id=made.person_id,
        body=mpb.MEMBER_BODY_PARTY,
        org_id=branch.id,
        told_on="2020-01-01",
        told_how=mpb.TOLD_HOW_LETTER,
    )
    old = await network.call(network.neighbour, network.members.EnrolMember, entry)
    await network.call(
        network.neighbour, network.members.ActivateMember, mpb.ActivateMemberRequest(id=old.id)
    )
    over = await received(network, sent)
    assert (over.state, over.managed_by) == (pb.TRANSFER_STATE_DONE, pb.TRANSFER_MANAGER_TARGET)
    await work(network)
    left = await network.call(network.neighbour, network.members.GetMember, mpb.GetMemberRequest(id=old.id))
    assert (left.state, left.ending) == (mpb.MEMBER_STATE_ENDED, mpb.MEMBER_ENDING_TRANSFERRED)
    roster = await network.call(network.secretary, network.members.ListMembers, mpb.ListMembersRequest())
    assert [(one.person_id, one.kind) for one in roster.members] == [(made.person_id, mpb.MEMBER_KIND_OWN)]
    assert [one.source_id for one in await network.told("TransferCompleted")] == [network.neighbour.tenant]


async def test_the_superior_stands_in_for_a_source_that_cannot_answer(network: Network) -> None:
    await configured(network)
    made = await submitted(network, source_name="已撤销的镇办企业党支部")
    more = {"evidence_no": "撤销文件〔2025〕3号", "letter_no": "代01"}
    with pytest.raises(NotFound):
        await done_by(network, network.street, "Resolve", made, trouble=pb.SOURCE_TROUBLE_DISSOLVED, **more)
    sent = await done_by(
        network, network.superior, "Resolve", made, trouble=pb.SOURCE_TROUBLE_DISSOLVED, **more
    )
    assert (sent.state, sent.trouble) == (pb.TRANSFER_STATE_RELEASED, pb.SOURCE_TROUBLE_DISSOLVED)
    assert (await received(network, sent)).state == pb.TRANSFER_STATE_DONE


async def test_a_source_that_takes_part_has_its_days_to_answer(network: Network) -> None:
    await configured(network)
    made = await submitted(network)
    more = {"trouble": pb.SOURCE_TROUBLE_SILENT, "evidence_no": "函01", "letter_no": "代01"}
    with pytest.raises(Conflict) as early:
        await done_by(network, network.superior, "Resolve", made, **more)
    assert early.value.reason == "SOURCE_MAY_ANSWER"
    network.units.clock.apply(network.units.clock.offset + timedelta(days=30))
    sent = await done_by(network, network.superior, "Resolve", made, **more)
    assert sent.state == pb.TRANSFER_STATE_RELEASED


async def test_a_letter_runs_out_and_the_source_goes_on_managing(network: Network) -> None:
    await configured(network, letter_days=10)
    made = await submitted(network)
    sent = await done_by(network, network.neighbour, "Release", made, letter_no="信01")
    network.units.clock.apply(network.units.clock.offset + timedelta(days=11))
    with pytest.raises(Conflict) as late:
        await received(network, sent)
    assert late.value.reason == "LETTER_EXPIRED"
    await work(network)
    request = pb.GetTransferRequest(id=made.id)
    over = await network.call(network.secretary, network.transfers.GetTransfer, request)
    assert (over.state, over.managed_by) == (pb.TRANSFER_STATE_EXPIRED, pb.TRANSFER_MANAGER_SOURCE)
