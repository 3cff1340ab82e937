"""Development on a real database: every step in its turn by its own side, and the roster that follows."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from chassis import days
from chassis.clocks import BusinessClock
from chassis.context import Context, Scope
from chassis.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Stale, WrongState
from chassis.events import Event
from chassis.ids import new_id
from louyu.membership.v1 import development_pb2 as pb
from louyu.membership.v1 import members_pb2 as mpb
from membership.development import commands, events, jobs, plans
from membership.development.plans import By
from membership.members.queries import ONESELF
from tests.integration.membership.network_of import Network, Person, person

_OWN = ("ListMyDevelopmentApplications", "ApplyMyself", "SubmitMyStep")


class Branch:
    """A branch that develops members under a superior: a clerk records, the secretary moves, somebody above
    approves. Everything happens on days that are past: applications that were handed in long ago."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.secretary = network.secretary
        self.clerk = person(self.secretary.tenant, "B")
        self.above = network.superior
        self.today = days.day_of(network.units.clock.now())
        self.org = ""
        self.mentors: list[str] = []

    async def found(self) -> None:
        """A branch with two full members."""
        self.org = (await self.network.branch()).id
        self.mentors = [(await self.member()).id for _ in range(2)]

    def somebody(self) -> Person:
        """Somebody of the building."""
        return Person(self.secretary.tenant, self.network.people.add("王五"), (Scope("O"),))

    async def member(self, **more: Any) -> Person:
        """A party member on the roster."""
        who = self.somebody()
        entry = mpb.EnrolMemberRequest(person_id=who.id, body=mpb.MEMBER_BODY_PARTY, org_id=self.org, **more)
        made = await self.network.call(self.secretary, self.network.members.EnrolMember, entry)
        confirm = mpb.ConfirmMyMembershipRequest(id=made.id)
        await self.network.call(who, self.network.members.ConfirmMyMembership, confirm)
        return who

    async def do(self, who: Person, verb: str, **fields: Any) -> Any:
        """A verb, in somebody's name and on their side."""
        request = getattr(pb, f"{verb}Request")(**fields)
        mine = verb in _OWN or "My" in verb
        mode = "party" if who.tenant == self.above.tenant else "tenant"
        permission = ONESELF if mine else "development.approve" if mode == "party" else "development.advance"
        method = getattr(self.network.development, verb)
        return await self.network.call(who, method, request, mode, permission=permission)

    async def recorded(self, who: Person, applied_on: date) -> pb.DevelopmentApplication:
        """Recorded by the clerk and confirmed by the person."""
        said = {"applied_on": applied_on.isoformat(), "document_no": "申请书01"}
        made = await self.do(self.clerk, "RecordApplication", person_id=who.id, org_id=self.org, **said)
        found: pb.DevelopmentApplication = await self.do(who, "ConfirmMyApplication", id=made.id)
        return found

    async def step(
        self, who: Person, one: pb.DevelopmentApplication, **more: Any
    ) -> pb.DevelopmentApplication:
        """The next step, by whoever has to do it, on the first day that can be."""
        step, on = one.next, max(one.earliest_on, one.steps[one.done_steps - 1].done_on)
        said = {"id": one.id, "step": step.code, "done_on": on, **more}
        found: pb.DevelopmentApplication
        if step.by == pb.STEP_SIDE_APPLICANT:
            found = await self.do(who, "SubmitMyStep", **said)
        elif step.by == pb.STEP_SIDE_SUPERIOR:
            found = await self.do(self.above, "ApproveStep", **said, etag=one.etag, document_no="批复01")
        else:
            for _ in range(step.reviews):
                held = {"held_on": on, "outcome": pb.REVIEW_OUTCOME_PROGRESSING}
                one = await self.do(self.clerk, "RecordReview", id=one.id, etag=one.etag, **held)
            more = {"people": self.mentors[: step.people_most], "hours": step.hours, "document_no": "记录01"}
            found = await self.do(self.secretary, "CompleteStep", **{**more, **said}, etag=one.etag)
        return found

    async def until(
        self, who: Person, code: str, one: pb.DevelopmentApplication | None = None
    ) -> pb.DevelopmentApplication:
        """Everything before a step is done."""
        one = one or await self.recorded(who, self.today - timedelta(days=1500))
        while one.next.code != code:
            one = await self.step(who, one)
        return one

    async def follow(self, said: Sequence[Any]) -> None:
        """The roster hears of what was told."""
        told = [
            Event(
                id=new_id(),
                type=one.DESCRIPTOR.full_name,
                tenant_id=self.secretary.tenant,
                aggregate="application",
                aggregate_id=one.application_id,
                seq=number,
                occurred_at=self.network.units.clock.now(),
                correlation_id="",
                audience=(),
                traceparent="",
                message=one,
            )
            for number, one in enumerate(said, 1)
        ]
        consumer = events.outcomes(commands.follow)
        context = Context(mode="consumer", tenant_id=self.secretary.tenant)
        await self.network.units.run(context, lambda unit: consumer.apply(unit, told))

    async def memberships(self, who: Person) -> list[mpb.Member]:
        """What the roster says of somebody."""
        found = await self.network.call(
            who, self.network.members.ListMyMemberships, mpb.ListMyMembershipsRequest()
        )
        return list(found.members)


@pytest.fixture
async def branch(network: Network) -> Branch:
    made = Branch(network)
    await made.found()
    return made


async def test_from_the_application_to_full_membership_no_step_is_left_out(branch: Branch) -> None:
    who = branch.somebody()
    one = await branch.recorded(who, branch.today - timedelta(days=1500))
    seen = []
    while one.state == pb.DEVELOPMENT_STATE_OPEN:
        last = one.steps[-1].code
        for code in {last, one.steps[min(one.done_steps + 1, 24)].code} - {one.next.code}:
            with pytest.raises(Conflict) as skipped:
                await branch.do(
                    branch.secretary, "CompleteStep", id=one.id, etag=one.etag, step=code, document_no="跳01"
                )
            assert skipped.value.reason == "STEP_OUT_OF_ORDER"
        seen.append(one.next.code)
        one = await branch.step(who, one)
    assert ["application", *seen] == [step.code for step in plans.starter()]
    assert (one.state, one.standing) == (pb.DEVELOPMENT_STATE_DONE, pb.DEVELOPMENT_STANDING_FULL)
    assert (one.done_steps, one.total_steps, list(one.verbs)) == (25, 25, [])
    mine = (await branch.do(who, "ListMyDevelopmentApplications")).applications[0]
    assert [step.done_on for step in mine.steps] == [step.done_on for step in one.steps]
    assert (list(mine.reviews), {mentor.person_id for mentor in mine.mentors}) == ([], {""})
    # The roster follows, however often it hears of it.
    told = await branch.network.told("ApplicationAdvanced")
    for _ in range(2):
        await branch.follow(told)
    (member,) = await branch.memberships(who)
    meeting = next(step.done_on for step in one.steps if step.code == "admission-meeting")
    assert (member.stage, member.joined_on) == (mpb.MEMBER_STAGE_FULL, meeting)
    assert len(await branch.network.told("MemberActivated")) == 3
    assert {event.number for event in told} == set(range(1, 26))


async def test_the_database_itself_refuses_a_gap(branch: Branch) -> None:
    one = await branch.recorded(branch.somebody(), branch.today)
    gap = "UPDATE development_steps SET number = 3, previous = 2 WHERE application_id = $1"
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await branch.network.stored(gap, one.id)
    with pytest.raises(asyncpg.CheckViolationError):
        await branch.network.stored(gap.replace("previous = 2", "previous = 1"), one.id)
    unasked = "UPDATE development_applications SET confirmed_at = NULL WHERE id = $1"
    with pytest.raises(asyncpg.CheckViolationError):
        await branch.network.stored(unasked, one.id)


async def test_nothing_follows_before_the_person_confirms(branch: Branch) -> None:
    who = branch.somebody()
    said = {"person_id": who.id, "org_id": branch.org, "document_no": "申请书02"}
    made = await branch.do(branch.clerk, "RecordApplication", **said)
    assert list(made.verbs) == ["end"]
    with pytest.raises(Conflict) as twice:
        await branch.do(branch.clerk, "RecordApplication", **said)
    assert twice.value.reason == "APPLICATION_EXISTS"
    with pytest.raises(WrongState):
        await branch.do(
            branch.secretary, "CompleteStep", id=made.id, etag=made.etag, step="application", document_no="01"
        )
    with pytest.raises(NotFound):
        await branch.do(branch.above, "GetDevelopmentApplicationBelow", id=made.id)
    with pytest.raises(NotFound):
        await branch.do(branch.somebody(), "ConfirmMyApplication", id=made.id)
    denied = await branch.do(who, "DenyMyApplication", id=made.id)
    assert (denied.state, denied.done_steps) == (pb.DEVELOPMENT_STATE_DENIED, 0)
    own = await branch.do(who, "ApplyMyself", org_id=branch.org)
    assert (own.state, own.next.code, own.done_steps) == (pb.DEVELOPMENT_STATE_OPEN, "talk", 1)
    back = await branch.do(who, "WithdrawMyApplication", id=own.id)
    assert back.state == pb.DEVELOPMENT_STATE_WITHDRAWN
    member = await branch.member()
    with pytest.raises(Conflict) as already:
        await branch.do(member, "ApplyMyself", org_id=branch.org)
    assert already.value.reason == "APPLICANT_IS_MEMBER"


async def test_each_side_does_its_own_steps_and_nobody_their_own_application(branch: Branch) -> None:
    who = branch.somebody()
    one = await branch.until(who, "activist-filed")
    by_branch = {"id": one.id, "etag": one.etag, "step": "activist-filed", "document_no": "01"}
    with pytest.raises(WrongState):
        await branch.do(branch.secretary, "CompleteStep", **by_branch)
    # The secretary of the branch, with a post above as well, is still the same person.
    both = replace(branch.above, id=branch.secretary.id)
    with pytest.raises(Forbidden) as recorded:
        await branch.do(both, "ApproveStep", **by_branch)
    assert recorded.value.reason == "RECORDED_BY_YOU"
    with pytest.raises(Forbidden) as own:
        await branch.do(replace(branch.above, id=who.id), "ApproveStep", **by_branch)
    assert own.value.reason == "OWN_RECORD"
    with pytest.raises(NotFound):
        await branch.do(
            replace(branch.above, tenant=branch.network.neighbour.tenant),
            "GetDevelopmentApplication",
            id=one.id,
        )
    waiting = (await branch.do(branch.above, "ListDevelopmentApplicationsBelow")).applications
    assert [(each.id, list(each.verbs)) for each in waiting] == [(one.id, ["approve", "reject"])]
    twice = [branch.do(branch.above, "ApproveStep", **by_branch) for _ in range(2)]
    results = await asyncio.gather(*twice, return_exceptions=True)
    assert [type(each) for each in results if isinstance(each, Exception)] == [Stale]
    assert not (await branch.do(branch.above, "ListDevelopmentApplicationsBelow")).applications
    one = await branch.do(branch.clerk, "GetDevelopmentApplication", id=one.id)
    for mentors, reason in (([who.id], "OWN_RECORD"), ([branch.somebody().id], "NOT_A_FULL_MEMBER")):
        with pytest.raises(DomainError) as refused:
            await branch.step(who, one, people=mentors)
        assert refused.value.reason == reason
    himself = replace(who, scopes=(Scope("B"),))
    with pytest.raises(Forbidden):
        await branch.do(himself, "CompleteStep", **{**by_branch, "step": "mentors", "etag": one.etag})


async def test_mentors_change_and_reviews_are_due_every_half_year(branch: Branch) -> None:
    who = branch.somebody()
    one = await branch.until(who, "training", await branch.recorded(who, branch.today - timedelta(days=200)))
    began = date.fromisoformat(one.steps[one.done_steps - 1].done_on)
    assert one.review_on == plans.months_after(began, 6).isoformat()
    assert (len(one.mentors), one.overdue) == (2, one.review_on < branch.today.isoformat())
    held = {"held_on": branch.today.isoformat(), "outcome": pb.REVIEW_OUTCOME_MORE_TRAINING}
    one = await branch.do(branch.clerk, "RecordReview", id=one.id, etag=one.etag, **held)
    assert (one.reviews_held, one.review_on) == (1, plans.months_after(branch.today, 6).isoformat())
    assert [review.outcome for review in one.reviews] == [pb.REVIEW_OUTCOME_MORE_TRAINING]
    with pytest.raises(Conflict) as early:
        await branch.do(
            branch.secretary,
            "CompleteStep",
            id=one.id,
            etag=one.etag,
            step="training",
            document_no="考察表01",
        )
    assert early.value.reason == "STEP_TOO_EARLY"
    mentor = Person(branch.secretary.tenant, branch.mentors[0], (Scope("O"),))
    (mentee,) = (await branch.do(mentor, "ListMyMentees")).mentees
    assert (mentee.standing, mentee.next.code) == (pb.DEVELOPMENT_STANDING_ACTIVIST, "training")
    other = await branch.member()
    one = await branch.do(branch.clerk, "NameMentors", id=one.id, etag=one.etag, people=[other.id])
    assert [mentor.person_id for mentor in one.mentors] == [other.id]
    assert not (await branch.do(mentor, "ListMyMentees")).mentees
    kept = await branch.network.stored("SELECT until_on FROM development_mentors ORDER BY id")
    assert [row["until_on"] for row in kept] == [branch.today, branch.today, None]


async def test_a_probation_is_extended_once_and_its_cancelling_leaves_the_roster(branch: Branch) -> None:
    who = branch.somebody()
    one = await branch.until(who, "full-meeting")
    before = date.fromisoformat(one.earliest_on)
    with pytest.raises(Invalid) as short:
        await branch.do(
            branch.secretary, "ExtendProbation", id=one.id, etag=one.etag, months=3, document_no="决议01"
        )
    assert short.value.reason == "EXTENSION_OUT_OF_RANGE"
    extended = {"months": 6, "document_no": "决议01"}
    one = await branch.do(branch.secretary, "ExtendProbation", id=one.id, etag=one.etag, **extended)
    assert one.earliest_on == plans.months_after(before, 6).isoformat()
    with pytest.raises(WrongState):
        await branch.do(branch.secretary, "ExtendProbation", id=one.id, etag=one.etag, **extended)
    await branch.follow(await branch.network.told("ApplicationAdvanced"))
    assert [each.stage for each in await branch.memberships(who)] == [mpb.MEMBER_STAGE_PROBATIONARY]
    wrong = {"id": one.id, "etag": one.etag, "ending": pb.DEVELOPMENT_ENDING_NOT_PASSED}
    with pytest.raises(Invalid) as unfit:
        await branch.do(branch.secretary, "EndApplication", **wrong)
    assert unfit.value.reason == "ENDING_DOES_NOT_FIT"
    cancelled = {**wrong, "ending": pb.DEVELOPMENT_ENDING_CANCELLED}
    over = await branch.do(branch.secretary, "EndApplication", **cancelled)
    assert (over.state, list(over.verbs)) == (pb.DEVELOPMENT_STATE_ENDED, [])
    for _ in range(2):
        await branch.follow(await branch.network.told("ApplicationEnded"))
    (left,) = await branch.memberships(who)
    assert (left.state, left.ending) == (mpb.MEMBER_STATE_ENDED, mpb.MEMBER_ENDING_REMOVED)


async def test_the_superior_turns_down_and_the_person_applies_again(branch: Branch) -> None:
    who = branch.somebody()
    one = await branch.until(who, "activist-filed")
    over = await branch.do(branch.above, "RejectApplication", id=one.id, etag=one.etag)
    assert (over.state, over.ending) == (pb.DEVELOPMENT_STATE_ENDED, pb.DEVELOPMENT_ENDING_REFUSED)
    again = await branch.do(who, "ApplyMyself", org_id=branch.org)
    assert again.done_steps == 1
    assert len((await branch.do(who, "ListMyDevelopmentApplications")).applications) == 2


async def test_overdue_ones_come_first_and_before_more_people(branch: Branch) -> None:
    reminders = {"remind_days": 20}
    await branch.do(branch.secretary, "UpdateDevelopmentSettings", etag="0", **reminders)
    late = await branch.recorded(branch.somebody(), branch.today - timedelta(days=90))
    soon = await branch.recorded(branch.somebody(), branch.today - timedelta(days=27))
    free = await branch.do(branch.somebody(), "ApplyMyself", org_id=branch.org)
    listed, token = [], ""
    while True:
        page = await branch.do(branch.clerk, "ListDevelopmentApplications", page_size=2, page_token=token)
        listed += page.applications
        if not (token := page.next_page_token):
            break
    assert [each.id for each in listed] == [late.id, soon.id, free.id]
    assert [each.overdue for each in listed] == [True, False, False]
    filtered = (await branch.do(branch.clerk, "ListDevelopmentApplications", overdue=True)).applications
    assert [each.id for each in filtered] == [late.id]
    board = await branch.do(branch.clerk, "GetDevelopmentBoard")
    assert [(each.open, each.overdue) for each in board.stages] == [(3, 1), (0, 0), (0, 0), (0, 0), (0, 0)]
    for _ in range(2):
        await jobs.remind().run(branch.network.units)
    reminded = await branch.network.told("ApplicationReminded")
    escalated = await branch.network.told("ApplicationEscalated")
    assert [(each.application_id, each.overdue, each.desk) for each in reminded] == [
        (soon.id, False, "party-desk")
    ]
    assert [(each.application_id, each.superior_id) for each in escalated] == [(late.id, branch.above.tenant)]
    began = branch.network.units.clock.offset
    branch.network.units.clock = BusinessClock(began + timedelta(days=20))
    await jobs.remind().run(branch.network.units)
    told = [each.application_id for each in await branch.network.told("ApplicationReminded")]
    assert told == [soon.id, free.id]


async def test_figures_are_versions_and_running_applications_keep_theirs(branch: Branch) -> None:
    held = await branch.do(branch.secretary, "GetDevelopmentSettings")
    assert (held.source, len(held.steps), held.remind_days, held.superior_days) == ("default", 25, 7, 30)
    old = await branch.do(branch.somebody(), "ApplyMyself", org_id=branch.org)
    figures = [pb.StepFigures(code="talk", within=2)]
    said = await branch.do(
        branch.secretary, "UpdateDevelopmentSettings", etag="0", steps=figures, remind_days=0
    )
    assert (said.source, said.steps[1].within, said.remind_days) == ("tenant", 2, 0)
    assert list(said.steps[1].unconfirmed) == []
    with pytest.raises(Stale):
        await branch.do(branch.secretary, "UpdateDevelopmentSettings", etag="0", steps=figures)
    none = [pb.StepFigures(code="talk", within=0)]
    with pytest.raises(Invalid) as dropped:
        await branch.do(branch.secretary, "UpdateDevelopmentSettings", etag="1", steps=none)
    assert dropped.value.reason == "FIGURE_OF_NOTHING"
    new = await branch.do(branch.somebody(), "ApplyMyself", org_id=branch.org)
    old = await branch.do(branch.clerk, "GetDevelopmentApplication", id=old.id)
    assert (old.plan_version, new.plan_version) == (0, 1)
    assert (old.next.within, new.next.within) == (1, 2)
    assert {step.by for step in plans.starter()} == set(By)
