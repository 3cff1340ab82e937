"""Supervision on a real database: findings are verified by another person, and before any star."""

import asyncio
from datetime import date
from typing import Any

import pytest
import pytest_asyncio

from chassis.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, WrongState
from louyu.membership.v1 import cadence_pb2, orgs_pb2
from louyu.membership.v1 import supervision_pb2 as pb
from membership.supervision.rpc import Supervision
from tests.integration.membership.network_of import Person, person
from tests.integration.membership.year_of import Year

QUARTERLY: dict[str, Any] = {
    "title_zh": "线上督导",
    "scope": cadence_pb2.OBLIGATION_SCOPE_BUILDING,
    "period": cadence_pb2.OBLIGATION_PERIOD_QUARTER,
    "evidence": cadence_pb2.OBLIGATION_EVIDENCE_SUPERVISION,
    "grace_days": 5,
}
DUE = "2026-03-20"


class Above:
    """The supervision of a building with a branch."""

    def __init__(self, year: Year) -> None:
        self.year = year
        self.network = year.network
        self.rpc = Supervision(year.units, year.network.pages, year.network.people)
        self.branch = orgs_pb2.Org()

    async def begin(self) -> None:
        """A branch, and its superior's checklist."""
        self.branch = await self.network.branch()
        held = await self.above("GetSupervisionChecklist")
        self.codes = [item.code for item in held.items]

    async def above(self, verb: str, who: Person | None = None, **fields: Any) -> Any:
        """A verb of the superior."""
        request = getattr(pb, f"{verb}Request")(**fields)
        return await self.network.call(
            who or self.network.superior, getattr(self.rpc, verb), request, "party"
        )

    async def here(self, verb: str, who: Person | None = None, **fields: Any) -> Any:
        """A verb of the building."""
        request = getattr(pb, f"{verb}Request")(**fields)
        return await self.network.call(who or self.network.secretary, getattr(self.rpc, verb), request)

    async def held(self, *unmet: str, who: Person | None = None) -> pb.Supervision:
        """A supervision in which these items are not met."""
        answers = [pb.ItemAnswer(code=code, met=code not in unmet) for code in self.codes]
        findings = [pb.NewFinding(code=code, text="没有会议记录", due_date=DUE) for code in unmet]
        place = self.network.secretary.tenant
        found: pb.Supervision = await self.above(
            "HoldSupervision", who, place=place, answers=answers, findings=findings
        )
        return found

    async def put_right(self, finding: pb.Finding, who: Person | None = None) -> pb.Finding:
        """The branch puts a finding right."""
        done: pb.Finding = await self.here(
            "SubmitFinding",
            who,
            id=finding.id,
            etag=finding.etag,
            measure="已补开并记录",
            reference="记 3 号",
        )
        return done

    async def apply(self) -> pb.Star:
        """The branch applies for three stars."""
        found: pb.Star = await self.here("ApplyForStar", org_id=self.branch.id, level=3, grounds="全年达标")
        return found


@pytest_asyncio.fixture
async def above(year: Year) -> Above:
    found = Above(year)
    await found.begin()
    return found


async def refused(call: Any, error: type[DomainError]) -> str:
    """The reason why something is refused."""
    with pytest.raises(error) as info:
        await call
    return info.value.reason


async def test_findings_are_verified_by_another_person_and_before_the_star(above: Above) -> None:
    network = above.network
    assert await refused(above.apply(), Conflict) == "STAR_WITHOUT_SUPERVISION"
    held = await above.held("records", "theme-day")
    assert (held.state, held.found, held.open) == (pb.SUPERVISION_STATE_ISSUED, 2, 2)
    assert await refused(above.apply(), Conflict) == "STAR_FINDINGS_OPEN"
    seen = await above.here("GetSupervision", id=held.id)
    first, second = seen.findings
    assert (list(first.verbs), first.text) == (["submit", "assign"], "没有会议记录")
    owner = network.people.add("张三")
    first = await above.here("AssignFinding", id=first.id, etag=first.etag, owner_id=owner)
    assert (first.owner_id, first.owner_display) == (owner, "张**")
    first = await above.put_right(first)
    (again, _) = (await above.above("GetSupervisionBelow", id=held.id)).findings
    assert (again.owner_id, again.measure, list(again.verbs)) == ("", "已补开并记录", ["verify", "return"])
    # The same person with a grant above does not verify what they put right below.
    both = Person(network.superior.tenant, network.secretary.id, network.superior.scopes)
    verify = above.above("VerifyFinding", both, id=again.id, etag=again.etag)
    assert await refused(verify, Forbidden) == "FINDING_IS_OWN"
    sent = await above.above("ReturnFinding", id=again.id, etag=again.etag, reason="缺签到表")
    assert (sent.state, sent.reason) == (pb.FINDING_STATE_RETURNED, "缺签到表")
    ready = [await above.put_right(one) for one in (await above.here("GetSupervision", id=held.id)).findings]
    # Of two that are verified at once, the last one closes the supervision.
    await asyncio.gather(*(above.above("VerifyFinding", id=one.id, etag=one.etag) for one in ready))
    done = await above.here("GetSupervision", id=held.id)
    assert (done.state, done.open, second.state) == (pb.SUPERVISION_STATE_CLOSED, 0, pb.FINDING_STATE_OPEN)
    late = above.put_right(done.findings[0])
    assert await refused(late, WrongState) == "FINDING_CLOSED"
    star = await above.apply()
    assert await refused(above.apply(), Conflict) == "STAR_EXISTS"
    granted = await above.above("GrantStar", id=star.id, etag=star.etag)
    assert (granted.state, granted.level) == (pb.STAR_STATE_GRANTED, 3)
    assert await refused(above.above("GrantStar", id=star.id, etag=granted.etag), WrongState) == (
        "STAR_DECIDED"
    )


async def test_a_star_is_not_granted_past_a_finding_that_came_meanwhile(above: Above) -> None:
    await above.held()
    star = await above.apply()
    both = Person(above.network.superior.tenant, above.network.secretary.id, above.network.superior.scopes)
    own = above.above("GrantStar", both, id=star.id, etag=star.etag)
    assert await refused(own, Forbidden) == "STAR_IS_OWN"
    held = await above.held("records")
    grant = above.above("GrantStar", id=star.id, etag=star.etag)
    assert await refused(grant, Conflict) == "STAR_FINDINGS_OPEN"
    (finding,) = held.findings
    finding = await above.put_right(finding)
    await above.above("VerifyFinding", id=finding.id, etag=finding.etag)
    turned = await above.above("RefuseStar", id=star.id, etag=star.etag, reason="下季度再评")
    assert (turned.state, turned.reason) == (pb.STAR_STATE_REFUSED, "下季度再评")
    again = await above.apply()
    back = await above.here("WithdrawStar", id=again.id, etag=again.etag)
    assert back.state == pb.STAR_STATE_WITHDRAWN
    decided = [one.state for one in await above.network.told("StarDecided")]
    assert decided == [pb.STAR_STATE_REFUSED, pb.STAR_STATE_WITHDRAWN]


async def test_only_whoever_stands_next_above_supervises_and_sees_it(above: Above) -> None:
    network = above.network
    for stranger in (network.street, network.neighbour):
        assert await refused(above.held(who=stranger), Invalid) == "PLACE_NOT_BELOW"
    held = await above.held("records")
    for stranger in (network.street, network.neighbour):
        assert not (await above.above("ListSupervisionsBelow", stranger)).supervisions
        with pytest.raises(NotFound):
            await above.above("GetSupervisionBelow", stranger, id=held.id)
    (finding,) = held.findings
    member = person(network.secretary.tenant, "O")
    with pytest.raises(NotFound):
        await above.put_right(finding, member)
    with pytest.raises(WrongState):
        await above.above("VerifyFinding", id=finding.id, etag=finding.etag)


async def test_what_was_held_keeps_its_items_and_fulfils_its_quarter(above: Above) -> None:
    year = above.year
    await year.rule("online-supervision", **QUARTERLY)
    held = await above.held("records")
    (message,) = await above.network.told("SupervisionHeld")
    await year.happens(message, "supervision")
    (owed,) = await year.owed()
    assert (owed.state, owed.evidence_id) == (cadence_pb2.OBLIGATION_STATE_FULFILLED, held.id)
    item = pb.SupervisionItem(code="online", title_zh="线上平台按月更新", source="演示")
    changed = await above.above("UpdateSupervisionChecklist", etag="0", items=[item])
    assert (changed.etag, changed.source) == ("1", "tenant")
    incomplete = above.held("records")
    assert await refused(incomplete, Invalid) == "SUPERVISION_INCOMPLETE"
    twice = above.above("UpdateSupervisionChecklist", etag="1", items=[item, item])
    assert await refused(twice, Invalid) == "ITEM_TWICE"
    above.codes = ["online"]
    year.walk_to(date(2026, 3, 10))
    second = await above.held()
    assert (second.checklist_version, second.state) == (1, pb.SUPERVISION_STATE_CLOSED)
    first = await above.here("GetSupervision", id=held.id)
    assert (first.checklist_version, len(first.answers)) == (0, 8)
