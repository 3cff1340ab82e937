"""The empty workbook whose headings need no mapping."""

import io

from membership.imports import columns

_EXAMPLE = (
    "演示科技有限公司", "演示科技", "", "互联网", "29", "2901", "否", "35", "支持", "演示联系人",
    "2026-03-01",
)  # fmt: skip
_NOTES = (
    ("第一行是表头，请不要改动；示例行请删除。", "Row 1 holds the headings; delete the example row."),
    ("企业名称和楼层必填，其余可以留空。", "Name and floor are required; anything else may be empty."),
    ("楼层写 29、29层 或 B1。", "Write floors as 29 or B1."),
    (
        "不要填写电话和身份证号；联系人只保留首字。",
        "No phone or ID numbers; of a contact only the first letter is kept.",
    ),
)


def build(locale: str) -> bytes:
    """An .xlsx file in the caller's language. Blocks for some milliseconds: run it in a thread."""
    from openpyxl import Workbook
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    language = 1 if locale == "en" else 0
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = ("企业台账", "Enterprises")[language]
    sheet.append([titles[language] for titles in columns.TITLES.values()])
    sheet.append(list(_EXAMPLE))
    for index, field in enumerate(columns.TITLES, 1):
        cell = sheet.cell(row=1, column=index)
        cell.font = Font(bold=True)
        if field in columns.REQUIRED:
            cell.fill = PatternFill("solid", fgColor="F3D9DB")
        sheet.column_dimensions[get_column_letter(index)].width = 22
        sheet.cell(row=2, column=index).number_format = "@"
    sheet.freeze_panes = "A2"
    notes = book.create_sheet(("说明", "Notes")[language])
    for note in _NOTES:
        notes.append([note[language]])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
