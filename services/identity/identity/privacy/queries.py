"""Reads of privacy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, select

from chassis.clocks import system_now
from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from identity.accounts import queries as accounts
from identity.grants import queries as grants
from identity.people import queries as people
from identity.privacy import rules
from identity.privacy.rules import Kind, State
from identity.privacy.tables import holds, requests, settings, tasks


@dataclass(frozen=True, slots=True)
class Settings:
    """The periods in force; version 0 stands for the defaults."""

    version: int = 0
    grace_days: int = rules.GRACE_DAYS
    copy_days: int = rules.COPY_DAYS


async def current_settings(reader: Reader) -> Settings:
    """The newest version of the district's settings."""
    s = settings.c
    found = await reader.first(
        select(s.version, s.grace_days, s.copy_days).order_by(s.version.desc()).limit(1)
    )
    return Settings(*found) if found else Settings()


async def ids(reader: Reader, person_id: str) -> list[str]:
    """Every id a person has: the own, those of records merged into it, and of all accounts."""
    persons = await people.same(reader, person_id)
    return [*persons, *await accounts.of_persons(reader, persons)]


async def of_person(reader: Reader, person_id: str, kind: Kind | None = None) -> Sequence[Row]:
    """A person's newest requests."""
    statement = select(requests).where(requests.c.person_id == person_id)
    if kind is not None:
        statement = statement.where(requests.c.kind == kind)
    return await reader.fetch(statement.order_by(requests.c.id.desc()).limit(10))


async def page(reader: Reader, kind: Kind | None, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """The district's requests, newest first; one more than `size` where there are more."""
    statement = select(requests).where(requests.c.tenant_id == reader.tenant_id)
    if kind is not None:
        statement = statement.where(requests.c.kind == kind)
    if after:
        statement = statement.where(requests.c.id < after[0])
    return await reader.fetch(statement.order_by(requests.c.id.desc()).limit(size + 1))


async def tasks_of(reader: Reader, request_ids: Sequence[str]) -> Mapping[str, list[Row]]:
    """How far the services are, by request; without what they answered."""
    t = tasks.c
    shown = select(t.request_id, t.service, t.done, t.rows, t.attempts, t.error, t.next_at)
    rows = await reader.fetch(shown.where(t.request_id.in_(request_ids)).order_by(t.service))
    found: dict[str, list[Row]] = {one: [] for one in request_ids}
    for row in rows:
        found[row.request_id].append(row)
    return found


async def answers(reader: Reader, request_id: str) -> Mapping[str, Any]:
    """What each service answered."""
    rows = await reader.fetch(select(tasks.c.service, tasks.c.answer).where(tasks.c.request_id == request_id))
    return {row.service: row.answer for row in rows}


async def working(reader: Reader) -> Sequence[Row]:
    """Requests for which services have something to do."""
    copying = (requests.c.kind == Kind.COPY) & (requests.c.state == State.WAITING)
    return await reader.fetch(
        select(requests).where(copying | requests.c.state.in_(rules.WORKING)).order_by(requests.c.id)
    )


async def due(reader: Reader) -> Sequence[Row]:
    """Erasures that can begin, unless something was in their way a moment ago."""
    r = requests.c
    looked = r.looked_at.is_(None) | (r.looked_at < system_now() - rules.LOOK_AGAIN)
    return await reader.fetch(
        select(requests).where(
            r.kind == Kind.ERASURE, r.state == State.WAITING, r.due_at <= reader.now, looked
        )
    )


async def releasable(reader: Reader) -> Sequence[Row]:
    """Erasures that are stored apart for holds that have all been lifted."""
    held = exists().where(holds.c.person_id == requests.c.person_id, holds.c.lifted_at.is_(None))
    return await reader.fetch(select(requests).where(requests.c.state == State.HELD, ~held))


async def expired(reader: Reader) -> Sequence[Row]:
    """Copies whose time is over."""
    return await reader.fetch(
        select(requests).where(requests.c.state == State.READY, requests.c.expires_at <= reader.now)
    )


async def copies(reader: Reader, person_id: str) -> Sequence[Row]:
    """The copies of a person that can be fetched."""
    return await reader.fetch(
        select(requests).where(requests.c.person_id == person_id, requests.c.state == State.READY)
    )


async def is_held(reader: Reader, person_id: str) -> bool:
    """Whether a legal hold is on a person."""
    found = await reader.first(
        select(holds.c.id).where(holds.c.person_id == person_id, holds.c.lifted_at.is_(None)).limit(1)
    )
    return found is not None


async def hold(reader: Reader, hold_id: str) -> Row:
    """One hold of the district; HOLD_NOT_FOUND for anything else."""
    found = await reader.first(
        select(holds).where(holds.c.tenant_id == reader.tenant_id, holds.c.id == hold_id)
    )
    if found is None:
        raise NotFound("HOLD_NOT_FOUND")
    return found


async def holds_page(
    reader: Reader, *, lifted: bool, after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    """The district's holds, newest first; one more than `size` where there are more."""
    statement = select(holds).where(holds.c.tenant_id == reader.tenant_id)
    if not lifted:
        statement = statement.where(holds.c.lifted_at.is_(None))
    if after:
        statement = statement.where(holds.c.id < after[0])
    return await reader.fetch(statement.order_by(holds.c.id.desc()).limit(size + 1))


async def lone_administrations(reader: Reader, ids: Sequence[str]) -> int:
    """In how many tenants nobody but this person administers accounts."""
    others = await grants.administrators_beside(reader, ids)
    usable = await accounts.usable(reader, [one for those in others.values() for one in those])
    return sum(not those & usable for those in others.values())
