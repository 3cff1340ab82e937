"""A calendar on a database of its own, called as the server would call it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest_asyncio

from activity.calendar.evidence import EvidenceFiles
from activity.calendar.jobs import advance_due
from activity.calendar.passes import Passes
from activity.calendar.rpc import Calendar
from chassis.clocks import BusinessClock, system_now
from chassis.context import Caller, Context, Scope, bind
from chassis.database import Database
from chassis.events import message_class
from chassis.files import FileReferences
from chassis.ids import new_id
from chassis.pages import PageTokens
from chassis.tokens import SigningKey
from chassis.units import Units
from louyu.activity.v1 import calendar_pb2 as pb
from tests.fixtures.servers import Databases

SECRET = b"s" * 32
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


class House:
    """One building's calendar, its clock, and what it told the other services."""

    def __init__(self, units: Units, superuser_url: str) -> None:
        key = SigningKey("gateway", SECRET)
        self.files = FileReferences("gateway", key, {"gateway": key.public})
        self.units = units
        self.superuser_url = superuser_url
        self.tenant = new_id()
        self.calendar = Calendar(
            units, PageTokens(SECRET), Passes(SECRET), EvidenceFiles(self.files), self.holds
        )
        self.managers: set[str] = set()
        self.secretary = self.person("B")
        self.clerk = self.person("B")

    def person(self, letter: str = "O", scope_id: str = "") -> "Person":
        """Someone with an account in the building."""
        made = Person(self, new_id(), new_id(), Scope(letter, scope_id))
        if letter in "BF":
            self.managers.add(made.account)
        return made

    async def holds(self, account: str, tenant: str, permission: str) -> bool:
        """What the grants would say."""
        return tenant == self.tenant and permission == "calendar.manage" and account in self.managers

    async def walk(self, to: datetime) -> None:
        """Walk business time to a moment and do what became due."""
        self.units.clock.apply(to - system_now())
        while await advance_due(self.units):
            pass

    async def stored(self, query: str, *arguments: Any) -> list[Any]:
        """Rows as they really lie in the database, past every policy."""
        connection = await asyncpg.connect(self.superuser_url)
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()

    async def told(self, type_name: str) -> list[Any]:
        """The events of a type, in the order they were committed."""
        full = f"louyu.activity.v1.{type_name}"
        rows = await self.stored("SELECT payload FROM outbox WHERE type = $1 ORDER BY id", full)
        return [message_class(full).FromString(row["payload"]) for row in rows]


@dataclass(frozen=True)
class Person:
    """A caller. `as_(permission)` gives the calendar, called in this person's name."""

    house: House
    account: str
    person_id: str
    scope: Scope

    def context(self, permission: str, **more: Any) -> Context:
        """What the server would bind."""
        caller = Caller("account", self.account, self.person_id)
        known = Context(mode="tenant", tenant_id=self.house.tenant, caller=caller, permission=permission)
        return replace(known, scopes=(self.scope,), correlation_id=new_id(), **more)

    async def call(self, permission: str, rpc: str, request: Any, /, **more: Any) -> Any:
        """Call one RPC."""
        request.tenant = request.tenant or self.house.tenant
        with bind(self.context(permission, **more)):
            return await getattr(self.house.calendar, rpc)(request, None)

    async def manage(self, method: str, request: Any, **more: Any) -> Any:
        """Call an RPC of those who manage."""
        return await self.call("calendar.manage", method, request, **more)

    async def enrol(self, activity: pb.Activity, **more: Any) -> pb.Enrolment:
        """Enrol in an activity."""
        found = await self.call("calendar.enrol", "Enrol", pb.EnrolRequest(id=activity.id), **more)
        assert isinstance(found, pb.Enrolment)
        return found

    async def get(self, activity: pb.Activity) -> pb.Activity:
        """Read an activity."""
        found = await self.call("calendar.read", "GetActivity", pb.GetActivityRequest(id=activity.id))
        assert isinstance(found, pb.Activity)
        return found


def draft(**values: Any) -> pb.CreateActivityRequest:
    """A salon next week, for thirty."""
    given: dict[str, Any] = {
        "title": "电商沙龙",
        "kind": pb.ACTIVITY_KIND_SALON,
        "affairs": 4,
        "station": 2,
        "capacity": 30,
        "business_link": "3家企业对接直播基地",
        "place": "29楼多功能会议厅",
        "floor": "29F",
        "start_time": START + timedelta(days=7),
        "end_time": START + timedelta(days=7, hours=2),
    }
    return pb.CreateActivityRequest(**given | values)


@pytest_asyncio.fixture
async def house(databases: Databases) -> AsyncIterator[House]:
    """A building whose clock stands at START."""
    made = await databases.fresh("activity")
    database = Database("activity", made.app_url, pool_size=18)
    clock = BusinessClock()
    clock.apply(START - system_now())
    yield House(Units(database, clock), made.superuser_url)
    await database.close()


@pytest_asyncio.fixture
async def published(house: House) -> pb.Activity:
    """A published salon for thirty."""
    made = await house.clerk.manage("CreateActivity", draft())
    found = await house.clerk.manage("PublishActivity", pb.PublishActivityRequest(id=made.id))
    assert isinstance(found, pb.Activity)
    return found
