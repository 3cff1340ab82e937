"""What is rendered for the driver, and rows that are not in the database yet."""

import pytest
from sqlalchemy import bindparam, insert, select, update

from chassis.statements import NewRow, render, render_many
from chassis.tables import number_blocks as blocks

OWN = select(blocks.c.next).where(blocks.c.tenant_id == bindparam("own"))


def test_values_fill_the_places_of_a_constant_statement() -> None:
    sql, arguments = render(OWN, {"own": "a"})
    assert sql.endswith("WHERE number_blocks.tenant_id = $1::UUID")
    assert arguments == ["a"]
    assert render(OWN, {"own": "b"}) == (sql, ["b"])


def test_literals_of_a_statement_built_anew_are_never_those_of_another() -> None:
    built = [
        select(blocks.c.next).where(blocks.c.series == name).limit(size)
        for name, size in (("a", 1), ("b", 2))
    ]
    first, second = (render(statement) for statement in built)
    assert first.sql == second.sql
    assert (first.arguments, second.arguments) == (["a", 1], ["b", 2])


@pytest.mark.parametrize("names", [[], ["a"], ["a", "b", "c"]])
def test_a_list_gets_as_many_places_as_it_has_values(names: list[str]) -> None:
    sql, arguments = render(update(blocks).where(blocks.c.series.in_(names)).values(next=7))
    assert arguments == [7, *names]
    assert sql.count("$") == 1 + len(names)


def test_many_rows_share_one_text() -> None:
    rows = [{"tenant_id": "t", "series": str(number), "next": number} for number in range(3)]
    sql, arguments = render_many(insert(blocks), rows)
    assert sql.startswith("INSERT INTO number_blocks (tenant_id, series, next) VALUES ($1")
    assert arguments == [["t", str(number), number] for number in range(3)]


def test_a_new_row_reads_like_a_stored_one() -> None:
    row = NewRow({"series": "S", "next": 1})
    assert (row.series, row["next"], list(row), dict(row)) == ("S", 1, ["S", 1], {"series": "S", "next": 1})
    with pytest.raises(AttributeError):
        assert row.other
