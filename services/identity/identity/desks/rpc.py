"""Desks over gRPC: parse, call, convert."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from grpc.aio import ServicerContext

from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from identity.accounts import queries as accounts
from identity.contacts import to_contact
from identity.desks import commands, queries
from identity.district import look
from identity.people import queries as people
from louyu.identity.v1 import accounts_pb2
from louyu.identity.v1 import desks_pb2 as pb
from louyu.identity.v1.desks_pb2_grpc import DesksServiceServicer


class Desks(DesksServiceServicer):
    """Serves louyu.identity.v1.DesksService."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units = units
        self._pages = pages

    async def CreateDesk(self, request: pb.CreateDeskRequest, context: ServicerContext[Any, Any]) -> pb.Desk:
        draft = commands.Draft(request.code, request.name_zh, request.name_en, request.emails)
        return await self._changed(request, lambda unit: commands.create(unit, draft))

    async def UpdateDesk(self, request: pb.UpdateDeskRequest, context: ServicerContext[Any, Any]) -> pb.Desk:
        values: dict[str, Any] = {
            name: getattr(request, name) for name in ("name_zh", "name_en") if request.HasField(name)
        }
        if request.HasField("emails"):
            values["emails"] = list(request.emails.emails)
        return await self._changed(
            request, lambda unit: commands.change(unit, request.id, request.etag, values)
        )

    async def AddDeskMember(
        self, request: pb.AddDeskMemberRequest, context: ServicerContext[Any, Any]
    ) -> pb.Desk:
        account = await look(self._units, lambda reader: accounts.standing(reader, request.account))
        return await self._changed(request, lambda unit: commands.add_member(unit, request.id, account))

    async def RemoveDeskMember(
        self, request: pb.RemoveDeskMemberRequest, context: ServicerContext[Any, Any]
    ) -> pb.Desk:
        return await self._changed(
            request, lambda unit: commands.remove_member(unit, request.id, request.account)
        )

    async def _changed(
        self, request: Any, change: Callable[[UnitOfWork], Coroutine[Any, Any, Row]]
    ) -> pb.Desk:
        async def work(unit: UnitOfWork) -> pb.Desk:
            desk = await change(unit)
            members = await queries.members_of(unit, unit.tenant_id, [desk.id])
            return to_desk(desk, members.get(desk.id, ()), {})

        desk = await self._units.command(request, pb.Desk, work)
        names = await self._names([member.id for member in desk.members])
        for member in desk.members:
            member.display_name = names.get(member.id, "")
        return desk

    async def GetDesk(self, request: pb.GetDeskRequest, context: ServicerContext[Any, Any]) -> pb.Desk:
        async def work(reader: Reader) -> tuple[Row, Sequence[str]]:
            desk = await queries.desk(reader, request.id)
            members = await queries.members_of(reader, reader.tenant_id, [desk.id])
            return desk, members.get(desk.id, ())

        desk, members = await self._units.query(work)
        return to_desk(desk, members, await self._names(members))

    async def ListDesks(
        self, request: pb.ListDesksRequest, context: ServicerContext[Any, Any]
    ) -> pb.ListDesksResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> tuple[Sequence[Row], Mapping[str, list[str]]]:
            rows = await queries.page(reader, self._pages.decode(request), size)
            return rows, await queries.members_of(reader, reader.tenant_id, [row.id for row in rows])

        rows, members = await self._units.query(work)
        names = await self._names([account for behind in members.values() for account in behind])
        return pb.ListDesksResponse(
            desks=[to_desk(row, members.get(row.id, ()), names) for row in rows[:size]],
            next_page_token=self._pages.encode(request, [rows[size - 1].code]) if len(rows) > size else "",
        )

    async def ResolveDesk(
        self, request: pb.ResolveDeskRequest, context: ServicerContext[Any, Any]
    ) -> pb.ResolveDeskResponse:
        async def work(reader: Reader) -> pb.ResolveDeskResponse:
            desk = await queries.by_code(reader, request.tenant, request.code)
            members = await queries.members_of(reader, request.tenant, [desk.id])
            contacts = await accounts.contacts(reader, members.get(desk.id, ()))
            reachable = [contact for contact in contacts if accounts.is_active(contact)]
            names = await people.names(reader, [contact.person_id for contact in reachable])
            return pb.ResolveDeskResponse(
                name_zh=desk.name_zh,
                name_en=desk.name_en,
                members=[to_contact(contact, names) for contact in reachable],
                emails=desk.emails,
            )

        return await self._units.query(work)

    async def _names(self, account_ids: Sequence[str]) -> Mapping[str, str]:
        # Who stands behind a desk may be an account of another tenant: its name is identity's to give.
        return await look(self._units, lambda reader: accounts.display_names(reader, account_ids))


def to_desk(row: Row, members: Sequence[str], names: Mapping[str, str]) -> pb.Desk:
    """A row as its message."""
    return pb.Desk(
        id=row.id,
        etag=str(row.version),
        code=row.code,
        name_zh=row.name_zh,
        name_en=row.name_en,
        members=[
            accounts_pb2.AccountName(id=account, display_name=names.get(account, "")) for account in members
        ],
        emails=row.emails,
        create_time=row.created_at,
        update_time=row.updated_at,
    )
