"""The console: what the clerk, the secretary and the administrator of a building do in a day."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.async_api import Page, expect

from demo.client import People
from deploy.local.stack import Stack
from tests.browser.visits import accessible, enter, fits
from tests.fixtures.browser import NewPage

pytestmark = pytest.mark.asyncio(loop_scope="session")

BUILDING = "华融国际大厦"


def ledger(rows: list[tuple[str, str, str]]) -> bytes:
    """A workbook of the enterprise ledger with other headings than the template's."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "台账"
    for row in [("企业名称", "楼层", "行业"), *rows]:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def order(people: People, tenant: str, words: str) -> str:
    """A request of the enterprise contact, over the API; its number."""
    items = await people.get("contact", f"/v1/tenants/{tenant}/catalogue", q="税务咨询")
    body = {"service_item_id": items["service_items"][0]["id"], "summary": words, "filed_for": "PERSON"}
    ticket = await people.post("contact", f"/v1/tenants/{tenant}/requests", body, key=words)
    return str(ticket["number"])


async def test_the_secretary_imports_a_ledger_with_a_bad_row(
    district: Stack, new_page: NewPage, tmp_path: Path
) -> None:
    file = tmp_path / "台账.xlsx"
    file.write_bytes(ledger([("浏览器测试企业一", "9", "互联网"), ("浏览器测试企业二", "九层半", "互联网")]))
    page = await new_page()
    await enter(page, district.url, "secretary", face="/console/", staff=True)
    await page.goto(f"{district.url}/console/imports")
    await page.get_by_role("button", name="上传工作簿").first.click()
    dialog = page.get_by_role("dialog")
    await dialog.locator("input[type=file]").set_input_files(file)
    await expect(dialog.get_by_text("台账.xlsx")).to_be_visible()
    await dialog.get_by_role("button", name="上传工作簿").click()

    await expect(page.get_by_text("表头在第 1 行")).to_be_visible()
    await expect(page.get_by_label(re.compile("含义 A 企业名称"))).to_have_value("name")
    await accessible(page)
    await page.get_by_role("button", name="预检").click()
    await expect(page.get_by_text("台账 第 3 行")).to_be_visible()
    await expect(page.get_by_text(re.compile("B 列“楼层”"))).to_be_visible()

    await page.get_by_role("button", name="开始导入").click()
    await expect(page.get_by_role("dialog")).to_contain_text("将新增 1 家")
    await page.get_by_role("dialog").get_by_role("button", name="开始导入").click()
    await expect(page.get_by_text("已完成").first).to_be_visible()
    await page.get_by_role("button", name="查看企业台账").click()
    await page.get_by_role("searchbox", name=re.compile("按名称")).fill("浏览器测试企业")
    await expect(page.get_by_role("link", name="浏览器测试企业一")).to_be_visible()
    await expect(page.get_by_role("link", name="浏览器测试企业二")).to_be_hidden()


async def test_the_clerk_assigns_several_requests_at_once(
    district: Stack, new_page: NewPage, people: People, places: dict[str, str]
) -> None:
    numbers = [await order(people, places[BUILDING], f"批量派单第{n}单") for n in (1, 2)]
    page = await new_page()
    await enter(page, district.url, "clerk", face="/console/", staff=True)
    await page.goto(f"{district.url}/console/requests?view=list&state=SUBMITTED")
    for number in numbers:
        await page.get_by_role("checkbox", name=f"选择 {number}").check()
    await page.get_by_role("button", name="批量派单").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("combobox").select_option(label="演示专干02")
    await dialog.get_by_role("button", name="批量派单").click()
    await expect(page.get_by_text("2 单已派给经办人")).to_be_visible()
    await page.goto(f"{district.url}/console/requests?view=list&state=ASSIGNED")
    for number in numbers:
        await expect(page.get_by_role("row", name=re.compile(number))).to_contain_text("演示专干02")


async def test_a_new_request_appears_on_an_open_board(
    district: Stack, new_page: NewPage, people: People, places: dict[str, str]
) -> None:
    page = await new_page(width=1920, height=1080)
    await enter(page, district.url, "clerk2", face="/console/", staff=True)
    await page.goto(f"{district.url}/console/requests")
    column = page.get_by_role("region", name="已提交")
    await expect(column).to_be_visible()
    number = await order(people, places[BUILDING], "看板上应当自己出现")
    await expect(column.get_by_text(number)).to_be_visible()


async def test_the_administrator_grants_and_revokes_a_role(district: Stack, new_page: NewPage) -> None:
    page = await new_page()
    await enter(page, district.url, "admin", face="/console/", staff=True)
    await page.goto(f"{district.url}/console/accounts?q=worker2")
    await page.get_by_role("link", name="演示白领02").click()
    await page.get_by_role("button", name="授予角色").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="授予角色").click()
    await expect(dialog.get_by_text("请填写角色。")).to_be_visible()
    await dialog.get_by_label("角色").select_option(label="志愿者")
    await dialog.get_by_role("button", name="授予角色").click()
    row = page.get_by_role("row", name=re.compile("志愿者"))
    await expect(row).to_be_visible()

    await row.get_by_role("button", name="撤销").click()
    await dialog.get_by_label("理由").fill("试用结束")
    await dialog.get_by_role("button", name="撤销").click()
    await expect(row).to_be_hidden()


async def test_what_was_typed_survives_a_reload(district: Stack, new_page: NewPage) -> None:
    page = await new_page()
    await enter(page, district.url, "planner", face="/console/", staff=True)
    await page.goto(f"{district.url}/console/calendar")
    await page.get_by_role("button", name="起草活动").click()
    await page.get_by_label("活动名称").fill("还没写完的活动")
    await page.reload()
    await page.get_by_role("button", name="起草活动").click()
    await expect(page.get_by_label("活动名称")).to_have_value("还没写完的活动")
    await expect(page.get_by_text("已恢复您上次未提交的内容")).to_be_visible()


async def test_an_ended_session_asks_again_over_the_page(
    district: Stack, new_page: NewPage, people: People, places: dict[str, str]
) -> None:
    page = await new_page()
    await enter(page, district.url, "checker", face="/console/", staff=True)
    await page.goto(f"{district.url}/console/calendar")
    tenant = f"/v1/tenants/{places[BUILDING]}"
    found = await people.get("admin", f"{tenant}/accounts", q="checker")
    body = {"account": found["accounts"][0]["id"], "reason": "测试：结束全部登录"}
    await people.post("admin", f"{tenant}/sessions:revoke", body)
    over = page.get_by_role("dialog", name="登录已过期")
    for _ in range(120):
        await page.get_by_label("类型").select_option("SALON")
        await page.get_by_label("类型").select_option("")
        if await over.is_visible():
            break
        await page.wait_for_timeout(500)
    await expect(over).to_be_visible()
    await expect(over.get_by_label("账号")).to_have_value("checker")
    await accessible(page)


async def test_a_page_outside_the_role_says_so(district: Stack, new_page: NewPage) -> None:
    page = await new_page()
    await enter(page, district.url, "secretary", face="/console/", staff=True)
    await expect(page.get_by_role("link", name="死信")).to_be_hidden()
    await page.goto(f"{district.url}/console/dead-letters")
    await expect(page.get_by_text("没有权限")).to_be_visible()
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_text("Not allowed")).to_be_visible()


async def _walk(page: Page, url: str, paths: list[str]) -> None:
    for path in paths:
        for width in (1280, 390):
            await page.set_viewport_size({"width": width, "height": 844})
            await page.goto(f"{url}/console{path}")
            await expect(page.get_by_role("heading", level=1)).to_be_visible()
            await expect(page.locator(".skeleton")).to_have_count(0)
            await fits(page)
            await accessible(page)


async def test_the_secretarys_pages_are_accessible(district: Stack, new_page: NewPage) -> None:
    page = await new_page()
    await enter(page, district.url, "secretary", face="/console/", staff=True)
    paths = ["/", "/requests", "/requests?view=list", "/catalogue", "/calendar", "/enterprises", "/imports"]
    await _walk(page, district.url, paths)
    await page.goto(f"{district.url}/console/requests?view=list")
    await page.locator("tbody a").first.click()
    await expect(page.get_by_role("heading", name="办理过程")).to_be_visible()
    await accessible(page)


async def test_the_administrators_pages_are_accessible(district: Stack, new_page: NewPage) -> None:
    page = await new_page()
    await enter(page, district.url, "admin", face="/console/", staff=True)
    paths = [
        "/people",
        "/accounts",
        "/desks",
        "/tenants",
        "/counters",
        "/dead-letters",
        "/clock",
        "/messages",
    ]
    await _walk(page, district.url, paths)
