"""The permission matrix, read from matrix.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

SPANNING: Final = "DST"
"""Letters that reach down from the tenant in which a role is held."""
LETTERS: Final = frozenset("DSTBFEUCOA")
BOUND_TO: Final = {"F": "floor", "E": "enterprise"}
"""Letters that mean nothing without the floor or the enterprise they are bound to."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a role has in one column."""

    letter: str
    mode: str
    words: str
    """As the matrix shows it."""


@dataclass(frozen=True, slots=True)
class Given:
    """A permission and the letter that says how far it reaches."""

    permission: str
    letter: str

    def __str__(self) -> str:
        return f"{self.permission}@{self.letter}"


@dataclass(frozen=True, slots=True)
class Column:
    """A matter people act on."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Role:
    """A row of the matrix."""

    code: str
    name_zh: str
    name_en: str
    kinds: frozenset[str]
    bound: frozenset[str]
    staff: bool
    cells: tuple[Cell | None, ...]
    gives: tuple[Given, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Roles by code in the order of the matrix, and its columns."""

    columns: tuple[Column, ...]
    roles: Mapping[str, Role]
    permissions: frozenset[str]
    """Every permission that some role gives."""


def cell(text: str) -> Cell | None:
    """Read a cell; None for nothing. ValueError for a letter that does not exist."""
    if not text:
        return None
    machine, _, words = (part.strip() for part in text.partition("|"))
    letter, _, mode = machine.partition(" ")
    if letter not in LETTERS:
        raise ValueError(f"the matrix has no scope letter {letter!r}")
    return Cell(letter, mode, words or machine)


@cache
def matrix() -> Matrix:
    """The matrix. ValueError where it contradicts itself."""
    raw = tomllib.loads((files(__package__) / "matrix.toml").read_text(encoding="utf-8"))
    columns = tuple(Column(c["code"], c["zh"], c["en"]) for c in raw["columns"])
    given = _given(raw["gives"], {column.code for column in columns})
    used: set[tuple[str, str, str]] = set()
    roles = {}
    for row in raw["roles"]:
        cells = tuple(cell(text) for text in row["cells"])
        if len(cells) != len(columns):
            raise ValueError(f"{row['code']} has {len(cells)} cells for {len(columns)} columns")
        gives = [Given(name, _widest(cells)) for name in raw["everyone"]["permissions"]]
        for column, found in zip(columns, cells, strict=True):
            if found is None:
                continue
            key = (column.code, found.letter, found.mode)
            used.add(key)
            for permission in given.get(key, ()):
                name, _, letter = permission.partition("@")
                gives.append(Given(name, letter or found.letter))
        roles[row["code"]] = Role(
            code=row["code"],
            name_zh=row["zh"],
            name_en=row["en"],
            kinds=frozenset(row["kinds"]),
            bound=frozenset(row.get("bound", ())),
            staff=row.get("staff", False),
            cells=cells,
            gives=tuple(dict.fromkeys(gives)),
        )
    if unused := given.keys() - used:
        raise ValueError(f"no role has these cells, but permissions are given for them: {sorted(unused)}")
    permissions = frozenset(one.permission for role in roles.values() for one in role.gives)
    return Matrix(columns, roles, permissions)


def _given(rows: list[dict[str, Any]], columns: set[str]) -> dict[tuple[str, str, str], list[str]]:
    given: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        if row["column"] not in columns:
            raise ValueError(f"the matrix has no column {row['column']!r}")
        for text in row["cells"]:
            letter, _, mode = text.partition(" ")
            given.setdefault((row["column"], letter, mode), []).extend(row["permissions"])
    return given


def _widest(cells: tuple[Cell | None, ...]) -> str:
    """The letter that the permissions of everyone have in a role: spanning where the role spans."""
    letters = {found.letter for found in cells if found}
    return next((letter for letter in SPANNING if letter in letters), "B")
