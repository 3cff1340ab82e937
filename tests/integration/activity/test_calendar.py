"""The calendar on a real database: an activity from draft to archive, enrolment, check-in, evidence."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import pytest

from chassis.errors import Conflict, Forbidden, Invalid, NotFound, Stale, Unavailable, WrongState
from chassis.files import File
from chassis.ids import new_id
from louyu.activity.v1 import calendar_pb2 as pb
from tests.integration.activity.conftest import START, House, Person, draft

BEGINS = START + timedelta(days=7)
R = TypeVar("R")


async def insist(call: Callable[[], Awaitable[R]]) -> R:
    """A 503 with Retry-After: a client comes again."""
    while True:
        try:
            return await call()
        except Unavailable as refused:
            await asyncio.sleep(refused.retry_after_s)


async def test_an_activity_lives_from_draft_to_archive(house: House) -> None:
    made = await house.clerk.manage("CreateActivity", draft())
    assert (made.state, made.verbs) == (pb.ACTIVITY_STATE_DRAFT, ["update", "publish", "cancel"])
    activity = await house.clerk.manage("PublishActivity", pb.PublishActivityRequest(id=made.id))
    worker, absent, excused = house.person(), house.person(), house.person()
    for person in (worker, absent, excused):
        assert (await person.enrol(activity)).state == pb.ENROLMENT_STATE_ENROLLED

    await house.walk(BEGINS)
    assert (await worker.get(activity)).state == pb.ACTIVITY_STATE_RUNNING
    shown = await worker.call("calendar.enrol", "GetPass", pb.GetPassRequest(id=activity.id))
    assert shown.svg.startswith("<svg")
    for _ in range(2):  # the scanner reads it twice
        line = await house.clerk.call(
            "calendar.checkin", "CheckIn", pb.CheckInRequest(id=activity.id, token=shown.token)
        )
        assert line.state == pb.ENROLMENT_STATE_CHECKED_IN
    sheet = await house.clerk.call(
        "calendar.checkin", "ListEnrolments", pb.ListEnrolmentsRequest(id=activity.id)
    )
    assert [line.account for line in sheet.enrolments] == [p.account for p in (worker, absent, excused)]
    await house.clerk.call(
        "calendar.checkin",
        "ExcuseEnrolment",
        pb.ExcuseEnrolmentRequest(id=activity.id, enrolment=sheet.enrolments[2].id),
    )
    await house.walk(BEGINS + timedelta(hours=2))

    evidence = pb.ConfirmEvidenceRequest(id=activity.id, note="签到表与现场照片齐全")
    with pytest.raises(Forbidden) as refused:
        await house.clerk.manage("ConfirmEvidence", evidence)
    assert refused.value.reason == "OWN_RECORD"
    confirmed = await house.secretary.manage("ConfirmEvidence", evidence)
    assert (confirmed.state, confirmed.attended) == (pb.ACTIVITY_STATE_CONFIRMED, 1)
    archived = await house.secretary.manage("ArchiveActivity", pb.ArchiveActivityRequest(id=activity.id))
    assert archived.state == pb.ACTIVITY_STATE_ARCHIVED

    [held] = await house.told("ActivityHeld")
    assert (held.enrolled, held.attended, held.business_linked) == (3, 1, True)
    settled = {event.account: event.attendance for event in await house.told("AttendanceConfirmed")}
    assert settled == {
        worker.account: pb.ENROLMENT_STATE_ATTENDED,
        absent.account: pb.ENROLMENT_STATE_ABSENT,
        excused.account: pb.ENROLMENT_STATE_EXCUSED,
    }
    assert len(await house.told("CheckedIn")) == 1, "checked in twice is checked in once"


async def test_five_hundred_want_thirty_places(house: House, published: pb.Activity) -> None:
    people = [house.person() for _ in range(500)]

    lines = await asyncio.gather(*(insist(partial(person.enrol, published)) for person in people))

    seated = [line for line in lines if line.state == pb.ENROLMENT_STATE_ENROLLED]
    assert len(seated) == 30
    waiting = [line for line in lines if line.state == pb.ENROLMENT_STATE_WAITING]
    assert len(waiting) == 470
    activity = await people[0].get(published)
    assert (activity.enrolled, activity.waiting) == (30, 470)
    stored = await house.stored("SELECT state, count(*) FROM calendar_enrolments GROUP BY state")
    assert {row["state"]: row["count"] for row in stored} == {"enrolled": 30, "waiting": 470}
    assert len(await house.told("Enrolled")) == 30
    assert sorted(event.position for event in await house.told("WaitListed")) == list(range(1, 471))


async def test_enrolling_twice_gives_the_same_enrolment(house: House, published: pb.Activity) -> None:
    person = house.person()
    lines = await asyncio.gather(*(person.enrol(published) for _ in range(10)))
    assert len({line.id for line in lines}) == 1
    assert (await person.get(published)).enrolled == 1


async def test_the_wait_list_moves_up_by_itself_and_in_its_order(house: House) -> None:
    made = await house.clerk.manage("CreateActivity", draft(capacity=2))
    activity = await house.clerk.manage("PublishActivity", pb.PublishActivityRequest(id=made.id))
    people = [house.person() for _ in range(5)]
    lines = [await person.enrol(activity) for person in people]
    assert [line.position for line in lines] == [0, 0, 1, 2, 3]

    await people[3].call("calendar.enrol", "CancelEnrolment", pb.CancelEnrolmentRequest(id=activity.id))
    await people[0].call("calendar.enrol", "CancelEnrolment", pb.CancelEnrolmentRequest(id=activity.id))
    mine = (await people[2].get(activity)).my_enrolment
    assert mine.state == pb.ENROLMENT_STATE_ENROLLED, "the first of the wait list moved up"
    assert (await people[4].get(activity)).my_enrolment.position == 1
    moved = [event.account for event in await house.told("Enrolled") if event.moved_up]
    assert moved == [people[2].account]

    current = await house.clerk.get(activity)
    wider = pb.UpdateActivityRequest(id=activity.id, etag=current.etag, capacity=3)
    assert (await house.clerk.manage("UpdateActivity", wider)).enrolled == 3
    assert (await people[4].get(activity)).my_enrolment.state == pb.ENROLMENT_STATE_ENROLLED
    again = await people[0].enrol(activity)
    assert again.state == pb.ENROLMENT_STATE_WAITING, "who left and comes back is a newcomer"


async def test_coming_and_going_at_once_keeps_every_place_filled(house: House) -> None:
    made = await house.clerk.manage("CreateActivity", draft(capacity=10))
    activity = await house.clerk.manage("PublishActivity", pb.PublishActivityRequest(id=made.id))
    people = [house.person() for _ in range(60)]

    async def come_and_maybe_go(number: int, person: Person) -> None:
        await insist(partial(person.enrol, activity))
        if number % 3 == 0:
            await asyncio.sleep(random.random() / 50)
            leave = pb.CancelEnrolmentRequest(id=activity.id)
            await insist(partial(person.call, "calendar.enrol", "CancelEnrolment", leave))

    await asyncio.gather(*(come_and_maybe_go(*pair) for pair in enumerate(people)))
    counted = await house.clerk.get(activity)
    assert (counted.enrolled, counted.waiting) == (10, 30)
    rows = await house.stored(
        "SELECT state, no FROM calendar_enrolments WHERE state <> 'cancelled' ORDER BY no"
    )
    assert [row["state"] for row in rows] == ["enrolled"] * 10 + ["waiting"] * 30


async def test_cancelling_tells_everyone_with_a_place_or_a_hope(house: House) -> None:
    made = await house.clerk.manage("CreateActivity", draft(capacity=1))
    activity = await house.clerk.manage("PublishActivity", pb.PublishActivityRequest(id=made.id))
    people = [house.person(), house.person()]
    for person in people:
        await person.enrol(activity)
    with pytest.raises(Stale):
        await house.clerk.manage(
            "CancelActivity", pb.CancelActivityRequest(id=activity.id, etag="1", reason="会议厅检修")
        )
    current = await house.clerk.get(activity)
    gone = await house.clerk.manage(
        "CancelActivity", pb.CancelActivityRequest(id=activity.id, etag=current.etag, reason="会议厅检修")
    )
    assert (gone.state, gone.cancel_reason) == (pb.ACTIVITY_STATE_CANCELLED, "会议厅检修")
    told = await house.told("EnrolmentCancelled")
    assert {event.account for event in told} == {person.account for person in people}
    assert {event.cause for event in told} == {pb.CANCEL_CAUSE_ACTIVITY}
    with pytest.raises(WrongState) as refused:
        await house.clerk.manage("PublishActivity", pb.PublishActivityRequest(id=activity.id))
    assert refused.value.allowed == ()


async def test_time_closes_begins_and_ends_an_activity(house: House, published: pb.Activity) -> None:
    latecomers = [house.person() for _ in range(31)]
    for person in latecomers:
        await person.enrol(published)
    await house.walk(BEGINS - timedelta(minutes=1))  # time goes on while it is looked at
    assert (await house.clerk.get(published)).state == pb.ACTIVITY_STATE_PUBLISHED
    await house.walk(BEGINS + timedelta(days=3))
    ended = await house.clerk.get(published)
    assert (ended.state, ended.waiting) == (pb.ACTIVITY_STATE_ENDED, 0)
    moved = [event.state for event in await house.told("ActivityMoved")]
    assert moved == [pb.ACTIVITY_STATE_CLOSED, pb.ACTIVITY_STATE_RUNNING, pb.ACTIVITY_STATE_ENDED]
    [unlucky] = await house.told("EnrolmentCancelled")
    assert (unlucky.account, unlucky.cause) == (latecomers[30].account, pb.CANCEL_CAUSE_NO_PLACE)
    with pytest.raises(WrongState):
        await house.person().enrol(published)


async def test_the_code_of_the_door_checks_in_whoever_scans_it(house: House, published: pb.Activity) -> None:
    guest, stranger = house.person(), house.person()
    await guest.enrol(published)
    await house.walk(BEGINS - timedelta(minutes=30))
    code = await house.clerk.call("calendar.checkin", "GetDoorCode", pb.GetDoorCodeRequest(id=published.id))
    scan = pb.CheckInMyselfRequest(id=published.id, token=code.token)
    line = await guest.call("calendar.enrol", "CheckInMyself", scan)
    assert line.state == pb.ENROLMENT_STATE_CHECKED_IN
    with pytest.raises(NotFound):
        await stranger.call("calendar.enrol", "CheckInMyself", scan)
    shown = await guest.call("calendar.enrol", "GetPass", pb.GetPassRequest(id=published.id))
    with pytest.raises(Invalid) as refused:  # a pass is no door
        await guest.call(
            "calendar.enrol",
            "CheckInMyself",
            pb.CheckInMyselfRequest(id=published.id, token=shown.token),
        )
    assert refused.value.reason == "PASS_INVALID"


async def test_those_who_wait_cannot_check_in(house: House) -> None:
    made = await house.clerk.manage("CreateActivity", draft(capacity=1))
    activity = await house.clerk.manage("PublishActivity", pb.PublishActivityRequest(id=made.id))
    await house.person().enrol(activity)
    hopeful = await house.person().enrol(activity)
    await house.walk(BEGINS - timedelta(minutes=30))
    with pytest.raises(Conflict) as refused:
        await house.clerk.call(
            "calendar.checkin", "CheckIn", pb.CheckInRequest(id=activity.id, enrolment=hopeful.id)
        )
    assert refused.value.reason == "STILL_WAITING"


async def test_drafts_are_for_staff_and_their_author(house: House) -> None:
    made = await house.clerk.manage("CreateActivity", draft())
    listing = pb.ListActivitiesRequest()
    worker = house.person()
    with pytest.raises(NotFound):
        await worker.get(made)
    assert not (await worker.call("calendar.read", "ListActivities", listing)).activities
    public = await house.clerk.manage("PublishActivity", pb.PublishActivityRequest(id=made.id))
    assert public.verbs == ["update", "close", "cancel"]
    assert (await worker.get(made)).verbs == [], "a verb is shown to those who may use it"
    assert len((await house.secretary.call("calendar.read", "ListActivities", listing)).activities) == 1


async def test_a_floor_group_leader_manages_the_own_floor(house: House) -> None:
    leader = house.person("F", "29F")
    made = await leader.manage("CreateActivity", draft())
    assert made.floor == "29F"
    with pytest.raises(Forbidden) as refused:
        await leader.manage("CreateActivity", draft(floor="3F"))
    assert refused.value.reason == "FLOOR_NOT_YOURS"
    elsewhere = await house.clerk.manage("CreateActivity", draft(floor="3F"))
    with pytest.raises(Forbidden):
        await leader.manage("PublishActivity", pb.PublishActivityRequest(id=elsewhere.id))


async def test_pages_follow_the_start_and_come_back_in_both_directions(house: House) -> None:
    for days in range(5):
        await house.clerk.manage(
            "CreateActivity",
            draft(
                title=f"第{days}场",
                start_time=BEGINS + timedelta(days=days),
                end_time=BEGINS + timedelta(days=days, hours=1),
            ),
        )
    for latest_first in (False, True):
        seen: list[str] = []
        token = ""
        while True:
            request = pb.ListActivitiesRequest(page_size=2, page_token=token, latest_first=latest_first)
            page = await house.clerk.call("calendar.read", "ListActivities", request)
            seen += [activity.title for activity in page.activities]
            token = page.next_page_token
            if not token:
                break
        expected = [f"第{days}场" for days in range(5)]
        assert seen == (expected[::-1] if latest_first else expected)


async def test_another_building_finds_nothing(house: House, published: pb.Activity) -> None:
    elsewhere = House(house.units, house.superuser_url)
    with pytest.raises(NotFound):
        await elsewhere.clerk.get(published)
    with pytest.raises(NotFound):
        await elsewhere.person().enrol(published)
    assert not (
        await elsewhere.clerk.call("calendar.read", "ListActivities", pb.ListActivitiesRequest())
    ).activities


async def test_the_feed_is_a_calendar(house: House, published: pb.Activity) -> None:
    body = await house.person().call("calendar.read", "GetCalendarFeed", pb.GetCalendarFeedRequest())
    assert body.content_type.startswith("text/calendar")
    from icalendar import Calendar

    events: list[Any] = list(Calendar.from_ical(body.data).walk("VEVENT"))
    [event] = events
    assert event["SUMMARY"] == "电商沙龙"
    assert event["DTSTART"].dt == BEGINS
    assert event["STATUS"] == "CONFIRMED"


async def test_one_idempotency_key_enrols_once(house: House, published: pb.Activity) -> None:
    person = house.person()
    key = new_id()
    context = {"idempotency_key": key, "method": "CalendarService/Enrol"}
    first = await person.enrol(published, **context)
    assert await person.enrol(published, **context) == first


@pytest.mark.row("1-34/ACT")
async def test_every_published_activity_has_exactly_one_type(house: House) -> None:
    """Row 1-34: the three types of the building's activities, and two of organisational life."""
    kinds = [kind for kind in pb.ActivityKind.values() if kind]
    for kind in kinds:
        made = await house.clerk.manage("CreateActivity", draft(kind=kind))
        await house.clerk.manage("PublishActivity", pb.PublishActivityRequest(id=made.id))
    listed = await house.clerk.call("calendar.read", "ListActivities", pb.ListActivitiesRequest())
    assert sorted(activity.kind for activity in listed.activities) == sorted(kinds)
    for kind in kinds:
        only = await house.clerk.call("calendar.read", "ListActivities", pb.ListActivitiesRequest(kind=kind))
        assert [activity.kind for activity in only.activities] == [kind]


@pytest.mark.row("0-08/ACT")
async def test_a_published_activity_is_not_a_held_one(house: House, published: pb.Activity) -> None:
    """Row 0-08: only an activity that was held, with attendance, tells so."""
    guest = house.person()
    await guest.enrol(published)
    await house.walk(BEGINS + timedelta(hours=3))
    assert not await house.told("ActivityHeld")
    with pytest.raises(WrongState):
        await house.secretary.manage("ArchiveActivity", pb.ArchiveActivityRequest(id=published.id))
    await house.secretary.manage(
        "ConfirmEvidence", pb.ConfirmEvidenceRequest(id=published.id, note="现场照片")
    )
    assert len(await house.told("ActivityHeld")) == 1


async def test_evidence_is_what_the_gateway_signed_for_its_uploader(
    house: House, published: pb.Activity
) -> None:
    await house.walk(BEGINS + timedelta(hours=3))
    photo = File("k/1", house.tenant, house.secretary.account, "现场.jpg", "image/jpeg", 12345, "ab" * 32)
    with pytest.raises(Invalid) as refused:
        await house.secretary.manage(
            "ConfirmEvidence",
            pb.ConfirmEvidenceRequest(id=published.id, note="照片", evidence=["made up by the client"]),
        )
    assert refused.value.fields[0].field == "evidence[0]"
    confirmed = await house.secretary.manage(
        "ConfirmEvidence",
        pb.ConfirmEvidenceRequest(id=published.id, note="照片", evidence=[house.files.upload(photo)]),
    )
    [kept] = confirmed.evidence
    assert (kept.name, kept.media_type, kept.size) == ("现场.jpg", "image/jpeg", 12345)
    assert house.files.readable(kept.id, account_id=house.secretary.account).key == "k/1"


@pytest.mark.row("0-05/ACT")
@pytest.mark.row("1-09/ACT", partial=True)
@pytest.mark.row("1-15/ACT", partial=True)
async def test_one_activity_reaches_three_companies(house: House, published: pb.Activity) -> None:
    """Row 0-05: one building calendar for all its companies. What attendance earns is told to others."""
    companies = [new_id() for _ in range(3)]
    people = [house.person() for _ in companies]
    for person, company in zip(people, companies, strict=True):
        enrol = pb.EnrolRequest(id=published.id, enterprise_id=company)
        await person.call("calendar.enrol", "Enrol", enrol)
    await house.walk(BEGINS - timedelta(minutes=30))
    lines = await house.clerk.call(
        "calendar.checkin", "ListEnrolments", pb.ListEnrolmentsRequest(id=published.id)
    )
    for line in lines.enrolments:
        check = pb.CheckInRequest(id=published.id, enrolment=line.id)
        await house.clerk.call("calendar.checkin", "CheckIn", check)
    await house.walk(BEGINS + timedelta(hours=3))
    await house.secretary.manage(
        "ConfirmEvidence", pb.ConfirmEvidenceRequest(id=published.id, note="三家公司均有人参加")
    )
    [held] = await house.told("ActivityHeld")
    assert (held.enterprises, held.attended) == (3, 3)
    told = await house.told("AttendanceConfirmed")
    assert {(event.person_id, event.enterprise_id) for event in told} == {
        (person.person_id, company) for person, company in zip(people, companies, strict=True)
    }


@pytest.mark.row("2-04/ACT", partial=True)
@pytest.mark.row("3-33/ACT", partial=True)
async def test_four_bodies_publish_to_the_shared_calendar(house: House) -> None:
    """Rows 2-04 and 3-33: party, union, league and women's federation; the league its own two."""
    bodies = {
        pb.HOST_PARTY: ["主题党日"],
        pb.HOST_UNION: ["职工趣味运动会"],
        pb.HOST_LEAGUE: ["“学雷锋”志愿", "主题团日"],
        pb.HOST_WOMEN: ["健康讲座"],
    }
    for body, titles in bodies.items():
        head = house.person("B")
        for title in titles:
            made = await head.manage("CreateActivity", draft(title=title, hosts=[body]))
            await head.manage("PublishActivity", pb.PublishActivityRequest(id=made.id))
    listed = await house.person().call("calendar.read", "ListActivities", pb.ListActivitiesRequest())
    seen: dict[int, list[str]] = {}
    for activity in listed.activities:
        seen.setdefault(activity.hosts[0], []).append(activity.title)
    assert {body: sorted(titles) for body, titles in seen.items()} == {
        body: sorted(titles) for body, titles in bodies.items()
    }
