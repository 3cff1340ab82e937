"""Who may see something of a member's points: the leaderboard, and employers. Everything here is chosen
by the member, and ends when the member says so."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Integer, cast, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork
from membership.enterprises import queries as enterprises
from membership.points import events, queries, rules
from membership.points.rules import Band, Place
from membership.points.settings import SETTINGS
from membership.points.tables import accounts, asks, entries, exports, shares

_REVERSING = entries.alias("reversing")


async def earned(reader: Reader, people: Sequence[str], days: int) -> dict[str, int]:
    """What people earned in the days before now, by person: no deduction, nothing that was reversed."""
    e, a, back = entries.c, accounts.c, _REVERSING.c
    rows = await reader.fetch(
        select(a.person_id, cast(func.sum(e.delta), Integer).label("points"))
        .select_from(
            accounts.join(entries, (e.tenant_id == a.tenant_id) & (e.member == a.id)).outerjoin(
                _REVERSING, (back.tenant_id == e.tenant_id) & (back.reverses == e.id)
            )
        )
        .where(
            a.tenant_id == reader.tenant_id,
            a.person_id.in_(people),
            e.kind.in_(rules.EARNING),
            e.delta > 0,
            e.occurred_at > reader.now - timedelta(days=days),
            back.id.is_(None),
        )
        .group_by(a.person_id)
    )
    return {row.person_id: row.points for row in rows}


async def leaderboard(reader: Reader) -> list[Place]:
    """The first few of those who chose to be shown."""
    a = accounts.c
    settings = await SETTINGS.current(reader)
    shown = await reader.fetch(
        select(a.person_id, a.shown_as).where(a.tenant_id == reader.tenant_id, a.shown_as != "")
    )
    points = await earned(reader, [row.person_id for row in shown], settings.leaderboard_days)
    scores = [(row.person_id, row.shown_as, points.get(row.person_id, 0)) for row in shown]
    return rules.places(scores, settings.leaderboard_size)


async def show_me(unit: UnitOfWork, shown_as: str) -> None:
    """Show the caller under a name, or with an empty one not any more."""
    mine = await queries.mine(unit)
    if mine is None:
        raise Conflict("POINTS_NOT_OPENED")
    a = accounts.c
    await unit.execute(
        update(accounts).where(a.tenant_id == unit.tenant_id, a.id == mine.id).values(shown_as=shown_as)
    )
    unit.audit("points.leaderboard", mine.id, shown=bool(shown_as))


async def ask(unit: UnitOfWork, enterprise_id: str) -> Row:
    """An enterprise asks its people to share. Asking again is the same ask."""
    enterprise = await enterprises.own(unit, enterprise_id)
    row = await unit.first(
        upsert(asks)
        .values(
            tenant_id=unit.tenant_id,
            id=new_id(),
            enterprise_id=enterprise.id,
            enterprise_name=enterprise.name,
            asked_by=unit.context.caller.actor,
            created_at=unit.now,
        )
        .on_conflict_do_nothing()
        .returning(asks)
    )
    if row is None:
        return await _ask_of(unit, enterprise_id)
    unit.audit("points.ask", enterprise_id)
    events.bands_asked(unit, row)
    return row


async def _ask_of(reader: Reader, enterprise_id: str) -> Row:
    k = asks.c
    found = await reader.first(
        select(asks).where(k.tenant_id == reader.tenant_id, k.enterprise_id == enterprise_id)
    )
    if found is None:
        raise NotFound("POINTS_NOT_ASKED")
    return found


async def asked(reader: Reader) -> list[tuple[Row, Row | None]]:
    """The enterprises that ask, the latest first, with the caller's active share towards each."""
    k, s = asks.c, shares.c
    found = await reader.fetch(select(asks).where(k.tenant_id == reader.tenant_id).order_by(k.id.desc()))
    own = await reader.fetch(
        select(shares).where(
            s.tenant_id == reader.tenant_id,
            s.person_id == (reader.context.caller.person_id or None),
            s.ended_at.is_(None),
        )
    )
    mine = {row.enterprise_id: row for row in own}
    return [(row, mine.get(row.enterprise_id)) for row in found]


async def share(unit: UnitOfWork, enterprise_id: str, shown_as: str) -> Row:
    """Share the caller's band with an enterprise that asked. Again is the same share."""
    await _ask_of(unit, enterprise_id)
    mine = await queries.mine(unit)
    if mine is None:
        raise Conflict("POINTS_NOT_OPENED")
    if not shown_as.strip():
        raise Invalid("NAME_MISSING", fields=[FieldError("shown_as", "NAME_MISSING")])
    row = await unit.first(
        upsert(shares)
        .values(
            tenant_id=unit.tenant_id,
            id=new_id(),
            created_at=unit.now,
            updated_at=unit.now,
            created_by=unit.context.caller.actor,
            enterprise_id=enterprise_id,
            person_id=mine.person_id,
            points_account=mine.id,
            shown_as=shown_as.strip(),
        )
        .on_conflict_do_nothing()
        .returning(shares)
    )
    if row is None:
        return next(own for one, own in await asked(unit) if one.enterprise_id == enterprise_id and own)
    unit.audit("points.share", row.id, enterprise=enterprise_id)
    return row


async def end_share(unit: UnitOfWork, share_id: str) -> Row:
    """End a share of the caller's; nothing happens to one that was ended before."""
    s = shares.c
    own = (
        (s.tenant_id == unit.tenant_id)
        & (s.id == share_id)
        & (s.person_id == (unit.context.caller.person_id or None))
    )
    row = await unit.first(select(shares).where(own).with_for_update())
    if row is None:
        raise NotFound("POINTS_SHARE_NOT_FOUND")
    if row.ended_at is not None:
        return row
    unit.audit("points.share-end", row.id, enterprise=row.enterprise_id)
    return await unit.one(
        update(shares)
        .where(own)
        .values(ended_at=unit.now, updated_at=unit.now, version=s.version + 1)
        .returning(shares)
    )


async def sharing_with(reader: Reader, enterprise_id: str) -> Sequence[Row]:
    """The active shares towards an enterprise of the caller's."""
    if enterprise_id not in reader.context.ids("E"):
        raise NotFound("ENTERPRISE_NOT_FOUND")
    s = shares.c
    return await reader.fetch(
        select(shares)
        .where(s.tenant_id == reader.tenant_id, s.enterprise_id == enterprise_id, s.ended_at.is_(None))
        .order_by(s.shown_as, s.id)
    )


@dataclass(frozen=True, slots=True)
class Shared:
    """What an employer gets of a member: nothing else."""

    shown_as: str
    band: Band


async def export(unit: UnitOfWork, enterprise_id: str, agreeing: Collection[str]) -> list[Shared]:
    """The bands of those who share with an enterprise and consent. Each is written down, for the building
    and for the member. Raises Forbidden where nobody does: the employer gets nothing."""
    enterprise = await enterprises.own(unit, enterprise_id)
    rows = [row for row in await sharing_with(unit, enterprise_id) if row.person_id in agreeing]
    if not rows:
        raise Forbidden("POINTS_NOT_CONSENTED")
    settings = await SETTINGS.current(unit)
    points = await earned(unit, [row.person_id for row in rows], settings.band_window_days)
    shown = [(row, rules.band(points.get(row.person_id, 0), settings)) for row in rows]
    written: list[dict[str, Any]] = [
        {
            "tenant_id": unit.tenant_id,
            "id": new_id(),
            "enterprise_id": enterprise.id,
            "enterprise_name": enterprise.name,
            "person_id": row.person_id,
            "band": band,
            "exported_by": unit.context.caller.actor,
            "created_at": unit.now,
        }
        for row, band in shown
    ]
    await unit.execute_many(insert(exports), written)
    unit.audit("points.export", enterprise_id, people=len(rows))
    for row, _ in shown:
        events.bands_exported(unit, row)
    return [Shared(row.shown_as, band) for row, band in shown]


async def my_exports(reader: Reader, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """Who saw the caller's band, the latest first; one more than `size` where there are more."""
    x = exports.c
    statement = select(exports).where(
        x.tenant_id == reader.tenant_id, x.person_id == (reader.context.caller.person_id or None)
    )
    if after:
        statement = statement.where(x.id < after[0])
    return await reader.fetch(statement.order_by(x.id.desc()).limit(size + 1))
