"""One service request from the phone to the district's wall, in real browsers.

An enterprise contact orders 代理记账, the desk triages, assigns and handles it in the console, the contact
confirms and rates; a message arrives at each step and the district's figures move, none of them reloaded.
"""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from deploy.local.stack import Stack
from tests.browser.visits import enter, number_in
from tests.fixtures.browser import NewPage
from tests.fixtures.district import all_heard

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def figure(page: Page, code: str) -> float:
    return number_in(await page.locator(f"[data-code={code}]").text_content())


async def made_of(page: Page, code: str) -> str:
    """What a tile says that its figure is made of."""
    return (await page.locator(f"article:has([data-code={code}]) .made").text_content()) or ""


async def order(page: Page) -> str:
    """Order 代理记账 in the firm's name; returns the number of the request."""
    await page.get_by_role("navigation").get_by_role("link", name="办事").first.click()
    await page.get_by_role("searchbox").fill("做账")
    await page.get_by_role("link", name=re.compile("代理记账")).first.click()
    await page.get_by_role("link", name=re.compile("开始申请|继续填写")).click()
    await expect(page.get_by_role("heading", name="为谁办理？")).to_be_visible()
    await expect(page.get_by_role("radio").first).to_be_checked()
    await page.get_by_role("button", name="下一步").click()
    await page.get_by_label("小规模纳税人").check()
    await page.get_by_label(re.compile("代账月数")).fill("12")
    await page.get_by_role("button", name="下一步").click()
    await page.get_by_label(re.compile("请用几句话说明")).fill("从下月起委托代理记账，每月约30张票据")
    await page.get_by_role("button", name="下一步").click()
    await expect(page.get_by_role("heading", name="请核对")).to_be_visible()
    await expect(page.get_by_text("从下月起委托代理记账")).to_be_visible()
    await page.get_by_role("button", name="提交", exact=True).click()
    await expect(page.get_by_role("heading", name="已提交")).to_be_visible()
    await expect(page.get_by_text(re.compile("企业服务站会在.*前首次响应"))).to_be_visible()
    return (await page.locator(".number").text_content() or "").strip()


async def told(inbox: Page, number: str, title: str) -> None:
    """A message with this title about the request has come in, without a reload."""
    message = inbox.locator(".list-row").filter(has_text=number).filter(has_text=title)
    await expect(message.first).to_be_visible()


async def desk_verb(page: Page, verb: str) -> None:
    """Use a verb of the console's request page, whose dialog asks nothing that is required."""
    await page.get_by_role("button", name=verb, exact=True).click()
    await page.get_by_role("dialog").get_by_role("button", name=verb, exact=True).click()
    await expect(page.get_by_role("dialog")).to_be_hidden()


@pytest.mark.row("1-18/TKT", partial=True)
async def test_a_service_request_from_the_phone_to_the_wall(district: Stack, new_page: NewPage) -> None:
    # The wall has heard of everything else before it is read.
    await all_heard(district)
    wall = await new_page(width=1920, height=1080)
    await enter(wall, district.url, "district", face="/screen/", staff=True)
    await expect(wall.locator("[data-code=AFFAIRS_VOLUME]")).to_be_visible()
    volume = await figure(wall, "AFFAIRS_VOLUME")

    phone = await new_page(width=390, height=844)
    await enter(phone, district.url, "contact")
    inbox = await phone.context.new_page()
    await inbox.goto(f"{district.url}/messages")
    number = await order(phone)
    assert re.fullmatch(r"G\d{8}-\d{6}", number)
    await told(inbox, number, "已收到您的申请")
    await expect(wall.locator("[data-code=AFFAIRS_VOLUME]")).to_have_text(f"{volume + 1:,.0f}")

    await phone.get_by_role("link", name="查看进度").click()
    await expect(phone.get_by_text("已送到服务台，等待受理")).to_be_visible()
    request_id = phone.url.rsplit("/", 1)[1]

    desk = await new_page(width=1280)
    await enter(desk, district.url, "clerk", face="/console/", staff=True)
    await desk.goto(f"{district.url}/console/requests/{request_id}")
    await expect(desk.get_by_text(number).first).to_be_visible()
    await desk_verb(desk, "受理")
    await expect(phone.get_by_text("服务台已受理，正在安排经办人")).to_be_visible()
    await told(inbox, number, "已受理")

    await desk.get_by_role("button", name="派单", exact=True).click()
    dialog = desk.get_by_role("dialog")
    await dialog.get_by_role("combobox").select_option(label="演示专干01（我）")
    await dialog.get_by_role("button", name="派单", exact=True).click()
    await expect(phone.get_by_text("已派单，等待经办人接单")).to_be_visible()

    await told(inbox, number, "已派单")
    await desk_verb(desk, "接单")
    await expect(phone.get_by_text("经办人已接单", exact=True).first).to_be_visible()
    await told(inbox, number, "已接单")
    await desk_verb(desk, "开始办理")
    await expect(phone.get_by_text("正在办理", exact=True)).to_be_visible()

    await desk.get_by_role("button", name="办理完成", exact=True).click()
    await dialog.get_by_label("办理结果").fill("已完成建账，首月报表发到您的邮箱。")
    await dialog.get_by_role("button", name="办理完成", exact=True).click()
    await expect(phone.get_by_text("已经办好，请您确认")).to_be_visible()
    await expect(phone.locator("blockquote")).to_have_text("已完成建账，首月报表发到您的邮箱。")
    await told(inbox, number, "请确认")

    # As late as can be: other requests close by themselves when their time has come.
    await all_heard(district)
    closed = number_in((await made_of(wall, "CLOSURE")).split("÷")[0])
    await phone.get_by_role("button", name="确认并评价").click()
    sheet = phone.get_by_role("dialog")
    await sheet.get_by_role("button", name="确认并评价").click()
    await expect(sheet.get_by_text("请选择一个评价等级。")).to_be_visible()
    await sheet.get_by_role("radio", name="非常满意", exact=True).check()
    await sheet.get_by_label(re.compile("想说的话")).fill("很及时，谢谢")
    await sheet.get_by_role("button", name="确认并评价").click()
    await expect(phone.get_by_text("谢谢您的评价。")).to_be_visible()
    await told(inbox, number, "已办结")

    await expect(desk.get_by_text("已办结").first).to_be_visible()
    tile = wall.locator("article:has([data-code=CLOSURE]) .made")
    await expect(tile).to_contain_text(f"已办结{closed + 1:,.0f}件")
