"""A district's windows on a database of their own, called as the server would call them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import pytest_asyncio

from chassis.context import Caller, Context, Scope, bind
from chassis.database import Database
from chassis.events import message_class
from chassis.files import File, FileReferences
from chassis.ids import new_id
from chassis.messages import Messages
from chassis.pages import PageTokens
from chassis.tokens import SigningKey
from chassis.units import Units
from louyu.window.v1 import cases_pb2 as pb
from louyu.window.v1 import counters_pb2, departments_pb2, matters_pb2
from tests.fixtures.clocks import at_noon
from tests.fixtures.servers import Databases
from window.cases import jobs
from window.cases.papers import Papers
from window.cases.rpc import Cases
from window.counters.rpc import Counters
from window.departments.rpc import Departments
from window.matters.rpc import Matters

SECRET = b"w" * 32


@dataclass(frozen=True)
class Person:
    """Somebody who calls in the name of a tenant."""

    tenant: str
    account: str
    scopes: tuple[Scope, ...]

    def context(self, mode: str = "tenant", **more: Any) -> Context:
        """What the server would bind."""
        context = Context(
            mode=mode,  # type: ignore[arg-type]
            tenant_id=self.tenant,
            caller=Caller("account", self.account, self.account),
            scopes=self.scopes,
            method="test",
        )
        return replace(context, **more)


def person(tenant: str, *scopes: Scope) -> Person:
    """A new account in a tenant."""
    return Person(tenant, new_id(), scopes)


class Windows:
    """The window service of one district."""

    def __init__(self, units: Units, superuser_url: str) -> None:
        key = SigningKey("gateway", SECRET)
        self.references = FileReferences("gateway", key, {"gateway": key.public})
        self.units = units
        self.superuser_url = superuser_url
        pages, messages = PageTokens(SECRET), Messages("window")
        self.departments = Departments(units, pages, messages)
        self.matters = Matters(units, pages)
        self.counters = Counters(units, pages)
        self.cases = Cases(units, pages, Papers(self.references))
        self.district = person(new_id(), Scope("D"))

    async def call(self, who: Person, method: Any, request: Any, *, party: bool = False, **more: Any) -> Any:
        """Call a method of a servicer in somebody's name."""
        request.tenant = who.tenant
        with bind(who.context("party" if party else "tenant", **more)):
            return await method(request, None)

    async def stored(self, query: str, *arguments: Any) -> list[Any]:
        """Rows as they really lie in the database, past every policy."""
        connection = await asyncpg.connect(self.superuser_url)
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()

    async def told(self, *names: str) -> list[tuple[str, str, int, Any]]:
        """(tenant, type, seq, message) of committed events, in their order."""
        rows = await self.stored("SELECT tenant_id, type, seq, payload FROM outbox ORDER BY id")
        found = [(str(r["tenant_id"]), r["type"], r["seq"], r["payload"]) for r in rows]
        return [
            (tenant, kind.rpartition(".")[2], seq, message_class(kind).FromString(payload))
            for tenant, kind, seq, payload in found
            if not names or kind.rpartition(".")[2] in names
        ]

    async def know(self, tenant: str, kind: str) -> None:
        """Put a tenant into the local list, as identity's events would."""
        await self.stored(
            "INSERT INTO tenants (tenant_id, kind, name_zh, name_en, state, synthetic, updated_at) "
            "VALUES ($1, $2, '单位', 'Tenant', 'active', true, now())",
            tenant,
            kind,
        )

    def upload(self, who: Person, name: str = "执照.pdf") -> str:
        """The reference of a file that somebody uploaded."""
        return self.references.upload(
            File(
                key=f"{who.tenant}/2026-11-21/{new_id()}",
                tenant_id=who.tenant,
                uploader=who.account,
                name=name,
                media_type="application/pdf",
                size=10,
                sha256="",
            )
        )

    async def relay(self) -> int:
        """Run the job that hands queued cases over."""
        return await jobs.relay_pending().run(self.units)

    async def live_department(
        self, code: str, name: str = "工商", modern: str = "市场监督管理局"
    ) -> "Office":
        """A department that applied, was approved, published a matter, passed the test and opened."""
        office = Office(self, person(new_id(), Scope("U")), code, name, modern)
        await office.apply()
        await office.go_live()
        return office

    async def building(self, *offices: "Office") -> "Building":
        """A building with a counter and a matter for each department."""
        building = Building(self, new_id())
        for office in offices:
            await building.enable(office)
        return building


class Office:
    """A department as the tests see it."""

    def __init__(
        self,
        windows: Windows,
        clerk: Person,
        code: str,
        name: str = "工商",
        modern: str = "市场监督管理局",
    ) -> None:
        self.names = (name, modern)
        self.windows = windows
        self.clerk = clerk
        self.code = code
        self.id = clerk.tenant
        self.matter = matters_pb2.Matter()

    async def call(self, method: Any, request: Any, **more: Any) -> Any:
        """Call in the department's name, on its own rows."""
        return await self.windows.call(self.clerk, method, request, **more)

    async def apply(self) -> departments_pb2.Department:
        """Apply to the district."""
        request = departments_pb2.CreateDepartmentRequest(
            approver_id=self.windows.district.tenant,
            code=self.code,
            name_zh=self.names[0],
            name_en=self.code,
            modern_name_zh=self.names[1],
            aliases=[f"{self.names[0]}所"],
        )
        found: departments_pb2.Department = await self.call(
            self.windows.departments.CreateDepartment, request
        )
        return found

    async def publish(self, code: str = "A-001") -> matters_pb2.Matter:
        """Write and publish a matter with one required and one optional material."""
        draft = matters_pb2.CreateMatterRequest(
            code=code, name_zh="企业设立登记", name_en="Registration", promised_days=5
        )
        draft.materials.add(code="licence", name_zh="营业执照", name_en="Licence", required=True)
        draft.materials.add(code="lease", name_zh="租赁合同", name_en="Lease", required=False)
        made = await self.call(self.windows.matters.CreateMatter, draft)
        publish = matters_pb2.PublishMatterRequest(id=made.id, etag=made.etag)
        found: matters_pb2.Matter = await self.call(self.windows.matters.PublishMatter, publish)
        return found

    async def go_live(self) -> None:
        """Everything between the application and the first case."""
        windows = self.windows
        approve = departments_pb2.ApproveDepartmentRequest(id=self.id)
        await windows.call(windows.district, windows.departments.ApproveDepartment, approve, party=True)
        self.matter = await self.publish()
        test = departments_pb2.TestDepartmentRequest(id=self.id)
        assert (await self.call(windows.departments.TestDepartment, test)).passed
        request = departments_pb2.OpenDepartmentRequest(id=self.id)
        await self.call(windows.departments.OpenDepartment, request)

    async def is_online(self, online: bool) -> None:
        """The department's own system goes away or comes back."""
        request = departments_pb2.SetAvailabilityRequest(id=self.id, online=online)
        await self.call(self.windows.departments.SetAvailability, request)

    async def act(self, verb: str, case: pb.Case, **fields: Any) -> pb.Case:
        """Use a verb on a case that a building handed over, with the etag just seen."""
        seen = await self.see(case.id)
        kind = getattr(pb, f"{verb}Request")
        method = getattr(self.windows.cases, verb)
        request = kind(id=case.id, etag=seen.etag, **fields)
        found: pb.Case = await self.call(method, request, party=True)
        return found

    async def see(self, case_id: str) -> pb.Case:
        """Read a case that a building handed over."""
        request = pb.GetReceivedCaseRequest(id=case_id)
        found: pb.Case = await self.call(self.windows.cases.GetReceivedCase, request, party=True)
        return found

    async def queue(self, **filters: Any) -> list[pb.Case]:
        """All pages of the department's queue, two at a time."""
        found: list[pb.Case] = []
        request = pb.ListReceivedCasesRequest(page_size=2, **filters)
        while True:
            page = await self.call(self.windows.cases.ListReceivedCases, request, party=True)
            found.extend(page.cases)
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token


class Building:
    """A building as the tests see it."""

    def __init__(self, windows: Windows, tenant: str) -> None:
        self.windows = windows
        self.tenant = tenant
        self.firm = new_id()
        self.manager = person(tenant, Scope("B"))
        self.contact = person(tenant, Scope("E", self.firm), Scope("O"))
        self.worker = person(tenant, Scope("O"))
        self.offers: dict[str, counters_pb2.BuildingMatter] = {}

    async def enable(self, office: Office) -> counters_pb2.Counter:
        """Set up a counter for a department and enable its matter."""
        setup = counters_pb2.CreateCounterRequest(
            name_zh="综合窗口",
            name_en="Counter",
            department_id=office.id,
            kind=counters_pb2.COUNTER_KIND_STANDING,
        )
        counter = await self.windows.call(self.manager, self.windows.counters.CreateCounter, setup)
        enable = counters_pb2.EnableMatterRequest(id=counter.id, matter_id=office.matter.id)
        self.offers[office.id] = await self.windows.call(
            self.manager, self.windows.counters.EnableMatter, enable
        )
        found: counters_pb2.Counter = counter
        return found

    async def begin(self, office: Office, who: Person | None = None, *, complete: bool = True) -> pb.Case:
        """Begin a case, with the required material unless told otherwise."""
        who = who or self.contact
        request = pb.CreateCaseRequest(building_matter_id=self.offers[office.id].id, summary="新公司设立登记")
        if who.context().ids("E"):
            request.filed_for = pb.CASE_FILED_FOR_ENTERPRISE
        if complete:
            request.materials.add(code="licence", files=[self.windows.upload(who)])
        found: pb.Case = await self.windows.call(who, self.windows.cases.CreateCase, request)
        return found

    async def submit(self, office: Office, who: Person | None = None) -> pb.Case:
        """Begin and submit a case."""
        case = await self.begin(office, who)
        return await self.act("SubmitCase", case, who)

    async def act(self, verb: str, case: pb.Case, who: Person | None = None, **fields: Any) -> pb.Case:
        """Use a verb on an own case."""
        request = getattr(pb, f"{verb}Request")(id=case.id, **fields)
        method = getattr(self.windows.cases, verb)
        found: pb.Case = await self.windows.call(who or self.contact, method, request)
        return found

    async def see(self, case: pb.Case, who: Person | None = None) -> pb.Case:
        """Read an own case."""
        return await self.act("GetCase", case, who)

    async def cases(self, who: Person | None = None, **filters: Any) -> list[str]:
        """The ids of the cases somebody may see, newest first."""
        request = pb.ListCasesRequest(page_size=100, **filters)
        page = await self.windows.call(who or self.contact, self.windows.cases.ListCases, request)
        return [case.id for case in page.cases]


@pytest_asyncio.fixture
async def windows(databases: Databases) -> AsyncIterator[Windows]:
    """A district without departments."""
    own = await databases.fresh("window")
    database = Database("window", own.app_url)
    windows = Windows(Units(database, at_noon(30)), own.superuser_url)
    await windows.know(windows.district.tenant, "district")
    yield windows
    await database.close()
