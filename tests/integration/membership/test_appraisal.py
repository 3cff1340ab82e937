"""The appraisal and the democratic review on a real database: whose hand it is, what is sealed and races."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import update

from chassis import days
from chassis.clocks import BusinessClock
from chassis.context import Scope, bind
from chassis.errors import Conflict, Forbidden, Invalid, NotFound, Stale, WrongState
from louyu.membership.v1 import appraisal_pb2 as pb
from louyu.membership.v1 import members_pb2
from louyu.membership.v1 import reviews_pb2 as rpb
from membership.appraisal import jobs, months
from membership.appraisal.queries import ONESELF
from membership.appraisal.tables import appraisals
from membership.reviews.tables import reviews
from tests.integration.membership.network_of import Network, Person, person

MONTHLY, ON_SITE = pb.APPRAISAL_CHANNEL_MONTHLY, pb.APPRAISAL_CHANNEL_ON_SITE
DOCUMENTS = pb.APPRAISAL_CHANNEL_DOCUMENTS
MET, NOT_ASSESSABLE = pb.APPRAISAL_OUTCOME_MET, pb.APPRAISAL_OUTCOME_NOT_ASSESSABLE
ASSESSED, LATE = pb.APPRAISAL_MONTH_STATE_ASSESSED, pb.APPRAISAL_MONTH_STATE_LATE
DUE, MISSING = pb.APPRAISAL_MONTH_STATE_DUE, pb.APPRAISAL_MONTH_STATE_MISSING
TO_COME = pb.APPRAISAL_MONTH_STATE_TO_COME
_OWN = ("ListMyAppraisals", "ListMyAppraisalMarks", "AcceptMyAppraisal", "AppealMyAppraisal")


def item(code: str, weight: int, *channels: Any) -> pb.AppraisalItem:
    """A target."""
    return pb.AppraisalItem(code=code, title_zh="责任区", title_en="Zone", weight=weight, channels=channels)


class Branch:
    """A branch with members, a clerk who records and a secretary who confirms."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.secretary = network.secretary
        self.clerk = person(self.secretary.tenant, "B")
        self.org = ""
        self._day = 0

    async def do(self, who: Person, verb: str, mode: str = "tenant", **fields: Any) -> Any:
        """A verb, in somebody's name."""
        request = getattr(pb, f"{verb}Request")(**fields)
        permission = ONESELF if verb in _OWN else "appraisal"
        return await self.network.call(
            who, getattr(self.network.appraisal, verb), request, mode, permission=permission
        )

    async def review(self, who: Person, verb: str, **fields: Any) -> Any:
        """A verb of the review."""
        request = getattr(rpb, f"{verb}Request")(**fields)
        permission = "reviews.use" if verb in ("RateMyself", "ListMyReviews") else "reviews"
        return await self.network.call(
            who, getattr(self.network.reviews, verb), request, permission=permission
        )

    async def member(self) -> Person:
        """A member of the party on the roster."""
        network = self.network
        self.org = self.org or (await network.branch()).id
        who = Person(self.secretary.tenant, network.people.add("李四"), (Scope("B"),))
        enrol = members_pb2.EnrolMemberRequest(
            person_id=who.id, body=members_pb2.MEMBER_BODY_PARTY, org_id=self.org
        )
        made = await network.call(self.secretary, network.members.EnrolMember, enrol)
        confirm = members_pb2.ConfirmMyMembershipRequest(id=made.id)
        await network.call(who, network.members.ConfirmMyMembership, confirm)
        return who

    @property
    def today(self) -> date:
        """Business time's day."""
        return days.day_of(self.network.units.clock.now())

    def walk_to(self, day: date) -> None:
        """The clock goes on."""
        ahead = (day - self.today).days
        self._day += ahead
        self.network.units.clock = BusinessClock(timedelta(days=-30 + self._day))

    async def decided(self, etag: str = "0", **more: Any) -> pb.AppraisalRubric:
        """A rubric of two targets."""
        wanted: dict[str, Any] = {
            "items": [item("zone", 60, MONTHLY, ON_SITE), item("papers", 40, DOCUMENTS)],
            "star_steps": [20, 40, 60, 80, 95],
            "months_percent": 50,
            "due_days": 5,
            "late_days": 20,
            "appeal_days": 7,
        }
        found: pb.AppraisalRubric = await self.do(
            self.secretary, "SetAppraisalRubric", etag=etag, **{**wanted, **more}
        )
        return found

    async def opened(self, count: int = 2) -> pb.AppraisalPeriod:
        """A period of so many months from this one on."""
        first = months.of(self.today)
        last = first
        for _ in range(count - 1):
            last = months.following(last)
        span = {"from_month": months.written(first), "until_month": months.written(last)}
        found: pb.AppraisalPeriod = await self.do(
            self.secretary, "OpenAppraisalPeriod", org_id=self.org, **span
        )
        return found

    async def begun(self) -> tuple[Person, pb.Appraisal]:
        """A member in a period of two months."""
        member = await self.member()
        await self.decided()
        await self.opened()
        return member, await self.of(member)

    async def of(self, member: Person) -> pb.Appraisal:
        """Somebody's appraisal as the clerk sees it."""
        found = await self.do(self.clerk, "ListAppraisals", page_size=100)
        mine: pb.Appraisal = next(one for one in found.appraisals if one.person_id == member.id)
        return mine

    async def record(
        self, one: pb.Appraisal, channel: Any, score: int, month: str = "", who: Person | None = None
    ) -> pb.Appraisal:
        """A mark of one target."""
        target = "papers" if channel == DOCUMENTS else "zone"
        found: pb.Appraisal = await self.do(
            who or self.clerk,
            "RecordAppraisalMarks",
            id=one.id,
            month=month or one.from_month,
            channel=channel,
            marks=[pb.NewAppraisalMark(target=target, score=score)],
            reference="〔2026〕3号" if channel == DOCUMENTS else "",
        )
        return found

    async def seen_whole(self, one: pb.Appraisal) -> pb.Appraisal:
        """Looked at in every way in the first of two months; the second is the last."""
        for channel, score in ((MONTHLY, 90), (ON_SITE, 80), (DOCUMENTS, 70)):
            one = await self.record(one, channel, score)
        self.walk_to(months.parse("month", one.until_month))
        return one

    async def confirm(self, one: pb.Appraisal, target: str, outcome: Any, **more: Any) -> pb.Appraisal:
        """The secretary confirms a target."""
        said = {"id": one.id, "etag": one.etag, "target": target, "outcome": outcome, **more}
        found: pb.Appraisal = await self.do(self.secretary, "ConfirmAppraisalTarget", **said)
        return found

    async def shown(self) -> tuple[Person, pb.Appraisal]:
        """An appraisal that the member sees."""
        member, one = await self.begun()
        one = await self.seen_whole(one)
        for target in ("zone", "papers"):
            one = await self.confirm(one, target, MET)
        one = await self.do(self.secretary, "ShowAppraisal", id=one.id, etag=one.etag)
        return member, one

    async def changed_in_database(self, table: Any, row_id: str, values: dict[str, Any]) -> int:
        """How many rows the building itself can change past every command."""
        context = self.secretary.context("tenant")
        with bind(context):
            return await self.network.units.run(
                context, lambda unit: unit.execute(update(table).where(table.c.id == row_id).values(values))
            )


@pytest.fixture
def branch(network: Network) -> Branch:
    return Branch(network)


async def test_months_go_from_to_come_to_missing_and_late_marks_say_so(branch: Branch) -> None:
    _, one = await branch.begun()
    first, second = one.targets[0].months
    assert (first.state, second.state) == (DUE, TO_COME)
    with pytest.raises(Invalid) as early:
        await branch.record(one, MONTHLY, 90, one.until_month)
    assert early.value.reason == "MONTH_TO_COME"
    end = months.last_day(months.parse("month", one.from_month))
    branch.walk_to(end + timedelta(days=6))
    one = await branch.do(branch.clerk, "GetAppraisal", id=one.id)
    assert one.targets[0].months[0].state == MISSING
    assert (one.months_missing, one.targets[0].months_due, one.targets[0].HasField("score")) == (1, 1, False)
    one = await branch.record(one, MONTHLY, 90)
    assert (one.targets[0].months[0].state, one.targets[0].score, one.months_missing) == (LATE, 90, 0)
    one = await branch.record(one, MONTHLY, 60)
    assert one.targets[0].score == 60
    marks = await branch.do(branch.clerk, "ListAppraisalMarks", id=one.id)
    assert [(mark.score, mark.counts, mark.late) for mark in marks.marks] == [
        (60, True, True),
        (90, False, True),
    ]
    branch.walk_to(end + timedelta(days=21))
    with pytest.raises(Conflict) as closed:
        await branch.record(one, MONTHLY, 100)
    assert closed.value.reason == "MONTH_CLOSED"
    period = (await branch.do(branch.clerk, "ListAppraisalPeriods")).periods[0]
    assert (period.members, period.months_due, period.months_assessed) == (1, 1, 1)


async def test_the_score_follows_is_shown_and_is_final_when_the_member_accepts(branch: Branch) -> None:
    member, one = await branch.begun()
    with pytest.raises(Conflict) as too_early:
        await branch.confirm(one, "zone", MET)
    assert too_early.value.reason == "NOT_YEAR_END"
    one = await branch.seen_whole(one)
    one = await branch.confirm(one, "zone", MET)
    with pytest.raises(Conflict) as confirmed:
        await branch.record(one, ON_SITE, 10)
    assert confirmed.value.reason == "TARGET_CONFIRMED"
    with pytest.raises(Stale):
        await branch.confirm(one, "papers", MET, etag="1")
    one = await branch.confirm(one, "papers", MET)
    # (90 + 80) / 2 of 60 and 70 of 40: one of two months was enough here.
    assert (one.score, one.proposed_stars, one.HasField("stars")) == (79, 3, False)
    mine = (await branch.do(member, "ListMyAppraisals")).appraisals[0]
    assert not mine.HasField("proposed_stars")
    assert not mine.targets[0].outcome
    one = await branch.do(branch.secretary, "ShowAppraisal", id=one.id, etag=one.etag)
    mine = (await branch.do(member, "ListMyAppraisals")).appraisals[0]
    assert (mine.proposed_stars, list(mine.verbs)) == (3, ["accept", "appeal"])
    done = await branch.do(member, "AcceptMyAppraisal", id=one.id, etag=mine.etag)
    assert (done.state, done.stars) == (pb.APPRAISAL_STATE_FINAL, 3)
    told = (await branch.network.told("AppraisalFinalised"))[0]
    assert (told.stars, told.months_due, told.months_assessed) == (3, 2, 1)


async def test_what_is_final_no_hand_changes(branch: Branch) -> None:
    member, one = await branch.shown()
    assert await branch.changed_in_database(appraisals, one.id, {"score": 80}) == 1
    one = await branch.do(member, "AcceptMyAppraisal", id=one.id, etag=one.etag)
    seals: tuple[tuple[str, dict[str, Any]], ...] = (
        ("ConfirmAppraisalTarget", {"target": "zone", "outcome": MET}),
        ("ShowAppraisal", {}),
        ("EndAppraisal", {}),
    )
    for verb, more in seals:
        with pytest.raises(WrongState):
            await branch.do(branch.secretary, verb, id=one.id, etag=one.etag, **more)
    assert await branch.changed_in_database(appraisals, one.id, {"stars": 5}) == 0
    stored = await branch.network.stored("SELECT stars FROM appraisal_appraisals")
    assert [row["stars"] for row in stored] == [3]


async def test_nobody_assesses_confirms_or_shows_their_own_under_any_account(branch: Branch) -> None:
    member, one = await branch.begun()
    with pytest.raises(Forbidden) as own:
        await branch.record(one, MONTHLY, 100, who=member)
    assert own.value.reason == "APPRAISAL_IS_OWN"
    one = await branch.seen_whole(one)
    with pytest.raises(Forbidden):
        await branch.do(
            member, "ConfirmAppraisalTarget", id=one.id, etag=one.etag, target="zone", outcome=MET
        )
    with pytest.raises(asyncpg.CheckViolationError):
        await branch.network.stored("UPDATE appraisal_marks SET assessor = person_id")


async def test_with_too_much_missing_there_are_no_stars(branch: Branch) -> None:
    member, one = await branch.begun()
    one = await branch.record(one, ON_SITE, 100)
    branch.walk_to(months.parse("month", one.until_month))
    one = await branch.do(branch.clerk, "GetAppraisal", id=one.id)
    with pytest.raises(Conflict) as refused:
        await branch.confirm(one, "zone", MET)
    assert refused.value.reason == "TARGET_NOT_ASSESSABLE"
    for target in ("zone", "papers"):
        one = await branch.confirm(one, target, NOT_ASSESSABLE)
    assert (one.HasField("score"), one.HasField("proposed_stars")) == (False, False)
    one = await branch.do(branch.secretary, "ShowAppraisal", id=one.id, etag=one.etag)
    done = await branch.do(member, "AcceptMyAppraisal", id=one.id, etag=one.etag)
    assert not done.HasField("stars")
    assert not (await branch.network.told("AppraisalFinalised"))[0].assessed


async def test_an_appeal_is_the_superiors_to_answer_and_nobody_elses(branch: Branch) -> None:
    member, one = await branch.shown()
    above, network = branch.network.superior, branch.network
    assert not (await branch.do(above, "ListAppraisalsBelow", "party")).appraisals
    said: dict[str, Any] = {"id": one.id, "etag": one.etag, "reason": "外出学习没有计入"}
    said |= {"targets": ["papers"]}
    with pytest.raises(Invalid):
        await branch.do(member, "AppealMyAppraisal", **{**said, "targets": ["unknown"]})
    one = await branch.do(member, "AppealMyAppraisal", **said)
    told = (await network.told("AppraisalAppealed"))[0]
    assert (told.superior_id, told.appraisal_id) == (above.tenant, one.id)
    seen = (await branch.do(above, "ListAppraisalsBelow", "party", appealed_only=True)).appraisals[0]
    assert (seen.appeal, [target.item.code for target in seen.targets]) == (
        said["reason"],
        ["zone", "papers"],
    )
    assert not any(target.months for target in seen.targets)
    answer = {"id": one.id, "etag": seen.etag, "reason": "记录已核实", "stars": 4}
    with pytest.raises(NotFound):
        await branch.do(network.street, "AnswerAppraisalAppeal", "party", **answer)
    for same in (member.id, branch.secretary.id):
        with pytest.raises(Forbidden):
            await branch.do(replace(above, id=same), "AnswerAppraisalAppeal", "party", **answer)
    with pytest.raises(Invalid):
        await branch.do(above, "AnswerAppraisalAppeal", "party", **{**answer, "stars": 3})
    done = await branch.do(above, "AnswerAppraisalAppeal", "party", **answer)
    assert (done.state, done.stars, done.corrected) == (pb.APPRAISAL_STATE_FINAL, 4, True)
    with pytest.raises(WrongState):
        await branch.do(above, "AnswerAppraisalAppeal", "party", **{**answer, "etag": done.etag})
    mine = (await branch.do(member, "ListMyAppraisals")).appraisals[0]
    assert (mine.stars, mine.proposed_stars, mine.answer) == (4, 3, answer["reason"])


async def test_what_nobody_appealed_against_becomes_final_with_the_clock(branch: Branch) -> None:
    member, one = await branch.shown()
    branch.walk_to(branch.today + timedelta(days=7))
    assert await jobs.lapse_appeals().run(branch.network.units) == 0
    branch.walk_to(branch.today + timedelta(days=1))
    with pytest.raises(Conflict) as late:
        await branch.do(member, "AppealMyAppraisal", id=one.id, etag=one.etag, reason="没有看到")
    assert late.value.reason == "APPEAL_TOO_LATE"
    assert await jobs.lapse_appeals().run(branch.network.units) == 1
    assert (await branch.of(member)).stars == 3


async def test_a_period_keeps_its_rubric_and_no_month_belongs_to_two(branch: Branch) -> None:
    await branch.member()
    with pytest.raises(Conflict) as undecided:
        await branch.opened()
    assert undecided.value.reason == "RUBRIC_NOT_DECIDED"
    await branch.decided()
    answers = await asyncio.gather(branch.opened(2), branch.opened(3), return_exceptions=True)
    assert sorted(type(one).__name__ for one in answers) == ["AppraisalPeriod", "Conflict"]
    with pytest.raises(Stale):
        await branch.decided("0")
    await branch.decided("1", items=[item("other", 100, MONTHLY)], appeal_days=9)
    period = (await branch.do(branch.clerk, "ListAppraisalPeriods")).periods[0]
    one = (await branch.do(branch.clerk, "ListAppraisals", period_id=period.id)).appraisals[0]
    assert (period.rubric_version, one.rubric_version) == (1, 1)
    assert [target.item.code for target in one.targets] == ["zone", "papers"]
    first = await branch.do(branch.clerk, "GetAppraisalRubric", version=1)
    assert (first.appeal_days, [each.code for each in first.items]) == (7, ["zone", "papers"])
    with pytest.raises(NotFound):
        await branch.do(branch.clerk, "GetAppraisalRubric", version=9)


async def test_who_comes_later_misses_nothing_before_and_who_left_has_no_result(branch: Branch) -> None:
    _, one = await branch.begun()
    period = (await branch.do(branch.clerk, "ListAppraisalPeriods")).periods[0]
    branch.walk_to(months.parse("month", one.until_month))
    late = await branch.member()
    added = await branch.do(branch.secretary, "AddToAppraisalPeriod", id=period.id, person_id=late.id)
    assert [cell.month for cell in added.targets[0].months] == [one.until_month]
    with pytest.raises(Conflict):
        await branch.do(branch.secretary, "AddToAppraisalPeriod", id=period.id, person_id=late.id)
    with pytest.raises(Conflict) as still:
        await branch.do(branch.secretary, "EndAppraisal", id=added.id, etag=added.etag)
    assert still.value.reason == "STILL_ON_ROSTER"


async def test_others_see_nothing(branch: Branch) -> None:
    member, one = await branch.begun()
    leader = person(branch.secretary.tenant, "F", "1")
    for who, tenant in ((branch.network.neighbour, ""), (leader, "")):
        assert not (await branch.do(who, "ListAppraisals", tenant=tenant)).appraisals
        with pytest.raises(NotFound):
            await branch.do(who, "GetAppraisal", id=one.id)
    other = await branch.member()
    assert not (await branch.do(other, "ListMyAppraisals")).appraisals
    with pytest.raises(NotFound):
        await branch.do(other, "ListMyAppraisalMarks", id=one.id)
    assert (await branch.do(member, "ListMyAppraisals")).appraisals[0].id == one.id


async def test_no_grade_without_somebody_who_names_two_bases(branch: Branch) -> None:
    member = await branch.member()
    year = branch.today.year
    opened = await branch.review(branch.clerk, "OpenReviews", org_id=branch.org, year=year)
    again = await branch.review(branch.clerk, "OpenReviews", org_id=branch.org, year=year)
    assert (opened.opened, again.opened, again.present) == (1, 0, 1)
    one = (await branch.review(branch.clerk, "ListReviews", year=year)).reviews[0]
    tally = rpb.ReviewTally(excellent=3)
    said = {"id": one.id, "etag": one.etag, "kind": rpb.REVIEW_TALLY_KIND_PEERS, "reference": "3号"}
    with pytest.raises(Forbidden):
        await branch.review(member, "RecordReviewTally", tally=tally, **said)
    with pytest.raises(Invalid):
        await branch.review(branch.clerk, "RecordReviewTally", tally=rpb.ReviewTally(), **said)
    one = await branch.review(branch.clerk, "RecordReviewTally", tally=tally, **said)
    one = await branch.review(member, "RateMyself", id=one.id, grade=rpb.REVIEW_GRADE_QUALIFIED)
    assert (one.state, one.grade) == (rpb.REVIEW_STATE_OPEN, 0)
    grade = {"id": one.id, "etag": one.etag, "grade": rpb.REVIEW_GRADE_EXCELLENT}
    both = [rpb.REVIEW_BASIS_KIND_SELF, rpb.REVIEW_BASIS_KIND_PEERS]
    with pytest.raises(Forbidden):
        await branch.review(member, "DecideReview", bases=both, **grade)
    with pytest.raises(Invalid):
        await branch.review(branch.secretary, "DecideReview", bases=both[:1], **grade)
    absent = [*both, rpb.REVIEW_BASIS_KIND_HONOUR]
    with pytest.raises(Conflict):
        await branch.review(branch.secretary, "DecideReview", bases=absent, **grade)
    # The database refuses a grade that nobody decided as well.
    with pytest.raises(asyncpg.CheckViolationError):
        await branch.network.stored(
            "UPDATE reviews_reviews SET state = 'decided', grade = 'excellent', decided_at = now(), "
            "bases = '{appraisal,appraisal}', decider = gen_random_uuid()"
        )
    done = await branch.review(branch.secretary, "DecideReview", bases=both, **grade)
    assert (done.grade, list(done.verbs)) == (rpb.REVIEW_GRADE_EXCELLENT, [])
    with pytest.raises(WrongState):
        await branch.review(branch.secretary, "DecideReview", bases=both, **{**grade, "etag": done.etag})
    assert await branch.changed_in_database(reviews, one.id, {"grade": "unqualified"}) == 0
    assert not (await branch.review(branch.network.neighbour, "ListReviews")).reviews


async def test_a_final_result_moves_no_review_and_is_a_basis_of_its_year_only(branch: Branch) -> None:
    member, one = await branch.shown()
    year = int(one.until_month[:4])
    for wanted in (year, year - 1):
        await branch.review(branch.clerk, "OpenReviews", org_id=branch.org, year=wanted)
    await branch.do(member, "AcceptMyAppraisal", id=one.id, etag=one.etag)
    found = (await branch.review(member, "ListMyReviews")).reviews
    bases = {review.year: [basis.record_id for basis in review.bases] for review in found}
    assert bases == {year: [one.id], year - 1: []}
    assert {review.state for review in found} == {rpb.REVIEW_STATE_OPEN}
