"""Changes to campaigns and reception days: prepared, opened, closed."""

from dataclasses import dataclass
from datetime import date, datetime

from chassis.errors import FieldError, Forbidden, Invalid, Stale, WrongState
from chassis.statements import Row
from chassis.units import UnitOfWork
from ticket.opinions import access, events, queries, rules
from ticket.opinions.commands import MayHandle, check_handler
from ticket.opinions.rules import CampaignState, Kind
from ticket.opinions.tables import campaigns


@dataclass(frozen=True, slots=True)
class Draft:
    """A campaign or reception day as somebody prepares it."""

    kind: Kind
    title: str
    purpose: str
    classes: tuple[str, ...]
    opens_on: date | None
    closes_on: date | None
    host: str
    place: str
    starts_at: datetime | None
    synthetic: bool


async def create(unit: UnitOfWork, draft: Draft, may_handle: MayHandle) -> Row:
    """Prepare one. A delegate prepares only reception days of their own: NOT_THE_HOST for anything else."""
    rules.check_days(draft.kind, draft.opens_on, draft.closes_on)
    actor = access.actor(unit.context)
    hosted = draft.kind is Kind.SESSION
    if not actor.handles and not (hosted and draft.host == actor.account_id):
        raise Forbidden("NOT_THE_HOST")
    if hosted:
        if not draft.host or draft.starts_at is None:
            missing = "start_time" if draft.host else "host"
            raise Invalid("SESSION_INCOMPLETE", fields=[FieldError(missing, "SESSION_INCOMPLETE")])
        await check_handler(unit, "host", draft.host, may_handle)
    campaign = unit.add(
        campaigns,
        {
            **unit.fresh(synthetic=draft.synthetic),
            "kind": draft.kind,
            "state": CampaignState.DRAFT,
            "title": draft.title,
            "purpose": draft.purpose,
            "classes": list(draft.classes),
            "opens_on": draft.opens_on,
            "closes_on": draft.closes_on,
            "host": draft.host if hosted else None,
            "place": draft.place,
            "starts_at": draft.starts_at,
        },
    )
    unit.audit("opinions.campaign", campaign.id, kind=draft.kind)
    return campaign


async def begin(unit: UnitOfWork, campaign_id: str, etag: str) -> Row:
    """Take suggestions from now on, or from its first day."""
    campaign = await _take(unit, campaign_id, "open", etag)
    campaign = unit.change(campaigns, campaign, {"state": CampaignState.OPEN})
    unit.emit(events.campaign_opened(campaign), aggregate_id=campaign.id, audience=_host(campaign))
    return campaign


async def close(unit: UnitOfWork, campaign_id: str, etag: str) -> Row:
    """Take no more suggestions."""
    campaign = await _take(unit, campaign_id, "close", etag)
    campaign = unit.change(campaigns, campaign, {"state": CampaignState.CLOSED})
    unit.emit(events.campaign_closed(campaign), aggregate_id=campaign.id, audience=_host(campaign))
    return campaign


def _host(campaign: Row) -> tuple[str, ...]:
    return (campaign.host,) if campaign.host else ()


async def _take(unit: UnitOfWork, campaign_id: str, verb: str, etag: str) -> Row:
    campaign = await queries.campaign(unit, campaign_id, lock=True)
    if etag and etag != str(campaign.version):
        raise Stale
    actor = access.actor(unit.context)
    if not rules.runs(campaign, actor):
        raise Forbidden("NOT_THE_HOST")
    verbs = rules.campaign_verbs(campaign, actor)
    if verb not in verbs:
        raise WrongState("CAMPAIGN_WRONG_STATE", state=campaign.state, allowed=verbs)
    return campaign
