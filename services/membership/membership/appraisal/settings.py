"""What a building decided about its rubric."""

from dataclasses import fields

from sqlalchemy import select

from chassis.errors import NotFound
from chassis.units import Reader
from chassis.versions import Versions
from membership.appraisal.rubrics import Rubric
from membership.appraisal.tables import rubrics

RUBRICS = Versions(rubrics, Rubric)
_COLUMNS = tuple(rubrics.c[each.name] for each in fields(Rubric))


async def version(reader: Reader, number: int, tenant_id: str = "") -> Rubric:
    """One version of the building's, the reader's own where no tenant is named. RUBRIC_NOT_FOUND."""
    r = rubrics.c
    owner = tenant_id or reader.tenant_id
    found = await reader.first(select(*_COLUMNS).where(r.tenant_id == owner, r.version == number))
    if found is None:
        raise NotFound("RUBRIC_NOT_FOUND")
    return Rubric(*found)
