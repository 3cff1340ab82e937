"""Obligations on a real database: generated once and at one go, fulfilled by evidence, let go from above."""

from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from chassis.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from chassis.ids import new_id
from louyu.activity.v1 import calendar_pb2
from louyu.membership.v1 import cadence_pb2 as pb
from louyu.membership.v1 import contacts_pb2
from membership.cadence.periods import DAY, Length, end_of
from membership.cadence.starters import starters
from tests.integration.membership.network_of import Person, person
from tests.integration.membership.year_of import Year

WEEKLY: dict[str, Any] = {
    "title_zh": "每周有活动",
    "scope": pb.OBLIGATION_SCOPE_BUILDING,
    "period": pb.OBLIGATION_PERIOD_WEEK,
    "evidence": pb.OBLIGATION_EVIDENCE_ACTIVITY,
    "grace_days": 3,
}
DAILY: dict[str, Any] = {
    "title_zh": "每天有联络",
    "scope": pb.OBLIGATION_SCOPE_AREA,
    "period": pb.OBLIGATION_PERIOD_DAY,
    "evidence": pb.OBLIGATION_EVIDENCE_CONTACT,
}
MONTHLY: dict[str, Any] = {
    "title_zh": "每月有汇报",
    "scope": pb.OBLIGATION_SCOPE_GROUP,
    "period": pb.OBLIGATION_PERIOD_MONTH,
    "evidence": pb.OBLIGATION_EVIDENCE_ATTESTED,
    "due_days": 5,
    "grace_days": 5,
}

STATE = pb.ObligationState.Name


def states(found: list[pb.Obligation]) -> list[str]:
    """In words."""
    return [STATE(one.state).removeprefix("OBLIGATION_STATE_") for one in found]


async def test_a_week_is_fulfilled_by_an_activity_that_was_held_and_by_nothing_else(year: Year) -> None:
    rule = await year.rule("weekly-activity", **WEEKLY)
    assert (rule.etag, rule.standing, rule.from_date) == ("1", pb.CADENCE_STANDING_RUNNING, "2026-03-02")
    assert [(one.start_date, one.end_date) for one in await year.owed()] == [("2026-03-02", "2026-03-08")]
    published = calendar_pb2.ActivityPublished(activity_id=new_id())
    await year.happens(published, "activity")
    await year.held(year.today, attended=0)
    assert states(await year.owed()) == ["OPEN"]
    activity = await year.held(year.today)
    found = await year.owed()
    assert (states(found), found[0].evidence_id, found[0].attested) == (["FULFILLED"], activity, False)

    year.walk_to(date(2026, 3, 21))
    assert await year.work() > 0
    assert states(await year.owed()) == ["FULFILLED", "MISSED", "OPEN"]
    # Last week cannot be made good any more; this one can, within its grace.
    await year.held(date(2026, 3, 10))
    assert states(await year.owed()) == ["FULFILLED", "MISSED", "OPEN"]
    year.walk_to(date(2026, 3, 24))
    await year.held(date(2026, 3, 20))
    await year.work()
    assert states(await year.owed()) == ["FULFILLED", "MISSED", "LATE", "OPEN"]
    told = [len(await year.network.told(f"Obligation{one}")) for one in ("Fulfilled", "Missed")]
    assert told == [2, 1]

    row = (await year.ask("GetCadenceBoard")).rows[0]
    assert (row.rule.code, row.percent, row.overdue) == ("weekly-activity", 33, 1)
    assert [(one.total, one.fulfilled, one.late, one.missed, one.open) for one in row.periods] == [
        (1, 0, 0, 0, 1),
        (1, 0, 1, 0, 0),
        (1, 0, 0, 1, 0),
        (1, 1, 0, 0, 0),
    ]


async def test_generation_is_idempotent_and_the_same_in_one_go_or_in_steps(year: Year) -> None:
    network = year.network
    await network.floor("AddFloors", floors=["1", "2"])
    for floor in ("1", "2"):
        await network.floor("OpenArea", floor=floor, name="东区")
    await year.rule("daily-contact", **DAILY)
    year.walk_to(date(2026, 3, 5))
    await year.work()
    year.walk_to(date(2026, 3, 12))
    await year.work()
    assert await year.work() == 0
    found = await year.owed()
    assert len(found) == 22
    assert {(one.start_date, one.subject_name) for one in found} == {
        ((date(2026, 3, 2) + DAY * n).isoformat(), f"{floor}F 东区") for n in range(11) for floor in (1, 2)
    }
    # Killed before the rule moved on: what is there already stays as it is.
    await network.stored("UPDATE cadence_rules SET next_on = '2026-03-02'")
    await year.work()
    assert [one.id for one in await year.owed()] == [one.id for one in found]


async def test_a_contact_counts_for_its_day_and_not_while_somebody_objects(year: Year) -> None:
    network = year.network
    await network.floor("AddFloors", floors=["1"])
    area = await network.floor("OpenArea", floor="1", name="东区")
    await year.rule("daily-contact", **DAILY)
    entry = new_id()
    said = contacts_pb2.ContactLogged(liaison_entry_id=entry, area_id=area.id, on_date=year.today.isoformat())
    await year.happens(said, "liaison_entry")
    await year.happens(said, "liaison_entry")
    assert states(await year.owed()) == ["FULFILLED"]
    for state, then in (
        (contacts_pb2.CONTACT_STATE_OBJECTED, "OPEN"),
        (contacts_pb2.CONTACT_STATE_KEPT, "FULFILLED"),
    ):
        disputed = contacts_pb2.ContactDisputed(liaison_entry_id=entry, state=state)
        await year.happens(disputed, "liaison_entry")
        assert states(await year.owed()) == [then]
    # A day later, in time for the liaison's log but not for the day's obligation.
    year.walk_to(year.today + DAY * 2)
    await year.work()
    late = contacts_pb2.ContactLogged(
        liaison_entry_id=new_id(), area_id=area.id, on_date=(year.today - DAY).isoformat(), late=True
    )
    await year.happens(late, "liaison_entry")
    assert states(await year.owed()) == ["FULFILLED", "MISSED", "OPEN"]


async def test_ones_own_word_is_marked_and_counts_for_its_own_period(year: Year) -> None:
    network = year.network
    branch = await network.branch()
    await network.floor("AddFloors", floors=["2", "3"])
    for floor in ("2", "3"):
        await network.group(branch, floor)
    await year.rule("monthly-report", **MONTHLY)
    second, third = await year.owed()
    leader = person(network.secretary.tenant, "F", "2")
    assert [one.id for one in await year.owed(leader)] == [second.id]
    with pytest.raises(NotFound):
        await year.ask("AttestObligation", leader, id=third.id)
    year.walk_to(date(2026, 4, 7))
    with pytest.raises(Invalid) as outside:
        await year.ask("AttestObligation", leader, id=second.id)
    assert outside.value.reason == "OUTSIDE_PERIOD"
    done = await year.ask(
        "AttestObligation", leader, id=second.id, happened_date="2026-03-31", reference="第 3 号"
    )
    assert (states([done]), done.attested, done.reference) == (["LATE"], True, "第 3 号")
    with pytest.raises(Conflict):
        await year.ask("AttestObligation", leader, id=second.id, happened_date="2026-03-31")
    with pytest.raises(Invalid):
        await year.ask("AttestObligation", id=third.id, happened_date="2026-03-30", reference="13800001111")
    year.walk_to(date(2026, 4, 11))
    with pytest.raises(Conflict) as closed:
        await year.ask("AttestObligation", id=third.id, happened_date="2026-03-30")
    assert closed.value.reason == "OBLIGATION_CLOSED"
    await year.work()
    row = (await year.ask("GetCadenceBoard")).rows[0]
    assert [(one.late, one.missed, one.attested) for one in row.periods] == [(0, 0, 0), (1, 1, 1)]
    await year.rule("weekly-activity", **WEEKLY)
    (weekly,) = await year.owed(code="weekly-activity")
    with pytest.raises(Conflict) as records:
        await year.ask("AttestObligation", id=weekly.id)
    assert records.value.reason == "EVIDENCE_FROM_RECORDS"


async def test_the_secretary_names_the_activity_of_the_lecture(year: Year) -> None:
    network = year.network
    branch = await network.branch()
    cadre = await network.appoint(branch)
    secretary = Person(network.secretary.tenant, cadre.person_id, network.secretary.scopes)
    said: dict[str, Any] = {
        "title_zh": "书记讲党课",
        "scope": pb.OBLIGATION_SCOPE_SECRETARY,
        "period": pb.OBLIGATION_PERIOD_HALF_YEAR,
        "evidence": pb.OBLIGATION_EVIDENCE_LECTURE,
    }
    await year.rule("secretary-lecture", **said)
    (owed,) = await year.owed()
    assert owed.end_date == "2026-06-30"
    lecture = await year.held(year.today, kind=calendar_pb2.ACTIVITY_KIND_EDUCATION)
    salon = await year.held(year.today)
    for who, activity, refusal in (
        (network.secretary, lecture, Forbidden),
        (secretary, salon, NotFound),
        (secretary, "", NotFound),
    ):
        with pytest.raises(refusal):
            await year.ask("AttestObligation", who, id=owed.id, activity_id=activity)
    done = await year.ask("AttestObligation", secretary, id=owed.id, activity_id=lecture)
    assert (states([done]), done.evidence_id, done.attested) == (["FULFILLED"], lecture, False)


async def test_only_the_superior_lets_go_and_says_why(year: Year) -> None:
    network = year.network
    await year.rule("weekly-activity", **WEEKLY)
    year.walk_to(date(2026, 3, 12))
    await year.work()
    missed, _ = await year.owed()
    for stranger in (network.street, network.neighbour):
        assert not (await year.ask("ListObligationsBelow", stranger, "party")).obligations
        with pytest.raises(NotFound):
            await year.ask(
                "WaiveObligation", stranger, "party", id=missed.id, etag=missed.etag, reason="停电"
            )
    below = await year.ask("ListObligationsBelow", network.superior, "party", overdue=True)
    assert [(one.id, list(one.verbs)) for one in below.obligations] == [(missed.id, ["waive"])]
    with pytest.raises(Stale):
        await year.ask(
            "WaiveObligation", network.superior, "party", id=missed.id, etag="9", reason="整楼停电检修"
        )
    waived = await year.ask(
        "WaiveObligation", network.superior, "party", id=missed.id, etag=missed.etag, reason="整楼停电检修"
    )
    assert (states([waived]), waived.reason) == (["WAIVED"], "整楼停电检修")
    with pytest.raises(Conflict):
        await year.ask(
            "WaiveObligation", network.superior, "party", id=missed.id, etag=waived.etag, reason="再次"
        )
    await year.held(date(2026, 3, 3))
    assert states(await year.owed()) == ["WAIVED", "OPEN"]
    row = (await year.ask("GetCadenceBoard")).rows[0]
    assert not row.HasField("percent")
    with pytest.raises(asyncpg.CheckViolationError):
        await network.stored("UPDATE cadence_obligations SET state = 'waived'")
    with pytest.raises(asyncpg.CheckViolationError):
        await network.stored("UPDATE cadence_obligations SET state = 'fulfilled'")


async def test_what_is_not_configured_is_never_compliant(year: Year) -> None:
    board = await year.ask("GetCadenceBoard")
    assert [row.rule.code for row in board.rows] == list(starters())
    for row in board.rows:
        assert row.rule.standing == pb.CADENCE_STANDING_NOT_CONFIGURED
        assert not row.HasField("percent")
        assert not row.periods
    regular = next(row.rule for row in board.rows if row.rule.code == "regular-visits")
    assert regular.period == pb.OBLIGATION_PERIOD_UNSPECIFIED
    # Configured, and nobody whom it binds: there is no group.
    await year.rule("monthly-report", **MONTHLY)
    row = (await year.ask("GetCadenceBoard")).rows[0]
    assert (row.rule.standing, row.HasField("percent")) == (pb.CADENCE_STANDING_NOBODY_BOUND, False)
    with pytest.raises(Stale):
        await year.rule("monthly-report", **MONTHLY)
    ended = await year.ask("EndObligationRule", code="monthly-report", etag="1")
    assert (ended.standing, ended.etag) == (pb.CADENCE_STANDING_NOT_CONFIGURED, "2")
    with pytest.raises(NotFound):
        await year.ask("EndObligationRule", code="monthly-report", etag="2")
    again = await year.rule("monthly-report", "2", **MONTHLY)
    assert again.standing == pb.CADENCE_STANDING_RUNNING


async def test_a_rule_that_ended_begins_again_where_its_last_period_ends(year: Year) -> None:
    await year.rule("weekly-activity", **WEEKLY)
    await year.ask("EndObligationRule", code="weekly-activity", etag="1")
    year.walk_to(date(2026, 3, 4))
    again = await year.rule("weekly-activity", "2", **{**WEEKLY, "period": pb.OBLIGATION_PERIOD_MONTH})
    assert (again.etag, again.from_date) == ("3", "2026-03-09")
    later = await year.rule("weekly-activity", "3", **WEEKLY, from_date="2026-03-20")
    assert later.from_date == "2026-04-01"
    year.walk_to(date(2026, 4, 3))
    await year.work()
    found = [(one.start_date, one.end_date) for one in await year.owed()]
    assert found == [("2026-03-02", "2026-03-08"), ("2026-03-09", "2026-03-31"), ("2026-04-01", "2026-04-05")]


async def test_a_period_keeps_the_version_under_which_it_began(year: Year) -> None:
    rule = await year.rule("weekly-activity", **WEEKLY)
    monthly: dict[str, Any] = {**WEEKLY, "period": pb.OBLIGATION_PERIOD_MONTH, "grace_days": 9}
    with pytest.raises(Invalid):
        await year.rule("weekly-activity", rule.etag, **WEEKLY, from_date="2026-02-01")
    second = await year.rule("weekly-activity", rule.etag, **monthly)
    assert (second.etag, second.from_date) == ("2", "2026-03-09")
    year.walk_to(date(2026, 5, 2))
    await year.work()
    found = [(one.start_date, one.end_date, one.close_date) for one in await year.owed()]
    assert found == [
        ("2026-03-02", "2026-03-08", "2026-03-11"),
        ("2026-03-09", "2026-03-31", "2026-04-09"),
        ("2026-04-01", "2026-04-30", "2026-05-09"),
        ("2026-05-01", "2026-05-31", "2026-06-09"),
    ]


async def test_it_climbs_level_by_level_and_stops_once_taken_up_again(year: Year) -> None:
    network = year.network
    branch = await network.branch()
    await network.floor("AddFloors", floors=["1"])
    area = await network.floor("OpenArea", floor="1", name="东区")
    group = await network.group(branch, "1")
    await network.appoint(group)
    await year.rule("daily-contact", **DAILY)
    seen: list[list[int]] = []
    for day in range(3, 11):
        year.walk_to(date(2026, 3, day))
        await year.work()
        await year.remind()
        assert await year.remind() == 0
        first = next(one for one in await year.owed() if one.start_date == "2026-03-02")
        seen.append([day, first.level])
    assert seen == [[3, 2], [4, 2], [5, 3], [6, 3], [7, 3], [8, 3], [9, 4], [10, 4]]
    reminded = await network.told("ObligationReminded")
    assert {one.desk for one in reminded} == {"party-desk"}
    # The days that follow come before the leader, and no further.
    (escalated,) = await network.told("ObligationEscalated")
    assert escalated.superior_id == network.superior.tenant
    said = contacts_pb2.ContactLogged(
        liaison_entry_id=new_id(), area_id=area.id, on_date=year.today.isoformat()
    )
    await year.happens(said, "liaison_entry")
    year.walk_to(date(2026, 3, 11))
    await year.work()
    assert await year.remind() == 0


async def test_days_are_worked_as_the_building_says_and_figures_are_versions(year: Year) -> None:
    held = await year.ask("GetCadenceSettings")
    assert (held.source, held.superior_days, held.desk) == ("default", 7, "party-desk")
    said: dict[str, Any] = {
        "remind_days": 2,
        "group_days": 1,
        "secretary_days": 2,
        "superior_days": 5,
        "desk": "party-desk",
    }
    wrong = {**said, "superior_days": 1}
    with pytest.raises(Invalid):
        await year.ask("UpdateCadenceSettings", etag="0", **wrong)
    changed = await year.ask(
        "UpdateCadenceSettings", etag="0", **said, days_off=["2026-03-03"], days_worked=["2026-03-07"]
    )
    assert (changed.etag, changed.source, list(changed.days_worked)) == ("1", "tenant", ["2026-03-07"])
    await year.network.floor("AddFloors", floors=["1"])
    await year.network.floor("OpenArea", floor="1", name="东区")
    await year.rule("daily-contact", **{**DAILY, "period": pb.OBLIGATION_PERIOD_WORKDAY})
    year.walk_to(date(2026, 3, 9))
    await year.work()
    assert [one.start_date[-2:] for one in await year.owed()] == ["02", "04", "05", "06", "07", "09"]


async def test_what_comes_unannounced_is_not_shown_before(year: Year) -> None:
    network = year.network
    await network.floor("AddFloors", floors=["1"])
    await network.floor("OpenArea", floor="1", name="东区")
    await year.rule("spot-check", **{**DAILY, "period": pb.OBLIGATION_PERIOD_WEEK, "unannounced": True})
    leader = person(network.secretary.tenant, "F", "1")
    assert len(await year.owed()) == 1
    assert not await year.owed(leader)
    assert not (await year.ask("GetCadenceBoard", leader)).rows[0].periods
    year.walk_to(end_of(Length.WEEK, year.today) + timedelta(days=1))
    await year.work()
    assert states(await year.owed(leader)) == ["MISSED"]
