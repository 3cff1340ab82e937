"""How a process learns from identity who may do what: keys, grants and the business clock."""

import asyncio
import time
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from datetime import timedelta

import grpc
import structlog
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.context import Scope
from chassis.grants import Changes, Effective, Held
from louyu.identity.v1 import clock_pb2, grants_pb2, sessions_pb2
from louyu.identity.v1.clock_pb2_grpc import ClockServiceStub
from louyu.identity.v1.grants_pb2_grpc import GrantsServiceStub
from louyu.identity.v1.sessions_pb2_grpc import SessionsServiceStub

_CALL_S = 1.5
_PAGE = 1000
_RETRY_S = 0.3

_log = structlog.get_logger(__name__)


class Identity:
    """The service that knows, asked over a channel that carries this service's credentials."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._grants = GrantsServiceStub(channel)
        self._sessions = SessionsServiceStub(channel)
        self._clock = ClockServiceStub(channel)

    async def keys(self) -> Mapping[str, bytes]:
        """The public keys of access tokens, by key id."""
        reply = await self._sessions.ListKeys(sessions_pb2.ListKeysRequest(), timeout=_CALL_S)
        return {key.kid: urlsafe_b64decode(key.x + "=" * (-len(key.x) % 4)) for key in reply.keys}

    async def effective(self, account_id: str) -> Effective:
        """What an account holds now."""
        request = grants_pb2.ListEffectiveGrantsRequest(account=account_id)
        return effective(await self._grants.ListEffectiveGrants(request, timeout=_CALL_S), time.time())

    async def changes(self, after: int) -> Changes:
        """What changed after a position of the feed."""
        request = grants_pb2.ListGrantChangesRequest(after=after, page_size=_PAGE)
        reply = await self._grants.ListGrantChanges(request, timeout=_CALL_S)
        kinds = grants_pb2.GrantChangeKind
        of_account = (kinds.GRANT_CHANGE_KIND_GRANTS, kinds.GRANT_CHANGE_KIND_ACCOUNT)
        return Changes(
            position=reply.position,
            accounts=[change.account for change in reply.changes if change.kind in of_account],
            sessions=[change.session_id for change in reply.changes if change.session_id],
            everything=any(change.kind == kinds.GRANT_CHANGE_KIND_TENANT for change in reply.changes),
        )

    async def clock_offset(self) -> timedelta:
        """Business time minus system time. Asks until identity answers: a process that may walk its
        clock must not do anything before it knows the time."""
        while True:
            try:
                clock = await self._clock.GetClock(clock_pb2.GetClockRequest(), timeout=_CALL_S)
            except grpc.aio.AioRpcError as error:
                _log.info("waiting_for_clock", code=error.code().name)
                await asyncio.sleep(_RETRY_S)
            else:
                return timedelta(seconds=clock.offset_seconds)


def effective(reply: grants_pb2.ListEffectiveGrantsResponse, now: float) -> Effective:
    """The grants that hold at `now` (system time), and when the next one begins or ends."""
    permissions: dict[str, dict[str, list[Scope]]] = {}
    until = float("inf")
    for grant in reply.grants:
        start = _seconds(grant.start_time) if grant.HasField("start_time") else float("-inf")
        end = _seconds(grant.end_time) if grant.HasField("end_time") else float("inf")
        if start > now:
            until = min(until, start)
        elif end > now:
            until = min(until, end)
            held = permissions.setdefault(grant.tenant, {})
            held.setdefault(grant.permission, []).append(Scope(grant.letter, grant.scope_id))
    facts = {tenant.tenant: tenant for tenant in reply.tenants}
    tenants = {
        tenant_id: Held(
            permissions={name: tuple(dict.fromkeys(scopes)) for name, scopes in held.items()},
            tenant_class=facts[tenant_id].kind if tenant_id in facts else "",
            suspended=tenant_id in facts and facts[tenant_id].suspended,
        )
        for tenant_id, held in permissions.items()
    }
    return Effective(active=reply.active, tenants=tenants, until=until)


def _seconds(moment: Timestamp) -> float:
    return moment.seconds + moment.nanos / 1e9
