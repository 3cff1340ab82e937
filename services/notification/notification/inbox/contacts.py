"""Who stands behind a duty group, and where accounts are reached: asked of identity, kept a short while.

Addresses stay in memory; the inbox's database never holds one.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import grpc

from chassis.recent import Recent
from louyu.identity.v1 import accounts_pb2, desks_pb2
from louyu.identity.v1.accounts_pb2_grpc import AccountsServiceStub
from louyu.identity.v1.desks_pb2_grpc import DesksServiceStub

DESK_S: Final = 15.0
ACCOUNT_S: Final = 60.0
CALL_S: Final = 2.0
MOST_KEPT: Final = 20_000
MOST_ASKED: Final = 500


@dataclass(frozen=True, slots=True)
class Contact:
    """Where an account is reached. An empty address means by the app only."""

    email: str
    locale: str
    name: str


@dataclass(frozen=True, slots=True)
class Desk:
    """A duty group: its active accounts, and the mailboxes they share."""

    members: tuple[str, ...] = ()
    mailboxes: tuple[str, ...] = ()
    name: str = ""


class Contacts:
    """Answers from identity. Raises `grpc.aio.AioRpcError` while identity is away."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._desks = DesksServiceStub(channel)
        self._accounts = AccountsServiceStub(channel)
        self._recent = Recent[tuple[str, str], Desk](DESK_S)
        self._known: dict[str, tuple[float, Contact]] = {}

    async def desk(self, tenant_id: str, code: str) -> Desk:
        """A duty group; an empty one where the tenant has no such group."""
        if not code:
            return Desk()
        return await self._recent.get((tenant_id, code), lambda: self._resolve(tenant_id, code))

    async def _resolve(self, tenant_id: str, code: str) -> Desk:
        request = desks_pb2.ResolveDeskRequest(tenant=tenant_id, code=code)
        try:
            reply = await self._desks.ResolveDesk(request, timeout=CALL_S)
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.NOT_FOUND:
                return Desk()
            raise
        members = tuple(member.id for member in reply.members if member.active)
        return Desk(members, tuple(reply.emails), reply.name_zh)

    async def addresses(self, accounts: Sequence[str]) -> dict[str, Contact]:
        """Where these accounts are reached; accounts that are gone or not active have no address."""
        now = time.monotonic()
        asked = [a for a in dict.fromkeys(accounts) if a not in self._known or self._known[a][0] <= now]
        if len(self._known) + len(asked) > MOST_KEPT:
            self._known.clear()
            asked = list(dict.fromkeys(accounts))
        for start in range(0, len(asked), MOST_ASKED):
            some = asked[start : start + MOST_ASKED]
            request = accounts_pb2.ResolveAccountsRequest(ids=some)
            reply = await self._accounts.ResolveAccounts(request, timeout=CALL_S)
            found = {
                account.id: Contact(account.email, account.locale, account.display_name)
                for account in reply.accounts
                if account.active
            }
            for account_id in some:
                contact = found.get(account_id, Contact("", "zh-CN", ""))
                self._known[account_id] = (now + ACCOUNT_S, contact)
        return {account_id: self._known[account_id][1] for account_id in accounts}
