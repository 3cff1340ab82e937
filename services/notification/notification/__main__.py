"""The notification process: `python -m notification`."""

from chassis.erasures import host_privacy
from chassis.pages import PageTokens
from chassis.process import Process, run
from chassis.tenants import tenants_consumer
from louyu.notification.v1.inbox_pb2_grpc import add_InboxServiceServicer_to_server
from notification.inbox.contacts import Contacts
from notification.inbox.events import Inbox
from notification.inbox.hints import Hints
from notification.inbox.mail import Mailer
from notification.inbox.rpc import InboxRpc
from notification.records import RECORDS


async def start(process: Process) -> None:
    """Make messages out of events, show them, mail them."""
    await process.database()
    contacts = Contacts(process.client("identity"))
    hints = Hints(await process.bus(), process.clock)
    pages = PageTokens(process.settings.key("secret"))
    process.serve(add_InboxServiceServicer_to_server, InboxRpc(process.units, pages))
    host_privacy(process, RECORDS)
    for consumer in Inbox(contacts, hints).consumers():
        process.consume(consumer)
    process.consume(tenants_consumer())
    process.background("hints", hints.loop)
    if process.settings.smtp_url:
        process.background("mailer", Mailer(process.units, contacts, process.settings.smtp_url).loop)
    process.relay()


if __name__ == "__main__":
    run("notification", start)
