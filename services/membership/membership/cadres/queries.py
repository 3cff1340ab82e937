"""Reads of cadres."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, false, select, true

from chassis import days
from chassis.context import Context
from chassis.errors import NotFound
from chassis.pages import beyond
from chassis.statements import Row
from chassis.units import Reader
from membership.cadres import rules
from membership.cadres.rules import Post, Settings
from membership.cadres.tables import posts, settings
from membership.orgs import queries as orgs


def visible(context: Context) -> ColumnElement[bool]:
    """B and T: every post, and who stands in reserve · F and O: the posts that are held."""
    if context.mode in ("job", "consumer") or context.has("BT"):
        return true()
    if context.has("FO"):
        return posts.c.ended_on.is_(None) & (posts.c.post != Post.RESERVE)
    return false()


async def get(reader: Reader, cadre_id: str, *, lock: bool = False) -> Row:
    """One post; CADRE_NOT_FOUND for anything that the caller may not see."""
    c = posts.c
    own = (c.tenant_id == reader.tenant_id, c.id == cadre_id, visible(reader.context))
    statement = select(posts).where(*own)
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("CADRE_NOT_FOUND")
    return found


async def page(
    reader: Reader, *, org_id: str, post: str, ended: bool, after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    """Posts in the order of rank, `size` + 1 at most."""
    c = posts.c
    statement = select(posts).where(
        c.tenant_id == reader.tenant_id,
        visible(reader.context),
        c.ended_on.is_not(None) if ended else c.ended_on.is_(None),
    )
    for column, value in ((c.org_id, org_id), (c.post, post)):
        if value:
            statement = statement.where(column == value)
    if after:
        statement = statement.where(beyond((c.rank, c.id), (int(after[0]), after[1])))
    return await reader.fetch(statement.order_by(c.rank, c.id).limit(size + 1))


async def secretary(reader: Reader, org_id: str) -> Row | None:
    """Who is secretary of an organisation."""
    c = posts.c
    found = select(posts).where(
        c.tenant_id == reader.tenant_id,
        c.org_id == org_id,
        c.post == Post.SECRETARY,
        c.ended_on.is_(None),
    )
    return await reader.first(found)


async def current(reader: Reader) -> Sequence[Row]:
    """Every post that is held in an organisation in force; a building has some dozens."""
    at_work = {row.id for row in await orgs.in_force(reader)}
    c = posts.c
    held = await reader.fetch(select(posts).where(c.tenant_id == reader.tenant_id, c.ended_on.is_(None)))
    return [row for row in held if row.org_id in at_work]


async def within_a_year(reader: Reader) -> tuple[int, int]:
    """How many people came into a post and how many left one within twelve months, reserves apart."""
    c = posts.c
    since = days.day_of(reader.now) - rules.YEAR
    moved = select(c.person_id, c.term_from, c.ended_on).where(
        c.tenant_id == reader.tenant_id, c.post != Post.RESERVE
    )
    rows = await reader.fetch(moved.where((c.term_from > since) | (c.ended_on > since)))
    came = {row.person_id for row in rows if row.term_from > since}
    went = {row.person_id for row in rows if row.ended_on is not None and row.ended_on > since}
    return len(came), len(went)


async def in_force(reader: Reader) -> tuple[Settings, Row | None]:
    """The settings that hold, and their newest version; the defaults where the building set none."""
    c = settings.c
    newest = select(settings).where(c.tenant_id == reader.tenant_id).order_by(c.version.desc()).limit(1)
    found = await reader.first(newest)
    if found is None:
        return rules.DEFAULTS, None
    return Settings(tuple(found.age_borders), found.smallest_told), found
