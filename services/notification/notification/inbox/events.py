"""Messages out of other services' events, and the inbox's own events."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from google.protobuf.timestamp_pb2 import Timestamp

from chassis.consumer import Consumer
from chassis.events import Event
from chassis.statements import Row
from chassis.units import UnitOfWork
from chassis.words import Words
from louyu.activity.v1 import calendar_pb2
from louyu.identity.v1 import grants_pb2
from louyu.membership.v1 import (
    affiliations_pb2,
    appraisal_pb2,
    cadence_pb2,
    community_checkins_pb2,
    development_pb2,
    dispatch_pb2,
    guests_pb2,
    honours_pb2,
    members_pb2,
    reports_pb2,
    reviews_pb2,
    rewards_pb2,
    supervision_pb2,
    transfers_pb2,
    zones_pb2,
)
from louyu.notification.v1 import inbox_pb2 as pb
from louyu.ticket.v1 import (
    finds_pb2,
    hazards_pb2,
    listings_pb2,
    opinions_pb2,
    requests_pb2,
    sla_pb2,
    visits_pb2,
)
from louyu.window.v1 import cases_pb2
from notification.inbox import commands, rules
from notification.inbox.commands import NewMessage
from notification.inbox.contacts import Contacts, Desk
from notification.inbox.hints import Hints
from notification.inbox.templates import Template, by_event

# The contracts whose events are followed; importing them makes their messages readable.
CONTRACTS: Final = (
    requests_pb2,
    sla_pb2,
    hazards_pb2,
    opinions_pb2,
    visits_pb2,
    listings_pb2,
    finds_pb2,
    calendar_pb2,
    cases_pb2,
    grants_pb2,
    rewards_pb2,
    zones_pb2,
    members_pb2,
    affiliations_pb2,
    transfers_pb2,
    cadence_pb2,
    reports_pb2,
    supervision_pb2,
    honours_pb2,
    development_pb2,
    appraisal_pb2,
    reviews_pb2,
    guests_pb2,
    community_checkins_pb2,
    dispatch_pb2,
)
SOURCES: Final = (
    ("ticket", ("ticket", "hazard", "suggestion", "visit_plan", "listing", "interest", "find_claim")),
    ("activity", ("enrolment",)),
    ("window", ("case",)),
    ("identity", ("grant",)),
    (
        "membership",
        (
            *("redemption", "zone", "member", "affiliation", "transfer", "honour", "obligation"),
            *("application", "appraisal", "review", "report", "supervision", "star", "guest"),
            *("community_checkin", "community_service", "dispatch_batch"),
        ),
    ),
)
"""Each service that tells something, and the aggregates people are told about."""

CHANNEL: Final = Words(pb.Channel)


class Inbox:
    """Turns events into messages, a batch in one statement."""

    def __init__(self, contacts: Contacts, hints: Hints) -> None:
        self._contacts = contacts
        self._hints = hints

    def consumers(self) -> list[Consumer]:
        """One consumer per service that is followed."""
        return [
            Consumer(f"{source}-inbox", source, aggregates, self.apply, per_tenant=False)
            for source, aggregates in SOURCES
        ]

    async def apply(self, unit: UnitOfWork, events: Sequence[Event]) -> None:
        """Deliver the messages of some events, each once per account."""
        templates = by_event()
        new: list[NewMessage] = []
        for event in events:
            told: set[str] = set()
            for template in templates.get(event.type, ()):
                for message in await self._messages(template, event):
                    if message.account not in told:
                        told.add(message.account)
                        new.append(message)
        for row in await commands.deliver(unit, new):
            self._hints.delivered(row)

    async def _messages(self, template: Template, event: Event) -> list[NewMessage]:
        said: Any = event.message
        desk = Desk()
        tenant_id = getattr(said, template.party) if template.party else event.tenant_id
        if rules.DESK in template.to:
            desk = await self._contacts.desk(tenant_id, said.desk)
        accounts = rules.receivers(template.to, template.unless, _Said(said), desk.members)
        messages = [replace(message_of(template, event, one), tenant_id=tenant_id) for one in accounts]
        if desk.mailboxes:
            nobody = rules.mailbox_account(tenant_id, said.desk)
            shared = replace(message_of(template, event, nobody), tenant_id=tenant_id)
            messages.append(replace(shared, email=True, desk=said.desk))
        return messages


class _Said(Mapping[str, str | Sequence[str]]):
    """An event's fields by name."""

    def __init__(self, message: Any) -> None:
        self._message = message

    def __getitem__(self, name: str) -> str | Sequence[str]:
        value = getattr(self._message, name)
        return list(value) if self._message.DESCRIPTOR.fields_by_name[name].is_repeated else str(value)

    def __iter__(self) -> Any:
        return iter(self._message.DESCRIPTOR.fields_by_name)

    def __len__(self) -> int:
        return len(self._message.DESCRIPTOR.fields_by_name)


def message_of(template: Template, event: Event, account: str) -> NewMessage:
    """The message that an event means for one account."""
    said = event.message
    return NewMessage(
        tenant_id=event.tenant_id,
        account=account,
        event_id=event.id,
        template=template.code,
        params={name: _plain(getattr(said, name)) for name in template.params},
        capability=template.capability,
        subject_id=getattr(said, template.subject),
        email=template.email and not (template.email_unless and getattr(said, template.email_unless)),
        occurred_at=event.occurred_at,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Timestamp):
        return value.ToJsonString() if value.seconds else ""
    return value


def failed(unit: UnitOfWork, message: Row) -> None:
    """A message will not be mailed any more."""
    unit.emit(
        pb.DeliveryFailed(
            message_id=message.id,
            template=message.template,
            channel=pb.CHANNEL_EMAIL,
            attempts=message.attempts,
        ),
        aggregate_id=message.id,
        tenant_id=message.tenant_id,
        audience=[message.account],
    )
