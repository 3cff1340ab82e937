"""Clients over gRPC: parse, call, convert."""

from typing import Any

from grpc.aio import ServicerContext

from chassis.clocks import system_now
from chassis.context import current
from chassis.errors import Exhausted, Unauthenticated
from chassis.ids import is_id
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from identity.clients import commands, queries, rules
from identity.sessions import commands as sessions
from identity.signing import SigningKeys
from louyu.identity.v1 import clients_pb2 as pb
from louyu.identity.v1.clients_pb2_grpc import ClientsServiceServicer


class Clients(ClientsServiceServicer):
    """Serves louyu.identity.v1.ClientsService. Replies with a secret are not kept for retries."""

    def __init__(self, units: Units, pages: PageTokens, keys: SigningKeys) -> None:
        self._units = units
        self._pages = pages
        self._keys = keys

    async def CreateClient(
        self, request: pb.CreateClientRequest, context: ServicerContext[Any, Any]
    ) -> pb.ClientSecret:
        secret = rules.new_secret()

        async def work(unit: UnitOfWork) -> pb.ClientSecret:
            client = await commands.create(unit, request.name, request.permissions, secret)
            return pb.ClientSecret(client=to_client(client), secret=secret)

        return await self._units.run(current(), work)

    async def RotateClientSecret(
        self, request: pb.RotateClientSecretRequest, context: ServicerContext[Any, Any]
    ) -> pb.ClientSecret:
        secret = rules.new_secret()

        async def work(unit: UnitOfWork) -> pb.ClientSecret:
            return pb.ClientSecret(
                client=to_client(await commands.rotate(unit, request.id, secret)), secret=secret
            )

        return await self._units.run(current(), work)

    async def RevokeClient(
        self, request: pb.RevokeClientRequest, context: ServicerContext[Any, Any]
    ) -> pb.Client:
        async def work(unit: UnitOfWork) -> pb.Client:
            return to_client(await commands.revoke(unit, request.id, request.reason))

        return await self._units.command(request, pb.Client, work)

    async def ListClients(
        self, request: pb.ListClientsRequest, context: ServicerContext[Any, Any]
    ) -> pb.ListClientsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListClientsResponse:
            rows = await queries.page(reader, self._pages.decode(request), size)
            return pb.ListClientsResponse(
                clients=[to_client(row) for row in rows[:size]],
                next_page_token=self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else "",
            )

        return await self._units.query(work)

    async def IssueClientToken(
        self, request: pb.IssueClientTokenRequest, context: ServicerContext[Any, Any]
    ) -> pb.ClientToken:
        throttle = sessions.counted_by(request.client_id, request.remote_address)
        wait = await self._units.run(current(), lambda unit: sessions.waiting_s(unit, throttle))
        if wait:
            raise Exhausted("SIGN_IN_THROTTLED", retry_after_s=wait)

        async def work(unit: UnitOfWork) -> str:
            # A text that is no id would be an error in the database rather than an unknown client.
            client = await queries.standing(unit, request.client_id) if is_id(request.client_id) else None
            if not _proved(client, request.client_secret) or client is None:
                await sessions.count_failure(unit, throttle)
                return ""
            await commands.used(unit, client)
            return str(client.id)

        client_id = await self._units.run(current(), work)
        if not client_id:
            raise Unauthenticated("CLIENT_UNKNOWN")
        token = await self._keys.token(client_id, "", client_id, kind="client")
        return pb.ClientToken(access_token=token, expires_in=self._keys.lifetime_s)


def _proved(client: Row | None, secret: str) -> bool:
    now_good = rules.same(secret, client.secret_hash if client else None)
    once_good = rules.same(secret, client.previous_hash if client else None)
    if client is None or client.revoked_at is not None:
        return False
    return now_good or (once_good and client.previous_until > system_now())


def to_client(row: Row) -> pb.Client:
    """A row as its message."""
    return pb.Client(
        id=row.id,
        name=row.name,
        permissions=row.permissions,
        active=row.revoked_at is None,
        create_time=row.created_at,
        last_used_time=row.used_at,
    )
