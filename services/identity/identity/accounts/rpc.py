"""Accounts over gRPC, as those who administer them and other services see them."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import UTC
from typing import Any

from grpc.aio import ServicerContext

from chassis.ids import new_id
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from identity.accounts import commands, queries
from identity.accounts.events import STATE, to_account
from identity.accounts.self_service import SelfService
from identity.contacts import to_contact
from identity.credentials import Invitations
from identity.district import look
from identity.grants import queries as grants
from identity.moments import stamp
from identity.people import queries as people
from louyu.identity.v1 import accounts_pb2 as pb


class Accounts(SelfService):
    """Serves louyu.identity.v1.AccountsService."""

    def __init__(self, units: Units, pages: PageTokens, invitations: Invitations, **rest: Any) -> None:
        super().__init__(units=units, invitations=invitations, **rest)
        self._pages = pages

    async def CreateAccount(
        self, request: pb.CreateAccountRequest, context: ServicerContext[Any, Any]
    ) -> pb.Invitation:
        account_id, until = new_id(), commands.invitation_end()
        code = self._invitations.code(account_id, until)

        async def work(unit: UnitOfWork) -> pb.Invitation:
            person = await people.person(unit, request.person_id)
            draft = commands.Draft(
                id=account_id,
                person_id=person.id,
                login=request.login,
                email=request.email,
                locale=request.locale,
                staff=request.staff,
                synthetic=request.synthetic,
            )
            row = await commands.create(unit, draft, self._invitations.stored(code), until)
            return pb.Invitation(account=to_account(row, {person.id: person.name}), expire_time=stamp(until))

        return self._shown(await self._units.command(request, pb.Invitation, work))

    async def ReinviteAccount(
        self, request: pb.ReinviteAccountRequest, context: ServicerContext[Any, Any]
    ) -> pb.Invitation:
        until = commands.invitation_end()
        stored = self._invitations.stored(self._invitations.code(request.id, until))

        async def work(unit: UnitOfWork) -> pb.Invitation:
            row = await commands.reinvite(unit, request.id, stored, until, request.reason)
            names = await people.names(unit, [row.person_id])
            return pb.Invitation(account=to_account(row, names), expire_time=stamp(until))

        return self._shown(await self._units.command(request, pb.Invitation, work))

    def _shown(self, invitation: pb.Invitation) -> pb.Invitation:
        """The invitation with its code, which is computed anew for a retry rather than stored."""
        until = invitation.expire_time.ToDatetime(tzinfo=UTC)
        invitation.code = self._invitations.code(invitation.account.id, until)
        return invitation

    async def GetAccount(
        self, request: pb.GetAccountRequest, context: ServicerContext[Any, Any]
    ) -> pb.Account:
        async def work(reader: Reader) -> pb.Account:
            return await _named(reader, await queries.account(reader, request.id))

        return await self._units.query(work)

    async def ListAccounts(
        self, request: pb.ListAccountsRequest, context: ServicerContext[Any, Any]
    ) -> pb.ListAccountsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListAccountsResponse:
            rows = await queries.page(
                reader,
                words=request.q,
                state=STATE.word(request.state) or None,
                after=self._pages.decode(request),
                size=size,
            )
            names = await people.names(reader, [row.person_id for row in rows])
            more = self._pages.encode(request, [rows[size - 1].login]) if len(rows) > size else ""
            return pb.ListAccountsResponse(
                accounts=[to_account(row, names) for row in rows[:size]], next_page_token=more
            )

        return await self._units.query(work)

    async def UpdateAccount(
        self, request: pb.UpdateAccountRequest, context: ServicerContext[Any, Any]
    ) -> pb.Account:
        values = {name: getattr(request, name) for name in ("email", "locale") if request.HasField(name)}
        return await self._changed(
            request, lambda unit: commands.change(unit, request.id, request.etag, values)
        )

    async def LockAccount(
        self, request: pb.LockAccountRequest, context: ServicerContext[Any, Any]
    ) -> pb.Account:
        return await self._changed(request, lambda unit: commands.lock(unit, request.id, request.reason))

    async def UnlockAccount(
        self, request: pb.UnlockAccountRequest, context: ServicerContext[Any, Any]
    ) -> pb.Account:
        return await self._changed(request, lambda unit: commands.unlock(unit, request.id, request.reason))

    async def CloseAccount(
        self, request: pb.CloseAccountRequest, context: ServicerContext[Any, Any]
    ) -> pb.Account:
        return await self._changed(request, lambda unit: commands.close(unit, request.id, request.reason))

    async def _changed(
        self, request: Any, change: Callable[[UnitOfWork], Coroutine[Any, Any, Row]]
    ) -> pb.Account:
        async def work(unit: UnitOfWork) -> pb.Account:
            return await _named(unit, await change(unit))

        return await self._units.command(request, pb.Account, work)

    async def LookupAccounts(
        self, request: pb.LookupAccountsRequest, context: ServicerContext[Any, Any]
    ) -> pb.LookupAccountsResponse:
        async def work(reader: Reader) -> Mapping[str, str]:
            rows = await queries.contacts(reader, request.ids)
            granted = await grants.tenants_of(reader, [row.id for row in rows], request.tenant)
            ids = [row.id for row in rows if row.tenant_id == request.tenant or row.id in granted]
            return await queries.display_names(reader, ids)

        names = await look(self._units, work)
        return pb.LookupAccountsResponse(
            accounts=[pb.AccountName(id=found, display_name=name) for found, name in names.items()]
        )

    async def ResolveAccounts(
        self, request: pb.ResolveAccountsRequest, context: ServicerContext[Any, Any]
    ) -> pb.ResolveAccountsResponse:
        async def work(reader: Reader) -> Sequence[pb.AccountContact]:
            theirs = await queries.of_persons(reader, request.person_ids)
            rows = await queries.contacts(reader, [*request.ids, *theirs])
            names = await people.names(reader, [row.person_id for row in rows])
            return [to_contact(row, names) for row in rows]

        return pb.ResolveAccountsResponse(accounts=await self._units.query(work))


async def _named(reader: Reader, row: Row) -> pb.Account:
    return to_account(row, await people.names(reader, [row.person_id]))
