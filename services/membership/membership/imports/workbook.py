"""Reads a workbook in a process of its own.

A workbook comes from outside: it may be broken, huge when unpacked, or made to hurt. The child process
has a memory limit and a deadline, and hands back plain text cells; the service's loop, memory and
descriptors stay out of its reach.
"""

import asyncio
import io
import json
import sys
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

MAX_FILE_BYTES: Final = 10 * 1024 * 1024
MAX_UNPACKED_BYTES: Final = 80 * 1024 * 1024
MAX_PARTS: Final = 2_000
MAX_SHEETS: Final = 20
MAX_ROWS: Final = 5_000
MAX_COLUMNS: Final = 60
MAX_CELL: Final = 500
_MEMORY_BYTES: Final = 768 * 1024 * 1024
_SECONDS: Final = 15.0


class Unreadable(Exception):
    """The file is no workbook, or more than we read; `reason` says which."""

    def __init__(self, reason: str, **params: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.params = params


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet as text: `rows[0]` is the sheet's first row, whatever is in it."""

    name: str
    rows: Sequence[Sequence[str]]


async def read(content: bytes) -> list[Grid]:
    """The visible sheets of an .xlsx file, as text.

    Raises Unreadable for anything that is not one, or that is larger than an import may be.
    """
    if len(content) > MAX_FILE_BYTES:
        raise Unreadable("WORKBOOK_TOO_LARGE", limit=str(MAX_FILE_BYTES // 1024 // 1024))
    _look_inside(content)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        "-c",
        _child_program(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(_SECONDS):
            out, _ = await process.communicate(content)
    except TimeoutError:
        raise Unreadable("WORKBOOK_TOO_LARGE", limit=str(MAX_ROWS)) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise Unreadable("WORKBOOK_UNREADABLE")
    answer = json.loads(out)
    if "reason" in answer:
        raise Unreadable(answer["reason"], **answer["params"])
    return [Grid(sheet["name"], sheet["rows"]) for sheet in answer["sheets"]]


def _child_program() -> str:
    path = [entry for entry in sys.path if entry]
    return f"import sys; sys.path[:] = {path!r}; from membership.imports import workbook; workbook.main()"


def _look_inside(content: bytes) -> None:
    """Refuse what would unpack to far more than it is, before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise Unreadable("WORKBOOK_UNREADABLE") from None
    if "xl/workbook.xml" not in {part.filename for part in parts}:
        raise Unreadable("WORKBOOK_UNREADABLE")
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED_BYTES:
        raise Unreadable("WORKBOOK_TOO_LARGE", limit=str(MAX_UNPACKED_BYTES // 1024 // 1024))


def main() -> None:
    """The child: a workbook on standard input, its text as JSON on standard output."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (int(_SECONDS) + 5, int(_SECONDS) + 5))
    content = sys.stdin.buffer.read()
    try:
        answer: dict[str, Any] = {"sheets": sheets(content)}
    except Unreadable as error:
        answer = {"reason": error.reason, "params": error.params}
    sys.stdout.write(json.dumps(answer))


def sheets(content: bytes) -> list[dict[str, Any]]:
    """Every visible sheet with its cells as text."""
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    found: list[dict[str, Any]] = []
    total = 0
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for about in book.sheets_metadata:
            if about.visible != SheetVisibleEnum.Visible or about.typ != SheetTypeEnum.WorkSheet:
                continue
            if len(found) == MAX_SHEETS:
                raise Unreadable("WORKBOOK_TOO_MANY_SHEETS", limit=str(MAX_SHEETS))
            sheet = book.get_sheet_by_name(about.name)
            if sheet.width > 20 * MAX_COLUMNS:
                raise Unreadable("WORKBOOK_TOO_WIDE", limit=str(MAX_COLUMNS))
            rows: list[list[str]] = []
            left = [""] * (sheet.start[1] if sheet.start else 0)
            for cells in sheet.iter_rows():
                texts = (left + [text_of(cell)[:MAX_CELL] for cell in cells])[:MAX_COLUMNS]
                total += any(texts)
                if total > MAX_ROWS or len(rows) > 20 * MAX_ROWS:
                    raise Unreadable("WORKBOOK_TOO_MANY_ROWS", limit=str(MAX_ROWS))
                rows.append(texts)
            spread(rows, sheet.merged_cell_ranges or ())
            while rows and not any(rows[-1]):
                rows.pop()
            found.append({"name": about.name, "rows": rows})
    except CalamineError as error:
        raise Unreadable("WORKBOOK_UNREADABLE") from error
    return found


def spread(rows: list[list[str]], merged: Iterable[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """Give every row of a vertically merged cell its text: one floor is written once for many firms."""
    for (top, left), (bottom, _) in merged:
        for row in rows[top + 1 : bottom + 1]:
            if left < len(row) and not row[left]:
                row[left] = rows[top][left]


def text_of(cell: Any) -> str:
    """A cell as a person reads it: whole numbers without a point, dates as 2026-11-21."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat(" ", "minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).strip()
