"""E-mail over SMTP: one connection per round, each answer written down."""

import asyncio
import contextlib
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

import grpc
import structlog
from prometheus_client import Counter, Gauge

from chassis.clocks import system_now
from chassis.context import Caller, Context
from chassis.statements import Row
from chassis.units import UnitOfWork, Units
from notification.inbox import commands, events, queries, rules
from notification.inbox.commands import Attempt
from notification.inbox.contacts import Contact, Contacts
from notification.inbox.rules import Outcome, State
from notification.inbox.templates import LOCALES, render

log: Final = structlog.get_logger()
MAILS: Final = Counter("louyu_mails_total", "E-mails by outcome", ["outcome"])
QUEUE: Final = Gauge("louyu_mail_queue", "Messages that wait for the mail server")

BATCH: Final = 25
ROUND_S: Final = 1.0
"""At most BATCH mails per round: a burst of events must not take the machine from those who cause it."""
IDLE_S: Final = 3.0
TIMEOUT_S: Final = 10.0
SENDER: Final = "louyu@localhost"


class Mailer:
    """Mails what waits, round by round.

    `url` is smtp://[user:password@]host:port or smtps://…, with `?from=` for the sender's address.
    """

    def __init__(self, units: Units, contacts: Contacts, url: str) -> None:
        self._units = units
        self._contacts = contacts
        self._where = urlsplit(url)
        self._sender = parse_qs(self._where.query).get("from", [SENDER])[0]
        self._context = Context(
            mode="consumer", caller=Caller(kind="system", service="notification/inbox-mailer")
        )
        self._idle = False
        for outcome in Outcome:  # a series that begins with its first mail would show no increase
            MAILS.labels(outcome)

    async def loop(self, stop: asyncio.Event) -> None:
        """Mail until `stop`. Whatever is away is tried again in the next round."""
        while not stop.is_set():
            mailed = 0
            try:
                mailed = await self.round()
            except grpc.aio.AioRpcError as error:
                log.warning("mailer_waits", error=error.code().name)
            except Exception:
                log.exception("mailer_failed")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), ROUND_S if mailed else IDLE_S)

    async def round(self) -> int:
        """Mail one batch; how many messages were settled or put off."""
        batch = await self._units.run(self._context, lambda unit: commands.claim(unit, BATCH))
        if not batch:
            if not self._idle:  # another replica may have mailed what waited, or a later attempt is due
                self._idle = not await self._units.run(self._context, _count)
            return 0
        self._idle = False
        accounts = [message.account for message in batch if not message.desk]
        contacts = await self._contacts.addresses(accounts)
        for message in batch:
            if message.desk:
                contacts[message.account] = await self._mailboxes(message)
        languages = await self._units.run(self._context, lambda unit: queries.languages(unit, accounts))
        with_address = [message for message in batch if contacts[message.account].email]
        answers = await self._send(with_address, contacts, languages)

        async def settle(unit: UnitOfWork) -> None:
            await commands.without_mail(unit, [one for one in batch if one.id not in answers])
            attempts = [_judged(one, *answers[one.id]) for one in batch if one.id in answers]
            await commands.record_attempts(unit, attempts)
            for attempt in attempts:
                MAILS.labels(attempt.verdict.outcome).inc()
                if attempt.verdict.state is State.FAILED:
                    events.failed(unit, attempt.message)
            await _count(unit)

        await self._units.run(self._context, settle)
        return len(batch)

    async def _mailboxes(self, message: Row) -> Contact:
        desk = await self._contacts.desk(message.tenant_id, message.desk)
        return Contact(", ".join(desk.mailboxes), "zh-CN", desk.name)

    async def _send(
        self,
        batch: Sequence[Row],
        contacts: dict[str, Contact],
        languages: dict[str, str],
    ) -> dict[str, tuple[bool, bool, str]]:
        """Each message's answer: (accepted, permanently refused, the server's words)."""
        import aiosmtplib  # lazily: an idle inbox mails nothing

        if not batch:
            return {}
        where = self._where
        client = aiosmtplib.SMTP(
            hostname=where.hostname,
            port=where.port,
            use_tls=where.scheme == "smtps",
            start_tls=None,
            username=unquote(where.username) if where.username else None,
            password=unquote(where.password) if where.password else None,
            timeout=TIMEOUT_S,
        )
        try:
            await client.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            answer = f"{type(error).__name__}: no connection"
            return {message.id: (False, False, answer) for message in batch}
        answers: dict[str, tuple[bool, bool, str]] = {}
        try:
            for message in batch:
                contact = contacts[message.account]
                locale = languages.get(message.account) or contact.locale
                mail = to_mail(message, contact, locale if locale in LOCALES else "zh-CN", self._sender)
                try:
                    _, words = await client.send_message(mail)
                    answers[message.id] = (True, False, _without_addresses(words, contact))
                except aiosmtplib.SMTPRecipientsRefused as refused:
                    first = refused.recipients[0]
                    permanent = 500 <= first.code < 600
                    said = _without_addresses(f"{first.code} {first.message}", contact)
                    answers[message.id] = (False, permanent, said)
                except (aiosmtplib.SMTPException, OSError) as error:
                    code = getattr(error, "code", 0)
                    answers[message.id] = (False, 550 <= code < 560, f"{type(error).__name__} {code}")
        finally:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await client.quit()
        return answers


async def _count(unit: UnitOfWork) -> int:
    waiting = await commands.waiting(unit)
    QUEUE.set(waiting)
    return waiting


def _judged(message: Row, accepted: bool, permanent: bool, answer: str) -> Attempt:
    verdict = rules.after_attempt(message.attempts, accepted=accepted, permanent=permanent)
    return Attempt(message, verdict, answer)


def to_mail(message: Row, contact: Contact, locale: str, sender: str) -> EmailMessage:
    """The e-mail of a message. Its id is the message's, so that a mailbox knows a second copy."""
    title, body = render(message.template, message.params, locale)
    mail = EmailMessage()
    mail["Subject"] = title
    mail["From"] = sender
    mail["To"] = contact.email
    mail["Date"] = format_datetime(system_now())
    mail["Message-ID"] = f"<{message.id}@louyu>"
    mail["Auto-Submitted"] = "auto-generated"
    greeting = f"{contact.name}：" if locale == "zh-CN" else f"Dear {contact.name},"
    mail.set_content(f"{greeting}\n\n{body}\n" if contact.name else f"{body}\n")
    return mail


def _without_addresses(words: str, contact: Contact) -> str:
    """A server's answer as the log may keep it."""
    for address in contact.email.split(", "):
        words = words.replace(address, "…")
    return words.replace("\n", " ")[:300]
