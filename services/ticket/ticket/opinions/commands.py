"""Changes to suggestions: one function a verb, each in the caller's unit of work.

Every verb locks the suggestion, asks the rules, changes the row, writes a step and tells the other
services. The edge commits. Nothing deletes.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.days import day_of, numbered, series
from chassis.errors import FieldError, Invalid, Stale
from chassis.ids import new_id
from chassis.statements import Row
from chassis.units import UnitOfWork
from ticket.opinions import access, events, queries, rules, themes
from ticket.opinions.rules import Kind, LinkKind, Respondent, Source, State, Verb
from ticket.opinions.tables import steps, suggestions, voices
from ticket.requests import queries as requests

MayHandle = Callable[[str, str], Awaitable[bool]]
"""Says whether an account (second) may handle opinions of a tenant (first)."""


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody suggests."""

    respondent: Respondent
    text: str
    campaign_id: str
    synthetic: bool


async def create(
    unit: UnitOfWork, words: Words, *, anonymous: bool, theme: themes.Theme | None, key: bytes
) -> Row:
    """Suggest something in one's own name, or anonymously. The theme is counted, and kept nowhere else."""
    caller = unit.context.caller
    if theme:
        await _raise_theme(unit, theme, key)
    return await _receive(
        unit,
        words,
        respondent="",
        author=caller.account_id,
        author_person=caller.person_id or None,
        anonymous=anonymous,
    )


async def record(unit: UnitOfWork, words: Words, respondent: str) -> Row:
    """Write down what came from someone without an account."""
    return await _receive(
        unit, words, respondent=respondent, author=None, author_person=None, anonymous=False
    )


async def _receive(unit: UnitOfWork, words: Words, **whose: Any) -> Row:
    campaign = None
    if words.campaign_id:
        campaign = await queries.campaign(unit, words.campaign_id)
        today = day_of(unit.now)
        rules.check_takes(campaign, words.respondent, today)
    of_day = series("Y", unit.now)
    suggestion = unit.add(
        suggestions,
        {
            **unit.fresh(synthetic=words.synthetic),
            "number": numbered(of_day, await unit.number(of_day)),
            "state": State.RECEIVED,
            "source": _source(campaign),
            "campaign_id": campaign.id if campaign else None,
            "campaign_title": campaign.title if campaign else "",
            "respondent_class": words.respondent,
            "text": words.text,
            # What a delegate receives, the delegate answers.
            "assignee": campaign.host if campaign else None,
            **dict.fromkeys(("decision", "link_kind", "ticket_number", "action", "reply"), ""),
            **dict.fromkeys(("ticket_id", "adopted_at", "decided_at", "replied_at")),
            **whose,
        },
    )
    _tell(unit, suggestion, events.received(suggestion))
    return suggestion


def _source(campaign: Row | None) -> Source:
    if campaign is None:
        return Source.DIRECT
    return Source.SESSION if campaign.kind == Kind.SESSION else Source.CAMPAIGN


async def _raise_theme(unit: UnitOfWork, theme: themes.Theme, key: bytes) -> None:
    month = themes.month_of(unit.now)
    person = unit.context.caller.person_id or unit.context.caller.account_id
    voice = themes.voice(key, unit.tenant_id, month, theme, person)
    await unit.execute(
        upsert(voices)
        .values(tenant_id=unit.tenant_id, month=month, theme=theme, voice=voice)
        .on_conflict_do_nothing()
    )


async def assign(
    unit: UnitOfWork, suggestion_id: str, etag: str, assignee: str, may_handle: MayHandle
) -> Row:
    """Give it to whoever will answer it. OPINION_HANDLER_UNKNOWN for someone who cannot.

    That the assignee wrote it is not refused here: the refusal would tell who is behind an anonymous one.
    The rules keep people from deciding on what they wrote.
    """
    suggestion, state = await _take(unit, suggestion_id, Verb.ASSIGN, etag)
    await check_handler(unit, "assignee", assignee, may_handle)
    suggestion = _move(unit, suggestion, state, "assigned", "", assignee=assignee)
    _tell(unit, suggestion, events.assigned(suggestion))
    return suggestion


async def adopt(unit: UnitOfWork, suggestion_id: str, etag: str, decision: str) -> Row:
    """Accept it: something will be done."""
    suggestion, state = await _take(unit, suggestion_id, Verb.ADOPT, etag)
    suggestion = _move(
        unit,
        suggestion,
        state,
        "adopted",
        decision,
        decision=decision,
        adopted_at=unit.now,
        decided_at=unit.now,
    )
    _tell(unit, suggestion, events.adopted(suggestion))
    return suggestion


async def explain(unit: UnitOfWork, suggestion_id: str, etag: str, reason: str) -> Row:
    """Say why it cannot be followed."""
    suggestion, state = await _take(unit, suggestion_id, Verb.EXPLAIN, etag)
    suggestion = _move(unit, suggestion, state, "explained", reason, decision=reason, decided_at=unit.now)
    _tell(unit, suggestion, events.explained(suggestion))
    return suggestion


async def link(unit: UnitOfWork, suggestion_id: str, etag: str, ticket_id: str, action: str) -> Row:
    """Tie it to what is being done. LINK_ONE_THING; TICKET_NOT_FOUND for a ticket the caller does not see."""
    suggestion, state = await _take(unit, suggestion_id, Verb.LINK, etag)
    kind = rules.link_kind(ticket_id, action)
    number = (await requests.ticket(unit, ticket_id)).number if kind is LinkKind.TICKET else ""
    suggestion = _move(
        unit,
        suggestion,
        state,
        "linked",
        number or action,
        link_kind=kind,
        ticket_id=ticket_id or None,
        ticket_number=number,
        action=action,
    )
    _tell(unit, suggestion, events.linked(suggestion))
    return suggestion


async def reply(unit: UnitOfWork, suggestion_id: str, etag: str, words: str) -> Row:
    """Reply to its author; it is finished."""
    suggestion, state = await _take(unit, suggestion_id, Verb.REPLY, etag)
    suggestion = _move(unit, suggestion, state, "replied", words, reply=words, replied_at=unit.now)
    _tell(unit, suggestion, events.replied(suggestion))
    return suggestion


async def withdraw(unit: UnitOfWork, suggestion_id: str, etag: str) -> Row:
    """The author takes it back. It stays on record as withdrawn."""
    suggestion, state = await _take(unit, suggestion_id, Verb.WITHDRAW, etag)
    suggestion = _move(unit, suggestion, state, "withdrawn", "")
    _tell(unit, suggestion, events.withdrawn(suggestion))
    return suggestion


async def check_handler(unit: UnitOfWork, field: str, account: str, may_handle: MayHandle) -> None:
    """OPINION_HANDLER_UNKNOWN unless the account handles opinions of this building."""
    if not await may_handle(unit.tenant_id, account):
        raise Invalid("OPINION_HANDLER_UNKNOWN", fields=[FieldError(field, "OPINION_HANDLER_UNKNOWN")])


async def _take(unit: UnitOfWork, suggestion_id: str, verb: Verb, etag: str) -> tuple[Row, State]:
    """Lock a suggestion for a verb; the state it leads to."""
    suggestion = await queries.suggestion(unit, suggestion_id, lock=True)
    if etag and etag != str(suggestion.version):
        raise Stale
    return suggestion, rules.move(suggestion, verb, access.actor(unit.context))


def _move(unit: UnitOfWork, suggestion: Row, state: State, kind: str, words: str, **values: Any) -> Row:
    moved = unit.change(suggestions, suggestion, {**values, "state": state})
    by_author = rules.is_author(suggestion, access.actor(unit.context))
    step = {
        "tenant_id": moved.tenant_id,
        "suggestion_id": moved.id,
        "id": new_id(),
        "kind": kind,
        # What the author of an anonymous suggestion does names nobody either.
        "actor": None if moved.anonymous and by_author else unit.context.caller.account_id or None,
        "text": words,
        "state": state,
        "created_at": unit.now,
    }
    unit.add(steps, step)
    return moved


def _tell(unit: UnitOfWork, suggestion: Row, event: Message) -> None:
    unit.emit(event, aggregate_id=suggestion.id, audience=rules.audience(suggestion))
