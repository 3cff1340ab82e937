"""What can be done with imports."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.errors import DomainError, FieldError, Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from membership.enterprises import commands as enterprises
from membership.imports import columns, events, queries, rules
from membership.imports.cells import Reading, is_total, one_line, understand
from membership.imports.columns import Column, Sheet
from membership.imports.tables import imports, mappings, rows
from membership.imports.workbook import Grid

KIND: Final = "enterprises"
CHUNK: Final = 50
"""Rows that become visible together; a killed run repeats at most the chunk it was in."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the workbook, as far as it was understood."""

    sheet: str
    row: int
    cells: Mapping[str, str]
    reading: Reading


async def create_import(
    unit: UnitOfWork, file: Mapping[str, Any], grids: Sequence[Grid], *, synthetic: bool
) -> Row:
    """Take a workbook that was read, with proposed columns."""
    known = await queries.remembered(unit, KIND)
    sheets = [columns.propose(grid.name, grid.rows, known) for grid in grids]
    statement = (
        insert(imports)
        .values(
            tenant_id=unit.tenant_id,
            id=new_id(),
            created_at=unit.now,
            updated_at=unit.now,
            created_by=unit.context.caller.actor,
            synthetic=synthetic,
            kind=KIND,
            file_name=str(file["name"]),
            file=dict(file),
            state="uploaded",
            sheets=[asdict(sheet) for sheet in sheets],
            expected={},
            total_rows=sum(sheet.rows for sheet in sheets if sheet.chosen),
        )
        .returning(imports)
    )
    found = await unit.one(statement)
    unit.audit("imports.create", found.id)
    return found


async def check_import(
    unit: UnitOfWork,
    import_id: str,
    grids: Sequence[Grid],
    given: Mapping[tuple[str, str], str],
    names: Sequence[str],
    *,
    etag: str,
) -> Row:
    """Read every row with the given columns and write down what would happen to it."""
    found = await _take(unit, import_id, "check", etag)
    sheets = columns.choose(sheets_of(found), given, names)
    lines = [
        line
        for grid in grids
        for sheet in sheets
        if sheet.chosen and sheet.name == grid.name
        for line in lines_of(sheet, grid, unit.now)
    ]
    values, expected = await _expectations(unit, found.id, lines, sheets)
    await unit.execute(delete(rows).where(rows.c.tenant_id == unit.tenant_id, rows.c.import_id == found.id))
    await unit.execute_many(insert(rows), values)
    unit.audit("imports.check", found.id)
    return await _change(
        unit,
        found,
        state="checked",
        sheets=[asdict(sheet) for sheet in sheets],
        expected=expected,
        total_rows=len(values),
    )


async def run_import(unit: UnitOfWork, import_id: str, *, etag: str) -> Row:
    """Start importing what was checked, and remember the columns for the next workbook."""
    found = await _take(unit, import_id, "run", etag)
    choices = {
        columns.key_of_title(column.title): column.field
        for sheet in sheets_of(found)
        if sheet.chosen
        for column in sheet.columns
    }
    values = [
        {
            "tenant_id": unit.tenant_id,
            "kind": KIND,
            "title": title,
            "field": field,
            "updated_at": unit.now,
        }
        for title, field in sorted(choices.items())
        if title
    ]
    if values:
        statement = upsert(mappings).values(values)
        await unit.execute(
            statement.on_conflict_do_update(
                index_elements=["tenant_id", "kind", "title"],
                set_={
                    "field": statement.excluded.field,
                    "updated_at": statement.excluded.updated_at,
                },
            )
        )
    unit.audit("imports.run", found.id)
    return await _change(unit, found, state="running")


async def discard_import(unit: UnitOfWork, import_id: str, *, etag: str = "") -> Row:
    """Drop an import that was not started."""
    found = await _take(unit, import_id, "discard", etag)
    unit.audit("imports.discard", found.id)
    return await _change(unit, found, state="discarded")


async def import_chunk(unit: UnitOfWork, import_id: str) -> int:
    """Import the next rows of a running import, and finish it when there are none; how many things
    were done. Rows and progress become visible together, so a killed run goes on where it was."""
    found = await queries.get(unit, import_id, lock=True)
    if found.state != "running":
        return 0
    waiting = await queries.waiting_rows(unit, import_id, CHUNK)
    counts = dict.fromkeys(rules.OUTCOMES, 0)
    told = []
    for row in waiting:
        outcome, enterprise_id, problems = await _import_row(unit, found, row)
        counts[outcome] += 1
        told.append(
            {
                "at": row.position,
                "became": outcome,
                "of": enterprise_id or None,
                "wrong": problems,
            }
        )
    if told:
        c = rows.c
        statement = (
            update(rows)
            .where(c.tenant_id == unit.tenant_id, c.import_id == import_id, c.position == bindparam("at"))
            .values(
                outcome=bindparam("became"),
                enterprise_id=bindparam("of"),
                problems=bindparam("wrong"),
            )
        )
        await unit.execute_many(statement, told)
    sums: dict[str, Any] = {name: getattr(found, name) + count for name, count in counts.items()}
    sums["done_rows"] = found.done_rows + len(waiting)
    if len(waiting) < CHUNK:
        sums |= {"state": "done", "finished_at": unit.now}
    changed = await _change(unit, found, **sums)
    if changed.state == "done":
        unit.emit(events.finished(changed), aggregate_id=import_id, audience=[changed.created_by])
    return max(len(waiting), 1)


async def forget_file(unit: UnitOfWork, import_id: str) -> None:
    """Note that an import's workbook has been removed from the store."""
    i = imports.c
    await unit.execute(
        update(imports).where(i.tenant_id == unit.tenant_id, i.id == import_id).values(file_removed=True)
    )


async def _import_row(
    unit: UnitOfWork, found: Row, row: Row
) -> tuple[rules.Outcome, str, list[dict[str, Any]]]:
    if row.expected == "rejected":
        return "rejected", "", row.problems
    try:
        # Its own savepoint: a row that the registry refuses must not take its neighbours with it.
        async with unit.savepoint():
            outcome, enterprise_id = await enterprises.take_from_ledger(
                unit,
                row.facts,
                surveyed_at=row.surveyed_at,
                synthetic=found.synthetic,
            )
    except DomainError as error:
        titles = _titles(sheets_of(found), row.sheet)
        wrong = error.fields or (FieldError("name", error.reason, error.params),)
        return "rejected", "", [_problem(one, titles, row.facts) for one in wrong]
    return outcome, enterprise_id, []


def lines_of(sheet: Sheet, grid: Grid, now: datetime) -> list[Line]:
    """The rows of a sheet under its headings; empty ones and sums are no rows."""
    indexes = {c.field: columns.index_of(c.column) for c in sheet.columns if c.field}
    lines = []
    for offset, cells in enumerate(grid.rows[sheet.header_row :]):
        named = {
            field: one_line(cells[index]) if index < len(cells) else "" for field, index in indexes.items()
        }
        if any(named.values()) and not is_total(named):
            number = sheet.header_row + offset + 1
            lines.append(Line(sheet.name, number, named, understand(named, now)))
    return lines


async def _expectations(
    unit: UnitOfWork, import_id: str, lines: Sequence[Line], sheets: Sequence[Sheet]
) -> tuple[list[dict[str, Any]], dict[str, int]]:
    readable = [line for line in lines if not line.reading.wrong]
    expectations = await enterprises.expect_from_ledger(
        unit,
        [(line.reading.facts, line.reading.surveyed_at) for line in readable],
    )
    told = iter(expectations)
    counts: dict[str, int] = dict.fromkeys(rules.OUTCOMES, 0)
    values = []
    for position, line in enumerate(lines, 1):
        told_of_line = None if line.reading.wrong else next(told)
        wrong = line.reading.wrong if told_of_line is None else told_of_line.wrong
        outcome = "rejected" if wrong or told_of_line is None else told_of_line.outcome
        counts[outcome] += 1
        titles = _titles(sheets, line.sheet)
        values.append(
            {
                "tenant_id": unit.tenant_id,
                "import_id": import_id,
                "position": position,
                "sheet": line.sheet,
                "row": line.row,
                "name": columns.unrevealing(line.cells.get("name", ""))[:100],
                "facts": {} if told_of_line is None or wrong else told_of_line.facts.values(),
                "surveyed_at": line.reading.surveyed_at,
                "problems": [_problem(one, titles, line.cells) for one in wrong],
                "expected": outcome,
                "outcome": "",
                "enterprise_id": None,
            }
        )
    return values, counts


def _titles(sheets: Sequence[Sheet], name: str) -> dict[str, Column]:
    return {
        column.field: column
        for sheet in sheets
        if sheet.name == name
        for column in sheet.columns
        if column.field
    }


def _problem(wrong: FieldError, titles: Mapping[str, Column], cells: Mapping[str, str]) -> dict[str, Any]:
    column = titles.get(wrong.field)
    return {
        "column": column.column if column else "",
        "title": column.title if column else "",
        "field": wrong.field,
        "reason": wrong.reason,
        "params": dict(wrong.params),
        "value": columns.unrevealing(cells.get(wrong.field, ""))[:60],
    }


def sheets_of(found: Row) -> list[Sheet]:
    """The sheets of a stored import."""
    return [
        Sheet(
            **{
                **sheet,
                "columns": tuple(
                    Column(**{**column, "samples": tuple(column["samples"])}) for column in sheet["columns"]
                ),
            }
        )
        for sheet in found.sheets
    ]


async def _take(unit: UnitOfWork, import_id: str, verb: str, etag: str) -> Row:
    found = await queries.get(unit, import_id, lock=True)
    rules.require(found.state, verb)
    if etag and etag != str(found.version):
        raise Stale
    return found


async def _change(unit: UnitOfWork, found: Row, **values: Any) -> Row:
    c = imports.c
    return await unit.one(
        update(imports)
        .where(c.tenant_id == unit.tenant_id, c.id == found.id)
        .values(version=c.version + 1, updated_at=unit.now, **values)
        .returning(imports)
    )
