"""Matters over gRPC: parse, call, convert."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

from google.protobuf.message import Message
from grpc.aio import ServicerContext

from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.window.v1 import matters_pb2 as pb
from louyu.window.v1.matters_pb2_grpc import MattersServiceServicer
from window.matters import commands, queries, rules
from window.matters.events import STATE
from window.published import to_materials, to_published

_Call = ServicerContext[Any, Any]
_TEXTS: Final = ("name_zh", "name_en", "summary_zh", "summary_en", "promised_days")


class Matters(MattersServiceServicer):
    """Serves louyu.window.v1.MattersService."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units = units
        self._pages = pages

    async def _do(self, request: Message, verb: Callable[[UnitOfWork], Awaitable[Row]]) -> pb.Matter:
        async def work(unit: UnitOfWork) -> pb.Matter:
            return to_matter(await verb(unit))

        return await self._units.command(request, pb.Matter, work)

    async def CreateMatter(self, request: pb.CreateMatterRequest, context: _Call) -> pb.Matter:
        content = rules.Content(
            name_zh=request.name_zh,
            name_en=request.name_en,
            summary_zh=request.summary_zh,
            summary_en=request.summary_en,
            materials=_materials(request.materials),
            promised_days=request.promised_days,
        )
        return await self._do(
            request,
            lambda unit: commands.draft(unit, request.code, content, synthetic=request.synthetic),
        )

    async def UpdateMatter(self, request: pb.UpdateMatterRequest, context: _Call) -> pb.Matter:
        values: dict[str, Any] = {name: getattr(request, name) for name in _TEXTS if request.HasField(name)}
        if request.materials:
            values["materials"] = _materials(request.materials)
        return await self._do(request, lambda unit: commands.edit(unit, request.id, request.etag, values))

    async def PublishMatter(self, request: pb.PublishMatterRequest, context: _Call) -> pb.Matter:
        return await self._do(request, lambda unit: commands.publish(unit, request.id, request.etag))

    async def RetireMatter(self, request: pb.RetireMatterRequest, context: _Call) -> pb.Matter:
        return await self._do(request, lambda unit: commands.retire(unit, request.id, request.etag))

    async def GetMatter(self, request: pb.GetMatterRequest, context: _Call) -> pb.Matter:
        async def work(reader: Reader) -> pb.Matter:
            return to_matter(await queries.matter(reader, request.id))

        return await self._units.query(work)

    async def ListMatters(self, request: pb.ListMattersRequest, context: _Call) -> pb.ListMattersResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListMattersResponse:
            state = STATE.word(request.state)
            rows = await queries.page(reader, state, self._pages.decode(request), size)
            more = ""
            if len(rows) > size:
                more = self._pages.encode(request, [rows[size - 1].code, rows[size - 1].id])
            return pb.ListMattersResponse(
                matters=[to_matter(row) for row in rows[:size]], next_page_token=more
            )

        return await self._units.query(work)

    async def ListPublishedMatters(
        self, request: pb.ListPublishedMattersRequest, context: _Call
    ) -> pb.ListPublishedMattersResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListPublishedMattersResponse:
            after = self._pages.decode(request)
            rows, departments = await queries.published_page(
                reader, request.q, request.department_id, after, size
            )
            more = ""
            if len(rows) > size:
                last = rows[size - 1]
                more = self._pages.encode(request, [last.tenant_id, last.code, last.matter_id])
            return pb.ListPublishedMattersResponse(
                matters=[to_published(row, departments.get(row.tenant_id)) for row in rows[:size]],
                next_page_token=more,
            )

        return await self._units.query(work)


def _materials(materials: Iterable[pb.Material]) -> tuple[rules.Material, ...]:
    return tuple(
        rules.Material(
            code=material.code,
            name_zh=material.name_zh,
            name_en=material.name_en,
            required=material.required,
            hint_zh=material.hint_zh,
            hint_en=material.hint_en,
        )
        for material in materials
    )


def to_matter(row: Row) -> pb.Matter:
    """A matter as its department edits it."""
    return pb.Matter(
        id=row.id,
        etag=str(row.version),
        department_id=row.tenant_id,
        code=row.code,
        name_zh=row.name_zh,
        name_en=row.name_en,
        summary_zh=row.summary_zh,
        summary_en=row.summary_en,
        materials=to_materials(row.materials),
        promised_days=row.promised_days,
        state=STATE.number(row.state),
        version=row.published_version,
        draft_changed=row.draft_changed,
        verbs=rules.VERBS[rules.State(row.state)],
        synthetic=row.synthetic,
        create_time=row.created_at,
        update_time=row.updated_at,
        publish_time=row.published_at,
    )
