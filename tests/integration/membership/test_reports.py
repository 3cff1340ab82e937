"""Reports on a real database: accepted by another person, kept version by version, by whom they concern."""

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import update

from chassis.context import Scope
from chassis.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Stale, WrongState
from chassis.ids import new_id
from chassis.units import UnitOfWork
from louyu.membership.v1 import cadence_pb2, contacts_pb2
from louyu.membership.v1 import reports_pb2 as pb
from louyu.ticket.v1 import hazards_pb2, visits_pb2
from membership.reports.rpc import Reports
from membership.reports.tables import versions
from tests.integration.membership.network_of import Person, person
from tests.integration.membership.year_of import Year

MONTHLY: dict[str, Any] = {
    "title_zh": "每月有汇报",
    "scope": cadence_pb2.OBLIGATION_SCOPE_GROUP,
    "period": cadence_pb2.OBLIGATION_PERIOD_MONTH,
    "evidence": cadence_pb2.OBLIGATION_EVIDENCE_REPORT,
    "due_days": 5,
    "grace_days": 5,
}
QUARTERLY: dict[str, Any] = {
    **MONTHLY,
    "title_zh": "每季有总结",
    "scope": cadence_pb2.OBLIGATION_SCOPE_BRANCH,
    "period": cadence_pb2.OBLIGATION_PERIOD_QUARTER,
}
DONE = "走访三户，办活动两场"


class Writing:
    """The reports of a building with groups on two floors."""

    def __init__(self, year: Year) -> None:
        self.year = year
        self.network = year.network
        self.rpc = Reports(year.units, year.network.pages, year.network.people)
        self.leader = person(self.network.secretary.tenant, "F", "2")
        self.clerk = person(self.network.secretary.tenant, "B")

    async def begin(self) -> None:
        """A branch with two groups, each to report every month."""
        branch = await self.network.branch()
        await self.network.floor("AddFloors", floors=["2", "3"])
        for floor in ("2", "3"):
            await self.network.group(branch, floor)

    async def ask(self, verb: str, who: Person | None = None, mode: str = "tenant", **fields: Any) -> Any:
        """A verb, in the name of the leader of the second floor unless somebody is named."""
        request = getattr(pb, f"{verb}Request")(**fields)
        return await self.network.call(who or self.leader, getattr(self.rpc, verb), request, mode)

    async def verb(
        self, what: str, report: pb.Report, who: Person | None = None, mode: str = "tenant", **more: Any
    ) -> pb.Report:
        """A verb on what somebody has seen."""
        verb = f"{what}Report" + ("Below" if mode == "party" else "")
        found: pb.Report = await self.ask(verb, who, mode, id=report.id, etag=report.etag, **more)
        return found

    async def written(self, obligation: str, who: Person | None = None) -> pb.Report:
        """A report that says something."""
        report = await self.ask("BeginReport", who, obligation_id=obligation)
        return await self.verb("Update", report, who, done=DONE)

    async def deliver(self) -> None:
        """What was accepted reaches the obligations."""
        for message in await self.network.told("ReportAccepted"):
            await self.year.happens(message, "report")

    async def state(self, obligation: str) -> str:
        """What became of an obligation."""
        found = await self.year.ask("GetObligation", id=obligation)
        return cadence_pb2.ObligationState.Name(found.state).removeprefix("OBLIGATION_STATE_")


@pytest_asyncio.fixture
async def writing(year: Year) -> Writing:
    found = Writing(year)
    await found.begin()
    return found


async def refused(call: Any, error: type[DomainError]) -> str:
    """The reason why something is refused."""
    with pytest.raises(error) as info:
        await call
    return info.value.reason


def said(report: pb.Report) -> Sequence[tuple[int, str, int, str]]:
    """What the versions say and what became of them."""
    return [(one.number, one.done, one.outcome, one.sentence) for one in report.versions]


async def test_a_returned_report_fulfils_nothing_and_an_accepted_one_changes_no_more(
    writing: Writing,
) -> None:
    year, secretary = writing.year, writing.network.secretary
    await year.rule("monthly-report", **MONTHLY)
    second, third = await year.owed()
    assert list(second.verbs) == ["report"]
    assert await refused(writing.ask("BeginReport", obligation_id=third.id), NotFound) == (
        "OBLIGATION_NOT_FOUND"
    )
    report = await writing.ask("BeginReport", obligation_id=second.id)
    assert (report.receiver_name, report.above, list(report.verbs)) == (
        "楼宇党支部",
        False,
        ["edit", "submit"],
    )
    again = writing.ask("BeginReport", obligation_id=second.id)
    assert await refused(again, Conflict) == "REPORT_EXISTS"
    assert await refused(writing.verb("Submit", report), Conflict) == "REPORT_TOO_EARLY"
    year.walk_to(date(2026, 3, 27))
    assert await refused(writing.verb("Submit", report), Invalid) == "REPORT_EMPTY"
    with pytest.raises(Invalid):
        await writing.verb("Update", report, done="请联系 13800001111")
    report = await writing.verb("Update", report, done=DONE)
    report = await writing.verb("Submit", report)
    assert await refused(writing.verb("Update", report, done="改"), WrongState) == "REPORT_WRONG_STATE"
    assert await writing.state(second.id) == "OPEN"

    sentence = "请补充下月打算"
    report = await writing.verb("Return", report, secretary, sentence=sentence)
    await writing.deliver()
    assert (await writing.state(second.id), report.sentence) == ("OPEN", sentence)
    with pytest.raises(Stale):
        await writing.ask("UpdateReport", id=report.id, etag="1", plans="办三场活动")
    report = await writing.verb("Update", report, plans=" 办三场活动\n\n补上联络员 ")
    assert report.versions[0].plans == "办三场活动\n\n补上联络员"
    report = await writing.verb("Submit", report)
    report = await writing.verb("Accept", report, secretary)
    await writing.deliver()
    assert await writing.state(second.id) == "FULFILLED"
    (owed,) = await year.owed(writing.leader, evidence=cadence_pb2.OBLIGATION_EVIDENCE_REPORT)
    assert (owed.evidence_id, owed.attested) == (report.id, False)
    assert said(report) == [
        (2, DONE, pb.REPORT_OUTCOME_ACCEPTED, ""),
        (1, DONE, pb.REPORT_OUTCOME_RETURNED, sentence),
    ]
    assert await refused(writing.verb("Update", report, done="改"), WrongState) == "REPORT_ACCEPTED"
    assert await refused(writing.verb("Return", report, secretary, sentence="再改"), WrongState)

    # The second lock: what was decided upon stays, also for whoever forgets the rules.
    async def forge(unit: UnitOfWork) -> int:
        return await unit.execute(
            update(versions).where(versions.c.tenant_id == unit.tenant_id).values(done="改")
        )

    assert await year.units.run(secretary.context("tenant"), forge) == 0


async def test_nobody_accepts_what_they_wrote_under_whatever_account(writing: Writing) -> None:
    year, network = writing.year, writing.network
    await year.rule("monthly-report", **MONTHLY)
    second, _ = await year.owed()
    year.walk_to(date(2026, 3, 31))
    report = await writing.written(second.id)
    report = await writing.verb("Submit", report)
    both = Person(network.secretary.tenant, writing.leader.id, (Scope("B"),))
    assert await refused(writing.verb("Accept", report, both), Forbidden) == "REPORT_IS_OWN"
    report = await writing.verb("Return", report, network.secretary, sentence="请补充")
    assert await refused(writing.verb("Update", report, writing.clerk, done="改"), Forbidden) == (
        "REPORT_NOT_YOURS"
    )
    # Whoever returned it carries on with it: then neither of its authors decides any more.
    report = await writing.verb("Take", report, network.secretary)
    report = await writing.verb("Submit", report, network.secretary)
    for author in (network.secretary, both):
        assert await refused(writing.verb("Accept", report, author), Forbidden) == "REPORT_IS_OWN"
    waiting = await writing.ask("ListReports", writing.clerk, to_accept=True)
    assert [list(one.verbs) for one in waiting.reports] == [["accept", "return"]]
    first, second_try = await asyncio.gather(
        *(writing.verb("Accept", report, person(network.secretary.tenant, "B")) for _ in range(2)),
        return_exceptions=True,
    )
    assert isinstance(first, Exception) != isinstance(second_try, Exception)
    assert len(await network.told("ReportAccepted")) == 1


async def test_the_day_of_acceptance_decides_whether_it_was_in_time(writing: Writing) -> None:
    year, secretary = writing.year, writing.network.secretary
    await year.rule("monthly-report", **MONTHLY)
    second, third = await year.owed()
    year.walk_to(date(2026, 4, 4))
    upstairs = person(secretary.tenant, "F", "3")
    reports = [
        await writing.verb("Submit", await writing.written(one.id, who), who)
        for one, who in ((second, writing.leader), (third, upstairs))
    ]
    year.walk_to(date(2026, 4, 6))
    await writing.verb("Accept", reports[0], secretary)
    await writing.deliver()
    year.walk_to(date(2026, 4, 11))
    await year.work()
    await writing.verb("Accept", reports[1], secretary)
    await writing.deliver()
    assert [await writing.state(one.id) for one in (second, third)] == ["LATE", "MISSED"]
    assert await refused(writing.ask("BeginReport", obligation_id=second.id), Conflict) == "REPORT_NOT_OWED"


async def test_a_branch_reports_to_the_tenant_above_which_reads_what_was_submitted(
    writing: Writing,
) -> None:
    year, network = writing.year, writing.network
    superior = network.superior
    await year.rule("quarterly-summary", **QUARTERLY)
    (owed,) = await year.owed()
    year.walk_to(date(2026, 3, 30))
    report = await writing.written(owed.id, writing.clerk)
    assert (report.above, report.receiver_name) == (True, "superior")
    assert not (await writing.ask("ListReportsBelow", superior, "party")).reports
    report = await writing.verb("Submit", report, writing.clerk)
    assert await refused(writing.verb("Accept", report, network.secretary), Conflict) == "REPORT_GOES_ABOVE"
    for stranger in (network.street, network.neighbour):
        assert not (await writing.ask("ListReportsBelow", stranger, "party")).reports
        with pytest.raises(NotFound):
            await writing.verb("Accept", report, stranger, "party")
    (below,) = (await writing.ask("ListReportsBelow", superior, "party", to_accept=True)).reports
    assert (below.place_name, list(below.verbs)) == ("building", ["accept", "return"])
    report = await writing.verb("Return", below, superior, "party", sentence="请写明困难")
    # What is being written meanwhile is nobody's above.
    written = await writing.verb("Update", report, writing.clerk, problems="场地不够")
    assert [one.number for one in written.versions] == [2, 1]
    seen = await writing.ask("GetReportBelow", superior, "party", id=report.id)
    assert [one.number for one in seen.versions] == [1]
    report = await writing.verb("Submit", written, writing.clerk)
    report = await writing.verb("Accept", report, superior, "party")
    await writing.deliver()
    assert (await writing.state(owed.id), report.state) == ("FULFILLED", pb.REPORT_STATE_ACCEPTED)
    row = (await year.ask("GetCadenceBoard")).rows[0]
    assert (row.percent, row.periods[0].fulfilled) == (100, 1)


async def test_figures_are_counted_on_the_floor_and_in_the_period(writing: Writing) -> None:
    year, network = writing.year, writing.network
    area = await network.floor("OpenArea", floor="2", name="东区")
    other = await network.floor("OpenArea", floor="3", name="西区")
    firm = await network.firm("演示餐饮", "2")
    await year.rule("monthly-report", **MONTHLY)
    for where, count in ((area, 2), (other, 1)):
        for _ in range(count):
            entry = contacts_pb2.ContactLogged(
                liaison_entry_id=new_id(), area_id=where.id, on_date=year.today.isoformat()
            )
            await year.happens(entry, "liaison_entry")
    await year.held(year.today)
    for target in (firm.id, new_id()):
        visit = visits_pb2.VisitCompleted(visit_id=new_id(), target_id=target)
        await year.happens(visit, "visit")
        await year.happens(visit, "visit")
    found = hazards_pb2.HazardFound(hazard_id=new_id(), site_id=new_id())
    await year.happens(found, "hazard")
    second, _ = await year.owed()
    report = await writing.ask("BeginReport", obligation_id=second.id)
    figures = report.versions[0].figures
    assert (figures.contacts, figures.contact_days, figures.activities) == (2, 1, 1)
    assert (figures.visits, figures.hazards_found) == (1, 0)
    # What comes later is in the next version of the words, until it is submitted.
    await year.held(year.today)
    report = await writing.verb("Update", report, done=DONE)
    assert report.versions[0].figures.activities == 2
    await year.rule("quarterly-summary", **QUARTERLY)
    (owed,) = await year.owed(code="quarterly-summary")
    whole = (await writing.written(owed.id, writing.clerk)).versions[0].figures
    assert (whole.contacts, whole.visits, whole.hazards_found) == (3, 2, 1)


async def test_a_building_decides_how_early_a_report_can_be_submitted(writing: Writing) -> None:
    secretary = writing.network.secretary
    held = await writing.ask("GetReportSettings", secretary)
    assert (held.early_days, held.source) == (5, "default")
    await writing.ask("UpdateReportSettings", secretary, etag=held.etag, early_days=40)
    await writing.year.rule("monthly-report", **MONTHLY)
    second, _ = await writing.year.owed()
    report = await writing.verb("Submit", await writing.written(second.id))
    assert report.state == pb.REPORT_STATE_SUBMITTED
