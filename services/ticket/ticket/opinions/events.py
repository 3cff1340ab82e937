"""The words of opinions on the wire, and their events: ids and categories, never what people wrote."""

from typing import Any, Final

from chassis.statements import Row
from chassis.words import Words
from louyu.ticket.v1 import opinions_pb2 as pb

STATE: Final = Words(pb.SuggestionState)
SOURCE: Final = Words(pb.SuggestionSource)
RESPONDENT: Final = Words(pb.RespondentClass)
THEME: Final = Words(pb.OpinionTheme)
LINK: Final = Words(pb.LinkKind)
KIND: Final = Words(pb.CampaignKind)
CAMPAIGN_STATE: Final = Words(pb.CampaignState)


def _about(suggestion: Row) -> dict[str, Any]:
    return {
        "suggestion_id": suggestion.id,
        "number": suggestion.number,
        "author": suggestion.author or "",
        "anonymous": suggestion.anonymous,
        "campaign_id": suggestion.campaign_id or "",
    }


def received(suggestion: Row) -> pb.SuggestionReceived:
    return pb.SuggestionReceived(
        **_about(suggestion),
        source=SOURCE.number(suggestion.source),
        respondent_class=RESPONDENT.number(suggestion.respondent_class),
        on_paper=suggestion.author is None,
        assignee=suggestion.assignee or "",
        synthetic=suggestion.synthetic,
    )


def assigned(suggestion: Row) -> pb.SuggestionAssigned:
    return pb.SuggestionAssigned(**_about(suggestion), assignee=suggestion.assignee)


def adopted(suggestion: Row) -> pb.SuggestionAdopted:
    return pb.SuggestionAdopted(**_about(suggestion))


def explained(suggestion: Row) -> pb.SuggestionExplained:
    return pb.SuggestionExplained(**_about(suggestion))


def linked(suggestion: Row) -> pb.SuggestionLinked:
    return pb.SuggestionLinked(
        **_about(suggestion),
        link_kind=LINK.number(suggestion.link_kind),
        ticket_id=suggestion.ticket_id or "",
    )


def replied(suggestion: Row) -> pb.SuggestionReplied:
    return pb.SuggestionReplied(**_about(suggestion))


def withdrawn(suggestion: Row) -> pb.SuggestionWithdrawn:
    return pb.SuggestionWithdrawn(**_about(suggestion), assignee=suggestion.assignee or "")


def campaign_opened(campaign: Row) -> pb.CampaignOpened:
    return pb.CampaignOpened(
        campaign_id=campaign.id, kind=KIND.number(campaign.kind), host=campaign.host or ""
    )


def campaign_closed(campaign: Row) -> pb.CampaignClosed:
    return pb.CampaignClosed(campaign_id=campaign.id, kind=KIND.number(campaign.kind))
