"""Our words and the contract's enums say the same: neither side has one that the other does not know."""

from __future__ import annotations

from enum import StrEnum

import pytest

import activity.calendar.events
import activity.calendar.rules
import dashboard.overview.figures
import dashboard.overview.rpc
import dashboard.overview.rules
import dashboard.overview.scopes
import identity.accounts.events
import identity.accounts.rules
import identity.organisations
import membership.affiliations.events
import membership.affiliations.rules
import membership.appraisal.events
import membership.appraisal.rubrics
import membership.appraisal.rules
import membership.appraisal.scoring
import membership.assent
import membership.cadence.events
import membership.cadence.periods
import membership.cadence.rules
import membership.cadres.events
import membership.cadres.rules
import membership.members.events
import membership.members.rules
import membership.network.events
import membership.network.rules
import membership.orgs.events
import membership.orgs.rules
import membership.points.events
import membership.points.rules
import membership.reports.events
import membership.reports.rules
import membership.reviews.events
import membership.reviews.rules
import membership.rewards.events
import membership.rewards.rules
import membership.supervision.events
import membership.supervision.rules
import membership.transfers.events
import membership.transfers.rules
import notification.inbox.events
import notification.inbox.rpc
import notification.inbox.rules
import ticket.affairs
import ticket.conveniences.events
import ticket.conveniences.rules
import ticket.finds.events
import ticket.finds.rules
import ticket.listings.events
import ticket.listings.rules
import ticket.opinions.events
import ticket.opinions.rules
import ticket.opinions.themes
import ticket.requests.events
import ticket.requests.rules
import ticket.satisfaction.events
import ticket.satisfaction.rules
import window.cases.events
import window.cases.rules
import window.counters.events
import window.counters.rules
import window.departments.events
import window.departments.rules
import window.matters.events
import window.matters.rules
from chassis.words import Words
from louyu.identity.v1 import tenants_pb2
from louyu.notification.v1 import inbox_pb2
from louyu.options.v1 import access_pb2

PAIRS: list[tuple[Words, type[StrEnum], set[str]]] = [
    (activity.calendar.events.STATE, activity.calendar.rules.State, set()),
    (activity.calendar.events.SEAT, activity.calendar.rules.Seat, set()),
    (activity.calendar.events.CAUSE, activity.calendar.rules.Cause, set()),
    (dashboard.overview.rpc.PERIOD, dashboard.overview.rules.Period, set()),
    (dashboard.overview.rpc.STEP, dashboard.overview.rules.Step, set()),
    (dashboard.overview.rpc.UNIT, dashboard.overview.figures.Unit, set()),
    (dashboard.overview.rpc.REACH, dashboard.overview.scopes.Reach, set()),
    (identity.organisations.KIND, identity.organisations.Kind, set()),
    (identity.organisations.STATE, identity.organisations.State, set()),
    (identity.accounts.events.STATE, identity.accounts.rules.State, set()),
    (membership.orgs.events.KIND, membership.orgs.rules.Kind, set()),
    (membership.orgs.events.STATE, membership.orgs.rules.State, set()),
    (membership.cadres.events.POST, membership.cadres.rules.Post, set()),
    (membership.cadres.events.POST_TYPE, membership.cadres.rules.PostType, set()),
    (membership.cadres.events.ENDING, membership.cadres.rules.Ending, set()),
    (membership.network.events.GAP, membership.network.rules.GapKind, set()),
    (membership.network.events.ITEM, membership.network.rules.ItemKind, set()),
    (membership.network.events.COVERAGE, membership.network.rules.CoverageKind, set()),
    (membership.members.events.BODY, membership.members.rules.Body, set()),
    (membership.members.events.KIND, membership.members.rules.Kind, set()),
    (membership.members.events.STAGE, membership.members.rules.Stage, set()),
    (membership.members.events.STATE, membership.members.rules.State, set()),
    (membership.members.events.ENDING, membership.members.rules.Ending, set()),
    (membership.members.events.TOLD, membership.assent.Told, set()),
    (membership.affiliations.events.STATE, membership.affiliations.rules.State, set()),
    (membership.affiliations.events.ENDING, membership.affiliations.rules.Ending, set()),
    (membership.transfers.events.STATE, membership.transfers.rules.State, set()),
    (membership.transfers.events.MANAGER, membership.transfers.rules.Manager, set()),
    (membership.transfers.events.TROUBLE, membership.transfers.rules.Trouble, set()),
    (membership.appraisal.events.CHANNEL, membership.appraisal.rubrics.Channel, set()),
    (membership.appraisal.events.STATE, membership.appraisal.rules.State, set()),
    (membership.appraisal.events.MONTH_STATE, membership.appraisal.scoring.MonthState, set()),
    (membership.appraisal.events.OUTCOME, membership.appraisal.scoring.Outcome, set()),
    (membership.reviews.events.GRADE, membership.reviews.rules.Grade, set()),
    (membership.reviews.events.STATE, membership.reviews.rules.State, set()),
    (membership.reviews.events.BASIS, membership.reviews.rules.Basis, set()),
    (membership.reviews.events.TALLY, membership.reviews.rules.Tally, set()),
    (membership.points.events.KIND, membership.points.rules.Kind, set()),
    (membership.points.events.SOURCE, membership.points.rules.Source, set()),
    (membership.points.events.PERIOD, membership.points.rules.Period, set()),
    (membership.points.events.PROPOSAL, membership.points.rules.ProposalState, set()),
    (membership.points.events.BAND, membership.points.rules.Band, set()),
    (membership.cadence.events.SCOPE, membership.cadence.rules.Scope, set()),
    (membership.cadence.events.PERIOD, membership.cadence.periods.Length, set()),
    (membership.cadence.events.EVIDENCE, membership.cadence.rules.Evidence, set()),
    (membership.cadence.events.STATE, membership.cadence.rules.State, set()),
    (membership.supervision.events.STATE, membership.supervision.rules.State, set()),
    (membership.supervision.events.FINDING, membership.supervision.rules.Finding, set()),
    (membership.supervision.events.STAR, membership.supervision.rules.Star, set()),
    (membership.reports.events.STATE, membership.reports.rules.State, set()),
    (membership.reports.events.OUTCOME, membership.reports.rules.Outcome, set()),
    (membership.rewards.events.KIND, membership.rewards.rules.Kind, set()),
    (membership.rewards.events.STATE, membership.rewards.rules.State, set()),
    (membership.rewards.events.CAUSE, membership.rewards.rules.Cause, set()),
    # "read" is not stored as a state: a message is read when it has a time at which it was.
    (notification.inbox.rpc.STATE, notification.inbox.rules.State, {"read"}),
    (notification.inbox.rpc.OUTCOME, notification.inbox.rules.Outcome, set()),
    (notification.inbox.events.CHANNEL, notification.inbox.rules.Channel, set()),
    (ticket.affairs.AFFAIRS, ticket.affairs.Affairs, set()),
    (ticket.affairs.STATION, ticket.affairs.Station, set()),
    # Of the five classes that any data can have, tickets know two.
    (ticket.affairs.SENSITIVITY, ticket.affairs.Sensitivity, {"p0", "p2", "p4"}),
    (ticket.conveniences.events.KIND, ticket.conveniences.rules.Kind, set()),
    (ticket.finds.events.KIND, ticket.finds.rules.Kind, set()),
    (ticket.finds.events.STATE, ticket.finds.rules.State, set()),
    (ticket.finds.events.STANDING, ticket.finds.rules.Standing, set()),
    (ticket.listings.events.KIND, ticket.listings.rules.Kind, set()),
    (ticket.listings.events.STATE, ticket.listings.rules.State, set()),
    (ticket.listings.events.STANDING, ticket.listings.rules.Standing, set()),
    (ticket.opinions.events.STATE, ticket.opinions.rules.State, set()),
    (ticket.opinions.events.SOURCE, ticket.opinions.rules.Source, set()),
    (ticket.opinions.events.RESPONDENT, ticket.opinions.rules.Respondent, set()),
    (ticket.opinions.events.THEME, ticket.opinions.themes.Theme, set()),
    (ticket.opinions.events.LINK, ticket.opinions.rules.LinkKind, set()),
    (ticket.opinions.events.KIND, ticket.opinions.rules.Kind, set()),
    (ticket.opinions.events.CAMPAIGN_STATE, ticket.opinions.rules.CampaignState, set()),
    (ticket.requests.events.STATE, ticket.requests.rules.State, set()),
    (ticket.requests.events.URGENCY, ticket.requests.rules.Urgency, set()),
    (ticket.requests.events.FILED_FOR, ticket.requests.rules.FiledFor, set()),
    (ticket.satisfaction.events.STATE, ticket.satisfaction.rules.State, set()),
    (ticket.satisfaction.events.WAVE, ticket.satisfaction.rules.Wave, set()),
    (window.cases.events.STATE, window.cases.rules.State, set()),
    (window.cases.events.FILED_FOR, window.cases.rules.FiledFor, set()),
    (window.counters.events.KIND, window.counters.rules.Kind, set()),
    (window.departments.events.STATE, window.departments.rules.State, set()),
    (window.matters.events.STATE, window.matters.rules.State, set()),
]


@pytest.mark.parametrize(
    ("words", "ours", "unspoken"), PAIRS, ids=lambda value: getattr(value, "__qualname__", "")
)
def test_both_sides_know_every_word(words: Words, ours: type[StrEnum], unspoken: set[str]) -> None:
    assert set(words) - {""} - unspoken == {str(word) for word in ours} - {""}


def test_every_value_goes_both_ways() -> None:
    for words, _, _ in PAIRS:
        for word in words:
            assert words.word(words.number(word)) == word


def test_a_word_is_the_name_without_what_all_names_share() -> None:
    kinds = Words(tenants_pb2.TenantKind)
    assert kinds.number("multi_site") == tenants_pb2.TENANT_KIND_MULTI_SITE
    assert kinds.word(tenants_pb2.TENANT_KIND_MULTI_SITE) == "multi_site"
    assert kinds.word(tenants_pb2.TENANT_KIND_UNSPECIFIED) == ""
    assert kinds.number("") == tenants_pb2.TENANT_KIND_UNSPECIFIED
    assert Words(access_pb2.Sensitivity).word(access_pb2.P3) == "p3"


def test_what_the_other_side_does_not_know_is_refused() -> None:
    channels = Words(inbox_pb2.Channel)
    with pytest.raises(KeyError):
        channels.number("pigeon")
    with pytest.raises(KeyError):
        channels.word(99)
