"""Dispatch on a real database: the next batch acknowledges, and what is open goes over with it."""

import asyncio
from typing import Any

import asyncpg
import pytest

from chassis import days
from chassis.context import Scope
from chassis.errors import Conflict, DomainError, Forbidden, NotFound, Stale, WrongState
from louyu.membership.v1 import dispatch_pb2 as pb
from membership.dispatch.rpc import Dispatch
from membership.members.queries import ONESELF
from tests.integration.membership.network_of import Network, Person

_LEADS = (
    "HandOverDispatch",
    "AcknowledgeDispatch",
    "ReturnDispatch",
    "OpenDispatchItem",
    "FinishDispatchItem",
)


class Village:
    """An organisation that sends people to a village."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.rpc = Dispatch(network.units, network.pages, network.people)
        self.office = network.secretary
        self.today = days.day_of(network.units.clock.now()).isoformat()
        self.link = pb.DispatchLink()

    def somebody(self) -> Person:
        """Somebody of the organisation."""
        return Person(self.office.tenant, self.network.people.add("王五"), (Scope("O"),))

    async def do(self, verb: str, who: Person | None = None, **fields: Any) -> Any:
        """A verb of the office, or of somebody who is sent."""
        request = getattr(pb, f"{verb}Request")(**fields)
        permission = ONESELF if "My" in verb or verb in _LEADS else "dispatch.manage"
        return await self.network.call(
            who or self.office, getattr(self.rpc, verb), request, permission=permission
        )

    async def selected(self, lead: Person, *others: Person) -> pb.DispatchBatch:
        """The next batch."""
        if not self.link.id:
            self.link = await self.do("LinkVillage", village="演示村", from_on=self.today)
        found: pb.DispatchBatch = await self.do(
            "SelectDispatchBatch",
            link_id=self.link.id,
            lead_id=lead.id,
            person_ids=[one.id for one in others],
            from_on=self.today,
            until_on=self.today,
            synthetic=True,
        )
        return found

    async def serving(self, lead: Person, *others: Person) -> pb.DispatchBatch:
        """The first batch, in the village."""
        made = await self.selected(lead, *others)
        found: pb.DispatchBatch = await self.do("StartDispatchBatch", id=made.id, etag=made.etag)
        return found

    async def now(self, who: Person) -> pb.DispatchBatch:
        """The latest batch of somebody's."""
        found: pb.DispatchBatch = (await self.do("ListMyDispatchBatches", who)).batches[0]
        return found

    async def handed_over(self, lead: Person) -> pb.DispatchBatch:
        """The lead of the batch that serves hands over."""
        mine = await self.now(lead)
        found: pb.DispatchBatch = await self.do(
            "HandOverDispatch", lead, id=mine.id, etag=mine.etag, note="村部钥匙在会计处"
        )
        return found


@pytest.fixture
def village(network: Network) -> Village:
    return Village(network)


async def test_the_next_batch_acknowledges_and_open_items_go_over(village: Village) -> None:
    first, helper, second = village.somebody(), village.somebody(), village.somebody()
    batch = await village.serving(first, helper)
    road, well = [
        await village.do("OpenDispatchItem", helper, batch_id=batch.id, title=title)
        for title in ("修通村路", "清理水井")
    ]
    done = await village.do("FinishDispatchItem", first, id=well.id, etag=well.etag, result="已清理")
    assert (done.state, done.batch, list(done.verbs)) == (pb.DISPATCH_ITEM_STATE_DONE, 1, [])
    with pytest.raises(Conflict) as nobody:
        await village.handed_over(first)
    assert nobody.value.reason == "DISPATCH_NO_NEXT"
    assert (await village.selected(second)).number == 2
    with pytest.raises(Conflict) as another:
        await village.selected(helper)
    assert another.value.reason == "DISPATCH_NEXT_EXISTS"
    mine = await village.now(helper)
    with pytest.raises(Forbidden) as no_lead:
        await village.do("HandOverDispatch", helper, id=mine.id, etag=mine.etag, note="我来交接")
    assert no_lead.value.reason == "DISPATCH_NOT_LEAD"
    handed = await village.handed_over(first)
    assert (handed.state, list(handed.verbs)) == (pb.DISPATCH_BATCH_STATE_HANDING_OVER, [])
    with pytest.raises(Conflict) as frozen:
        await village.do("FinishDispatchItem", first, id=road.id, etag=road.etag, result="已修")
    assert frozen.value.reason == "DISPATCH_NOT_SERVING"

    taking = await village.now(second)
    assert (taking.note, taking.open_items, list(taking.verbs)) == (
        "村部钥匙在会计处",
        1,
        ["acknowledge", "return"],
    )
    with pytest.raises(NotFound):
        await village.do("AcknowledgeDispatch", first, id=taking.id, etag=taking.etag)
    await village.do("ReturnDispatch", second, id=taking.id, etag=taking.etag, reason="请补上修路合同")
    back = await village.now(first)
    assert (back.state, back.reason) == (pb.DISPATCH_BATCH_STATE_SERVING, "请补上修路合同")
    await village.handed_over(first)
    taking = await village.now(second)
    both = await asyncio.gather(
        *(village.do("AcknowledgeDispatch", second, id=taking.id, etag=taking.etag) for _ in range(2)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, DomainError) for one in both) == 1, both
    there = await village.now(second)
    assert (there.state, there.taken_over) == (pb.DISPATCH_BATCH_STATE_SERVING, 1)
    assert (await village.now(first)).state == pb.DISPATCH_BATCH_STATE_RELIEVED
    items = {one.id: one for one in (await village.do("ListMyDispatchItems", second)).items}
    carried, kept = items[road.id], items[well.id]
    assert (carried.batch, carried.opened_by, carried.carried, list(carried.verbs)) == (2, 1, 1, ["finish"])
    assert (kept.batch, kept.carried) == (1, 0)
    with pytest.raises(NotFound):
        await village.do("FinishDispatchItem", first, id=road.id, etag=carried.etag, result="已修")
    with pytest.raises(asyncpg.CheckViolationError):
        await village.network.stored("UPDATE dispatch_batches SET relieved_by = lead_id")
    assert [told.taken_over for told in await village.network.told("DispatchStarted")] == [0, 1]


async def test_nobody_leaves_open_items_to_nobody(village: Village) -> None:
    lead, stranger = village.somebody(), village.somebody()
    batch = await village.serving(lead)
    again = await village.selected(stranger)
    with pytest.raises(Conflict) as there:
        await village.do("StartDispatchBatch", id=again.id, etag=again.etag)
    assert there.value.reason == "DISPATCH_SOMEBODY_THERE"
    gone = await village.do("CancelDispatchBatch", id=again.id, etag=again.etag)
    assert gone.state == pb.DISPATCH_BATCH_STATE_CANCELLED
    assert not (await village.do("ListMyDispatchBatches", stranger)).batches
    with pytest.raises(NotFound):
        await village.do("OpenDispatchItem", stranger, batch_id=batch.id, title="修通村路")
    item = await village.do("OpenDispatchItem", lead, batch_id=batch.id, title="修通村路")
    recall: dict[str, Any] = {"id": batch.id, "etag": batch.etag}
    with pytest.raises(Conflict) as left:
        await village.do("RecallDispatchBatch", **recall)
    assert left.value.reason == "DISPATCH_HAS_ITEMS"
    with pytest.raises(Conflict):
        await village.do("EndDispatchLink", id=village.link.id, etag=village.link.etag)
    same: dict[str, Any] = {"id": item.id, "result": "已通车"}
    with pytest.raises(Stale):
        await village.do("FinishDispatchItem", lead, **same, etag="7")
    await village.do("FinishDispatchItem", lead, **same, etag=item.etag)
    with pytest.raises(Conflict) as twice:
        await village.do("FinishDispatchItem", lead, **same, etag="2")
    assert twice.value.reason == "DISPATCH_ITEM_DONE"
    back = await village.do("RecallDispatchBatch", **recall)
    assert back.state == pb.DISPATCH_BATCH_STATE_RELIEVED
    with pytest.raises(WrongState):
        await village.do("RecallDispatchBatch", id=back.id, etag=back.etag)
    ended = await village.do("EndDispatchLink", id=village.link.id, etag=village.link.etag)
    assert (ended.ended_on, ended.batches, ended.open_items, list(ended.verbs)) == (village.today, 1, 0, [])
    with pytest.raises(Conflict) as over:
        await village.selected(lead)
    assert over.value.reason == "DISPATCH_LINK_ENDED"
    listed = await village.do("ListDispatchBatches", link_id=village.link.id, page_size=1)
    assert [one.number for one in listed.batches] == [2]
    assert listed.next_page_token
    shown = await village.do("ListDispatchItems", link_id=village.link.id)
    assert [(one.title, list(one.verbs)) for one in shown.items] == [("修通村路", [])]
    assert [one.village for one in (await village.do("ListDispatchLinks")).links] == ["演示村"]
