"""A registry on a database of its own, called as the server would call it."""

import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import openpyxl
import pytest_asyncio

from chassis.clocks import BusinessClock, system_now
from chassis.context import Caller, Context, Scope, bind
from chassis.database import Database
from chassis.events import message_class
from chassis.files import File, FileReferences
from chassis.ids import new_id
from chassis.messages import Messages
from chassis.pages import PageTokens
from chassis.tokens import SigningKey
from chassis.units import Units
from louyu.membership.v1 import enterprises_pb2 as epb
from louyu.membership.v1 import imports_pb2 as ipb
from membership.enterprises.rpc import Enterprises
from membership.imports import jobs
from membership.imports.rpc import Imports
from membership.imports.storage import Storage
from tests.fixtures.clocks import at_noon
from tests.fixtures.servers import Databases
from tests.integration.membership.network_of import Network
from tests.integration.membership.year_of import Year

SECRET = b"m" * 32
HEADINGS = ["企业名称", "统一社会信用代码", "行业", "楼层", "房间号", "是否有党支部", "员工人数", "摸排日期"]


class Building:
    """One building's registry, and what it told the other services."""

    def __init__(self, units: Units, superuser_url: str, folder: Path) -> None:
        key = SigningKey("gateway", SECRET)
        self.references = FileReferences("gateway", key, {"gateway": key.public})
        self.units = units
        self.superuser_url = superuser_url
        self.folder = folder
        self.storage = Storage(str(folder))
        self.tenant = new_id()
        self.account = new_id()
        pages = PageTokens(SECRET)
        self.enterprises = Enterprises(units, pages)
        self.imports = Imports(units, pages, self.references, self.storage, Messages("membership"))

    def context(self, *scopes: Scope, **more: Any) -> Context:
        """What the server would bind; the building's clerk unless scopes are given."""
        context = Context(
            mode="tenant",
            tenant_id=self.tenant,
            caller=Caller("account", self.account, self.account),
            scopes=scopes or (Scope("B"),),
            method="test",
        )
        return replace(context, **more)

    async def call(self, method: Any, request: Any, context: Context | None = None) -> Any:
        """Call a method of a servicer in a context."""
        request.tenant = (context or self.context()).tenant_id
        with bind(context or self.context()):
            return await method(request, None)

    async def register(self, name: str, floor: str, **more: Any) -> epb.Enterprise:
        """Register an enterprise."""
        request = epb.CreateEnterpriseRequest(name=name, floor=floor, **more)
        found: epb.Enterprise = await self.call(self.enterprises.CreateEnterprise, request)
        return found

    async def listed(self, context: Context | None = None, **filters: Any) -> list[epb.Enterprise]:
        """All pages of a list, two rows at a time."""
        found: list[epb.Enterprise] = []
        request = epb.ListEnterprisesRequest(page_size=2, **filters)
        while True:
            page = await self.call(self.enterprises.ListEnterprises, request, context)
            found.extend(page.enterprises)
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token

    def upload(self, content: bytes, **more: Any) -> str:
        """Store a file as the gateway does; its reference."""
        key = f"{self.tenant}/2026-11-21/{new_id()}"
        place = self.folder / "kept" / key
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        said = {"tenant_id": self.tenant, "uploader": self.account, **more}
        return self.references.upload(
            File(key=key, name="台账.xlsx", media_type="x", size=len(content), sha256="", **said)
        )

    async def imported(self, rows: Sequence[Sequence[object]]) -> "Imported":
        """Upload and check a ledger."""
        reference = self.upload(ledger(rows))
        request = ipb.CreateImportRequest(kind=ipb.IMPORT_KIND_ENTERPRISES, file=reference)
        made = await self.call(self.imports.CreateImport, request)
        check = ipb.CheckImportRequest(id=made.id, etag=made.etag)
        return Imported(self, await self.call(self.imports.CheckImport, check))

    async def work(self) -> None:
        """Run the jobs until there is nothing to do."""
        for job in (jobs.run_imports(), jobs.forget_workbooks(self.storage)):
            while await job.run(self.units):
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
        full = f"louyu.membership.v1.{type_name}"
        rows = await self.stored("SELECT payload FROM outbox WHERE type = $1 ORDER BY id", full)
        return [message_class(full).FromString(row["payload"]) for row in rows]


@dataclass
class Imported:
    """An import under way."""

    building: Building
    state: ipb.Import

    async def start(self) -> None:
        """Start it; the job does the rest."""
        request = ipb.RunImportRequest(id=self.state.id, etag=self.state.etag)
        self.state = await self.building.call(self.building.imports.RunImport, request)

    async def refresh(self) -> ipb.Import:
        """Read it again."""
        request = ipb.GetImportRequest(id=self.state.id)
        self.state = await self.building.call(self.building.imports.GetImport, request)
        return self.state

    async def finish(self) -> ipb.Import:
        """Start it and let it run to its end."""
        await self.start()
        await self.building.work()
        return await self.refresh()

    async def rows(
        self, context: Context | None = None, *, problems_only: bool = False
    ) -> list[ipb.ImportRow]:
        """Its rows."""
        request = ipb.ListImportRowsRequest(id=self.state.id, problems_only=problems_only, page_size=100)
        page = await self.building.call(self.building.imports.ListImportRows, request, context)
        return list(page.rows)


def ledger(rows: Sequence[Sequence[object]], headings: Sequence[str] = HEADINGS) -> bytes:
    """A workbook with a title above its headings, as offices write them."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "企业台账"
    sheet.append(["华融国际大厦企业台账"])
    sheet.append(list(headings))
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest_asyncio.fixture
async def building(databases: Databases, tmp_path: Path) -> AsyncIterator[Building]:
    """An empty registry."""
    own = await databases.fresh("membership")
    database = Database("membership", own.app_url)
    yield Building(Units(database, at_noon(31)), own.superuser_url, tmp_path)
    await database.close()


@pytest_asyncio.fixture
async def network(databases: Databases) -> AsyncIterator[Network]:
    """A district whose buildings have no organisations yet."""
    own = await databases.fresh("membership")
    database = Database("membership", own.app_url)
    network = Network(Units(database, at_noon(31)), own.superuser_url)
    await network.begin()
    yield network
    await database.close()


@pytest_asyncio.fixture
async def year(databases: Databases) -> AsyncIterator[Year]:
    """A building whose clock stands on a Monday."""
    own = await databases.fresh("membership")
    database = Database("membership", own.app_url)
    monday = datetime(2026, 3, 2, 4, tzinfo=UTC)
    network = Network(Units(database, BusinessClock(monday - system_now())), own.superuser_url)
    await network.begin()
    yield Year(network)
    await database.close()
