"""Visits, their plans and what becomes of needs, on a real database."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio
from google.protobuf.message import Message

from chassis.clocks import BusinessClock
from chassis.context import Caller, Context, Scope
from chassis.database import Database
from chassis.days import day_of
from chassis.errors import Invalid
from chassis.events import Event
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import Reader, Units
from louyu.membership.v1 import enterprises_pb2
from tests.fixtures.clocks import at_noon
from tests.fixtures.servers import Databases
from ticket.affairs import Affairs, Sensitivity, Station
from ticket.catalogue import commands as catalogue
from ticket.catalogue.rules import Draft
from ticket.requests import queries as requests
from ticket.sites import commands as sites
from ticket.visits import commands, queries, rules
from ticket.visits.events import enterprises_consumer
from ticket.visits.jobs import rounds
from ticket.visits.rules import Target

TENANT, CLERK, LIAISON, CONTACT = (new_id() for _ in range(4))
SECRET = b"secret"
FIRMS = {"甲": "3", "乙": "3", "丙": "12", "丁": "B1"}


def caller(account: str, *scopes: Scope) -> Context:
    person = Caller("account", account, person_id=account)
    return Context(
        mode="tenant", tenant_id=TENANT, caller=person, scopes=scopes, method="test", correlation_id=new_id()
    )


DESK = caller(CLERK, Scope("B"))
ON_THREE = caller(LIAISON, Scope("F", "3"))


@pytest.fixture
def clock() -> BusinessClock:
    return at_noon(30)


@pytest_asyncio.fixture
async def units(databases: Databases, clock: BusinessClock) -> AsyncIterator[Units]:
    database = Database("ticket", (await databases.fresh("ticket")).app_url)
    yield Units(database, clock)
    await database.close()


async def told(units: Units, firm: str, message: Message, seq: int) -> None:
    event = Event(
        id=new_id(),
        tenant_id=TENANT,
        type="",
        aggregate="enterprise",
        aggregate_id=firm,
        seq=seq,
        occurred_at=units.clock.now(),
        correlation_id="",
        audience=(),
        traceparent="",
        message=message,
    )
    context = Context(
        mode="consumer", tenant_id=TENANT, caller=Caller("system", service="ticket/enterprises")
    )
    await units.run(context, lambda unit: enterprises_consumer().apply(unit, [event]))


@pytest_asyncio.fixture
async def firms(units: Units) -> dict[str, str]:
    found = {name: new_id() for name in FIRMS}
    for name, firm in found.items():
        said = enterprises_pb2.EnterpriseRegistered(enterprise_id=firm, name=name, floor=FIRMS[name])
        await told(units, firm, said, 1)
    return found


async def anybody(_tenant: str, _account: str) -> bool:
    return True


async def planned(
    units: Units, floor: str = "", days: int = 10, every: int = 0, target: Target = Target.ENTERPRISE
) -> Row:
    today = day_of(units.clock.now())
    due = today + timedelta(days=days)
    new = commands.NewPlan("逐一走访", target, floor, today, due, every, LIAISON, synthetic=True)
    return await units.run(DESK, lambda u: commands.make_plan(u, new, anybody))


async def visited(units: Units, firm: str, context: Context = DESK, *needs: commands.Need) -> Row:
    report = commands.Report(Target.ENTERPRISE, firm, None, "聊了近况", needs, synthetic=True)
    return await units.run(context, lambda u: commands.record(u, report, SECRET))


async def missing(units: Units, plan: Row, context: Context = DESK) -> list[str]:
    found = await units.run(context, lambda u: queries.unvisited(u, plan))
    return [member.name for member in found]


async def test_the_unvisited_list_reaches_nothing(units: Units, firms: dict[str, str]) -> None:
    plan = await planned(units)
    assert await missing(units, plan) == ["丁", "乙", "甲", "丙"]
    assert await missing(units, plan, ON_THREE) == ["乙", "甲"]
    for name in ("甲", "丁", "丙"):
        await visited(units, firms[name])
    await visited(units, firms["甲"])
    assert await missing(units, plan) == ["乙"]
    # Who leaves the building need not be visited any more; who comes has to be.
    await told(units, firms["乙"], enterprises_pb2.EnterpriseMovedOut(enterprise_id=firms["乙"]), 2)
    assert await missing(units, plan) == []
    late = new_id()
    await told(units, late, enterprises_pb2.EnterpriseRegistered(enterprise_id=late, name="戊", floor="5"), 1)
    assert await missing(units, plan) == ["戊"]


async def bookkeeping(units: Units) -> Row:
    draft = Draft(
        code="bookkeeping",
        name_zh="代理记账",
        name_en="Bookkeeping",
        summary_zh="",
        summary_en="",
        affairs=Affairs.BUSINESS,
        station=Station.ENTERPRISE,
        desk="enterprise-desk",
        form={"type": "object", "required": ["months"], "properties": {"months": {"type": "integer"}}},
        first_response_hours=2,
        resolution_hours=24,
        price_note="",
        sensitivity=Sensitivity.P1,
        synthetic=True,
    )
    return await units.run(DESK, lambda u: catalogue.publish(u, draft))


async def test_a_need_becomes_the_firms_ticket_under_the_visits_correlation_id(
    units: Units, firms: dict[str, str]
) -> None:
    item = await bookkeeping(units)
    visit = await visited(units, firms["甲"], ON_THREE, commands.Need(item.id, "想请人代账", {}))
    contact = caller(CONTACT, Scope("E", firms["甲"]), Scope("O"))
    (ticket_id,) = visit.ticket_ids
    ticket = await units.run(contact, lambda u: requests.ticket(u, ticket_id))
    assert (ticket.enterprise_id, ticket.requester, ticket.floor) == (firms["甲"], LIAISON, "3")
    assert ticket.correlation_id == visit.correlation_id


async def read_tickets(reader: Reader, tickets: Sequence[str]) -> list[Row]:
    return [await requests.ticket(reader, one) for one in tickets]


async def test_minutes_say_what_it_was_about_and_their_needs_whose_they_are(
    units: Units, firms: dict[str, str]
) -> None:
    item = await bookkeeping(units)
    needs = (
        commands.Need(item.id, "丙要代账", {}, enterprise_id=firms["丙"]),
        commands.Need(item.id, "大家都想要的", {}),
    )
    report = commands.Report(
        Target.SYMPOSIUM, "", None, "到会九人，提了两条", needs, synthetic=True, topic="党员座谈会"
    )
    held = await units.run(DESK, lambda u: commands.record(u, report, SECRET))
    assert (held.target_name, held.target_id, len(held.ticket_ids)) == ("党员座谈会", None, 2)
    found = await units.run(DESK, lambda u: read_tickets(u, held.ticket_ids))
    assert [(one.filed_for, one.enterprise_id) for one in found] == [
        ("enterprise", firms["丙"]),
        ("person", None),
    ]
    stranger = commands.Report(
        Target.SYMPOSIUM,
        "",
        None,
        "纪要",
        (commands.Need(item.id, "不在楼里", {}, enterprise_id=new_id()),),
        synthetic=True,
        topic="座谈会",
    )
    with pytest.raises(Invalid, match="TARGET_NOT_FOUND"):
        await units.run(DESK, lambda u: commands.record(u, stranger, SECRET))


async def test_a_patrol_was_where_the_code_hangs(units: Units) -> None:
    site = await units.run(DESK, lambda u: sites.add(u, "配电间", "3", "", synthetic=True))
    plan = await planned(units, target=Target.SITE)
    code = rules.code(SECRET, TENANT, site.id)
    report = commands.Report(Target.SITE, site.id, None, "正常", (), synthetic=True)
    with pytest.raises(Invalid, match="CHECKIN_CODE_WRONG"):
        await units.run(DESK, lambda u: commands.record(u, report, SECRET))
    assert await missing(units, plan) == ["配电间"]
    there = replace(report, checkin_code=code.lower())
    await units.run(ON_THREE, lambda u: commands.record(u, there, SECRET))
    assert await missing(units, plan) == []


async def test_a_liaison_visits_the_own_floors_only(units: Units, firms: dict[str, str]) -> None:
    with pytest.raises(Invalid, match="TARGET_NOT_FOUND"):
        await visited(units, firms["丙"], ON_THREE)


async def test_a_round_that_runs_out_reminds_once_and_the_next_begins(
    units: Units, firms: dict[str, str], clock: BusinessClock
) -> None:
    once = await planned(units, days=2)
    done = await planned(units, floor="12", days=2)
    weekly = await planned(units, floor="B1", days=2, every=7)
    ended = await planned(units, days=2)
    await units.run(DESK, lambda u: commands.close_plan(u, ended.id))
    await visited(units, firms["丙"])
    assert await missing(units, done) == []
    assert await rounds().run(units) == 0
    clock.apply(clock.offset + timedelta(days=4))
    assert await rounds().run(units) == 3
    assert await rounds().run(units) == 0
    now = {one.id: one for one in await units.run(DESK, lambda u: queries.page_of_plans(u, None, 9))}
    assert (now[once.id].settled, now[once.id].missed, now[done.id].missed) == (True, 3, 0)
    assert now[weekly.id].start_date == weekly.start_date + timedelta(days=7)
    assert (now[weekly.id].round, now[weekly.id].missed) == (2, 1)
    assert not now[ended.id].settled
    # Whoever was visited in the last round has to be visited in this one too.
    await visited(units, firms["丁"])
    assert await missing(units, now[weekly.id]) == ["丁"]
    clock.apply(clock.offset + timedelta(days=3))
    await visited(units, firms["丁"])
    assert await missing(units, now[weekly.id]) == []
