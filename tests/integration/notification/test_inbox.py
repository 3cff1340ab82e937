"""The inbox on real servers: from an event to a message, in the app and by e-mail."""

import asyncio
from datetime import timedelta
from email.header import decode_header, make_header
from typing import Any

import nats
import pytest

from chassis.consumer import ConsumerRunner
from chassis.context import Caller, Context, bind
from chassis.errors import NotFound
from chassis.events import decode
from chassis.ids import new_id
from chassis.relay import ensure_stream
from louyu.activity.v1 import calendar_pb2
from louyu.notification.v1 import inbox_pb2 as pb
from louyu.ticket.v1 import requests_pb2 as ticket
from notification.inbox.rules import BACKOFF
from tests.integration.notification.conftest import Post


def resolved(requester: str, ticket_id: str, number: str = "G20261121-000001") -> ticket.TicketResolved:
    return ticket.TicketResolved(
        ticket_id=ticket_id,
        number=number,
        item_name_zh="代理记账",
        item_name_en="Bookkeeping",
        requester=requester,
    )


def opened(requester: str, ticket_id: str, desk: str = "enterprise-desk") -> ticket.TicketOpened:
    return ticket.TicketOpened(
        ticket_id=ticket_id,
        number="G20261121-000001",
        item_name_zh="代理记账",
        item_name_en="Bookkeeping",
        requester=requester,
        desk=desk,
    )


async def inbox_of(post: Post, account: str, **filters: Any) -> list[pb.Message]:
    found = await post.call(account, "ListMessages", pb.ListMessagesRequest(**filters))
    return list(found.messages)


async def test_an_order_tells_its_requester_and_everyone_of_the_desk(post: Post) -> None:
    requester, clerk, other = new_id(), new_id(), new_id()
    post.people.desks[post.tenant, "enterprise-desk"] = [clerk, other, requester]
    ticket_id = new_id()
    await post.apply(post.event(opened(requester, ticket_id), ticket_id))

    [mine] = await inbox_of(post, requester)
    assert (mine.template, mine.title) == ("ticket.received", "已收到您的申请：代理记账")
    assert (mine.subject_capability, mine.subject_id, mine.tenant) == ("requests", ticket_id, post.tenant)
    assert mine.state == pb.MESSAGE_STATE_DELIVERED
    for member in (clerk, other):
        [message] = await inbox_of(post, member)
        assert message.template == "ticket.opened"


async def test_a_tenant_without_the_desk_loses_nothing_but_the_desks_message(post: Post) -> None:
    requester, ticket_id = new_id(), new_id()
    await post.apply(post.event(opened(requester, ticket_id, "nobody"), ticket_id))
    assert len(await inbox_of(post, requester)) == 1


async def test_an_event_makes_one_message_however_often_it_comes(post: Post) -> None:
    requester, ticket_id = new_id(), new_id()
    event = post.event(resolved(requester, ticket_id), ticket_id)
    await post.apply(event)
    await post.apply(event, event)
    assert len(await inbox_of(post, requester)) == 1


async def test_the_desk_is_asked_for_once_in_a_while_not_per_event(post: Post) -> None:
    post.people.desks[post.tenant, "enterprise-desk"] = [new_id()]
    for _ in range(20):
        ticket_id = new_id()
        await post.apply(post.event(opened(new_id(), ticket_id), ticket_id))
    assert post.people.asked == 1


async def test_messages_read_in_the_readers_language(post: Post) -> None:
    account, enrolment = new_id(), new_id()
    waits = calendar_pb2.WaitListed(
        enrolment_id=enrolment, activity_id=new_id(), title="Tea", account=account, position=3
    )
    waits.start_time.FromJsonString("2026-11-21T06:30:00Z")
    await post.apply(post.event(waits, enrolment))
    [zh] = await inbox_of(post, account)
    assert zh.title == "候补第 3 位：Tea"
    assert "11月21日 周六 14:30" in zh.body
    found = await post.call(account, "ListMessages", pb.ListMessagesRequest(), locale="en")
    assert found.messages[0].title == "Number 3 on the wait list: Tea"


async def test_reading_is_counted_and_marked_once(post: Post) -> None:
    account = new_id()
    for number in range(3):
        ticket_id = new_id()
        await post.apply(post.event(resolved(account, ticket_id, f"G-{number}"), ticket_id))
    assert (await post.call(account, "CountUnread", pb.CountUnreadRequest())).unread == 3
    first = (await inbox_of(post, account))[0]
    read = await post.call(account, "MarkRead", pb.MarkReadRequest(id=first.id))
    again = await post.call(account, "MarkRead", pb.MarkReadRequest(id=first.id))
    assert read.state == pb.MESSAGE_STATE_READ
    assert read.read_time == again.read_time
    assert [message.id for message in await inbox_of(post, account, unread=True)] != [first.id]
    assert (await post.call(account, "MarkAllRead", pb.MarkAllReadRequest())).marked == 2
    assert (await post.call(account, "CountUnread", pb.CountUnreadRequest())).unread == 0


async def test_nobody_reads_anothers_inbox(post: Post) -> None:
    account, stranger, ticket_id = new_id(), new_id(), new_id()
    await post.apply(post.event(resolved(account, ticket_id), ticket_id))
    [message] = await inbox_of(post, account)
    assert await inbox_of(post, stranger) == []
    for rpc, request in (
        ("GetMessage", pb.GetMessageRequest(id=message.id)),
        ("MarkRead", pb.MarkReadRequest(id=message.id)),
    ):
        with pytest.raises(NotFound):
            await post.call(stranger, rpc, request)
    assert (await post.call(stranger, "MarkAllRead", pb.MarkAllReadRequest())).marked == 0
    assert (await post.call(account, "CountUnread", pb.CountUnreadRequest())).unread == 1


async def test_pages_of_messages_come_newest_first_and_complete(post: Post) -> None:
    account = new_id()
    events = []
    for _ in range(7):
        ticket_id = new_id()
        events.append(post.event(resolved(account, ticket_id), ticket_id))
    await post.apply(*events)
    seen: list[str] = []
    token = ""
    while True:
        page = await post.call(account, "ListMessages", pb.ListMessagesRequest(page_size=3, page_token=token))
        seen += [message.subject_id for message in page.messages]
        token = page.next_page_token
        if not token:
            break
    assert seen == [event.aggregate_id for event in reversed(events)]


async def test_a_message_reaches_the_mailbox_and_the_log_holds_no_address(post: Post) -> None:
    account, ticket_id = new_id(), new_id()
    post.people.emails[account] = "worker01@huarong.example"
    await post.apply(post.event(resolved(account, ticket_id), ticket_id))
    assert (await inbox_of(post, account))[0].state == pb.MESSAGE_STATE_QUEUED
    assert await post.mailer.round() == 1

    [mail] = post.mailbox.mails
    assert mail["To"] == "worker01@huarong.example"
    assert str(make_header(decode_header(mail["Subject"]))) == "请确认结果：代理记账"
    [message] = await inbox_of(post, account)
    assert (message.state, message.channel) == (pb.MESSAGE_STATE_DELIVERED, pb.CHANNEL_EMAIL)
    assert mail["Message-ID"] == f"<{message.id}@louyu>"
    [line] = await post.stored("SELECT * FROM inbox_deliveries")
    assert (line["outcome"], line["attempt"]) == ("accepted", 1)
    assert "huarong" not in str(dict(line))
    assert await post.mailer.round() == 0, "a delivered message is not mailed again"


async def test_the_shared_mailboxes_of_a_desk_get_what_the_desk_is_told(post: Post) -> None:
    post.people.desks[post.tenant, "enterprise-desk"] = [new_id()]
    post.people.mailboxes = ["desk@huarong.example", "duty@huarong.example"]
    ticket_id = new_id()
    event = post.event(opened(new_id(), ticket_id), ticket_id)
    await post.apply(event)
    await post.apply(event)
    assert await post.mailer.round() == 1
    [mail] = post.mailbox.mails
    assert mail["To"] == "desk@huarong.example, duty@huarong.example"
    assert str(make_header(decode_header(mail["Subject"]))) == "新工单：代理记账"
    stored = await post.stored(
        "SELECT m::text FROM inbox_messages AS m UNION SELECT d::text FROM inbox_deliveries AS d"
    )
    assert not any("huarong" in row[0] for row in stored), "the database holds no address"


async def test_whoever_wants_no_mail_gets_none(post: Post) -> None:
    account = new_id()
    post.people.emails[account] = "quiet@huarong.example"
    before = await post.call(account, "GetPreferences", pb.GetPreferencesRequest())
    assert before.email
    after = await post.call(account, "UpdatePreferences", pb.UpdatePreferencesRequest(email=False))
    assert not after.email
    ticket_id = new_id()
    await post.apply(post.event(resolved(account, ticket_id), ticket_id))
    assert await post.mailer.round() == 0
    [message] = await inbox_of(post, account)
    assert (message.state, message.channel) == (pb.MESSAGE_STATE_DELIVERED, pb.CHANNEL_IN_APP)


async def test_an_account_without_address_has_it_in_the_app(post: Post) -> None:
    account, ticket_id = new_id(), new_id()
    await post.apply(post.event(resolved(account, ticket_id), ticket_id))
    await post.mailer.round()
    [message] = await inbox_of(post, account)
    assert (message.state, message.channel) == (pb.MESSAGE_STATE_DELIVERED, pb.CHANNEL_IN_APP)
    assert post.mailbox.mails == []


async def _hurry(post: Post) -> None:
    """Let the waiting time of a deferred mail pass."""
    await post.stored(
        "UPDATE inbox_messages SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL RETURNING id"
    )


async def test_a_busy_mail_server_is_asked_again_later_until_it_takes_the_mail(post: Post) -> None:
    account, ticket_id = new_id(), new_id()
    post.people.emails[account] = "worker01@huarong.example"
    post.mailbox.busy = True
    await post.apply(post.event(resolved(account, ticket_id), ticket_id))
    await post.mailer.round()
    assert await post.mailer.round() == 0, "not before its time"
    await _hurry(post)
    post.mailbox.busy = False
    await post.mailer.round()
    assert len(post.mailbox.mails) == 1
    lines = await post.stored("SELECT outcome, attempt FROM inbox_deliveries ORDER BY attempt")
    assert [(line["outcome"], line["attempt"]) for line in lines] == [("deferred", 1), ("accepted", 2)]


@pytest.mark.row("1-33/NTF", partial=True)
async def test_a_mail_that_never_gets_through_stays_in_the_app_and_is_told_to_operators(post: Post) -> None:
    account, ticket_id = new_id(), new_id()
    post.people.emails[account] = "worker01@huarong.example"
    post.mailbox.busy = True
    await post.apply(post.event(resolved(account, ticket_id), ticket_id))
    for _ in range(len(BACKOFF) + 1):
        await post.mailer.round()
        await _hurry(post)
    assert await post.mailer.round() == 0
    [message] = await inbox_of(post, account)
    assert message.state == pb.MESSAGE_STATE_FAILED
    [told] = await post.stored(
        "SELECT payload FROM outbox WHERE type = 'louyu.notification.v1.DeliveryFailed'"
    )
    failed = pb.DeliveryFailed.FromString(told["payload"])
    assert (failed.message_id, failed.attempts) == (message.id, len(BACKOFF) + 1)
    context = Context(mode="tenant", tenant_id=post.tenant, caller=Caller("account", new_id()))
    request = pb.ListDeliveriesRequest(tenant=post.tenant, outcome=pb.ATTEMPT_OUTCOME_GAVE_UP)
    with bind(context):
        log = await post.rpc.ListDeliveries(request, None)  # type: ignore[arg-type]
    assert [line.message_id for line in log.deliveries] == [message.id]


async def test_an_address_that_does_not_exist_is_not_tried_again(post: Post) -> None:
    account, ticket_id = new_id(), new_id()
    post.people.emails[account] = "gone@huarong.example"
    post.mailbox.refuses.add("gone@huarong.example")
    await post.apply(post.event(resolved(account, ticket_id), ticket_id))
    await post.mailer.round()
    await _hurry(post)
    assert await post.mailer.round() == 0
    [line] = await post.stored("SELECT outcome, answer FROM inbox_deliveries")
    assert line["outcome"] == "gave_up"
    assert "550" in line["answer"]
    assert "gone@" not in line["answer"]


async def test_a_mailer_that_died_leaves_no_mail_behind(post: Post) -> None:
    account, ticket_id = new_id(), new_id()
    post.people.emails[account] = "worker01@huarong.example"
    await post.apply(post.event(resolved(account, ticket_id), ticket_id))
    from notification.inbox import commands
    from tests.integration.notification.conftest import CONSUMER

    await post.units.run(CONSUMER, lambda unit: commands.claim(unit, 10))
    assert await post.mailer.round() == 0, "handed out, and not yet given back"
    assert (await inbox_of(post, account))[0].state == pb.MESSAGE_STATE_SENT
    await _hurry(post)
    await post.mailer.round()
    assert len(post.mailbox.mails) == 1


async def test_the_live_channel_hears_of_a_new_message(post: Post) -> None:
    account, ticket_id = new_id(), new_id()
    js = post.bus.jetstream()
    kept = (await ensure_stream(js, "notification")).state.messages
    heard = await post.bus.subscribe(f"louyu-hints.notification.v1.{post.tenant}.>")
    await post.apply(post.event(resolved(account, ticket_id), ticket_id))
    await post.hints.flush()
    message = await heard.next_msg(timeout=20)
    event = decode(message.headers or {}, message.data)
    assert event.audience == (account,)
    assert isinstance(event.message, pb.MessageDelivered)
    assert event.message.subject_id == ticket_id
    assert (await ensure_stream(js, "notification")).state.messages == kept, "a hint is kept for nobody"


async def test_events_from_the_stream_become_messages_once_even_after_a_break(post: Post) -> None:
    """Business goes on while the inbox is down; what happened meanwhile is delivered after it is back."""
    accounts = [new_id() for _ in range(50)]

    async def run_until(count: int) -> None:
        stop = asyncio.Event()
        bus = await nats.connect(post.bus.connected_url.geturl())  # type: ignore[union-attr]
        runner = ConsumerRunner(post.units, bus, post.inbox.consumers()[0])
        loop = asyncio.create_task(runner.loop(stop))
        async with asyncio.timeout(20):
            while True:
                rows = await post.stored("SELECT count(*) AS n FROM inbox_messages")
                if rows[0]["n"] >= count:
                    break
                await asyncio.sleep(0.05)
        await bus.close()
        stop.set()
        await loop

    for account in accounts[:25]:
        ticket_id = new_id()
        await post.publish("ticket", post.event(resolved(account, ticket_id), ticket_id))
    await run_until(25)
    for account in accounts[25:]:  # the inbox is down
        ticket_id = new_id()
        event = post.event(resolved(account, ticket_id), ticket_id)
        await post.publish("ticket", event)
        await post.publish("ticket", event)  # and the relay sends twice
    await run_until(50)
    per_account = await post.stored(
        "SELECT account::text, count(*) AS n FROM inbox_messages GROUP BY account"
    )
    assert {row["account"]: row["n"] for row in per_account} == dict.fromkeys(accounts, 1)


async def test_the_age_of_a_message_is_the_age_of_its_event(post: Post) -> None:
    account, ticket_id = new_id(), new_id()
    event = post.event(resolved(account, ticket_id), ticket_id)
    await post.apply(event)
    [message] = await inbox_of(post, account)
    assert abs(message.create_time.ToDatetime(event.occurred_at.tzinfo) - event.occurred_at) < timedelta(
        milliseconds=1
    )
