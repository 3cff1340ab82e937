"""Rows of opinions as their messages: here it is decided who is told that somebody wrote something."""

from collections.abc import Iterable
from datetime import datetime

from chassis.clocks import timestamp
from chassis.days import day_of
from chassis.statements import Row
from louyu.ticket.v1 import opinions_pb2 as pb
from ticket.opinions import rules, themes
from ticket.opinions.events import CAMPAIGN_STATE, KIND, LINK, RESPONDENT, SOURCE, STATE, THEME
from ticket.opinions.rules import Actor
from ticket.opinions.settings import Settings


def to_suggestion(row: Row, viewer: Actor) -> pb.Suggestion:
    """A suggestion as this viewer may know it: the author of an anonymous one stays with the author."""
    mine = rules.is_author(row, viewer)
    return pb.Suggestion(
        id=row.id,
        etag=str(row.version),
        number=row.number,
        state=STATE.number(row.state),
        source=SOURCE.number(row.source),
        campaign_id=row.campaign_id,
        campaign_title=row.campaign_title,
        respondent_class=RESPONDENT.number(row.respondent_class),
        respondent=row.respondent,
        on_paper=row.author is None,
        anonymous=row.anonymous,
        author=(row.author or "") if mine or not row.anonymous else "",
        mine=mine,
        text=row.text,
        assignee=row.assignee,
        decision=row.decision,
        link_kind=LINK.number(row.link_kind),
        ticket_id=row.ticket_id,
        ticket_number=row.ticket_number,
        action=row.action,
        reply=row.reply,
        verbs=[verb.value for verb in rules.allowed(row, viewer)],
        synthetic=row.synthetic,
        create_time=timestamp(row.created_at),
        decide_time=timestamp(row.decided_at),
        reply_time=timestamp(row.replied_at),
        update_time=timestamp(row.updated_at),
    )


def to_step(row: Row) -> pb.SuggestionStep:
    return pb.SuggestionStep(
        id=row.id,
        kind=row.kind,
        actor=row.actor,
        text=row.text,
        state=STATE.number(row.state),
        create_time=timestamp(row.created_at),
    )


def to_campaign(row: Row, viewer: Actor, now: datetime, progress: Iterable[Row] = ()) -> pb.Campaign:
    """A campaign; how far it is, only for those who run it."""
    return pb.Campaign(
        id=row.id,
        etag=str(row.version),
        kind=KIND.number(row.kind),
        state=CAMPAIGN_STATE.number(row.state),
        title=row.title,
        purpose=row.purpose,
        classes=[RESPONDENT.number(word) for word in row.classes],
        opens_on=row.opens_on.isoformat() if row.opens_on else "",
        closes_on=row.closes_on.isoformat() if row.closes_on else "",
        host=row.host,
        place=row.place,
        start_time=timestamp(row.starts_at),
        accepting=rules.accepts(row, day_of(now)),
        progress=[_progress(part) for part in progress] if rules.runs(row, viewer) else [],
        verbs=rules.campaign_verbs(row, viewer),
        synthetic=row.synthetic,
        create_time=timestamp(row.created_at),
    )


def _progress(part: Row) -> pb.ClassProgress:
    return pb.ClassProgress(
        respondent_class=RESPONDENT.number(part.respondent_class),
        received=part.received,
        adopted=part.adopted,
        replied=part.replied,
    )


def to_report(month: str, report: themes.Report) -> pb.ThemeReport:
    return pb.ThemeReport(
        month=month,
        threshold=report.threshold,
        themes=[
            pb.ThemeCount(theme=THEME.number(theme), persons=persons or 0, hidden=persons is None)
            for theme, persons in report.persons.items()
        ],
        total=report.total or 0,
        total_hidden=report.total is None,
    )


def to_settings(settings: Settings) -> pb.OpinionSettings:
    return pb.OpinionSettings(
        etag=str(settings.version),
        theme_threshold=settings.theme_threshold,
        answer_threshold=settings.answer_threshold,
        create_time=timestamp(settings.created_at),
    )
