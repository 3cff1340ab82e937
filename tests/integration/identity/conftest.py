"""A district on a real database, served in this process."""

import base64
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import pyotp
import pytest_asyncio
from pydantic import SecretStr

from chassis.clocks import BusinessClock
from chassis.context import Caller, Context, Scope, bind
from chassis.database import Database
from chassis.encryption import BlindIndex
from chassis.ids import new_id
from chassis.pages import PageTokens
from chassis.settings import Settings
from chassis.tokens import SigningKey
from chassis.units import Units
from identity.accounts.rpc import Accounts
from identity.audit.rpc import Audit
from identity.clients.rpc import Clients
from identity.clock.rpc import Clock
from identity.consents.rpc import Consents
from identity.credentials import Invitations, Passwords
from identity.desks.rpc import Desks
from identity.grants.rpc import Grants
from identity.operator import arguments_of, make
from identity.people.keys import vault as open_vault
from identity.people.rpc import People
from identity.sessions.rpc import Sessions
from identity.signing import SigningKeys
from identity.tenants.rpc import Tenants
from louyu.identity.v1 import accounts_pb2, grants_pb2, people_pb2, sessions_pb2, tenants_pb2
from tests.fixtures.servers import Databases, ServiceDatabase

PASSWORD = "correct horse battery"
SECRET = "LOUYUTESTLOUYUTESTLOUYUTESTLOUYU"
CALL: Any = None
"""What gRPC would hand to a servicer; ours never look at it."""


def key(byte: bytes) -> SecretStr:
    return SecretStr(base64.b64encode(byte * 32).decode())


@dataclass
class District:
    """Everything that identity serves, and who asks."""

    stored: ServiceDatabase
    units: Units
    settings: Settings
    id: str
    operator: str
    tenants: Tenants
    people: People
    accounts: Accounts
    sessions: Sessions
    clients: Clients
    desks: Desks
    grants: Grants
    consents: Consents
    audit: Audit
    audit_key: SigningKey
    clock: Clock

    @contextmanager
    def acting(
        self, tenant: str, account: str = "", *scopes: Scope, person: str = "", **more: Any
    ) -> Iterator[None]:
        """Call as an account in the name of a tenant; in reach of everything there unless said otherwise."""
        reach = scopes or (Scope("B"),)
        caller = Caller("account", account or self.operator, person or account or self.operator)
        with bind(
            Context(mode="tenant", tenant_id=tenant, caller=caller, scopes=reach, method="test", **more)
        ):
            yield

    @contextmanager
    def office(self) -> Iterator[None]:
        """Call as the district office."""
        with self.acting(self.id, new_id(), Scope("D", self.id)):
            yield

    @contextmanager
    def me(self, account: str, person: str, session: str = "") -> Iterator[None]:
        """Call as oneself."""
        caller = Caller("account", account, person, session)
        with bind(Context(mode="account", caller=caller, method="test")):
            yield

    @contextmanager
    def service(self) -> Iterator[None]:
        """Call as another service (the gateway)."""
        with bind(Context(mode="service", caller=Caller("service", service="gateway"), method="test")):
            yield

    async def sql(self, query: str, *values: Any) -> list[Any]:
        """Look past every policy."""
        connection = await asyncpg.connect(self.stored.superuser_url)
        try:
            return list(await connection.fetch(query, *values))
        finally:
            await connection.close()

    async def tenant(self, kind: int = tenants_pb2.TENANT_KIND_BUILDING, **facts: Any) -> str:
        """An active organisation that the operator administers."""
        with self.office():
            made = await self.tenants.ProvisionTenant(
                tenants_pb2.ProvisionTenantRequest(
                    tenant=self.id,
                    kind=kind,  # type: ignore[arg-type]
                    name_zh=facts.pop("name_zh", "演示楼宇"),
                    name_en="Demo Building",
                    administrator=self.operator,
                    **facts,
                ),
                CALL,
            )
            await self.tenants.ActivateTenant(
                tenants_pb2.ActivateTenantRequest(tenant=self.id, id=made.id), CALL
            )
        return made.id

    async def person(self, tenant: str, name: str = "演示党员01", **numbers: Any) -> people_pb2.Person:
        """A person of a tenant."""
        with self.acting(tenant):
            request = people_pb2.RegisterPersonRequest(tenant=tenant, name=name, **numbers)
            return await self.people.RegisterPerson(request, CALL)

    async def account(
        self, tenant: str, login: str, *, staff: bool = False, role: str = "", **binding: Any
    ) -> accounts_pb2.Account:
        """An account that can sign in, with a role if one is named."""
        person = await self.person(tenant, f"演示{login}")
        with self.acting(tenant):
            invitation = await self.accounts.CreateAccount(
                accounts_pb2.CreateAccountRequest(
                    tenant=tenant, person_id=person.id, login=login, staff=staff
                ),
                CALL,
            )
        await self.accept(invitation.code, staff=staff)
        if role:
            with self.acting(tenant):
                await self.grants.GrantRole(
                    grants_pb2.GrantRoleRequest(
                        tenant=tenant, account=invitation.account.id, role=role, **binding
                    ),
                    CALL,
                )
        return invitation.account

    async def accept(self, code: str, *, staff: bool) -> None:
        """Take up an invitation, as anybody who has its code."""
        with bind(Context(mode="public", method="test")):
            totp = ""
            if staff:
                opened = accounts_pb2.OpenInvitationRequest(code=code, totp_secret=SECRET)
                assert (await self.accounts.OpenInvitation(opened, CALL)).totp.secret == SECRET
                totp = pyotp.TOTP(SECRET).now()
            accepted = accounts_pb2.AcceptInvitationRequest(code=code, password=PASSWORD, totp_code=totp)
            await self.accounts.AcceptInvitation(accepted, CALL)

    async def sign_in(
        self, login: str, password: str = PASSWORD, *, code: str = "", address: str = "203.0.113.7"
    ) -> sessions_pb2.TokenPair:
        """Sign in as the gateway asks for it."""
        with self.service():
            request = sessions_pb2.SignInRequest(
                login=login, password=password, totp_code=code, remote_address=address
            )
            return await self.sessions.SignIn(request, CALL)

    async def effective(self, account: str) -> grants_pb2.ListEffectiveGrantsResponse:
        """What an account may do."""
        with self.service():
            request = grants_pb2.ListEffectiveGrantsRequest(account=account)
            return await self.grants.ListEffectiveGrants(request, CALL)

    async def changes(self, after: int) -> grants_pb2.ListGrantChangesResponse:
        """What changed."""
        with self.service():
            request = grants_pb2.ListGrantChangesRequest(after=after)
            return await self.grants.ListGrantChanges(request, CALL)


@pytest_asyncio.fixture
async def district(databases: Databases) -> AsyncIterator[District]:
    """A district with its operator, nothing else."""
    stored = await databases.fresh("identity")
    settings = Settings(
        service="identity",
        database_url=stored.app_url,
        secret=key(b"s"),
        kek=key(b"k"),
        blind_index_key=key(b"b"),
    )
    told = ["--password", PASSWORD, "--totp-secret", SECRET, "--district-zh", "演示区"]
    printed = await make(settings, arguments_of(told))
    database = Database("identity", stored.app_url)
    units = Units(database, BusinessClock())
    pages = PageTokens(settings.key("secret"))
    vault, passwords = open_vault(settings, units), Passwords()
    keys, invitations = SigningKeys(units, vault), Invitations(settings.key("secret"))
    audit_key = SigningKey("identity", b"a" * 32)
    yield District(
        stored=stored,
        units=units,
        settings=settings,
        id=printed["district"],
        operator=printed["account"],
        tenants=Tenants(units, pages),
        people=People(units, pages, vault, BlindIndex(settings.key("blind_index_key"))),
        accounts=Accounts(units, pages, invitations, vault=vault, passwords=passwords),
        sessions=Sessions(units, pages, vault, passwords, keys, shared_accounts=False),
        clients=Clients(units, pages, keys),
        desks=Desks(units, pages),
        grants=Grants(units, pages),
        consents=Consents(units, pages),
        audit=Audit(units, pages, audit_key.sealed),
        audit_key=audit_key,
        clock=Clock(units, units.clock, [], walkable=True),
    )
    await database.close()
