"""The persons behind accounts: two accounts of one person are not independent of each other."""

from collections.abc import Sequence

import grpc

from louyu.identity.v1 import accounts_pb2
from louyu.identity.v1.accounts_pb2_grpc import AccountsServiceStub

_CALL_S = 2.0


class Persons:
    """Answers from identity. Raises `grpc.aio.AioRpcError` while identity is away."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._accounts = AccountsServiceStub(channel)

    async def of(self, accounts: Sequence[str]) -> dict[str, str]:
        """The person behind each account that is active; others are missing."""
        request = accounts_pb2.ResolveAccountsRequest(ids=list(dict.fromkeys(accounts)))
        reply = await self._accounts.ResolveAccounts(request, timeout=_CALL_S)
        return {account.id: account.person_id for account in reply.accounts if account.active}
