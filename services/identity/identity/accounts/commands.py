"""Changes to accounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asyncpg import UniqueViolationError
from sqlalchemy import insert, select, update

from chassis.clocks import system_now
from chassis.errors import Conflict, FieldError, NotFound, Stale
from chassis.statements import Row
from chassis.units import UnitOfWork
from identity.accounts import rules
from identity.accounts.rules import State
from identity.accounts.tables import accounts, credentials
from identity.grants import commands as grants
from identity.sessions import commands as sessions


@dataclass(frozen=True, slots=True)
class Draft:
    """An account to create."""

    id: str
    person_id: str
    login: str
    email: str
    locale: str
    staff: bool
    synthetic: bool


async def create(
    unit: UnitOfWork, draft: Draft, invitation_hash: bytes | None, until: datetime, tenant_id: str = ""
) -> Row:
    """Create an account with an invitation. LOGIN_TAKEN where somebody has the login already."""
    owner = tenant_id or unit.tenant_id
    statement = (
        insert(accounts)
        .values(
            tenant_id=owner,
            id=draft.id,
            created_at=unit.now,
            updated_at=unit.now,
            created_by=unit.context.caller.actor,
            synthetic=draft.synthetic,
            person_id=draft.person_id,
            login=draft.login,
            email=draft.email,
            locale=draft.locale or "zh-CN",
            staff=draft.staff,
            totp_enrolled=False,
            state=State.INVITED,
        )
        .returning(accounts)
    )
    try:
        account = await unit.one(statement)
    except UniqueViolationError as error:
        raise Conflict("LOGIN_TAKEN", fields=[FieldError("login", "LOGIN_TAKEN")]) from error
    await unit.execute(
        insert(credentials).values(
            tenant_id=owner,
            account_id=draft.id,
            password_hash="",
            totp_step=0,
            invitation_hash=invitation_hash,
            invitation_until=until,
        )
    )
    unit.audit("accounts.create", draft.id, staff=draft.staff)
    return account


async def change(unit: UnitOfWork, account_id: str, etag: str, values: Mapping[str, str]) -> Row:
    """Change address and language."""
    account = await _locked(unit, account_id)
    if etag and etag != str(account.version):
        raise Stale
    unit.audit("accounts.change", account_id, fields=",".join(sorted(values)))
    return await _write(unit, account_id, values)


async def lock(unit: UnitOfWork, account_id: str, reason: str) -> Row:
    """Lock an account and end its sessions."""
    return await _move(unit, account_id, "lock", reason)


async def unlock(unit: UnitOfWork, account_id: str, reason: str) -> Row:
    """Let a locked account sign in again."""
    return await _move(unit, account_id, "unlock", reason)


async def close(unit: UnitOfWork, account_id: str, reason: str) -> Row:
    """End an account for good."""
    return await _move(unit, account_id, "close", reason)


async def leave(unit: UnitOfWork, account_ids: Sequence[str]) -> None:
    """End accounts of somebody who leaves the district, in whichever tenants they are."""
    t = accounts.c
    left = await unit.fetch(
        update(accounts)
        .where(t.id.in_(account_ids), t.state != State.LEFT)
        .values(state=State.LEFT, version=t.version + 1, updated_at=unit.now)
        .returning(t.id)
    )
    for row in left:
        await sessions.revoke_all(unit, row.id, "close")
        unit.audit("accounts.close", row.id)
        await grants.note(unit, "account", row.id)


async def reinvite(
    unit: UnitOfWork, account_id: str, invitation_hash: bytes, until: datetime, reason: str
) -> Row:
    """Forget password and second factor, and invite anew."""
    account = await _move(unit, account_id, "reinvite", reason, {"totp_enrolled": False})
    await unit.execute(
        update(credentials)
        .where(credentials.c.tenant_id == unit.tenant_id, credentials.c.account_id == account_id)
        .values(
            password_hash="",
            totp_secret=None,
            totp_pending=None,
            invitation_hash=invitation_hash,
            invitation_until=until,
        )
    )
    return account


async def _move(
    unit: UnitOfWork, account_id: str, verb: str, reason: str, more: Mapping[str, Any] | None = None
) -> Row:
    account = await _locked(unit, account_id)
    state = rules.after(State(account.state), verb)
    if state is not State.ACTIVE:
        await sessions.revoke_all(unit, account_id, verb)
    account = await _write(unit, account_id, {"state": state, **(more or {})})
    unit.audit(f"accounts.{verb}", account_id, reason=reason)
    await grants.note(unit, "account", account_id)
    return account


async def open_invitation(unit: UnitOfWork, account: Row, totp_pending: bytes | None) -> None:
    """Keep the second factor that an invitation was opened with, until it is proved."""
    await _write_credentials(unit, account, {"totp_pending": totp_pending})


async def accept(
    unit: UnitOfWork, account: Row, password_hash: str, totp_secret: bytes | None, totp_step: int
) -> None:
    """Set the password and, for staff, the proved second factor. The invitation is used up."""
    current = await unit.first(select(accounts).where(accounts.c.id == account.id).with_for_update())
    if current is None:
        raise NotFound("INVITATION_UNKNOWN")
    state = rules.after(State(current.state), "accept")
    await unit.execute(
        update(accounts)
        .where(accounts.c.tenant_id == account.tenant_id, accounts.c.id == account.id)
        .values(
            state=state,
            totp_enrolled=totp_secret is not None,
            version=accounts.c.version + 1,
            updated_at=unit.now,
        )
    )
    await _write_credentials(
        unit,
        account,
        {
            "password_hash": password_hash,
            "totp_secret": totp_secret,
            "totp_pending": None,
            "totp_step": totp_step,
            "invitation_hash": None,
            "invitation_until": None,
        },
    )
    unit.audit("accounts.accept", account.id)
    await grants.note(unit, "account", account.id)


async def set_password(unit: UnitOfWork, account: Row, password_hash: str) -> None:
    """The caller's new password; the sessions other than this one end."""
    await _write_credentials(unit, account, {"password_hash": password_hash})
    await sessions.revoke_all(unit, account.id, "password", keep=unit.context.caller.session_id)
    unit.audit("accounts.password", account.id)


async def set_totp(unit: UnitOfWork, account: Row, secret: bytes, step: int) -> None:
    """The caller's proved second factor."""
    values = {"totp_secret": secret, "totp_pending": None, "totp_step": step}
    await _write_credentials(unit, account, values)
    await unit.execute(
        update(accounts)
        .where(accounts.c.tenant_id == account.tenant_id, accounts.c.id == account.id)
        .values(totp_enrolled=True, version=accounts.c.version + 1, updated_at=unit.now)
    )
    unit.audit("accounts.totp", account.id)


async def used_totp(unit: UnitOfWork, account: Row, step: int) -> bool:
    """Mark a code as used; False where another sign-in was quicker with the same one."""
    done = await unit.execute(
        update(credentials)
        .where(
            credentials.c.tenant_id == account.tenant_id,
            credentials.c.account_id == account.id,
            credentials.c.totp_step < step,
        )
        .values(totp_step=step)
    )
    return done == 1


async def move_person(unit: UnitOfWork, gone_id: str, kept_id: str) -> None:
    """The tenant's accounts of one person become those of another."""
    moved = await unit.fetch(
        update(accounts)
        .where(accounts.c.tenant_id == unit.tenant_id, accounts.c.person_id == gone_id)
        .values(person_id=kept_id, version=accounts.c.version + 1, updated_at=unit.now)
        .returning(accounts.c.id)
    )
    for row in moved:
        # Its tokens name the person that is gone.
        await sessions.revoke_all(unit, row.id, "merged")
        await grants.note(unit, "account", row.id)


async def _locked(unit: UnitOfWork, account_id: str) -> Row:
    found = await unit.first(
        select(accounts)
        .where(accounts.c.tenant_id == unit.tenant_id, accounts.c.id == account_id)
        .with_for_update()
    )
    if found is None:
        raise NotFound("ACCOUNT_NOT_FOUND")
    return found


async def _write(unit: UnitOfWork, account_id: str, values: Mapping[str, Any]) -> Row:
    statement = (
        update(accounts)
        .where(accounts.c.tenant_id == unit.tenant_id, accounts.c.id == account_id)
        .values(version=accounts.c.version + 1, updated_at=unit.now, **values)
        .returning(accounts)
    )
    return await unit.one(statement)


async def _write_credentials(unit: UnitOfWork, account: Row, values: Mapping[str, Any]) -> None:
    await unit.execute(
        update(credentials)
        .where(credentials.c.tenant_id == account.tenant_id, credentials.c.account_id == account.id)
        .values(**values)
    )


def invitation_end() -> datetime:
    """When an invitation made now stops working, in whole seconds of system time."""
    return (system_now() + rules.INVITATION_DAYS).replace(microsecond=0)
