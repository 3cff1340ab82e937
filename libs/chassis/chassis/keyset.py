"""Keyset paging over several columns."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, tuple_


def beyond(columns: Sequence[ColumnElement[Any]], key: Sequence[Any]) -> ColumnElement[bool]:
    """The rows that come after a sort key in the ascending order of some columns. PostgreSQL reads them
    off an index that begins with what the statement fixes and goes on with these columns."""
    return tuple_(*columns) > tuple_(*key, types=[column.type for column in columns])
