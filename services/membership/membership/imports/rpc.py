"""Imports over gRPC: parse, call, convert."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from google.api.httpbody_pb2 import HttpBody
from google.protobuf.message import Message
from grpc.aio import ServicerContext

from chassis.context import current
from chassis.errors import FieldError, Invalid
from chassis.files import FileReferences
from chassis.messages import Messages
from chassis.pages import PageTokens, page_size
from chassis.statements import Row
from chassis.units import Reader, UnitOfWork, Units
from louyu.membership.v1 import imports_pb2 as pb
from louyu.membership.v1.imports_pb2_grpc import ImportsServiceServicer
from membership.imports import columns, commands, queries, rules, template, workbook
from membership.imports.events import KIND, OUTCOME, STATE, result_of
from membership.imports.storage import Storage

_Call = ServicerContext[Any, Any]
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Imports(ImportsServiceServicer):
    """Serves louyu.membership.v1.ImportsService."""

    def __init__(
        self,
        units: Units,
        pages: PageTokens,
        files: FileReferences,
        storage: Storage,
        messages: Messages,
    ) -> None:
        self._units = units
        self._pages = pages
        self._files = files
        self._storage = storage
        self._messages = messages

    async def _do(self, request: Message, verb: Callable[[UnitOfWork], Awaitable[Row]]) -> pb.Import:
        async def work(unit: UnitOfWork) -> pb.Import:
            return _full(await verb(unit), unit.context.locale)

        return await self._units.command(request, pb.Import, work)

    async def CreateImport(self, request: pb.CreateImportRequest, context: _Call) -> pb.Import:
        caller = current()
        try:
            file = self._files.claim(
                request.file, tenant_id=caller.tenant_id, account_id=caller.caller.account_id
            )
            # Read before the transaction opens: a slow store must not hold a connection.
            grids = await self._read(file.key)
        except Invalid as error:
            fault = FieldError("file", error.reason, error.params)
            raise Invalid(error.reason, fields=[fault], params=error.params) from error
        return await self._do(
            request,
            lambda unit: commands.create_import(unit, file.record(), grids, synthetic=request.synthetic),
        )

    async def CheckImport(self, request: pb.CheckImportRequest, context: _Call) -> pb.Import:
        async def find(reader: Reader) -> str:
            found = await queries.get(reader, request.id)
            rules.require(found.state, "check")
            return str(found.file["key"])

        grids = await self._read(await self._units.query(find))
        given = {(choice.sheet, choice.column): choice.field for choice in request.columns}
        return await self._do(
            request,
            lambda unit: commands.check_import(
                unit, request.id, grids, given, request.sheets, etag=request.etag
            ),
        )

    async def RunImport(self, request: pb.RunImportRequest, context: _Call) -> pb.Import:
        return await self._do(request, lambda unit: commands.run_import(unit, request.id, etag=request.etag))

    async def DiscardImport(self, request: pb.DiscardImportRequest, context: _Call) -> pb.Import:
        return await self._do(
            request, lambda unit: commands.discard_import(unit, request.id, etag=request.etag)
        )

    async def GetImport(self, request: pb.GetImportRequest, context: _Call) -> pb.Import:
        async def work(reader: Reader) -> pb.Import:
            return _full(await queries.get(reader, request.id), reader.context.locale)

        return await self._units.query(work)

    async def ListImports(self, request: pb.ListImportsRequest, context: _Call) -> pb.ListImportsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListImportsResponse:
            rows = await queries.page(reader, self._pages.decode(request), size)
            more = self._pages.encode(request, [rows[size - 1].id]) if len(rows) > size else ""
            found = [_brief(row) for row in rows[:size]]
            return pb.ListImportsResponse(imports=found, next_page_token=more)

        return await self._units.query(work)

    async def ListImportRows(
        self, request: pb.ListImportRowsRequest, context: _Call
    ) -> pb.ListImportRowsResponse:
        size = page_size(request.page_size)

        async def work(reader: Reader) -> pb.ListImportRowsResponse:
            found = await queries.get(reader, request.id)
            rows = await queries.page_of_rows(
                reader,
                found.id,
                wrong_only=request.problems_only,
                after=self._pages.decode(request),
                size=size,
            )
            more = self._pages.encode(request, [rows[size - 1].position]) if len(rows) > size else ""
            return pb.ListImportRowsResponse(
                rows=[self._row(row, reader.context.locale) for row in rows[:size]],
                next_page_token=more,
            )

        return await self._units.query(work)

    async def ExportTemplate(self, request: pb.ExportTemplateRequest, context: _Call) -> HttpBody:
        content = await asyncio.to_thread(template.build, current().locale)
        return HttpBody(content_type=_XLSX, data=content)

    async def _read(self, key: str) -> list[workbook.Grid]:
        content = await self._storage.read(key, workbook.MAX_FILE_BYTES)
        try:
            return await workbook.read(content)
        except workbook.Unreadable as error:
            raise Invalid(error.reason, params=error.params) from error

    def _row(self, row: Row, locale: str) -> pb.ImportRow:
        return pb.ImportRow(
            sheet=row.sheet,
            row=row.row,
            name=row.name,
            expected=OUTCOME.number(row.expected),
            outcome=OUTCOME.number(row.outcome),
            enterprise_id=row.enterprise_id,
            problems=[
                pb.RowProblem(
                    column=problem["column"],
                    title=problem["title"],
                    field=problem["field"],
                    reason=problem["reason"],
                    message=self._messages.say(problem["reason"], problem["params"], locale),
                    value=problem["value"],
                )
                for problem in row.problems
            ],
        )


def _brief(row: Row) -> pb.Import:
    """An import as lists show it."""
    return pb.Import(
        id=row.id,
        etag=str(row.version),
        kind=KIND.number(row.kind),
        file_name=row.file_name,
        state=STATE.number(row.state),
        expected=pb.ImportCounts(**row.expected),
        result=result_of(row),
        total_rows=row.total_rows,
        done_rows=row.done_rows,
        verbs=rules.VERBS[row.state],
        creator=row.created_by,
        synthetic=row.synthetic,
        create_time=row.created_at,
        finish_time=row.finished_at,
    )


def _full(row: Row, locale: str) -> pb.Import:
    """An import with its sheets and what their columns can hold."""
    language = 1 if locale == "en" else 0
    found = _brief(row)
    found.sheets.extend(
        pb.ImportSheet(
            name=sheet.name,
            header_row=sheet.header_row,
            rows=sheet.rows,
            chosen=sheet.chosen,
            columns=[
                pb.ImportColumn(
                    column=column.column,
                    title=column.title,
                    field=column.field,
                    samples=column.samples,
                    source=column.source,
                )
                for column in sheet.columns
            ],
        )
        for sheet in commands.sheets_of(row)
    )
    found.fields.extend(
        pb.ImportField(field=field, title=titles[language], required=field in columns.REQUIRED)
        for field, titles in columns.TITLES.items()
    )
    return found
