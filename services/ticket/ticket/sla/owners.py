"""Who stands on each level of a building's ladder: asked of identity, kept a short while."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import grpc

from chassis.recent import Recent
from louyu.identity.v1 import desks_pb2, grants_pb2
from louyu.identity.v1.desks_pb2_grpc import DesksServiceStub
from louyu.identity.v1.grants_pb2_grpc import GrantsServiceStub
from ticket.sla.settings import Level

KEPT_S: Final = 30.0
CALL_S: Final = 2.0
_ROLES: Final = {Level.SECRETARY: "branch_secretary", Level.ADMINISTRATOR: "tenant_administrator"}
_ABOVE: Final = ("superior_organisation", "subdistrict_committee")


@dataclass(frozen=True, slots=True)
class Told:
    """The accounts that are told: within the building, and above it. `vacant`: nobody stood there."""

    within: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    vacant: bool = False


@dataclass(frozen=True, slots=True)
class Roster:
    """Who stands where in one building, with the fallback owner of its settings."""

    desks: Mapping[str, Sequence[str]]
    roles: Mapping[Level, Sequence[str]]
    above: Sequence[str]
    fallback: str

    def told(self, level: Level, desk: str, assignee: str | None, requester: str, *, sealed: bool) -> Told:
        """Who is told at a level of a request.

        Nobody is told twice over: above the first level the handler is left out, and the requester always.
        A request without a handler begins with the desk. What only the case team may see stays with the
        handler and the desk. A vacant level falls to the fallback owner, or to the administrators where
        none is named.
        """
        behind = tuple(self.desks.get(desk, ())[:1])
        if level is Level.ASSIGNEE and assignee:
            return Told(within=(assignee,))
        if level in (Level.ASSIGNEE, Level.DESK) or sealed:
            found = _others(behind, assignee, requester)
        elif level is Level.SUPERIOR:
            above = _others(self.above, assignee, requester)
            return Told(above=above) if above else self._fallback(assignee, requester)
        else:
            found = _others(self.roles.get(level, ()), assignee, requester)
        return Told(within=found) if found or sealed else self._fallback(assignee, requester)

    def _fallback(self, assignee: str | None, requester: str) -> Told:
        named = (self.fallback,) if self.fallback else tuple(self.roles.get(Level.ADMINISTRATOR, ()))
        return Told(within=_others(named, assignee, requester), vacant=True)


def _others(accounts: Iterable[str], *without: str | None) -> tuple[str, ...]:
    return tuple(account for account in accounts if account not in without)


class Owners(Protocol):
    """Says who stands on the levels of a building's ladder."""

    async def roster(
        self, tenant_id: str, above: Sequence[str], desks: Iterable[str], fallback: str
    ) -> Roster: ...


class IdentityOwners:
    """Owners as identity knows them. Raises `grpc.aio.AioRpcError` while identity is away."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._desks = DesksServiceStub(channel)
        self._grants = GrantsServiceStub(channel)
        self._recent = Recent[tuple[str, str, str], tuple[str, ...]](KEPT_S)

    async def roster(
        self, tenant_id: str, above: Sequence[str], desks: Iterable[str], fallback: str
    ) -> Roster:
        """Who stands where; `above` are the organisations above the building."""
        higher = [account for one in above for role in _ABOVE for account in await self._role(one, role)]
        return Roster(
            desks={code: await self._desk(tenant_id, code) for code in set(desks)},
            roles={level: await self._role(tenant_id, role) for level, role in _ROLES.items()},
            above=tuple(dict.fromkeys(higher)),
            fallback=fallback,
        )

    async def _role(self, tenant_id: str, role: str) -> tuple[str, ...]:
        async def ask() -> tuple[str, ...]:
            request = grants_pb2.ResolveRoleRequest(tenant=tenant_id, role=role)
            return tuple((await self._grants.ResolveRole(request, timeout=CALL_S)).accounts)

        return await self._recent.get((tenant_id, "role", role), ask)

    async def _desk(self, tenant_id: str, code: str) -> tuple[str, ...]:
        async def ask() -> tuple[str, ...]:
            request = desks_pb2.ResolveDeskRequest(tenant=tenant_id, code=code)
            try:
                reply = await self._desks.ResolveDesk(request, timeout=CALL_S)
            except grpc.aio.AioRpcError as error:
                if error.code() is grpc.StatusCode.NOT_FOUND:
                    return ()
                raise
            return tuple(member.id for member in reply.members if member.active)

        return await self._recent.get((tenant_id, "desk", code), ask)
