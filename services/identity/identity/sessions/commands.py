"""Opening, turning over and ending sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.clocks import system_now
from chassis.errors import NotFound
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork, Units
from identity.grants import commands as grants
from identity.sessions import rules
from identity.sessions.rules import Presented, RefreshToken
from identity.sessions.tables import keys, sessions, spent, throttles


@dataclass(frozen=True, slots=True)
class Opened:
    """A session and the refresh token that continues it."""

    session: Row
    token: RefreshToken


async def open_session(unit: UnitOfWork, account: Row, remote_address: str, user_agent: str) -> Opened:
    """Begin a session of an account that proved itself."""
    now = system_now()
    session_id = new_id()
    token = RefreshToken.fresh(session_id)
    statement = (
        insert(sessions)
        .values(
            tenant_id=account.tenant_id,
            id=session_id,
            account_id=account.id,
            remote_address=remote_address,
            user_agent=user_agent,
            token_hash=token.stored,
            created_at=now,
            used_at=now,
            expires_at=rules.expires_at(now, now, staff=account.staff),
            revoke_reason="",
        )
        .returning(sessions)
    )
    session = await unit.one(statement)
    unit.audit("sessions.open", session_id, account=account.id)
    return Opened(session, token)


async def locked(unit: UnitOfWork, session_id: str) -> Row | None:
    """A session, for turning it over."""
    return await unit.first(select(sessions).where(sessions.c.id == session_id).with_for_update())


async def presented(unit: UnitOfWork, session: Row, token: RefreshToken) -> Presented:
    """What a refresh token is to a session."""
    if session.token_hash == token.stored:
        return Presented.CURRENT
    known = await unit.scalar(
        select(spent.c.token_hash).where(
            spent.c.tenant_id == session.tenant_id,
            spent.c.session_id == session.id,
            spent.c.token_hash == token.stored,
        )
    )
    return Presented.SPENT if known is not None else Presented.UNKNOWN


async def turn_over(unit: UnitOfWork, session: Row, *, staff: bool, remote_address: str) -> RefreshToken:
    """Exchange the session's refresh token for a new one."""
    now = system_now()
    token = RefreshToken.fresh(session.id)
    await unit.execute(
        insert(spent).values(
            tenant_id=session.tenant_id, session_id=session.id, token_hash=session.token_hash
        )
    )
    await unit.execute(
        update(sessions)
        .where(sessions.c.tenant_id == session.tenant_id, sessions.c.id == session.id)
        .values(
            token_hash=token.stored,
            used_at=now,
            expires_at=rules.expires_at(now, session.created_at, staff=staff),
            remote_address=remote_address or session.remote_address,
        )
    )
    return token


async def revoke(unit: UnitOfWork, session: Row, reason: str) -> None:
    """End a session; its tokens stop working within seconds."""
    await _revoke(unit, and_(sessions.c.tenant_id == session.tenant_id, sessions.c.id == session.id), reason)


async def revoke_own(unit: UnitOfWork, session_id: str) -> Row:
    """End one of the caller's sessions."""
    own = and_(sessions.c.id == session_id, sessions.c.account_id == unit.context.caller.account_id)
    await _revoke(unit, own, "by its owner")
    found = await unit.first(select(sessions).where(own))
    if found is None:
        raise NotFound("SESSION_NOT_FOUND")
    return found


async def revoke_all(unit: UnitOfWork, account_id: str, reason: str, *, keep: str = "") -> int:
    """End every session of an account, except the one to keep."""
    of_account = sessions.c.account_id == account_id
    if keep:
        of_account = and_(of_account, sessions.c.id != keep)
    return await _revoke(unit, of_account, reason)


async def _revoke(unit: UnitOfWork, which: ColumnElement[bool], reason: str) -> int:
    ended = await unit.fetch(
        update(sessions)
        .where(which, sessions.c.revoked_at.is_(None))
        .values(revoked_at=system_now(), revoke_reason=reason)
        .returning(sessions.c.id, sessions.c.account_id)
    )
    rows = ended
    for row in rows:
        unit.audit("sessions.revoke", row.id, account=row.account_id, reason=reason)
        await grants.note(unit, "session", row.account_id, row.id)
    return len(rows)


async def waiting_s(unit: UnitOfWork, throttle: Sequence[bytes]) -> float:
    """How long a sign-in has to wait because of failures before it."""
    until = await unit.scalar(
        select(func.max(throttles.c.blocked_until)).where(throttles.c.key.in_(throttle))
    )
    return max(0.0, (until - system_now()).total_seconds()) if until else 0.0


async def count_failure(unit: UnitOfWork, throttle: tuple[bytes, bytes]) -> None:
    """Count a failed sign-in of a login from a network, and of the network."""
    now = system_now()
    # In one order everywhere, so that failures of one network never wait for each other in a circle.
    for index, key in sorted(enumerate(throttle), key=lambda item: item[1]):
        forgotten = throttles.c.failed_at < now - rules.FORGET
        statement = upsert(throttles).values(key=key, failures=1, failed_at=now, blocked_until=now)
        counted = await unit.scalar(
            statement.on_conflict_do_update(
                index_elements=["key"],
                set_={"failures": case((forgotten, 1), else_=throttles.c.failures + 1), "failed_at": now},
            ).returning(throttles.c.failures)
        )
        wait = rules.wait_s(counted, of_network=index == 1)
        if wait:
            until = now + timedelta(seconds=wait)
            await unit.execute(update(throttles).where(throttles.c.key == key).values(blocked_until=until))


async def forget_failures(unit: UnitOfWork, pair: bytes) -> None:
    """A success forgets the failures of this login from this network."""
    await unit.execute(delete(throttles).where(throttles.c.key == pair))


async def add_key(unit: UnitOfWork, kid: str, seed: bytes, public: bytes) -> None:
    """Publish a new signing key; those before it verify until their last token has expired."""
    now = system_now()
    await unit.execute(
        update(keys).where(keys.c.expires_at.is_(None)).values(expires_at=now + rules.KEY_OVERLAP)
    )
    await unit.execute(insert(keys).values(kid=kid, seed=seed, public=public, created_at=now))
    unit.audit("sessions.rotate", kid)


async def forget_expired(units: Units) -> int:
    """Drop sessions, keys and counters that cannot matter any more."""

    async def work(unit: UnitOfWork) -> int:
        now = system_now()
        ended = sessions.c.expires_at < now - rules.IDLE
        old = select(sessions.c.tenant_id, sessions.c.id).where(ended)
        done = 0
        for row in await unit.fetch(old.limit(500)):
            gone = and_(spent.c.tenant_id == row.tenant_id, spent.c.session_id == row.id)
            await unit.execute(delete(spent).where(gone))
            both = and_(sessions.c.tenant_id == row.tenant_id, sessions.c.id == row.id)
            done += await unit.execute(delete(sessions).where(both))
        stale = throttles.c.failed_at < now - rules.FORGET
        await unit.execute(delete(throttles).where(stale, throttles.c.blocked_until < now))
        await unit.execute(delete(keys).where(keys.c.expires_at < now))
        return done

    return await units.run(units.job_context("forget-expired"), work)


def counted_by(who: str, address: str) -> tuple[bytes, bytes]:
    """What the failures of somebody who proves themselves from an address are counted by."""
    return rules.throttle_keys(who, address)
