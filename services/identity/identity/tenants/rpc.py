"""Tenants over gRPC: parse, call, convert."""

from typing import Any, Final

from grpc.aio import ServicerContext

from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from identity.accounts.queries import standing
from identity.district import look
from identity.organisations import KIND, STATE, Kind
from identity.tenants import commands, queries
from identity.tenants.rules import Links, exact, written
from louyu.identity.v1 import tenants_pb2 as pb
from louyu.identity.v1.tenants_pb2_grpc import TenantsServiceServicer

_PLAIN: Final = ("name_zh", "name_en", "built_year", "opened_year", "floors")
_REGISTRY_PAGE: Final = 500


class Tenants(TenantsServiceServicer):
    """Serves louyu.identity.v1.TenantsService."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units = units
        self._pages = pages

    async def ProvisionTenant(
        self, request: pb.ProvisionTenantRequest, context: ServicerContext[Any, Any]
    ) -> pb.Tenant:
        administrator = None
        if request.administrator:
            administrator = await look(self._units, lambda reader: standing(reader, request.administrator))

        async def work(unit: UnitOfWork) -> pb.Tenant:
            return to_tenant(await commands.provision(unit, _draft(request), administrator))

        return await self._units.command(request, pb.Tenant, work)

    async def UpdateTenant(
        self, request: pb.UpdateTenantRequest, context: ServicerContext[Any, Any]
    ) -> pb.Tenant:
        values = _changes(request)

        async def work(unit: UnitOfWork) -> pb.Tenant:
            return to_tenant(await commands.change(unit, request.id, request.etag, values))

        return await self._units.command(request, pb.Tenant, work)

    async def ActivateTenant(
        self, request: pb.ActivateTenantRequest, context: ServicerContext[Any, Any]
    ) -> pb.Tenant:
        async def work(unit: UnitOfWork) -> pb.Tenant:
            return to_tenant(await commands.move(unit, request.id, "activate"))

        return await self._units.command(request, pb.Tenant, work)

    async def SuspendTenant(
        self, request: pb.SuspendTenantRequest, context: ServicerContext[Any, Any]
    ) -> pb.Tenant:
        async def work(unit: UnitOfWork) -> pb.Tenant:
            return to_tenant(await commands.move(unit, request.id, "suspend", request.reason))

        return await self._units.command(request, pb.Tenant, work)

    async def ArchiveTenant(
        self, request: pb.ArchiveTenantRequest, context: ServicerContext[Any, Any]
    ) -> pb.Tenant:
        async def work(unit: UnitOfWork) -> pb.Tenant:
            return to_tenant(await commands.move(unit, request.id, "archive", request.reason))

        return await self._units.command(request, pb.Tenant, work)

    async def GetTenant(self, request: pb.GetTenantRequest, context: ServicerContext[Any, Any]) -> pb.Tenant:
        async def work(reader: Reader) -> pb.Tenant:
            return to_tenant(await queries.tenant(reader, request.id))

        return await self._units.query(work)

    async def ListTenants(
        self, request: pb.ListTenantsRequest, context: ServicerContext[Any, Any]
    ) -> pb.ListTenantsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListTenantsResponse:
            rows = await queries.page(
                reader,
                words=request.q,
                kind=KIND.word(request.kind) or None,
                state=STATE.word(request.state) or None,
                after=self._pages.decode(request),
                size=size,
            )
            last = rows[size - 1] if len(rows) > size else None
            return pb.ListTenantsResponse(
                tenants=[to_tenant(row) for row in rows[:size]],
                next_page_token=self._pages.encode(request, [last.name_key, last.tenant_id]) if last else "",
            )

        return await self._units.query(work)

    async def ListRegistry(
        self, request: pb.ListRegistryRequest, context: ServicerContext[Any, Any]
    ) -> pb.ListRegistryResponse:
        async def work(reader: Reader) -> pb.ListRegistryResponse:
            rows = await queries.registry(reader, request.after, request.page_size or _REGISTRY_PAGE)
            return pb.ListRegistryResponse(tenants=[to_tenant(row) for row in rows])

        return await self._units.query(work)


def _draft(request: pb.ProvisionTenantRequest) -> commands.Draft:
    return commands.Draft(
        kind=Kind(KIND.word(request.kind)),
        name_zh=request.name_zh,
        name_en=request.name_en,
        links=Links(request.region or None, request.superior or None),
        aliases=list(request.aliases),
        sites=[{"name": site.name, "address": site.address} for site in request.sites],
        area_m2=exact(request.area_m2),
        height_m=exact(request.height_m),
        built_year=request.built_year,
        opened_year=request.opened_year,
        floors=request.floors,
        synthetic=request.synthetic,
    )


def _changes(request: pb.UpdateTenantRequest) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(request, name) for name in _PLAIN if request.HasField(name)}
    if request.HasField("area_m2"):
        values["area_m2"] = exact(request.area_m2)
    if request.HasField("height_m"):
        values["height_m"] = exact(request.height_m)
    if request.HasField("region"):
        values["region_id"] = request.region or None
    if request.HasField("superior"):
        values["superior_id"] = request.superior or None
    if request.HasField("aliases"):
        values["aliases"] = list(request.aliases.aliases)
    if request.HasField("sites"):
        values["sites"] = [{"name": site.name, "address": site.address} for site in request.sites.sites]
    return values


def to_tenant(row: Row) -> pb.Tenant:
    """A row as its message."""
    return pb.Tenant(
        id=row.tenant_id,
        etag=str(row.version),
        kind=KIND.number(row.kind),
        state=STATE.number(row.state),
        name_zh=row.name_zh,
        name_en=row.name_en,
        aliases=row.aliases,
        region=row.region_id or "",
        superior=row.superior_id or "",
        sites=[pb.Site(name=site["name"], address=site["address"]) for site in row.sites],
        area_m2=written(row.area_m2),
        height_m=written(row.height_m),
        built_year=row.built_year,
        opened_year=row.opened_year,
        floors=row.floors,
        reason=row.reason,
        synthetic=row.synthetic,
        create_time=row.created_at,
        update_time=row.updated_at,
    )
