"""What the columns of a workbook mean: headings are found, and each is given a fact."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from chassis.errors import FieldError, Invalid

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("企业名称", "单位名称", "公司名称", "商家名称", "商户名称", "名称", "企业", "公司", "单位",
             "name", "company", "companyname", "enterprise"),
    "short_name": ("简称", "企业简称", "公司简称", "shortname"),
    "credit_code": ("统一社会信用代码", "社会信用代码", "信用代码", "统一信用代码", "营业执照号",
                    "creditcode"),
    "industry": ("行业", "所属行业", "行业类别", "行业类型", "企业类型", "业态", "industry"),
    "floor": ("楼层", "所在楼层", "层", "楼层号", "floor"),
    "room": ("房间号", "房号", "房间", "门牌号", "室", "位置", "办公地址", "区域", "room"),
    "branch": ("是否建立党组织", "是否有党支部", "是否建立党支部", "党组织情况", "党支部", "党组织",
               "是否建党组织", "branch"),
    "headcount": ("人数", "员工人数", "职工人数", "从业人数", "员工数", "职工数", "规模", "headcount",
                  "employees"),
    "owner_support": ("企业主态度", "业主态度", "支持情况", "企业主支持情况", "是否支持", "ownersupport"),
    "contact_display": ("联系人", "企业联系人", "联络人", "负责人", "contact"),
    "surveyed_on": ("摸排日期", "摸排时间", "调查日期", "走访日期", "登记日期", "surveydate", "surveyedon"),
}  # fmt: skip
"""The facts a ledger can hold, each with the headings that people give it."""

REQUIRED: Final = frozenset({"name", "floor"})
TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "name": ("企业名称", "Name"),
    "short_name": ("简称", "Short name"),
    "credit_code": ("统一社会信用代码", "Unified social credit code"),
    "industry": ("行业", "Industry"),
    "floor": ("楼层", "Floor"),
    "room": ("房间号", "Room"),
    "branch": ("是否建立党组织", "Own branch"),
    "headcount": ("员工人数", "Employees"),
    "owner_support": ("企业主态度", "Owner's support"),
    "contact_display": ("联系人", "Contact"),
    "surveyed_on": ("摸排日期", "Survey date"),
}
"""What a fact is called, in Chinese and English."""

HEADER_WITHIN: Final = 20
"""Headings stand in one of the first rows; above them are titles and notes."""
_SAMPLES: Final = 3
_LONG_DIGITS: Final = re.compile(r"\d{7,}[\dXx]?")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet and the fact it holds; `field` is empty when it is left out."""

    column: str
    title: str
    field: str
    source: str
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as it was understood. `header_row` counts from 1; 0 when it has no headings."""

    name: str
    header_row: int
    rows: int
    columns: tuple[Column, ...]
    chosen: bool


def key_of_title(title: str) -> str:
    """What spellings of one heading have in common: "企业名称（必填）*" is "企业名称"."""
    plain = unicodedata.normalize("NFKC", title).casefold()
    plain = re.sub(r"\(.*?\)|\[.*?\]", "", plain)
    return "".join(c for c in plain if c.isalnum())


def letter(index: int) -> str:
    """The letter of a column, from 0: A … Z, AA …"""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def propose(name: str, rows: Sequence[Sequence[str]], remembered: Mapping[str, str]) -> Sheet:
    """Find the headings of a sheet and propose what each column holds.

    `remembered` is what this tenant chose for a heading before (by `key_of_title`); it wins over the
    synonyms. A fact is given to one column only, the first that asks for it.
    """
    header = _header_row(rows, remembered)
    if header < 0:
        return Sheet(name, 0, 0, (), chosen=False)
    body = [row for row in rows[header + 1 :] if any(row)]
    taken: set[str] = set()
    columns = []
    for index, title in enumerate(rows[header]):
        if not title:
            continue
        field, source = _meaning(key_of_title(title), remembered)
        if field in taken:
            field, source = "", ""
        taken.add(field)
        columns.append(Column(letter(index), title[:60], field, source, _samples(body, index)))
    return Sheet(name, header + 1, len(body), tuple(columns), chosen="name" in taken and bool(body))


def _header_row(rows: Sequence[Sequence[str]], remembered: Mapping[str, str]) -> int:
    """The row with the most known headings; else the first one that looks like headings; else -1."""
    best, most, fallback = -1, 0, -1
    for index, row in enumerate(rows[:HEADER_WITHIN]):
        known = {_meaning(key_of_title(cell), remembered)[0] for cell in row if cell} - {""}
        if len(known) > most:
            best, most = index, len(known)
        if fallback < 0 and sum(1 for cell in row if cell) >= 2:
            fallback = index
    return best if most >= 2 else fallback


def _meaning(title: str, remembered: Mapping[str, str]) -> tuple[str, str]:
    if title in remembered:
        return remembered[title], "remembered"
    for field, synonyms in FIELDS.items():
        if title in synonyms or title in map(key_of_title, TITLES[field]):
            return field, "synonym"
    return "", ""


def _samples(body: Sequence[Sequence[str]], index: int) -> tuple[str, ...]:
    values = (row[index] for row in body if index < len(row) and row[index])
    return tuple(unrevealing(value)[:40] for value, _ in zip(values, range(_SAMPLES), strict=False))


def unrevealing(value: str) -> str:
    """A cell as it may be shown and kept: phones and ID numbers lose their middle."""
    return _LONG_DIGITS.sub(lambda found: f"{found[0][:2]}****{found[0][-2:]}", value)


def choose(
    sheets: Sequence[Sheet], given: Mapping[tuple[str, str], str], names: Sequence[str]
) -> tuple[Sheet, ...]:
    """The sheets after a person's choices: `given` maps (sheet, column letter) to a fact.

    Raises Invalid for a sheet, column or fact that does not exist, a fact given twice, no chosen sheet,
    or a chosen sheet without a column for a required fact.
    """
    known = {sheet.name for sheet in sheets}
    wrong = [FieldError("sheets", "SHEET_UNKNOWN", {"sheet": name}) for name in names if name not in known]
    columns = {(sheet.name, column.column) for sheet in sheets for column in sheet.columns}
    for (sheet_name, column_name), field in given.items():
        where = {"sheet": sheet_name, "column": column_name, "field": field}
        if (sheet_name, column_name) not in columns:
            wrong.append(FieldError("columns", "COLUMN_UNKNOWN", where))
        elif field and field not in FIELDS:
            wrong.append(FieldError("columns", "FIELD_UNKNOWN", where))
    chosen = tuple(_with_choices(sheet, given, names) for sheet in sheets)
    for sheet in chosen:
        if sheet.chosen:
            wrong.extend(_gaps(sheet))
    if not wrong and not any(sheet.chosen for sheet in chosen):
        wrong.append(FieldError("sheets", "NO_SHEET_CHOSEN"))
    if wrong:
        raise Invalid("MAPPING_INVALID", fields=wrong)
    return chosen


def _with_choices(sheet: Sheet, given: Mapping[tuple[str, str], str], names: Sequence[str]) -> Sheet:
    choices = {column: field for (name, column), field in given.items() if name == sheet.name}
    columns = []
    for column in sheet.columns:
        if column.column in choices:
            column = replace(column, field=choices[column.column], source="given")
        elif column.field in choices.values():
            # A fact that a person gave to another column is taken from the one it was proposed for.
            column = replace(column, field="", source="")
        columns.append(column)
    is_chosen = sheet.name in names if names else any(column.field == "name" for column in columns)
    return replace(sheet, columns=tuple(columns), chosen=is_chosen and sheet.rows > 0)


def _gaps(sheet: Sheet) -> list[FieldError]:
    fields = [column.field for column in sheet.columns if column.field]
    twice = {field for field in fields if fields.count(field) > 1}
    missing = REQUIRED - set(fields)
    return [
        *(
            FieldError("columns", "FIELD_GIVEN_TWICE", {"sheet": sheet.name, "field": f})
            for f in sorted(twice)
        ),
        *(
            FieldError("columns", "FIELD_NOT_GIVEN", {"sheet": sheet.name, "field": f})
            for f in sorted(missing)
        ),
    ]


def index_of(column: str) -> int:
    """The index of a column letter, from 0."""
    index = 0
    for character in column:
        index = index * 26 + ord(character) - 64
    return index - 1
