"""Who is asking, and may they: the services' own check, made once already at the edge.

A call that a service would refuse for its token, tenant or permission never leaves the gateway. The
service checks again: nothing here is taken on trust further in.
"""

from dataclasses import dataclass

from chassis.context import Scope
from chassis.errors import Forbidden, NotFound, Unauthenticated
from chassis.grants import Grants, Held
from chassis.plans import Plan
from chassis.tokens import Claims, Tokens
from gateway.limits import Rate
from gateway.settings import GatewaySettings


@dataclass(frozen=True, slots=True)
class Visitor:
    """Someone who was let in."""

    claims: Claims | None
    """None for a caller without a token, where none is needed."""
    tenant_id: str = ""
    scopes: tuple[Scope, ...] = ()

    @property
    def account_id(self) -> str:
        return self.claims.account_id if self.claims else ""


class Admission:
    """Checks tokens, grants and rates."""

    def __init__(self, tokens: Tokens, grants: Grants, settings: GatewaySettings) -> None:
        self._tokens = tokens
        self._grants = grants
        self._accounts = Rate("RATE_LIMITED_ACCOUNT", settings.account_rate, settings.account_burst)
        self._clients = Rate("RATE_LIMITED_CLIENT", settings.client_rate, settings.client_burst)
        self._tenants = Rate("RATE_LIMITED_TENANT", settings.tenant_rate, settings.tenant_burst)
        self._addresses = Rate("RATE_LIMITED_ADDRESS", settings.address_rate, settings.address_burst)
        self._tenant_rates = settings.tenant_rates

    async def admit(self, plan: Plan, tenant_id: str, authorization: str, address: str) -> Visitor:
        """The caller of an RPC; DomainError where it may not be made."""
        if plan.mode == "public":
            self._addresses.take(address)
            return Visitor(None)
        claims = await self.claims(authorization, address)
        effective = await self._grants.of(claims.account_id, claims.session_id)
        if plan.mode == "account":
            if plan.permission and not effective.anywhere(plan.permission):
                raise Forbidden("PERMISSION_DENIED", params={"permission": plan.permission})
            return Visitor(claims)
        scopes = _usable(effective.tenants.get(tenant_id)).permissions.get(plan.permission, ())
        if not scopes:
            raise Forbidden("PERMISSION_DENIED", params={"permission": plan.permission})
        self._tenants.take(tenant_id, self._tenant_rates.get(tenant_id))
        return Visitor(claims, tenant_id, scopes)

    async def claims(self, authorization: str, address: str) -> Claims:
        """Whose token it is. Callers without a valid one are limited by their address."""
        if not authorization:
            self._addresses.take(address)
            raise Unauthenticated("TOKEN_REQUIRED")
        try:
            claims = await self._tokens.access(authorization)
        except Unauthenticated:
            self._addresses.take(address)
            raise
        (self._clients if claims.kind == "client" else self._accounts).take(claims.account_id)
        return claims

    async def member(self, tenant_id: str, authorization: str, address: str) -> tuple[Claims, Held]:
        """The caller and what it holds in a tenant; NotFound where that is nothing."""
        claims = await self.claims(authorization, address)
        effective = await self._grants.of(claims.account_id, claims.session_id)
        held = _usable(effective.tenants.get(tenant_id))
        self._tenants.take(tenant_id, self._tenant_rates.get(tenant_id))
        return claims, held

    async def still(self, claims: Claims) -> dict[str, Held]:
        """What the account holds now, for a connection that stays open; raises once it may not."""
        effective = await self._grants.of(claims.account_id, claims.session_id)
        return dict(effective.tenants)


def _usable(held: Held | None) -> Held:
    if held is None:
        raise NotFound("TENANT_NOT_FOUND")
    if held.suspended:
        raise Forbidden("TENANT_SUSPENDED")
    return held
