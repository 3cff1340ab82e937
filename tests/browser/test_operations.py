"""What the operator sees of an event that could not be applied, and what becomes of it."""

from __future__ import annotations

import re
from functools import partial

import pytest
from playwright.async_api import Page, expect

from chassis.events import stream_of
from chassis.ids import new_id
from deploy.local.stack import Stack
from tests.browser.visits import accessible, enter, fits
from tests.chaos.streams import database, jetstream
from tests.fixtures.browser import NewPage
from tests.fixtures.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

BUILDING = "华融国际大厦"
FOLLOWERS = {"notification": "消息", "dashboard": "看板"}
"""Who follows tickets, and what the page calls them."""


async def damaged(district: Stack, tenant: str) -> str:
    """Publish an event of a ticket whose content nobody can read; its id."""
    event, ticket = new_id(), new_id()
    headers = {
        "Nats-Msg-Id": event,
        "ce-specversion": "1.0",
        "ce-id": event,
        "ce-type": "louyu.ticket.v1.SubtaskCompleted",
        "ce-source": "/louyu/ticket",
        "ce-time": "2026-01-01T00:00:00+00:00",
        "ce-subject": ticket,
        "louyu-tenant": tenant,
        "louyu-aggregate": "ticket",
        "louyu-seq": "1",
        "louyu-audience": "",
        "louyu-correlation": ticket,
    }
    subject = f"louyu.ticket.v1.{tenant}.ticket.subtask_completed"
    async with jetstream(district) as js:
        await js.publish(subject, b"\xff" * 20, headers=headers, stream=stream_of("ticket"))
    return event


async def parked(district: Stack, service: str, event: str) -> bool:
    async with database(district, service) as rows:
        found = await rows.fetchval("SELECT count(*) FROM dead_letters WHERE event_id = $1", event)
        return bool(found)


async def mend(district: Stack, service: str, event: str) -> None:
    """What the operator's colleagues do: put the right content in the place of the damaged one."""
    async with database(district, service) as rows:
        await rows.execute("UPDATE dead_letters SET payload = ''::bytea WHERE event_id = $1", event)


async def replay(page: Page) -> None:
    await (
        page.get_by_role("row", name=re.compile("SubtaskCompleted"))
        .get_by_role("button", name="重放")
        .click()
    )


async def test_a_dead_letter_is_seen_replayed_and_gone(
    district: Stack, new_page: NewPage, places: dict[str, str]
) -> None:
    event = await damaged(district, places[BUILDING])
    for service in FOLLOWERS:
        await eventually(partial(parked, district, service, event))
    page = await new_page()
    await enter(page, district.url, "operator2", face="/console/", staff=True)
    await page.goto(f"{district.url}/console/dead-letters")
    await expect(page.get_by_role("button", name=re.compile(r"看板 \d+"))).to_be_visible()
    row = page.get_by_role("row", name=re.compile("SubtaskCompleted"))
    await expect(row).to_contain_text("事件内容损坏，读不出来")
    await accessible(page)

    await replay(page)
    await expect(page.get_by_text("仍未成功，还剩 1 条")).to_be_visible()
    await expect(row.get_by_role("cell").nth(3)).to_have_text("2")
    await page.set_viewport_size({"width": 390, "height": 844})
    await fits(page)
    await page.set_viewport_size({"width": 1280, "height": 800})

    for service, name in FOLLOWERS.items():
        await mend(district, service, event)
        await page.get_by_role("button", name=re.compile(f"^{name}")).click()
        await replay(page)
        await expect(row).to_be_hidden()
    await expect(page.get_by_text("已应用 1 条，还剩 0 条").first).to_be_visible()
