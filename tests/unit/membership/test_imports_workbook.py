"""Workbooks come from outside: broken, huge or hostile ones are refused without harm."""

import io
import zipfile
from collections.abc import Sequence

import openpyxl
import pytest

from membership.imports import template, workbook
from membership.imports.columns import FIELDS, propose
from membership.imports.workbook import Unreadable


def book(rows: Sequence[Sequence[object]], *, merge: str = "") -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    if merge:
        sheet.merge_cells(merge)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


async def test_cells_are_read_as_people_see_them() -> None:
    (grid,) = await workbook.read(book([["企业名称", "楼层"], ["睿凡教育", 29], ["阳光", True]]))
    assert [list(row) for row in grid.rows] == [["企业名称", "楼层"], ["睿凡教育", "29"], ["阳光", "是"]]


async def test_a_merged_cell_counts_for_all_its_rows() -> None:
    (grid,) = await workbook.read(book([["楼层", "名称"], [9, "甲"], [None, "乙"]], merge="A2:A3"))
    assert [row[0] for row in grid.rows[1:]] == ["9", "9"]


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
async def test_the_template_needs_no_mapping(locale: str) -> None:
    first, _ = await workbook.read(template.build(locale))
    sheet = propose(first.name, first.rows, {})
    assert [column.field for column in sheet.columns] == list(FIELDS)
    assert sheet.chosen


@pytest.mark.parametrize("content", [b"", b"name,floor\n", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0" * 99])
async def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        await workbook.read(content)
    assert refused.value.reason == "WORKBOOK_UNREADABLE"


async def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (workbook.MAX_UNPACKED_BYTES + 1))
    assert len(out.getvalue()) < workbook.MAX_FILE_BYTES
    with pytest.raises(Unreadable) as refused:
        await workbook.read(out.getvalue())
    assert refused.value.reason == "WORKBOOK_TOO_LARGE"


async def test_a_bomb_that_lies_about_its_size_ends_in_the_child() -> None:
    out = io.BytesIO(book([["企业名称", "楼层"]]))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b"<sst>" + b"<si><t>x</t></si>" * 400_000)
    raw = out.getvalue()
    try:
        grids = await workbook.read(raw)
    except Unreadable:
        return
    assert sum(len(grid.rows) for grid in grids) <= workbook.MAX_ROWS


async def test_more_rows_than_an_import_takes_are_refused() -> None:
    with pytest.raises(Unreadable) as refused:
        await workbook.read(book([["名称"]] + [["x"]] * workbook.MAX_ROWS))
    assert refused.value.reason == "WORKBOOK_TOO_MANY_ROWS"


async def test_a_cell_far_below_does_not_cost_a_million_rows() -> None:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet["A1"], sheet["B1"], sheet["A1048576"] = "企业名称", "楼层", "遥远"
    out = io.BytesIO()
    made.save(out)
    with pytest.raises(Unreadable) as refused:
        await workbook.read(out.getvalue())
    assert refused.value.reason == "WORKBOOK_TOO_MANY_ROWS"
