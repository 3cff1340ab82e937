"""Reads of people."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Select, and_, or_, select

from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from identity.people.tables import persons, presences

_MATCHES: Final = 200


def _known(tenant_id: str) -> Select[Any]:
    """The people a tenant knows."""
    return (
        select(persons)
        .join(presences, presences.c.person_id == persons.c.id)
        .where(presences.c.tenant_id == tenant_id, persons.c.merged_into.is_(None))
    )


async def person(reader: Reader, person_id: str) -> Row:
    """One person the tenant knows; PERSON_NOT_FOUND for anyone else."""
    found = await reader.first(_known(reader.tenant_id).where(persons.c.id == person_id))
    if found is None:
        raise NotFound("PERSON_NOT_FOUND")
    return found


async def page(reader: Reader, *, words: str, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """People the tenant knows, by name; one more than `size` where there are more."""
    statement = _known(reader.tenant_id)
    for word in words.split():
        statement = statement.where(persons.c.name.icontains(word, autoescape=True))
    if after:
        key, last = after
        later = and_(persons.c.name_key == key, persons.c.id > last)
        statement = statement.where(or_(persons.c.name_key > key, later))
    return await reader.fetch(statement.order_by(persons.c.name_key, persons.c.id).limit(size + 1))


async def matching(reader: Reader, words: str) -> list[str]:
    """Identifiers of people the tenant knows whose name contains the words."""
    statement = _known(reader.tenant_id).with_only_columns(persons.c.id)
    for word in words.split():
        statement = statement.where(persons.c.name.icontains(word, autoescape=True))
    return [row.id for row in await reader.fetch(statement.limit(_MATCHES))]


async def names(reader: Reader, person_ids: Sequence[str]) -> Mapping[str, str]:
    """The names of people, by identifier."""
    if not person_ids:
        return {}
    rows = await reader.fetch(select(persons.c.id, persons.c.name).where(persons.c.id.in_(set(person_ids))))
    return {row.id: row.name for row in rows}


async def by_index(
    reader: Reader, *, id_number: bytes | None = None, phone: bytes | None = None
) -> Row | None:
    """Whoever has this number, anywhere in the district; for identity's own eyes."""
    column, value = (persons.c.id_number_index, id_number) if id_number else (persons.c.phone_index, phone)
    return await reader.first(
        select(persons.c.id, persons.c.name).where(column == value, persons.c.merged_into.is_(None)).limit(1)
    )


async def same(reader: Reader, person_id: str) -> list[str]:
    """The person and every record that was merged into it."""
    rows = await reader.fetch(
        select(persons.c.id).where(or_(persons.c.id == person_id, persons.c.merged_into == person_id))
    )
    return [row.id for row in rows]
