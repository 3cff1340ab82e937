"""Accounts over gRPC, as the people behind them see them: invitations, password, second factor."""

from typing import Any

from grpc.aio import ServicerContext

from chassis.clocks import system_now
from chassis.context import current
from chassis.encryption import Vault
from chassis.errors import FieldError, Invalid, NotFound, WrongState
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from identity.accounts import commands, queries
from identity.accounts.events import to_account
from identity.accounts.rules import check_password
from identity.credentials import (
    TOTP_FIELD,
    Invitations,
    Passwords,
    new_totp_secret,
    totp_step,
    totp_uri,
)
from identity.grants import queries as grants
from identity.organisations import KIND, STATE
from identity.people import queries as people
from louyu.identity.v1 import accounts_pb2 as pb
from louyu.identity.v1.accounts_pb2_grpc import AccountsServiceServicer

_PENDING_FIELD = "totp_pending"


class SelfService(AccountsServiceServicer):
    """The RPCs by which a person opens and looks after the own account.

    None of them goes through `Units.command`: their replies and requests hold secrets, and nothing of
    them is kept for a retry. Each is harmless to repeat.
    """

    def __init__(self, units: Units, vault: Vault, passwords: Passwords, invitations: Invitations) -> None:
        self._units = units
        self._vault = vault
        self._passwords = passwords
        self._invitations = invitations

    async def OpenInvitation(
        self, request: pb.OpenInvitationRequest, context: ServicerContext[Any, Any]
    ) -> pb.InvitationDetails:
        account, name = await self._invited(request.code)
        if not account.staff:
            return pb.InvitationDetails(login=account.login, display_name=name)
        secret = request.totp_secret or new_totp_secret()
        sealed = await self._vault.seal(account.tenant_id, account.id, _PENDING_FIELD, secret)

        async def keep(unit: UnitOfWork) -> None:
            await commands.open_invitation(unit, account, sealed)

        await self._units.run(current(), keep)
        return pb.InvitationDetails(
            login=account.login,
            display_name=name,
            totp=pb.TotpEnrolment(secret=secret, uri=totp_uri(secret, account.login)),
        )

    async def AcceptInvitation(
        self, request: pb.AcceptInvitationRequest, context: ServicerContext[Any, Any]
    ) -> pb.AcceptInvitationResponse:
        account, _ = await self._invited(request.code)
        check_password(request.password, account.login)
        sealed, step = (None, 0)
        if account.staff:
            secret = await self._pending(account)
            step = _proved(secret, request.totp_code, 0, "totp_code")
            sealed = await self._vault.seal(account.tenant_id, account.id, TOTP_FIELD, secret)
        password_hash = await self._passwords.hash(request.password)

        async def work(unit: UnitOfWork) -> None:
            await commands.accept(unit, account, password_hash, sealed, step)

        await self._units.run(current(), work)
        return pb.AcceptInvitationResponse(login=account.login)

    async def WhoAmI(self, request: pb.WhoAmIRequest, context: ServicerContext[Any, Any]) -> pb.Me:
        caller = current().caller

        async def work(reader: Reader) -> pb.Me:
            account = await queries.own(reader)
            names = await people.names(reader, [account.person_id])
            live = await grants.live(reader, account.id)
            effects, standings = await grants.effects(reader, account.id)
            roles: dict[str, list[str]] = {}
            for row in live:
                roles.setdefault(row.tenant_id, []).append(row.role)
            held = grants.by_tenant(effects)
            return pb.Me(
                account=to_account(account, names),
                session_id=caller.session_id,
                memberships=[
                    pb.Membership(
                        tenant=tenant.tenant_id,
                        kind=KIND.number(tenant.kind),
                        state=STATE.number(tenant.state),
                        name_zh=tenant.name_zh,
                        name_en=tenant.name_en,
                        roles=sorted(set(roles[tenant.tenant_id])),
                        permissions=[
                            pb.HeldPermission(permission=e.permission, letter=e.letter, scope_id=e.scope_id)
                            for e in held.get(tenant.tenant_id, ())
                        ],
                    )
                    for tenant in standings
                    # What a spanning role reaches below is listed by ListTenants, not here.
                    if tenant.tenant_id in roles
                ],
            )

        return await self._units.query(work)

    async def ChangePassword(
        self, request: pb.ChangePasswordRequest, context: ServicerContext[Any, Any]
    ) -> pb.ChangePasswordResponse:
        account = await self._confirmed(request.current_password)
        check_password(request.new_password, account.login, "new_password")
        password_hash = await self._passwords.hash(request.new_password)

        async def work(unit: UnitOfWork) -> None:
            await commands.set_password(unit, account, password_hash)

        await self._units.run(current(), work)
        return pb.ChangePasswordResponse()

    async def EnrolTotp(
        self, request: pb.EnrolTotpRequest, context: ServicerContext[Any, Any]
    ) -> pb.TotpEnrolment:
        account = await self._confirmed(request.current_password)
        secret = new_totp_secret()
        sealed = await self._vault.seal(account.tenant_id, account.id, _PENDING_FIELD, secret)

        async def keep(unit: UnitOfWork) -> None:
            await commands.open_invitation(unit, account, sealed)

        await self._units.run(current(), keep)
        return pb.TotpEnrolment(secret=secret, uri=totp_uri(secret, account.login))

    async def ConfirmTotp(
        self, request: pb.ConfirmTotpRequest, context: ServicerContext[Any, Any]
    ) -> pb.ConfirmTotpResponse:
        account = await self._units.query(queries.own_credentials)
        secret = await self._pending(account)
        step = _proved(secret, request.code, 0, "code")
        sealed = await self._vault.seal(account.tenant_id, account.id, TOTP_FIELD, secret)

        async def work(unit: UnitOfWork) -> None:
            await commands.set_totp(unit, account, sealed, step)

        await self._units.run(current(), work)
        return pb.ConfirmTotpResponse()

    async def _invited(self, code: str) -> tuple[Row, str]:
        """The account that a code opens, and its person's name."""

        async def work(reader: Reader) -> tuple[Row | None, str]:
            account = await queries.by_invitation(reader, self._invitations.stored(code))
            if account is None or account.invitation_until < system_now():
                return None, ""
            names = await people.names(reader, [account.person_id])
            return account, names.get(account.person_id, "")

        account, name = await self._units.query(work)
        if account is None:
            raise NotFound("INVITATION_UNKNOWN")
        return account, name

    async def _pending(self, account: Row) -> str:
        """The second factor that is being set up."""
        if account.totp_pending is None:
            raise WrongState("TOTP_NOT_BEGUN", state="none", allowed=["open", "enrol"])
        return await self._vault.open(account.tenant_id, account.id, _PENDING_FIELD, account.totp_pending)

    async def _confirmed(self, password: str) -> Row:
        """The caller's account, once the password was typed again."""
        account = await self._units.query(queries.own_credentials)
        if not await self._passwords.verify(account.password_hash, password):
            raise Invalid("PASSWORD_WRONG", fields=[FieldError("current_password", "PASSWORD_WRONG")])
        return account


def _proved(secret: str, code: str, last_step: int, field: str) -> int:
    step = totp_step(secret, code, last_step) if code else None
    if step is None:
        raise Invalid("TOTP_INVALID", fields=[FieldError(field, "TOTP_INVALID")])
    return step
