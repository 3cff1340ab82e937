"""Copies and erasures of what this service keeps about a person, as `chassis.privacy` declares it."""

import base64
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson
from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.clocks import system_now
from chassis.context import Context, current
from chassis.errors import Invalid
from chassis.privacy import Fate, Map, Record, stored_files
from chassis.statements import Row
from chassis.tables import privacy_erasures, privacy_held
from chassis.units import Reader, UnitOfWork, Units
from louyu.operations.v1 import privacy_pb2 as pb
from louyu.operations.v1.privacy_pb2_grpc import (
    PrivacyServiceServicer,
    add_PrivacyServiceServicer_to_server,
)

if TYPE_CHECKING:
    from chassis.process import Process

_PAGE: Final = 500
_FATES: Final = {
    Fate.DELETED: pb.FATE_DELETED,
    Fate.BLANKED: pb.FATE_BLANKED,
    Fate.KEPT: pb.FATE_KEPT,
}

Unseal = Callable[[str, Row], Awaitable[Mapping[str, Any]]]
"""Opens the sealed columns of a table's row: column → what it says."""


class Erased(NamedTuple):
    """What an erasure did."""

    rows: int
    files: list[str]


async def erase(unit: UnitOfWork, map_: Map, erasure: str, ids: Sequence[str], *, held: bool) -> Erased:
    """Erase a person, once per erasure: what was done is the answer to every repetition."""
    e = privacy_erasures
    begin = upsert(e).values(id=erasure, rows=0, held=held, files=[], erased_at=system_now())
    if not await unit.execute(begin.on_conflict_do_nothing()):
        done = await unit.one(select(e).where(e.c.id == erasure))
        return Erased(done.rows, done.files)
    kept: list[tuple[str, Mapping[str, Any]]] = []
    keys: dict[str, None] = {}
    erased = 0
    # Children come after their parents, whose rows say whose they are.
    for record in reversed(map_.records):
        statement = map_.erase(record, ids) if record.fate is not Fate.KEPT else None
        if statement is None:
            continue
        if record.copied:
            gone = [dict(row) for row in await unit.fetch(map_.gone(record, ids))]
            keys |= dict.fromkeys(file["key"] for file in stored_files(gone))
            kept += [(record.name, row) for row in gone]
        erased += await unit.execute(statement)
    if held:
        rows = [
            {
                "erasure_id": erasure,
                "position": number,
                "collection": name,
                "content": orjson.loads(_json(row)),
            }
            for number, (name, row) in enumerate(kept)
        ]
        await unit.execute_many(insert(privacy_held), rows)
    await unit.execute(update(e).where(e.c.id == erasure).values(rows=erased, files=list(keys)))
    unit.audit("privacy.erase", erasure, rows=erased, held=held)
    return Erased(erased, list(keys))


async def release(unit: UnitOfWork, erasure: str) -> int:
    """Delete what an erasure stored apart; how many rows."""
    e = privacy_erasures
    gone = await unit.execute(delete(privacy_held).where(privacy_held.c.erasure_id == erasure))
    if await unit.execute(update(e).where(e.c.id == erasure, e.c.held).values(held=False)):
        unit.audit("privacy.release", erasure, rows=gone)
    return gone


class Copier:
    """Reads a person's copy page by page."""

    def __init__(self, map_: Map, unseal: Unseal | None) -> None:
        self._map = map_
        self._unseal = unseal

    async def page(self, reader: Reader, ids: Sequence[str], token: str) -> tuple[list[pb.CopiedRows], str]:
        """Rows from where the token says; the token of the next page, empty at the end."""
        place, skip = _place(token)
        parts: list[pb.CopiedRows] = []
        room = _PAGE
        for number, record in enumerate(self._map.records):
            if number < place or not record.copied:
                continue
            statement = self._map.copy(record, ids).limit(room).offset(skip if number == place else 0)
            rows = await reader.fetch(statement)
            if rows:
                shown = [await self._shown(record, row) for row in rows]
                parts.append(pb.CopiedRows(collection=record.name, rows=_json(shown)))
            if len(rows) == room:
                return parts, f"{number}:{(skip if number == place else 0) + room}"
            room -= len(rows)
        return parts, ""

    async def _shown(self, record: Record, row: Row) -> dict[str, Any]:
        shown = dict(row)
        if record.sealed and self._unseal is not None:
            opened = await self._unseal(record.name, row)
            shown |= {name: opened.get(name) for name in record.sealed}
        return shown


def _place(token: str) -> tuple[int, int]:
    try:
        place, _, skip = token.partition(":")
        return (int(place), int(skip)) if token else (0, 0)
    except ValueError:
        raise Invalid("INVALID_PAGE_TOKEN") from None


def _json(value: Any) -> bytes:
    return orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS)


def _plain(value: Any) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(type(value).__name__)


class Privacy(PrivacyServiceServicer):
    """Serves louyu.operations.v1.PrivacyService: identity asks, on a person's behalf."""

    def __init__(self, units: Units, map_: Map, unseal: Unseal | None) -> None:
        self._units = units
        self._map = map_
        self._copier = Copier(map_, unseal)

    async def CountPerson(self, request: pb.CountPersonRequest, context: Any) -> pb.CountPersonResponse:
        async def work(reader: Reader) -> pb.CountPersonResponse:
            reply = pb.CountPersonResponse()
            for record in self._map.records:
                if record.copied:
                    found = await reader.one(self._map.count(record, request.ids))
                    if found.rows:
                        reply.collections.add(
                            name=record.name,
                            rows=found.rows,
                            open=found.open,
                            fate=_FATES[record.fate],
                            ground=record.ground,
                        )
            return reply

        return await self._units.run(_context(), work)

    async def CopyPerson(self, request: pb.CopyPersonRequest, context: Any) -> pb.CopyPersonResponse:
        async def work(reader: Reader) -> pb.CopyPersonResponse:
            parts, token = await self._copier.page(reader, request.ids, request.page_token)
            return pb.CopyPersonResponse(parts=parts, next_page_token=token)

        return await self._units.run(_context(), work)

    async def ErasePerson(self, request: pb.ErasePersonRequest, context: Any) -> pb.ErasePersonResponse:
        async def work(unit: UnitOfWork) -> pb.ErasePersonResponse:
            done = await erase(unit, self._map, request.erasure, request.ids, held=request.held)
            return pb.ErasePersonResponse(rows=done.rows, files=done.files)

        return await self._units.run(_context(), work)

    async def ReleasePerson(self, request: pb.ReleasePersonRequest, context: Any) -> pb.ReleasePersonResponse:
        async def work(unit: UnitOfWork) -> pb.ReleasePersonResponse:
            return pb.ReleasePersonResponse(rows=await release(unit, request.erasure))

        return await self._units.run(_context(), work)


def host_privacy(process: "Process", records: Iterable[Record], unseal: Unseal | None = None) -> None:
    """Copy and erase what the service's tables keep about people, as they declare it."""
    servicer = Privacy(process.units, Map(records), unseal)
    process.serve(add_PrivacyServiceServicer_to_server, servicer)


def _context() -> Context:
    """The caller's, in the one role that reaches a person's rows in every tenant."""
    return replace(current(), mode="privacy")
