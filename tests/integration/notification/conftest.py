"""An inbox on real servers: its own database, NATS, a mail server, and an identity that answers."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from typing import Any

import asyncpg
import grpc
import nats
import pytest_asyncio
from nats.aio.client import Client

from chassis.clocks import BusinessClock, system_now
from chassis.context import Caller, Context, bind
from chassis.database import Database
from chassis.events import Event, aggregate_of, headers_of, stream_of, subject_of
from chassis.ids import new_id
from chassis.pages import PageTokens
from chassis.relay import ensure_stream
from chassis.units import Units
from louyu.identity.v1 import accounts_pb2, desks_pb2
from louyu.identity.v1.accounts_pb2_grpc import (
    AccountsServiceServicer,
    add_AccountsServiceServicer_to_server,
)
from louyu.identity.v1.desks_pb2_grpc import DesksServiceServicer, add_DesksServiceServicer_to_server
from notification.inbox.contacts import Contacts
from notification.inbox.events import Inbox
from notification.inbox.hints import Hints
from notification.inbox.mail import Mailer
from notification.inbox.rpc import InboxRpc
from tests.fixtures.servers import Databases

CONSUMER = Context(mode="consumer", caller=Caller(kind="system", service="notification/test"))


class People(DesksServiceServicer, AccountsServiceServicer):
    """Answers what identity would: who stands behind a desk, where an account is reached."""

    def __init__(self) -> None:
        self.desks: dict[tuple[str, str], list[str]] = {}
        self.emails: dict[str, str] = {}
        self.locales: dict[str, str] = {}
        self.mailboxes: list[str] = []
        self.asked = 0

    def contact(self, account: str) -> accounts_pb2.AccountContact:
        return accounts_pb2.AccountContact(
            id=account,
            display_name="演示员工01",
            email=self.emails.get(account, ""),
            locale=self.locales.get(account, "zh-CN"),
            active=True,
        )

    async def ResolveDesk(self, request: Any, context: Any) -> desks_pb2.ResolveDeskResponse:
        self.asked += 1
        members = self.desks.get((request.tenant, request.code))
        if members is None:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such desk")
            raise AssertionError
        return desks_pb2.ResolveDeskResponse(
            name_zh="企业服务台",
            members=[self.contact(account) for account in members],
            emails=self.mailboxes,
        )

    async def ResolveAccounts(self, request: Any, context: Any) -> accounts_pb2.ResolveAccountsResponse:
        self.asked += 1
        return accounts_pb2.ResolveAccountsResponse(accounts=[self.contact(a) for a in request.ids])


class Mailbox:
    """A mail server that keeps what it gets; addresses in `refuses` do not exist there."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.refuses: set[str] = set()
        self.busy = False
        self.port = 0

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One session."""
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            verb, _, rest = line.decode().strip().partition(" ")
            if verb == "DATA":
                writer.write(b"354 go ahead\r\n")
                content = await reader.readuntil(b"\r\n.\r\n")
                self.mails.append(message_from_bytes(content[:-3].replace(b"\r\n..", b"\r\n.")))
            writer.write(self._answer(verb, rest.partition("<")[2].partition(">")[0]))
            await writer.drain()
            if verb == "QUIT":
                break
        writer.close()

    def _answer(self, verb: str, address: str) -> bytes:
        match verb:
            case "EHLO":
                return b"250-here\r\n250 SMTPUTF8\r\n"
            case "RCPT" if self.busy:
                return b"451 try again later\r\n"
            case "RCPT" if address in self.refuses:
                return b"550 no such mailbox\r\n"
            case "QUIT":
                return b"221 bye\r\n"
            case _:
                return b"250 ok\r\n"


@dataclass
class Post:
    """The notification service, without its process."""

    units: Units
    bus: Client
    people: People
    mailbox: Mailbox
    inbox: Inbox
    mailer: Mailer
    hints: Hints
    superuser_url: str
    tenant: str = field(default_factory=new_id)
    _seqs: dict[str, int] = field(default_factory=dict)

    @property
    def rpc(self) -> InboxRpc:
        return InboxRpc(self.units, PageTokens(b"s" * 32))

    def event(self, message: Any, aggregate_id: str, at: datetime | None = None) -> Event:
        """The next event of an aggregate."""
        self._seqs[aggregate_id] = self._seqs.get(aggregate_id, 0) + 1
        return Event(
            id=new_id(),
            tenant_id=self.tenant,
            type=message.DESCRIPTOR.full_name,
            aggregate=aggregate_of(message),
            aggregate_id=aggregate_id,
            seq=self._seqs[aggregate_id],
            occurred_at=at or system_now(),
            correlation_id="",
            audience=(),
            traceparent="",
            message=message,
        )

    async def apply(self, *events: Event) -> None:
        """What the consumer does with a batch."""
        await self.units.run(CONSUMER, lambda unit: self.inbox.apply(unit, events))

    async def publish(self, service: str, event: Event) -> None:
        """Put an event on the producer's stream, as its relay would."""
        js = self.bus.jetstream()
        await ensure_stream(js, service)
        row = {name: getattr(event, name) for name in Event.__slots__} | {"event_id": event.id}
        await js.publish(
            subject_of(service, event.tenant_id, event.aggregate, event.type),
            event.message.SerializeToString(),
            stream=stream_of(service),
            headers=headers_of(service, row),
        )

    async def call(self, account: str, rpc: str, request: Any, locale: str = "zh-CN") -> Any:
        """Call an RPC in an account's own name."""
        context = Context(mode="account", caller=Caller("account", account), locale=locale)
        with bind(context):
            return await getattr(self.rpc, rpc)(request, None)

    async def stored(self, query: str, *arguments: Any) -> list[Any]:
        """Rows as they really lie in the database."""
        connection = await asyncpg.connect(self.superuser_url)
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()


@pytest_asyncio.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    """A mail server on a free port."""
    box = Mailbox()
    server = await asyncio.start_server(box.converse, "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    yield box
    server.close()


@pytest_asyncio.fixture
async def post(databases: Databases, nats_url: str, mailbox: Mailbox) -> AsyncIterator[Post]:
    """Everything together."""
    made = await databases.fresh("notification")
    database = Database("notification", made.app_url)
    units = Units(database, BusinessClock())
    bus = await nats.connect(nats_url)
    people = People()  # type: ignore[abstract]  # answers the two questions that are asked
    identity = grpc.aio.server()
    add_DesksServiceServicer_to_server(people, identity)
    add_AccountsServiceServicer_to_server(people, identity)
    port = identity.add_insecure_port("127.0.0.1:0")
    await identity.start()
    channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}")
    await channel.channel_ready()  # the inbox gives an answer two seconds, and nothing for getting connected
    contacts = Contacts(channel)
    hints = Hints(bus, units.clock)
    inbox = Inbox(contacts, hints)
    mailer = Mailer(units, contacts, f"smtp://127.0.0.1:{mailbox.port}")
    yield Post(units, bus, people, mailbox, inbox, mailer, hints, made.superuser_url)
    await channel.close()
    await identity.stop(0)
    await bus.close()
    await database.close()
