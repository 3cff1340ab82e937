"""Declarations of what is kept about people, and the statements that follow from them."""

from typing import Any

from sqlalchemy import Column, LargeBinary, MetaData, PrimaryKeyConstraint, Table, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB

from chassis.privacy import Map, blanked, deleted, kept, nothing, stored_files
from chassis.tables import key, reference

POSTGRES: Any = postgresql
METADATA = MetaData()
letters = Table(
    "letters",
    METADATA,
    key("tenant_id"),
    key("id"),
    key("writer"),
    Column("text", Text, nullable=False),
    Column("form", JSONB, nullable=False),
    Column("number", LargeBinary, nullable=True),
    Column("token", LargeBinary, nullable=False),
    Column("version", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
)
pages = Table(
    "pages",
    METADATA,
    key("tenant_id"),
    key("id"),
    key("letter_id"),
    reference("editor"),
    PrimaryKeyConstraint("tenant_id", "id"),
)
LETTERS = blanked(
    letters,
    subject="writer",
    words="text",
    becomes={"form": {}},
    sealed="number",
    secret="token",
    plain="version",
)
PAGES = deleted(pages, through={"letter_id": "letters"}, subject="editor")
MAP = Map((LETTERS, PAGES))
WHO = ["01a1ff65-eea2-738d-9769-06bd43313962"]


def sql(statement: Any) -> str:
    return str(statement.compile(dialect=POSTGRES.dialect()))


def test_a_row_is_somebodys_by_its_own_column_or_by_its_parents() -> None:
    said = sql(MAP.erase(PAGES, WHO))
    assert said.startswith("DELETE FROM pages WHERE")
    assert "pages.editor IN" in said
    assert "(pages.tenant_id, pages.letter_id) IN (SELECT letters.tenant_id, letters.id" in said


def test_what_is_blanked_is_what_was_declared_and_what_only_machines_read() -> None:
    statement = MAP.erase(LETTERS, WHO)
    assert statement is not None
    written = statement.compile(dialect=POSTGRES.dialect()).params
    assert (written["text"], written["form"], written["number"], written["token"]) == ("", {}, None, b"")


def test_a_copy_has_everything_but_what_only_machines_read() -> None:
    said = sql(MAP.copy(LETTERS, WHO))
    for column in ("text", "form", "number", "writer"):
        assert f"letters.{column}" in said
    assert "letters.token" not in said
    assert "letters.token" not in sql(MAP.gone(LETTERS, WHO)), "nor is it held"


def test_what_is_kept_is_not_touched() -> None:
    assert kept(pages, "a law", subject="editor").privilege == ""
    assert nothing(pages).privilege == ""
    assert blanked(pages, subject="editor").privilege == "", "ids alone say nothing"
    assert MAP.erase(blanked(pages, subject="editor"), WHO) is None


def test_files_are_found_wherever_a_row_names_them() -> None:
    file = {"key": "k", "sha256": "s", "uploader": "u", "name": "n"}
    assert stored_files({"materials": [{"code": "a", "files": [file]}], "results": [file]}) == [file, file]
    assert stored_files([{"key": "k"}, "text", None]) == []
