"""What the columns and cells of a ledger mean."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid
from membership.imports import cells, columns

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
LEDGER = [
    ["华融国际大厦企业台账", "", "", ""],
    ["填表日期：2026年3月", "", "", ""],
    ["序号", "企业名称（必填）", "所在楼层", "联系电话"],
    ["1", "睿凡教育", "9层", "13812345678"],
    ["", "", "", ""],
    ["2", "阳光保险", "12F", "010-66668888"],
]


def test_headings_are_found_below_titles_and_notes() -> None:
    sheet = columns.propose("台账", LEDGER, {})
    assert (sheet.header_row, sheet.rows, sheet.chosen) == (3, 2, True)
    assert {column.column: column.field for column in sheet.columns} == {
        "A": "", "B": "name", "C": "floor", "D": "",
    }  # fmt: skip


def test_samples_never_show_a_phone() -> None:
    sheet = columns.propose("台账", LEDGER, {})
    shown = "".join(sample for column in sheet.columns for sample in column.samples)
    assert "13812345678" not in shown
    assert "睿凡教育" in shown


def test_what_was_chosen_before_wins_over_the_synonyms() -> None:
    remembered = {columns.key_of_title("序号"): "room", columns.key_of_title("所在楼层"): ""}
    sheet = columns.propose("台账", LEDGER, remembered)
    assert {c.title: (c.field, c.source) for c in sheet.columns if c.source == "remembered"} == {
        "序号": ("room", "remembered"),
        "所在楼层": ("", "remembered"),
    }


def test_a_choice_takes_the_fact_from_the_proposed_column() -> None:
    sheet = columns.propose("台账", LEDGER, {})
    (chosen,) = columns.choose([sheet], {("台账", "A"): "floor"}, [])
    assert {c.column: c.field for c in chosen.columns if c.field} == {"A": "floor", "B": "name"}


@pytest.mark.parametrize(
    ("given_columns", "names", "reason"),
    [
        ({("台账", "C"): ""}, [], "FIELD_NOT_GIVEN"),
        ({("台账", "Z"): "room"}, [], "COLUMN_UNKNOWN"),
        ({("台账", "D"): "phone"}, [], "FIELD_UNKNOWN"),
        ({("台账", "A"): "room", ("台账", "D"): "room"}, [], "FIELD_GIVEN_TWICE"),
        ({}, ["别的"], "SHEET_UNKNOWN"),
    ],
)
def test_an_impossible_choice_is_named(
    given_columns: dict[tuple[str, str], str], names: list[str], reason: str
) -> None:
    with pytest.raises(Invalid) as refused:
        columns.choose([columns.propose("台账", LEDGER, {})], given_columns, names)
    assert reason in {wrong.reason for wrong in refused.value.fields}


def test_a_sheet_without_headings_is_not_chosen() -> None:
    assert not columns.propose("封面", [["企业台账"], [], ["2026"]], {}).chosen


@given(st.integers(0, 20_000))
def test_column_letters_count_like_a_spreadsheet(index: int) -> None:
    assert columns.index_of(columns.letter(index)) == index


@pytest.mark.parametrize(
    ("written", "floor"),
    [
        ("29", "29"), ("29层", "29"), ("第29层", "29"), ("29F", "29"), ("29 f", "29"), ("029", "29"),
        ("二十九层", "29"), ("十楼", "10"), ("十二层", "12"), ("三层", "3"),
        ("B1", "B1"), ("b2层", "B2"), ("负一层", "B1"), ("地下1层", "B1"), ("-1", "B1"),
        ("0", None), ("天台", None), ("1-3层", None), ("", None),
    ],
)  # fmt: skip
def test_floors_are_understood_as_written(written: str, floor: str | None) -> None:
    assert cells.floor_of(written) == floor


@pytest.mark.parametrize(
    ("written", "band"),
    [("8", "up_to_10"), ("10人", "up_to_10"), ("11-50", "11_to_50"), ("约200", "101_to_300"),
     ("300以上", "over_300"), ("1,200", "over_300"), ("若干", None), ("", None)],
)  # fmt: skip
def test_headcounts_become_bands(written: str, band: str | None) -> None:
    assert cells.headcount_of(written) == band


@pytest.mark.parametrize(
    ("written", "day"),
    [("2026-03-01", date(2026, 3, 1)), ("2026/3/1", date(2026, 3, 1)), ("2026年3月1日", date(2026, 3, 1)),
     ("2026.03.01 14:00", date(2026, 3, 1)), ("46082", date(2026, 3, 1)), ("2026-13-01", None),
     ("昨天", None)],
)  # fmt: skip
def test_days_are_understood_as_written(written: str, day: date | None) -> None:
    assert cells.day_in(written) == day


def test_a_row_names_everything_it_does_not_say_right() -> None:
    row = cells.understand(
        {"name": "", "floor": "天台", "branch": "也许", "headcount": "若干", "surveyed_on": "2027-01-01"}, NOW
    )
    assert {(wrong.field, wrong.reason) for wrong in row.wrong} == {
        ("name", "FIELD_MISSING"),
        ("floor", "FLOOR_INVALID"),
        ("branch", "YES_OR_NO_EXPECTED"),
        ("headcount", "HEADCOUNT_INVALID"),
        ("surveyed_on", "DATE_IN_FUTURE"),
    }


@given(st.dictionaries(st.sampled_from(sorted(columns.FIELDS)), st.text(max_size=30)))
def test_no_cell_brings_the_reader_down(row: dict[str, str]) -> None:
    read = cells.understand(row, NOW)
    assert set(read.facts) <= set(columns.FIELDS)
