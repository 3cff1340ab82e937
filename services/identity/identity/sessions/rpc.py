"""Sessions over gRPC: parse, call, convert."""

import base64
from datetime import datetime
from typing import Any, Final, NoReturn

from grpc.aio import ServicerContext

from chassis.clocks import system_now
from chassis.context import current
from chassis.encryption import Vault
from chassis.errors import Exhausted, Unauthenticated
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from identity.accounts import commands as accounts
from identity.accounts import queries as account_queries
from identity.credentials import TOTP_FIELD, Passwords, totp_step
from identity.sessions import commands, queries, rules
from identity.sessions.rules import Presented, RefreshToken
from identity.signing import SigningKeys
from louyu.identity.v1 import sessions_pb2 as pb
from louyu.identity.v1.sessions_pb2_grpc import SessionsServiceServicer

_ANYTIME: Final = 0
"""Accept a code of the second factor however often it was used."""


class Sessions(SessionsServiceServicer):
    """Serves louyu.identity.v1.SessionsService.

    Nothing that holds a token or password goes through `Units.command`, which would keep it for retries.
    """

    def __init__(
        self,
        units: Units,
        pages: PageTokens,
        vault: Vault,
        passwords: Passwords,
        keys: SigningKeys,
        *,
        shared_accounts: bool,
    ) -> None:
        """`shared_accounts`: several people use one demo account at the same time, so a code of the second
        factor may come twice. Never in a deployment with a fixed clock."""
        self._units = units
        self._pages = pages
        self._vault = vault
        self._passwords = passwords
        self._keys = keys
        self._shared = shared_accounts

    async def SignIn(self, request: pb.SignInRequest, context: ServicerContext[Any, Any]) -> pb.TokenPair:
        login = request.login.strip().casefold()
        throttle = rules.throttle_keys(login, request.remote_address)
        wait = await self._units.run(current(), lambda unit: commands.waiting_s(unit, throttle))
        if wait:
            raise Exhausted("SIGN_IN_THROTTLED", retry_after_s=wait)
        account = await self._units.query(lambda reader: account_queries.by_login(reader, login))
        known = account is not None and account_queries.is_active(account)
        stored = account.password_hash if account is not None and known else ""
        if not await self._passwords.verify(stored, request.password) or account is None:
            await self._failed(throttle, "SIGN_IN_FAILED")
        step = None
        if account.staff or account.totp_enrolled:
            if not request.totp_code:
                raise Unauthenticated("TOTP_REQUIRED")
            step = await self._second_factor(account, request.totp_code)
            if step is None:
                await self._failed(throttle, "TOTP_INVALID")

        async def work(unit: UnitOfWork) -> commands.Opened | None:
            fresh = step is None or await accounts.used_totp(unit, account, step)
            if not fresh and not self._shared:
                return None
            await commands.forget_failures(unit, throttle[0])
            return await commands.open_session(unit, account, request.remote_address, request.user_agent)

        opened = await self._units.run(current(), work)
        if opened is None:
            await self._failed(throttle, "TOTP_INVALID")
        return await self._pair(account, opened.session.id, opened.token, opened.session.expires_at)

    async def _second_factor(self, account: Row, code: str) -> int | None:
        if account.totp_secret is None:
            return None
        secret = await self._vault.open(account.tenant_id, account.id, TOTP_FIELD, account.totp_secret)
        return totp_step(secret, code, _ANYTIME if self._shared else account.totp_step)

    async def _failed(self, throttle: tuple[bytes, bytes], reason: str) -> NoReturn:
        await self._units.run(current(), lambda unit: commands.count_failure(unit, throttle))
        raise Unauthenticated(reason)

    async def RefreshSession(
        self, request: pb.RefreshSessionRequest, context: ServicerContext[Any, Any]
    ) -> pb.TokenPair:
        token = RefreshToken.parse(request.refresh_token)
        if token is None:
            raise Unauthenticated("SESSION_ENDED")

        async def work(unit: UnitOfWork) -> tuple[Row, RefreshToken, datetime] | None:
            session = await commands.locked(unit, token.session_id)
            if session is None or session.revoked_at or session.expires_at < system_now():
                return None
            match await commands.presented(unit, session, token):
                case Presented.UNKNOWN:
                    return None
                case Presented.SPENT:
                    await commands.revoke(unit, session, "refresh token used twice")
                    return None
            standing = await account_queries.find_standing(unit, session.account_id)
            if standing is None or not standing.active:
                return None
            fresh = await commands.turn_over(
                unit, session, staff=standing.staff, remote_address=request.remote_address
            )
            account = (await account_queries.contacts(unit, [session.account_id]))[0]
            return account, fresh, rules.expires_at(system_now(), session.created_at, staff=standing.staff)

        # What ends a session must be kept although the call is refused: hence no raise inside.
        turned = await self._units.run(current(), work)
        if turned is None:
            raise Unauthenticated("SESSION_ENDED")
        account, fresh, expires = turned
        return await self._pair(account, token.session_id, fresh, expires)

    async def _pair(
        self, account: Row, session_id: str, token: RefreshToken, expires: datetime
    ) -> pb.TokenPair:
        return pb.TokenPair(
            access_token=await self._keys.token(account.id, account.person_id, session_id),
            expires_in=rules.ACCESS_S,
            refresh_token=str(token),
            refresh_expires_in=int((expires - system_now()).total_seconds()),
            session_id=session_id,
            account_id=account.id,
        )

    async def SignOut(
        self, request: pb.SignOutRequest, context: ServicerContext[Any, Any]
    ) -> pb.SignOutResponse:
        token = RefreshToken.parse(request.refresh_token)

        async def work(unit: UnitOfWork) -> None:
            session = await commands.locked(unit, token.session_id) if token else None
            # A spent token of the session ends it too: whoever holds one has been signed in.
            if session and token and await commands.presented(unit, session, token) != Presented.UNKNOWN:
                await commands.revoke(unit, session, "signed out")

        await self._units.run(current(), work)
        return pb.SignOutResponse()

    async def ListKeys(
        self, request: pb.ListKeysRequest, context: ServicerContext[Any, Any]
    ) -> pb.ListKeysResponse:
        rows = await self._units.query(queries.published_keys)
        return pb.ListKeysResponse(
            keys=[
                pb.PublicKey(
                    kid=row.kid,
                    x=base64.urlsafe_b64encode(row.public).decode().rstrip("="),
                    expire_time=row.expires_at,
                )
                for row in rows
            ]
        )

    async def RotateKeys(
        self, request: pb.RotateKeysRequest, context: ServicerContext[Any, Any]
    ) -> pb.RotateKeysResponse:
        kid, sealed, public = await self._keys.fresh()

        async def work(unit: UnitOfWork) -> pb.RotateKeysResponse:
            await commands.add_key(unit, kid, sealed, public)
            return pb.RotateKeysResponse(kid=kid)

        reply = await self._units.command(request, pb.RotateKeysResponse, work)
        self._keys.forget()
        return reply

    async def ListMySessions(
        self, request: pb.ListMySessionsRequest, context: ServicerContext[Any, Any]
    ) -> pb.ListMySessionsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListMySessionsResponse:
            rows = await queries.own(reader, self._pages.decode(request), size)
            return pb.ListMySessionsResponse(
                sessions=[to_session(row) for row in rows[:size]],
                next_page_token=self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else "",
            )

        return await self._units.query(work)

    async def RevokeMySession(
        self, request: pb.RevokeMySessionRequest, context: ServicerContext[Any, Any]
    ) -> pb.Session:
        async def work(unit: UnitOfWork) -> pb.Session:
            return to_session(await commands.revoke_own(unit, request.id))

        return await self._units.command(request, pb.Session, work)

    async def RevokeSessions(
        self, request: pb.RevokeSessionsRequest, context: ServicerContext[Any, Any]
    ) -> pb.RevokeSessionsResponse:
        async def work(unit: UnitOfWork) -> pb.RevokeSessionsResponse:
            account = await account_queries.account(unit, request.account)
            ended = await commands.revoke_all(unit, account.id, request.reason)
            return pb.RevokeSessionsResponse(revoked=ended)

        return await self._units.command(request, pb.RevokeSessionsResponse, work)


def to_session(row: Row) -> pb.Session:
    """A row as its message."""
    return pb.Session(
        id=row.id,
        remote_address=row.remote_address,
        user_agent=row.user_agent,
        current=row.id == current().caller.session_id,
        revoked=row.revoked_at is not None,
        create_time=row.created_at,
        last_used_time=row.used_at,
        expire_time=row.expires_at,
    )
