"""Reads of opinions. Each states the tenant and what the caller may see."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from chassis.errors import NotFound
from chassis.statements import NewRow, Row
from chassis.units import Reader
from ticket.opinions import access, themes
from ticket.opinions.rules import State
from ticket.opinions.settings import SETTINGS as SETTINGS
from ticket.opinions.tables import campaigns, steps, suggestions, voices


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; empty fields narrow nothing."""

    states: tuple[str, ...] = ()
    campaign_id: str = ""
    source: str = ""
    respondent_class: str = ""
    assignee: str = ""
    author: str = ""
    number: str = ""


async def suggestion(reader: Reader, suggestion_id: str, *, lock: bool = False) -> Row:
    """One suggestion the caller may see; SUGGESTION_NOT_FOUND for anything else. `lock` is for commands."""
    s = suggestions.c
    statement = select(suggestions).where(
        s.tenant_id == reader.tenant_id, s.id == suggestion_id, access.visible(reader.context)
    )
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("SUGGESTION_NOT_FOUND")
    return found


async def page(reader: Reader, narrowed: Filter, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """Suggestions the caller may see, newest first, `size` + 1 at most."""
    s = suggestions.c
    statement = select(suggestions).where(s.tenant_id == reader.tenant_id, access.visible(reader.context))
    for name in ("campaign_id", "source", "respondent_class", "assignee", "author"):
        if wanted := getattr(narrowed, name):
            statement = statement.where(s[name] == wanted)
    if narrowed.states:
        statement = statement.where(s.state.in_(narrowed.states))
    if narrowed.number:
        # A range instead of LIKE, which is not leakproof and would lose the index under RLS.
        statement = statement.where(s.number >= narrowed.number, s.number < narrowed.number + "~")
    if after:
        statement = statement.where(s.id < after[0])
    return await reader.fetch(statement.order_by(s.id.desc()).limit(size + 1))


async def history(reader: Reader, of: Row, after: Sequence[Any] | None, size: int) -> Sequence[Row]:
    """The steps of a suggestion, oldest first, `size` + 1 at most. It begins with the suggestion itself."""
    t = steps.c
    statement = select(steps).where(t.tenant_id == reader.tenant_id, t.suggestion_id == of.id).order_by(t.id)
    if after:
        return await reader.fetch(statement.where(t.id > after[0]).limit(size + 1))
    return [_beginning(of), *await reader.fetch(statement.limit(size))]


def _beginning(of: Row) -> Row:
    # Who wrote down what came on paper is known; who wrote what is anonymous is not told.
    writer = of.author or of.created_by
    return NewRow(
        {
            "id": of.id,
            "kind": "received",
            "actor": None if of.anonymous else writer,
            "text": "",
            "state": State.RECEIVED,
            "created_at": of.created_at,
        }
    )


async def campaign(reader: Reader, campaign_id: str, *, lock: bool = False) -> Row:
    """One campaign the caller may see; CAMPAIGN_NOT_FOUND for anything else. `lock` is for commands."""
    c = campaigns.c
    statement = select(campaigns).where(
        c.tenant_id == reader.tenant_id, c.id == campaign_id, access.visible_campaigns(reader.context)
    )
    found = await reader.first(statement.with_for_update() if lock else statement)
    if found is None:
        raise NotFound("CAMPAIGN_NOT_FOUND")
    return found


async def campaign_page(
    reader: Reader, *, state: str, kind: str, after: Sequence[Any] | None, size: int
) -> Sequence[Row]:
    """Campaigns the caller may see, newest first, `size` + 1 at most."""
    c = campaigns.c
    statement = select(campaigns).where(
        c.tenant_id == reader.tenant_id, access.visible_campaigns(reader.context)
    )
    if state:
        statement = statement.where(c.state == state)
    if kind:
        statement = statement.where(c.kind == kind)
    if after:
        statement = statement.where(c.id < after[0])
    return await reader.fetch(statement.order_by(c.id.desc()).limit(size + 1))


async def progress(reader: Reader, campaign_ids: Sequence[str]) -> Mapping[str, Sequence[Row]]:
    """How far campaigns are: (respondent_class, received, adopted, replied) for each of them."""
    s = suggestions.c
    rows = await reader.fetch(
        select(
            s.campaign_id,
            s.respondent_class,
            func.count().label("received"),
            func.count(s.adopted_at).label("adopted"),
            func.count(s.replied_at).label("replied"),
        )
        .where(s.tenant_id == reader.tenant_id, s.campaign_id.in_(campaign_ids))
        .where(s.state != State.WITHDRAWN)
        .group_by(s.campaign_id, s.respondent_class)
        .order_by(s.respondent_class)
    )
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.campaign_id].append(row)
    return found


async def theme_report(reader: Reader, month: str) -> themes.Report:
    """What may be told of a month's themes; MONTH_NOT_OVER before its end."""
    themes.check_over(month, reader.now)
    v = voices.c
    rows = await reader.fetch(
        select(v.theme, func.count().label("persons"))
        .where(v.tenant_id == reader.tenant_id, v.month == month)
        .group_by(v.theme)
    )
    counts = {themes.Theme(row.theme): row.persons for row in rows}
    return themes.report(counts, (await SETTINGS.current(reader)).theme_threshold)
