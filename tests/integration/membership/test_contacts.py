"""Contacts on a real database: who records, who reads, who objects, and what is forgotten."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from google.protobuf.descriptor import FieldDescriptor

from chassis import days
from chassis.errors import Conflict, Forbidden, Invalid, NotFound, Stale, WrongState
from chassis.ids import new_id
from louyu.membership.v1 import contacts_pb2 as pb
from membership.contacts import jobs
from membership.contacts.rpc import Contacts
from tests.integration.membership.network_of import Network, Person, person


class Log:
    """The contacts of one building."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.tenant = network.secretary.tenant
        self.rpc = Contacts(network.units, network.pages, network.people)

    def someone(self, letter: str = "O", bound: str = "") -> Person:
        """Somebody new whom identity knows."""
        found = person(self.tenant, letter, bound)
        self.network.people.names[found.id] = "张三"
        return found

    async def ask(self, verb: str, who: Person | None = None, **fields: Any) -> Any:
        """A verb, in the name of the branch unless somebody is named."""
        request = getattr(pb, f"{verb}Request")(**fields)
        return await self.network.call(who or self.network.secretary, getattr(self.rpc, verb), request)

    async def area(self, liaison: Person, floor: str = "1") -> str:
        """An area with a liaison."""
        await self.network.floor("AddFloors", floors=[floor])
        area = await self.network.floor("OpenArea", floor=floor, name="东区")
        await self.network.floor("AppointLiaison", id=area.id, person_id=liaison.id)
        return str(area.id)

    async def of_area(self, area: str, **side: Any) -> pb.ContactLink:
        """Somebody or a stall in an area."""
        link: pb.ContactLink = await self.ask(
            "OpenContactLink", kind=pb.CONTACT_KIND_AREA, area_id=area, **side
        )
        return link

    async def pair(self, carer: Person, worker: Person) -> pb.ContactLink:
        """A care pair."""
        link: pb.ContactLink = await self.ask(
            "OpenContactLink", kind=pb.CONTACT_KIND_CARE, carer_id=carer.id, person_id=worker.id
        )
        return link

    async def contacted(self, who: Person, link: pb.ContactLink, **more: Any) -> pb.Contact:
        """A contact that took place."""
        said = {"topic": pb.CONTACT_TOPIC_VISIT, "need": pb.CONTACT_NEED_NONE, **more}
        entry: pb.Contact = await self.ask("LogContact", who, link_id=link.id, **said)
        return entry


@pytest.fixture
def log(network: Network) -> Log:
    return Log(network)


def test_no_field_holds_a_text_about_a_person() -> None:
    words = {
        field.name
        for field in (*pb.LogContactRequest.DESCRIPTOR.fields, *pb.Contact.DESCRIPTOR.fields)
        if field.type == FieldDescriptor.TYPE_STRING
    }
    assert words == {"tenant", "link_id", "id", "contact_date", "ticket_id", "verbs"}


async def test_the_liaison_records_once_a_day_and_nobody_else_does(log: Log) -> None:
    liaison, subject = log.someone("F", "1"), log.someone()
    area = await log.area(liaison)
    link = await log.of_area(area, person_id=subject.id)
    firm = await log.network.firm("一号档口", "1")
    stall = await log.of_area(area, enterprise_id=firm.id)
    with pytest.raises(Conflict):
        await log.of_area(area, person_id=subject.id)
    mine = await log.ask("ListMyContactLinks", liaison)
    assert {one.id for one in mine.links} == {link.id, stall.id}
    for other in (log.someone("F", "1"), log.network.secretary):
        with pytest.raises(Forbidden):
            await log.contacted(other, link)
    entry = await log.contacted(liaison, link)
    assert (entry.late, entry.link.display, entry.link.area_name) == (False, "张**", "1F 东区")
    with pytest.raises(Conflict):
        await log.contacted(liaison, link, topic=pb.CONTACT_TOPIC_SAFETY)
    mine = await log.ask("ListMyContactLinks", liaison)
    assert {one.id: one.contacted_today for one in mine.links} == {link.id: True, stall.id: False}
    today = days.day_of(log.network.units.clock.now())
    late = await log.contacted(liaison, stall, contact_date=(today - timedelta(days=1)).isoformat())
    assert late.late
    with pytest.raises(Invalid) as old:
        await log.contacted(liaison, stall, contact_date=(today - timedelta(days=3)).isoformat())
    assert old.value.reason == "CONTACT_TOO_LATE"
    told = await log.network.told("ContactLogged")
    assert [(one.area_id, one.late) for one in told] == [(area, False), (area, True)]
    await log.network.floor("VacateArea", id=area)
    with pytest.raises(Forbidden):
        await log.contacted(liaison, stall)


async def test_the_person_reads_objects_and_the_branch_decides(log: Log) -> None:
    carer, worker = log.someone(), log.someone()
    link = await log.pair(carer, worker)
    entry = await log.contacted(carer, link, need=pb.CONTACT_NEED_LIFE)
    about = (await log.ask("ListContactsAboutMe", worker)).contacts
    assert [(one.id, list(one.verbs)) for one in about] == [(entry.id, ["object", "tie"])]
    assert not (await log.ask("ListContactsAboutMe", log.someone())).contacts
    with pytest.raises(NotFound):
        await log.ask("ObjectToContact", carer, id=entry.id, objection=pb.CONTACT_OBJECTION_NOT_HAPPENED)
    objected = await log.ask(
        "ObjectToContact", worker, id=entry.id, objection=pb.CONTACT_OBJECTION_NOT_AGREED
    )
    assert objected.state == pb.CONTACT_STATE_OBJECTED
    assert (await log.ask("SummariseContacts")).contacts == 0
    kept = await log.ask("DecideContact", id=entry.id)
    assert kept.state == pb.CONTACT_STATE_KEPT
    assert (await log.ask("SummariseContacts")).contacts == 1
    with pytest.raises(WrongState):
        await log.ask("ObjectToContact", worker, id=entry.id, objection=pb.CONTACT_OBJECTION_NOT_AGREED)


async def test_what_is_removed_is_gone_and_nobody_decides_on_their_own_entry(log: Log) -> None:
    branch, worker = log.network.secretary, log.someone()
    log.network.people.names[branch.id] = "书记"
    link = await log.pair(branch, worker)
    entry = await log.contacted(branch, link)
    objection = pb.CONTACT_OBJECTION_NOT_HAPPENED
    await log.ask("ObjectToContact", worker, id=entry.id, objection=objection)
    with pytest.raises(Forbidden):
        await log.ask("DecideContact", id=entry.id, remove=True)
    removed = await log.ask("DecideContact", log.someone("B"), id=entry.id, remove=True)
    assert (removed.state, removed.HasField("link")) == (pb.CONTACT_STATE_REMOVED, False)
    assert await log.network.stored("SELECT FROM contacts_contacts") == []
    states = [one.state for one in await log.network.told("ContactDisputed")]
    assert states == [pb.CONTACT_STATE_OBJECTED, pb.CONTACT_STATE_REMOVED]


async def test_a_need_becomes_a_ticket_by_the_hand_of_who_has_it(log: Log) -> None:
    carer, worker = log.someone(), log.someone()
    link = await log.pair(carer, worker)
    entry = await log.contacted(carer, link, need=pb.CONTACT_NEED_WORK)
    ticket = new_id()
    with pytest.raises(NotFound):
        await log.ask("TieContactNeed", carer, id=entry.id, ticket_id=ticket)
    tied = await log.ask("TieContactNeed", worker, id=entry.id, ticket_id=ticket)
    assert tied.ticket_id == ticket
    with pytest.raises(Conflict):
        await log.ask("TieContactNeed", worker, id=entry.id, ticket_id=new_id())
    summary = await log.ask("SummariseContacts")
    assert (summary.needs, summary.tickets, len(summary.by_need)) == (1, 1, 0)
    with pytest.raises(asyncpg.CheckViolationError):
        await log.network.stored("UPDATE contacts_links SET carer_id = person_id")


async def test_entries_are_forgotten_when_their_time_is_over(log: Log) -> None:
    carer = log.someone()
    old, new = await log.pair(carer, log.someone()), await log.pair(carer, log.someone())
    for link in (old, new):
        await log.contacted(carer, link)
    await log.network.stored(
        "UPDATE contacts_contacts SET contact_on = contact_on - 60 WHERE link_id = $1", old.id
    )
    job = jobs.forget_contacts()
    assert await job.run(log.network.units) == 0
    settings = await log.ask("GetContactSettings")
    assert (settings.source, settings.retention_days, settings.smallest_told) == ("default", 90, 10)
    await log.ask("UpdateContactSettings", etag=settings.etag, retention_days=30)
    with pytest.raises(Stale):
        await log.ask("UpdateContactSettings", etag=settings.etag, retention_days=60)
    assert await job.run(log.network.units) == 1
    assert [one.link.id for one in (await log.ask("ListContacts")).contacts] == [new.id]


async def test_a_floors_leader_reads_the_floor_and_the_figures_are_by_area(log: Log) -> None:
    liaison, upstairs = log.someone("F", "1"), log.someone("F", "2")
    first, second = await log.area(liaison), await log.area(upstairs, "2")
    link = await log.of_area(first, person_id=log.someone().id)
    await log.of_area(second, person_id=log.someone().id)
    await log.contacted(liaison, link)
    leader = log.someone("F", "2")
    assert not (await log.ask("ListContacts", leader)).contacts
    own = await log.ask("SummariseContacts", leader)
    assert (own.contacts, [one.area_name for one in own.areas]) == (0, ["2F 东区"])
    summary = await log.ask("SummariseContacts")
    assert [(one.area_name, one.days) for one in summary.areas] == [("1F 东区", 1), ("2F 东区", 0)]
    ended = await log.ask("EndContactLink", id=link.id)
    assert ended.ended
    with pytest.raises(Conflict):
        await log.contacted(liaison, link)
    assert not (await log.ask("ListMyContactLinks", liaison)).links
