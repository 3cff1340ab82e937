"""What is done with posts: one function a verb, each in the caller's unit of work."""

from collections.abc import Sequence
from dataclasses import dataclass

from asyncpg import UniqueViolationError
from sqlalchemy import insert, update

from chassis import days
from chassis.errors import Conflict, Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership.cadres import events, queries, rules
from membership.cadres.rules import RANK, Post, PostType
from membership.cadres.tables import posts, settings
from membership.orgs import queries as orgs


@dataclass(frozen=True, slots=True)
class Appointment:
    """A post as somebody is put in it."""

    org_id: str
    person_id: str
    display: str
    post: Post
    post_type: PostType
    term_from: str
    term_until: str
    birth_year: int
    synthetic: bool


async def appoint(unit: UnitOfWork, wanted: Appointment) -> Row:
    """Put somebody in a post. ORG_NOT_ACTIVE, SECRETARY_EXISTS, CADRE_EXISTS, TERM_BEFORE_FOUNDING."""
    # The lock keeps the organisation from being dissolved, and two secretaries from being appointed at once.
    org = await orgs.active(unit, wanted.org_id, lock=True)
    today = days.day_of(unit.now)
    first = days.past("term_from", wanted.term_from, unit.now)
    last = days.parse("term_until", wanted.term_until)
    rules.check_term(first, last, org.founded_on)
    rules.check_birth_year(wanted.birth_year, today)
    if wanted.post is Post.SECRETARY and (holder := await queries.secretary(unit, org.id)):
        raise Conflict("SECRETARY_EXISTS", params={"name": org.name, "holder": holder.display})
    statement = (
        insert(posts)
        .values(
            tenant_id=unit.tenant_id,
            id=new_id(),
            created_at=unit.now,
            updated_at=unit.now,
            created_by=unit.context.caller.actor,
            synthetic=wanted.synthetic,
            org_id=org.id,
            person_id=wanted.person_id,
            display=wanted.display,
            post=wanted.post,
            rank=RANK[wanted.post],
            post_type=wanted.post_type,
            term_from=first,
            term_until=last,
            birth_year=wanted.birth_year or None,
        )
        .returning(posts)
    )
    try:
        row = await unit.one(statement)
    except UniqueViolationError as error:
        raise Conflict("CADRE_EXISTS", params={"name": org.name}) from error
    unit.audit("cadres.appoint", row.id, org=org.id, post=str(wanted.post))
    unit.emit(events.appointed(row), aggregate_id=row.id)
    return row


async def end(unit: UnitOfWork, cadre_id: str, etag: str, ending: str, ended_on: str) -> Row:
    """End a post."""
    row = await queries.get(unit, cadre_id, lock=True)
    if etag != str(row.version):
        raise Stale
    last = days.past("ended_on", ended_on, unit.now)
    rules.check_end(row.ended_on is None, row.term_from, last)
    c = posts.c
    row = await unit.one(
        update(posts)
        .where(c.tenant_id == unit.tenant_id, c.id == row.id)
        .values(version=c.version + 1, updated_at=unit.now, ended_on=last, ending=ending)
        .returning(posts)
    )
    unit.audit("cadres.end", row.id, ending=ending)
    unit.emit(events.ended(row), aggregate_id=row.id)
    return row


async def set_figures(unit: UnitOfWork, etag: str, borders: Sequence[int], smallest: int) -> None:
    """Set the figures of age bands anew, as the next version."""
    held, newest = await queries.in_force(unit)
    version = newest.version if newest else 0
    if etag != str(version):
        raise Stale
    wanted = rules.changed(held, borders, smallest)
    try:
        await unit.execute(
            insert(settings).values(
                tenant_id=unit.tenant_id,
                version=version + 1,
                age_borders=list(wanted.age_borders),
                smallest_told=wanted.smallest_told,
                set_by=unit.context.caller.actor,
                set_at=unit.now,
            )
        )
    except UniqueViolationError as error:
        raise Stale from error
    unit.audit("cadres.settings", unit.tenant_id, version=version + 1)
