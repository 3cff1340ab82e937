"""Reads of accounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from chassis.errors import FieldError, Invalid, NotFound
from chassis.statements import Row
from chassis.units import Reader
from identity.accounts.rules import State
from identity.accounts.tables import accounts, credentials
from identity.people import queries as people


@dataclass(frozen=True, slots=True)
class Standing:
    """An account, as far as what it may be given is concerned."""

    account_id: str
    tenant_id: str
    person_id: str
    staff: bool
    state: State
    synthetic: bool

    @property
    def active(self) -> bool:
        """Whether it can act."""
        return self.state is State.ACTIVE

    @property
    def left(self) -> bool:
        """Whether it has ended."""
        return self.state is State.LEFT


async def find_standing(reader: Reader, account_id: str) -> Standing | None:
    """An account anywhere in the district."""
    a = accounts.c
    row = await reader.first(
        select(a.id, a.tenant_id, a.person_id, a.staff, a.state, a.synthetic).where(a.id == account_id)
    )
    if row is None:
        return None
    return Standing(row.id, row.tenant_id, row.person_id, row.staff, State(row.state), row.synthetic)


async def standing(reader: Reader, account_id: str) -> Standing:
    """An account anywhere in the district; ACCOUNT_UNKNOWN where the request named none."""
    found = await find_standing(reader, account_id)
    if found is None:
        raise Invalid("ACCOUNT_UNKNOWN", fields=[FieldError("account", "ACCOUNT_UNKNOWN")])
    return found


async def account(reader: Reader, account_id: str) -> Row:
    """One account of the tenant; ACCOUNT_NOT_FOUND for anything else."""
    found = await reader.first(
        select(accounts).where(accounts.c.tenant_id == reader.tenant_id, accounts.c.id == account_id)
    )
    if found is None:
        raise NotFound("ACCOUNT_NOT_FOUND")
    return found


async def own(reader: Reader) -> Row:
    """The caller's account."""
    found = await reader.first(select(accounts).where(accounts.c.id == reader.context.caller.account_id))
    if found is None:
        raise NotFound("ACCOUNT_NOT_FOUND")
    return found


async def page(
    reader: Reader, *, words: str, state: str | None, after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    """The tenant's accounts by login; one more than `size` where there are more."""
    statement = select(accounts).where(accounts.c.tenant_id == reader.tenant_id)
    if words:
        named = await people.matching(reader, words)
        by_login = accounts.c.login.icontains(words, autoescape=True)
        statement = statement.where(or_(by_login, accounts.c.person_id.in_(named)))
    if state:
        statement = statement.where(accounts.c.state == state)
    if after:
        statement = statement.where(accounts.c.login > after[0])
    return await reader.fetch(statement.order_by(accounts.c.login).limit(size + 1))


async def display_names(reader: Reader, account_ids: Sequence[str]) -> Mapping[str, str]:
    """The names of the people behind accounts."""
    rows = await contacts(reader, account_ids)
    names = await people.names(reader, [row.person_id for row in rows])
    return {row.id: names[row.person_id] for row in rows if row.person_id in names}


async def contacts(reader: Reader, account_ids: Sequence[str]) -> Sequence[Row]:
    """Accounts anywhere in the district."""
    if not account_ids:
        return []
    a = accounts.c
    return await reader.fetch(
        select(a.id, a.tenant_id, a.person_id, a.email, a.locale, a.state).where(a.id.in_(set(account_ids)))
    )


async def by_login(reader: Reader, login: str) -> Row | None:
    """An account with what it signs in with; for identity's own eyes."""
    return await reader.first(_with_credentials().where(accounts.c.login == login))


async def of_persons(reader: Reader, person_ids: Sequence[str]) -> list[str]:
    """Identifiers of every account these people have or had, wherever; for identity's own eyes."""
    rows = await reader.fetch(select(accounts.c.id).where(accounts.c.person_id.in_(person_ids)))
    return [row.id for row in rows]


async def usable(reader: Reader, account_ids: Sequence[str]) -> set[str]:
    """Those of the accounts that somebody can sign in with; for identity's own eyes."""
    t = accounts.c
    rows = await reader.fetch(select(t.id).where(t.id.in_(account_ids), t.state == State.ACTIVE))
    return {row.id for row in rows}


async def by_invitation(reader: Reader, invitation_hash: bytes) -> Row | None:
    """The account an invitation opens; for identity's own eyes."""
    return await reader.first(_with_credentials().where(credentials.c.invitation_hash == invitation_hash))


async def own_credentials(reader: Reader) -> Row:
    """The caller's account with what it signs in with."""
    found = await reader.first(_with_credentials().where(accounts.c.id == reader.context.caller.account_id))
    if found is None:
        raise NotFound("ACCOUNT_NOT_FOUND")
    return found


def _with_credentials() -> Any:
    c = credentials.c
    joined = accounts.join(
        credentials, (c.tenant_id == accounts.c.tenant_id) & (c.account_id == accounts.c.id)
    )
    return select(
        accounts,
        c.password_hash,
        c.totp_secret,
        c.totp_pending,
        c.totp_step,
        c.invitation_until,
    ).select_from(joined)


def is_active(account: Row) -> bool:
    """True for an account that can be used: opened, and neither locked nor left."""
    return bool(account.state == State.ACTIVE)
