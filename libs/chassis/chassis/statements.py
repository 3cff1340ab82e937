"""SQLAlchemy writes the SQL, asyncpg runs it.

Statements are built with SQLAlchemy Core over typed tables. What executes them is asyncpg itself: its
records need no result objects on top, and one request costs a third of what it does through an engine
(docs/adr/0013).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import asyncpg
import orjson
from sqlalchemy import Executable
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.util import LRUCache

Values = Mapping[str, Any]


class Row:
    """One row: columns are attributes, `dict(row)` is the whole of it, `*row` its values."""

    __slots__ = ()

    if TYPE_CHECKING:

        def __getattr__(self, name: str, /) -> Any: ...

        def __getitem__(self, name: str, /) -> Any: ...

        def __iter__(self) -> Iterator[Any]: ...

        def keys(self) -> Iterable[str]: ...


class Record(asyncpg.Record, Row):
    """A row that the database returned."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        if name not in self:
            raise AttributeError(name)
        # From now on this column is a property of the class, read without a Python frame: lists read
        # dozens of columns of dozens of rows.
        setattr(Record, name, property(itemgetter(name)))
        return self[name]


class NewRow(Row):
    """A row that is going to be inserted as it is."""

    __slots__ = ("_columns",)

    def __init__(self, columns: Values) -> None:
        self._columns = columns

    def __getattr__(self, name: str) -> Any:
        try:
            return self._columns[name]
        except KeyError:
            raise AttributeError(name) from None

    def __getitem__(self, name: str) -> Any:
        return self._columns[name]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._columns.values())

    def keys(self) -> Iterable[str]:
        return self._columns.keys()


class Rendered(NamedTuple):
    """A statement as the driver takes it."""

    sql: str
    arguments: Sequence[Any]


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


_DIALECT: Final = dialect(json_serializer=_json)  # type: ignore[no-untyped-call]
_COMPILED: Final[Any] = LRUCache(1000)


def render(statement: Executable, values: Values | None = None) -> Rendered:
    """SQL with $1, $2, … and what to put there. `values` fill bound parameters, or name columns to write."""
    given = values or {}
    compiled, extracted, collected = _compile(statement, given)
    found = compiled.construct_params(
        given, extracted_parameters=extracted, escape_names=False, _collected_params=collected
    )
    if compiled.post_compile_params:
        # "IN (…)" gets as many places as there are values.
        whole = compiled._process_parameters_for_postcompile(found)
        processors = {**compiled._bind_processors, **whole.processors}
        return Rendered(whole.statement, _arguments(whole.positiontup or (), processors, whole.parameters))
    return Rendered(compiled.string, _arguments(compiled.positiontup or (), compiled._bind_processors, found))


def render_many(statement: Executable, rows: Sequence[Values]) -> tuple[str, list[Sequence[Any]]]:
    """The same for many rows at once; every row has the keys of the first."""
    return render(statement, rows[0]).sql, [render(statement, row).arguments for row in rows]


def _compile(statement: Executable, given: Values) -> tuple[SQLCompiler, Any, Any]:
    # The one door to SQLAlchemy's cache of compiled statements, the way its own engine goes through it:
    # compiling anew costs seventy times as much.
    assert isinstance(statement, ClauseElement)
    compiled, extracted, collected, _ = statement._compile_w_cache(
        _DIALECT, compiled_cache=_COMPILED, column_keys=sorted(given)
    )
    assert isinstance(compiled, SQLCompiler)
    return compiled, extracted, collected


def _arguments(names: Iterable[str], processors: Mapping[str, Any], values: Values) -> list[Any]:
    if not processors:
        return [values[name] for name in names]
    return [processors[name](values[name]) if name in processors else values[name] for name in names]


async def read_plainly(connection: "asyncpg.Connection[Any]") -> None:
    """Ids are str and JSON is what it says in Python, whoever reads them."""
    await connection.set_type_codec("uuid", schema="pg_catalog", encoder=str, decoder=str)
    # Written as text: SQLAlchemy has serialised it by then, and so have the statements written by hand.
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=orjson.loads)
