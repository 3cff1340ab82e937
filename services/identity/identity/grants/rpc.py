"""Grants over gRPC: parse, call, convert."""

from collections.abc import Mapping
from typing import Any, Final

from grpc.aio import ServicerContext

from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from chassis.words import Words
from identity.accounts import queries as accounts
from identity.clients import queries as clients
from identity.district import look
from identity.grants import commands, queries
from identity.grants.matrix import matrix
from identity.grants.rules import Binding
from identity.moments import asked, stamp
from identity.organisations import CLOSED
from identity.tenants import queries as tenants
from louyu.identity.v1 import grants_pb2 as pb
from louyu.identity.v1.grants_pb2_grpc import GrantsServiceServicer

_FEED_PAGE: Final = 500
CHANGE: Final = Words(pb.GrantChangeKind)


class Grants(GrantsServiceServicer):
    """Serves louyu.identity.v1.GrantsService."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units = units
        self._pages = pages

    async def GrantRole(self, request: pb.GrantRoleRequest, context: ServicerContext[Any, Any]) -> pb.Grant:
        standing, names = await self._person_behind(request.account)

        async def work(unit: UnitOfWork) -> pb.Grant:
            row = await commands.grant(
                unit,
                standing,
                request.role,
                Binding(request.floor, request.enterprise_id, request.case_id),
                asked(request, "start_time"),
                asked(request, "end_time"),
            )
            return to_grant(row, names)

        return await self._units.command(request, pb.Grant, work)

    async def RevokeRole(self, request: pb.RevokeRoleRequest, context: ServicerContext[Any, Any]) -> pb.Grant:
        found = await self._units.query(lambda reader: queries.grant(reader, request.id))
        standing, names = await self._person_behind(found.account_id)

        async def work(unit: UnitOfWork) -> pb.Grant:
            return to_grant(await commands.revoke(unit, request.id, standing, request.reason), names)

        return await self._units.command(request, pb.Grant, work)

    async def _person_behind(self, account_id: str) -> tuple[accounts.Standing, Mapping[str, str]]:
        async def ask(reader: Reader) -> tuple[accounts.Standing, Mapping[str, str]]:
            standing = await accounts.standing(reader, account_id)
            return standing, await accounts.display_names(reader, [account_id])

        return await look(self._units, ask)

    async def ListGrants(
        self, request: pb.ListGrantsRequest, context: ServicerContext[Any, Any]
    ) -> pb.ListGrantsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> Any:
            return await queries.page(
                reader,
                account_id=request.account,
                role=request.role,
                include_revoked=request.include_revoked,
                after=self._pages.decode(request),
                size=size,
            )

        rows = await self._units.query(work)
        ids = [row.account_id for row in rows[:size]]
        names = await look(self._units, lambda reader: accounts.display_names(reader, ids))
        return pb.ListGrantsResponse(
            grants=[to_grant(row, names) for row in rows[:size]],
            next_page_token=self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else "",
        )

    async def ListRoles(
        self, request: pb.ListRolesRequest, context: ServicerContext[Any, Any]
    ) -> pb.ListRolesResponse:
        return pb.ListRolesResponse(
            roles=[
                pb.Role(
                    code=role.code,
                    name_zh=role.name_zh,
                    name_en=role.name_en,
                    staff=role.staff,
                    kinds=[kind.upper() for kind in sorted(role.kinds)],
                    bound_to=sorted(role.bound),
                    permissions=[str(given) for given in role.gives],
                )
                for role in matrix().roles.values()
            ]
        )

    async def ListEffectiveGrants(
        self, request: pb.ListEffectiveGrantsRequest, context: ServicerContext[Any, Any]
    ) -> pb.ListEffectiveGrantsResponse:
        async def work(reader: Reader) -> pb.ListEffectiveGrantsResponse:
            account = await accounts.find_standing(reader, request.account)
            if account is None:
                return await _of_client(reader, request.account)
            effects, standings = await queries.effects(reader, request.account)
            return pb.ListEffectiveGrantsResponse(
                account=request.account,
                active=account.active,
                person_id=account.person_id,
                grants=[
                    pb.EffectiveGrant(
                        tenant=effect.tenant_id,
                        permission=effect.permission,
                        letter=effect.letter,
                        scope_id=effect.scope_id,
                        start_time=stamp(effect.starts_at),
                        end_time=stamp(effect.ends_at),
                    )
                    for effect in effects
                ],
                tenants=_standings(standings),
            )

        return await self._units.query(work)

    async def ResolveRole(
        self, request: pb.ResolveRoleRequest, context: ServicerContext[Any, Any]
    ) -> pb.ResolveRoleResponse:
        async def work(reader: Reader) -> pb.ResolveRoleResponse:
            holders = await queries.holders(reader, request.tenant, request.role)
            reachable = {
                row.id for row in await accounts.contacts(reader, holders) if accounts.is_active(row)
            }
            return pb.ResolveRoleResponse(accounts=[one for one in holders if one in reachable])

        return await self._units.query(work)

    async def ListGrantChanges(
        self, request: pb.ListGrantChangesRequest, context: ServicerContext[Any, Any]
    ) -> pb.ListGrantChangesResponse:
        async def work(reader: Reader) -> pb.ListGrantChangesResponse:
            feed = await queries.feed(reader, request.after, request.page_size or _FEED_PAGE)
            if feed.reset:
                forget = pb.GrantChange(position=feed.position, kind=pb.GRANT_CHANGE_KIND_TENANT)
                return pb.ListGrantChangesResponse(changes=[forget], position=feed.position)
            return pb.ListGrantChangesResponse(
                changes=[
                    pb.GrantChange(
                        position=row.position,
                        kind=CHANGE.number(row.kind),
                        account=row.account_id or "",
                        session_id=row.session_id,
                    )
                    for row in feed.changes
                ],
                position=feed.position,
            )

        return await self._units.query(work)


async def _of_client(reader: Reader, client_id: str) -> pb.ListEffectiveGrantsResponse:
    """What a department's program may do; nothing for an unknown one."""
    client = await clients.standing(reader, client_id)
    if client is None:
        return pb.ListEffectiveGrantsResponse(account=client_id, active=False)
    return pb.ListEffectiveGrantsResponse(
        account=client_id,
        active=client.revoked_at is None,
        grants=[
            pb.EffectiveGrant(tenant=client.tenant_id, permission=permission, letter="U")
            for permission in client.permissions
        ],
        tenants=_standings(await tenants.standings(reader, [client.tenant_id])),
    )


def _standings(rows: Any) -> list[pb.EffectiveTenant]:
    return [
        pb.EffectiveTenant(tenant=row.tenant_id, kind=row.kind, suspended=row.state in CLOSED) for row in rows
    ]


def to_grant(row: Row, names: Mapping[str, str]) -> pb.Grant:
    """A row as its message."""
    return pb.Grant(
        id=row.id,
        account=row.account_id,
        display_name=names.get(row.account_id, ""),
        role=row.role,
        floor=row.floor,
        enterprise_id=row.enterprise_id,
        case_id=row.case_id,
        start_time=row.starts_at,
        end_time=row.ends_at,
        granted_by=row.created_by,
        revoked=row.revoked_at is not None,
        revoke_reason=row.revoke_reason,
        create_time=row.created_at,
    )
