"""What each table keeps about people, and what becomes of it: declared once, beside the table.

    RECORDS = (
        blanked(tickets, subject="requester", words="summary form remark", acted="assignee created_by",
                plain="number item_name_zh state"),
        blanked(timeline, through={"ticket_id": "requests_tickets"}, subject="actor", words="text"),
        nothing(settings, acted="created_by"),
    )

From these the copy that a person gets (PIPL Art. 45) and the erasure (Art. 47) follow; neither is
written anywhere else (docs/adr/0018). Every column that could hold words, numbers or an id is named, so
that a contract test finds the one that somebody adds and forgets:

    subject   holds an id of the person the row is about: the person's own or one of the accounts
    through   holds the id of another table's row, and the row is about whoever that one is about
    words     what is known about the person: in the copy, gone after erasure
    sealed    the same, encrypted; the service opens it for the copy
    secret    what only machines compare (hashes, tokens): never in a copy, gone after erasure
    acted     names who did something to the row. Stays, and leads to nobody once identity has erased
    plain     says nothing about a person
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    Delete,
    Integer,
    LargeBinary,
    Numeric,
    Select,
    Table,
    Text,
    Update,
    cast,
    delete,
    false,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis import tables

_MUTE: Final = (Integer, Boolean, DateTime, Numeric)
"""Types that say nothing by themselves; their columns need no declaration and are in the copy."""
_STRUCTURE: Final = frozenset({"tenant_id", "id"})


class Fate(StrEnum):
    """What becomes of the rows about a person when the person is erased."""

    NOTHING = "nothing"
    """There are none."""
    DELETED = "deleted"
    BLANKED = "blanked"
    """The rows stay, since figures and other people's records rest on them; what they say is gone."""
    KEPT = "kept"
    """The law asks for them; they are stored and not otherwise used."""


@dataclass(frozen=True, slots=True)
class Record:
    """What one table keeps about people."""

    table: Table
    fate: Fate
    subject: tuple[str, ...] = ()
    through: Mapping[str, str] = field(default_factory=dict)
    mentions: tuple[str, ...] = ()
    """Columns that may contain an id of the person somewhere inside."""
    words: Mapping[str, Any] = field(default_factory=dict)
    """Column → what it holds after erasure."""
    sealed: tuple[str, ...] = ()
    secret: tuple[str, ...] = ()
    acted: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    unfinished: ColumnElement[bool] | None = None
    """Rows that must come to an end before their person can be erased."""
    copied: bool = True
    """False where the rows repeat what others hold, and are in no copy."""
    ground: str = ""
    """The law behind what is kept."""

    @property
    def name(self) -> str:
        """The table's name, under which its rows are in the copy."""
        return self.table.name

    @property
    def privilege(self) -> str:
        """What an erasure must be allowed to do with the table."""
        if self.fate is Fate.DELETED:
            return "DELETE"
        blanks = self.fate is Fate.BLANKED and (self.words or self.sealed or self.secret)
        return "UPDATE" if blanks else ""

    @property
    def declared(self) -> list[str]:
        """Every column that is named, as often as it is."""
        words = [name for name in self.words if name not in self.subject]
        known = [*self.subject, *self.through, *self.mentions, *words, *self.sealed, *self.secret]
        return [*known, *self.acted, *self.plain]


def nothing(table: Table, *, acted: str = "", plain: str = "") -> Record:
    """No row is about a person, though one may name who made it."""
    return Record(table, Fate.NOTHING, acted=_names(acted), plain=_names(plain))


def deleted(table: Table, **said: Any) -> Record:
    """Rows about a person are deleted."""
    return _record(table, Fate.DELETED, **said)


def blanked(table: Table, **said: Any) -> Record:
    """Rows about a person stay without what they say of the person."""
    return _record(table, Fate.BLANKED, **said)


def kept(table: Table, ground: str, **said: Any) -> Record:
    """Rows about a person stay, stored only."""
    return _record(table, Fate.KEPT, ground=ground, **said)


def _record(
    table: Table,
    fate: Fate,
    *,
    subject: str = "",
    through: Mapping[str, str] | None = None,
    mentions: str = "",
    words: str = "",
    becomes: Mapping[str, Any] | None = None,
    sealed: str = "",
    secret: str = "",
    acted: str = "",
    plain: str = "",
    unfinished: ColumnElement[bool] | None = None,
    copied: bool = True,
    ground: str = "",
) -> Record:
    blank = {name: _empty(table, name) for name in _names(words)}
    return Record(
        table=table,
        fate=fate,
        subject=_names(subject),
        through=through or {},
        mentions=_names(mentions),
        words={**blank, **(becomes or {})},
        sealed=_names(sealed),
        secret=_names(secret),
        acted=_names(acted),
        plain=_names(plain),
        unfinished=unfinished,
        copied=copied,
        ground=ground,
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _empty(table: Table, name: str) -> Any:
    column = table.c[name]
    if column.nullable:
        return None
    if isinstance(column.type, JSONB | ARRAY):
        return []
    return b"" if isinstance(column.type, LargeBinary) else ""


def undeclared(records: Iterable[Record], every: Iterable[Table]) -> list[str]:
    """What the declarations leave out or say twice: tables, and columns that could hold something."""
    known = {record.name: record for record in records}
    wrong = []
    for table in every:
        record = known.pop(table.name, None)
        if record is None:
            wrong.append(f"{table.name}: nothing is said about this table")
            continue
        said = record.declared
        wrong += [f"{table.name}.{name} does not exist" for name in said if name not in table.c]
        wrong += [f"{table.name}.{name} is said twice" for name in set(said) if said.count(name) > 1]
        wrong += [
            f"{table.name}.{column.name}: is it about a person?"
            for column in table.c
            if column.name not in said
            and column.name not in _STRUCTURE
            and not isinstance(column.type, _MUTE)
        ]
        if record.fate is not Fate.NOTHING and not (record.subject or record.through or record.mentions):
            wrong.append(f"{table.name}: whose rows are they?")
        if record.fate is Fate.KEPT and not record.ground:
            wrong.append(f"{table.name}: on what ground are they kept?")
    return wrong + [f"{name} is no table of the service" for name in known]


class Map:
    """The declarations of one service, and the statements that follow from them."""

    def __init__(self, records: Iterable[Record]) -> None:
        declared = (*records, *CHASSIS_RECORDS)
        self._by_table = {record.name: record for record in declared}
        self.records = tuple(record for record in declared if record.fate is not Fate.NOTHING)
        """The tables that keep something about people."""

    def about(self, record: Record, ids: Sequence[str]) -> ColumnElement[bool]:
        """The rows about whoever has these ids."""
        t = record.table
        found: list[ColumnElement[bool]] = [t.c[name].in_(ids) for name in record.subject]
        for name, parent in record.through.items():
            above = self._by_table[parent]
            mine = select(above.table.c.tenant_id, above.table.c.id).where(self.about(above, ids))
            found.append(tuple_(t.c.tenant_id, t.c[name]).in_(mine))
        for name in record.mentions:
            column = t.c[name]
            binary = isinstance(column.type, LargeBinary)
            inside = func.encode(column, "escape") if binary else cast(column, Text)
            found += [inside.contains(one) for one in ids]
        return or_(false(), *found)

    def copy(self, record: Record, ids: Sequence[str]) -> Select[Any]:
        """Everything about them that is theirs to have, in the order of the primary key."""
        t = record.table
        hidden = {*record.secret, *record.mentions}
        shown = [column for column in t.c if column.name not in hidden]
        return select(*shown).where(self.about(record, ids)).order_by(*t.primary_key.columns)

    def count(self, record: Record, ids: Sequence[str]) -> Select[Any]:
        """How many rows are about them, and how many of those have not come to an end."""
        still = false() if record.unfinished is None else record.unfinished
        counts: list[Any] = [
            func.count().label("rows"),
            func.count().filter(still).label("open"),
        ]
        return select(*counts).select_from(record.table).where(self.about(record, ids))

    def gone(self, record: Record, ids: Sequence[str]) -> Select[Any]:
        """What an erasure takes away: what a legal hold stores, and where files are named."""
        t = record.table
        names = {column.name for column in t.primary_key.columns} | {*record.words, *record.sealed}
        if record.fate is Fate.DELETED:
            names = {column.name for column in t.c} - {*record.secret, *record.mentions}
        return select(*(t.c[name] for name in sorted(names))).where(self.about(record, ids))

    def erase(self, record: Record, ids: Sequence[str]) -> Delete | Update | None:
        """The statement that erases; None where rows name the person by ids and nothing else."""
        t = record.table
        where = self.about(record, ids)
        if record.fate is Fate.DELETED:
            return delete(t).where(where)
        if record.privilege != "UPDATE":
            return None
        empty = {name: _empty(t, name) for name in (*record.sealed, *record.secret)}
        values: dict[str, Any] = {**record.words, **empty}
        if "version" in t.c:  # whoever had the row open does not write the words back
            values["version"] = t.c.version + 1
        return update(t).where(where).values(values)


def stored_files(value: Any) -> list[dict[str, Any]]:
    """The uploaded files (`chassis.files.File.record`) that a row's JSON names, wherever in it."""
    if isinstance(value, Mapping):
        if {"key", "sha256", "uploader"} <= value.keys():
            return [dict(value)]
        return [found for inner in value.values() for found in stored_files(inner)]
    if isinstance(value, list | tuple):
        return [found for inner in value for found in stored_files(inner)]
    return []


_LOG_LAW: Final = "网络安全法 Art. 21: logs are kept for six months or longer"

CHASSIS_RECORDS: Final = (
    # Events carry ids and categories, which lead to nobody once identity has erased; they are what a lost
    # stream and every figure are rebuilt from.
    nothing(
        tables.outbox,
        plain="aggregate aggregate_id event_id type payload correlation_id audience traceparent",
    ),
    nothing(
        tables.outbox_archive,
        plain="aggregate aggregate_id event_id type payload correlation_id audience traceparent",
    ),
    nothing(tables.outbox_heads, plain="aggregate_id"),
    nothing(tables.relay_state, plain="stream_created"),
    nothing(tables.positions, plain="consumer aggregate_id"),
    # An error of the database may quote the row it refused.
    blanked(
        tables.dead_letters,
        mentions="headers payload",
        words="error",
        plain="consumer event_id event_type aggregate_id",
        copied=False,
    ),
    # A stored reply repeats what somebody was told, also about others.
    deleted(
        tables.idempotency_keys,
        subject="actor",
        mentions="reply",
        secret="request_hash",
        plain="method key",
        copied=False,
    ),
    kept(
        tables.audit_entries,
        _LOG_LAW,
        subject="actor object_id",
        words="purpose reason detail",
        secret="hash",
        plain="action request_id",
    ),
    nothing(tables.audit_checkpoints, plain="hash signature"),
    nothing(tables.number_blocks, plain="series"),
    nothing(tables.tenants, plain="kind name_zh name_en state region_id superior_id"),
    nothing(tables.privacy_erasures, plain="files"),
    # What a hold keeps is reached by the erasure that stored it, and by nothing else.
    nothing(tables.privacy_held, plain="erasure_id collection content"),
)
