"""People as identity knows them: here only their ids are kept, and the first letter of a name."""

from typing import Final, Protocol

import grpc

from chassis.errors import FieldError, Invalid
from louyu.identity.v1.accounts_pb2 import ResolveAccountsRequest
from louyu.identity.v1.accounts_pb2_grpc import AccountsServiceStub
from louyu.identity.v1.people_pb2 import GetPersonRequest
from louyu.identity.v1.people_pb2_grpc import PeopleServiceStub
from membership.texts import masked

CALL_S: Final = 2.0


class People(Protocol):
    """Says what a person may be shown as."""

    async def display(self, tenant_id: str, person_id: str) -> str:
        """The first letter of the name of somebody whom the tenant knows; PERSON_UNKNOWN for anyone else."""

    async def account(self, person_id: str) -> str:
        """An account of somebody's to send messages to; empty where there is none."""

    async def own_display(self, account_id: str) -> str:
        """The first letter of the name of the person behind an account."""


class KnownPeople:
    """Asks identity, in the caller's name: whoever may not read people cannot name any."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._people = PeopleServiceStub(channel)
        self._accounts = AccountsServiceStub(channel)

    async def display(self, tenant_id: str, person_id: str) -> str:
        """See `People`."""
        try:
            person = await self._people.GetPerson(
                GetPersonRequest(tenant=tenant_id, id=person_id), timeout=CALL_S
            )
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.NOT_FOUND:
                raise
            raise unknown() from error
        return masked(person.name)

    async def account(self, person_id: str) -> str:
        """See `People`."""
        reply = await self._accounts.ResolveAccounts(
            ResolveAccountsRequest(person_ids=[person_id]), timeout=CALL_S
        )
        return next((one.id for one in reply.accounts if one.active), "")

    async def own_display(self, account_id: str) -> str:
        """See `People`."""
        reply = await self._accounts.ResolveAccounts(ResolveAccountsRequest(ids=[account_id]), timeout=CALL_S)
        return next((masked(one.display_name) for one in reply.accounts), "")


def unknown() -> Invalid:
    """The refusal of a person whom the tenant does not know."""
    return Invalid("PERSON_UNKNOWN", fields=[FieldError("person_id", "PERSON_UNKNOWN")])
