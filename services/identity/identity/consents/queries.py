"""Reads of consents."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select

from chassis.errors import NotFound
from chassis.statements import Row
from chassis.units import Reader
from identity.consents.tables import consents
from identity.people import queries as people


async def own(reader: Reader, consent_id: str) -> Row:
    """One of the caller's agreements; CONSENT_NOT_FOUND for anything else."""
    found = await reader.first(
        select(consents).where(
            consents.c.id == consent_id, consents.c.account_id == reader.context.caller.account_id
        )
    )
    if found is None:
        raise NotFound("CONSENT_NOT_FOUND")
    return found


async def own_page(reader: Reader, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """The caller's agreements, newest first; one more than `size` where there are more."""
    statement = select(consents).where(consents.c.account_id == reader.context.caller.account_id)
    if after:
        statement = statement.where(consents.c.id < after[0])
    return await reader.fetch(statement.order_by(consents.c.id.desc()).limit(size + 1))


async def agreed(reader: Reader, person_id: str, purpose: str, recipient_id: str) -> bool:
    """Whether a person agrees to a purpose towards an organisation now."""
    found = await reader.first(
        select(consents.c.id)
        .where(
            consents.c.tenant_id == recipient_id,
            consents.c.person_id.in_(await people.same(reader, person_id)),
            consents.c.purpose == purpose,
            consents.c.withdrawn_at.is_(None),
            or_(consents.c.expires_at.is_(None), consents.c.expires_at > reader.now),
        )
        .limit(1)
    )
    return found is not None
