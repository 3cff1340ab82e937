"""Reads of reviews, and of what a grade may rest on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, false, select, true

from chassis.context import Context
from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from membership.appraisal import queries as appraisal
from membership.honours import queries as honours
from membership.reviews.rules import Basis, days_of
from membership.reviews.tables import reviews

ONESELF: Final = "reviews.use"
"""The permission that everybody of the building has, over what is their own."""


@dataclass(frozen=True, slots=True)
class There:
    """A basis that is there: the record it is, where it is one."""

    kind: Basis
    record_id: str = ""
    grade: str = ""
    counts: Sequence[int] = ()
    reference: str = ""
    stars: int = 0


def visible(context: Context) -> ColumnElement[bool]:
    """B: every review."""
    return true() if context.mode in ("job", "consumer") or context.has("B") else false()


def here(reader: Reader) -> ColumnElement[bool]:
    """The reviews that the caller may see for the building."""
    return (reviews.c.tenant_id == reader.tenant_id) & visible(reader.context)


def own(reader: Reader) -> ColumnElement[bool]:
    """The caller's own."""
    r = reviews.c
    return (r.tenant_id == reader.tenant_id) & (r.person_id == (reader.context.caller.person_id or None))


async def one(reader: Reader, where: ColumnElement[bool], review_id: str, *, lock: bool = False) -> Row:
    """One among those of the caller's; REVIEW_NOT_FOUND for any other."""
    statement = select(reviews).where(where, reviews.c.id == review_id)
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("REVIEW_NOT_FOUND")
    return found


async def page(
    reader: Reader,
    where: ColumnElement[bool],
    *,
    year: int = 0,
    state: str = "",
    after: Sequence[Any] | None,
    size: int,
) -> Sequence[Row]:
    """Reviews of the caller's, newest first, `size` + 1 at most."""
    r = reviews.c
    statement = select(reviews).where(where)
    if year:
        statement = statement.where(r.year == year)
    if state:
        statement = statement.where(r.state == state)
    if after:
        statement = statement.where(r.id < after[0])
    return await reader.fetch(statement.order_by(r.id.desc()).limit(size + 1))


async def reviewed(reader: Reader, year: int) -> Mapping[str, str]:
    """Who has a review of a year already, by person."""
    r = reviews.c
    found = await reader.fetch(
        select(r.person_id, r.id).where(r.tenant_id == reader.tenant_id, r.year == year)
    )
    return {row.person_id: row.id for row in found}


async def bases(reader: Reader, rows: Sequence[Row]) -> Mapping[str, Sequence[There]]:
    """What each review's grade may rest on, or rests on once it is decided."""
    people = {row.person_id for row in rows}
    appraised = await appraisal.with_stars(reader, people)
    honoured = await honours.once_shown(reader, people)
    return {row.id: _bases(row, appraised, honoured) for row in rows}


def _bases(row: Row, appraised: Sequence[Row], honoured: Sequence[Row]) -> Sequence[There]:
    found = []
    if row.self_grade:
        found.append(There(Basis.SELF, grade=row.self_grade))
    for kind in (Basis.PEERS, Basis.POLL):
        if row[kind] is not None:
            found.append(There(kind, counts=row[kind], reference=row[f"{kind}_reference"]))
    first, last = days_of(row.year)
    for one in _rests_on(row, row.appraisal_id, appraised):
        if row.decided_at or first <= one.until_on <= last:
            found.append(There(Basis.APPRAISAL, one.id, stars=one.stars))
            break
    for one in _rests_on(row, row.honour_id, honoured):
        if row.decided_at or (one.displayed and one.from_on <= last and one.until_on >= first):
            found.append(There(Basis.HONOUR, one.id, stars=one.stars))
            break
    return [one for one in found if not row.decided_at or one.kind in row.bases]


def _rests_on(row: Row, pinned: str | None, records: Sequence[Row]) -> Sequence[Row]:
    """The records of a review's member; once it is decided, the one that was named."""
    own = [one for one in records if one.person_id == row.person_id]
    return [one for one in own if one.id == pinned] if row.decided_at else own
