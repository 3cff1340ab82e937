"""The desk: a window clerk's cases, by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from demo.client import People
from deploy.local.stack import Stack
from tests.browser.visits import accessible, enter, fits
from tests.fixtures.browser import NewPage

pytestmark = pytest.mark.asyncio(loop_scope="session")

BUILDING = "华融国际大厦"


async def submitted(people: People, tenant: str, words: str) -> str:
    """A case of the enterprise contact with the industry department, over the API; its number."""
    filed = f"/v1/tenants/{tenant}/cases"
    matters = await people.get("contact", f"/v1/tenants/{tenant}/building-matters", q="企业变更登记")
    matter = matters["matters"][0]
    papers = [{"code": paper["code"], "on_paper": True} for paper in matter["matter"]["materials"]]
    body = {"building_matter_id": matter["id"], "summary": words, "materials": papers}
    case = await people.post("contact", filed, body, key=words)
    return str((await people.post("contact", f"{filed}/{case['id']}:submit"))["number"])


async def tab_to(page: Page, name: str) -> None:
    """Moves on with Tab until the cursor is on the button of this name."""
    for _ in range(30):
        here = await page.evaluate("document.activeElement?.textContent?.trim() ?? ''")
        if here == name:
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reached {name}")


async def test_a_clerk_accepts_decides_and_delivers_by_keyboard_alone(
    district: Stack, new_page: NewPage, people: People, places: dict[str, str]
) -> None:
    page = await new_page()
    await enter(page, district.url, "industry", face="/desk/", staff=True)
    await expect(page.get_by_role("heading", name="办件队列")).to_be_visible()
    number = await submitted(people, places[BUILDING], "键盘办理的变更登记")
    await expect(page.get_by_text(number)).to_be_visible()

    await page.keyboard.press("n")
    await expect(page.get_by_role("heading", name="企业变更登记")).to_be_visible()
    await expect(page.locator(".pane").get_by_text("已受理").first).to_be_visible()
    await accessible(page)

    await page.keyboard.press("d")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Tab")
    await page.keyboard.type("准予变更登记")
    await tab_to(page, "作出决定")
    await page.keyboard.press("Enter")
    await expect(page.locator(".pane").get_by_text("准予变更登记")).to_be_visible()

    await page.keyboard.press("v")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await tab_to(page, "送达结果")
    await page.keyboard.press("Enter")
    await expect(page.locator(".pane").get_by_text("已送达").first).to_be_visible()


async def test_everything_to_correct_is_said_once(
    district: Stack, new_page: NewPage, people: People, places: dict[str, str]
) -> None:
    number = await submitted(people, places[BUILDING], "需要补正的变更登记")
    page = await new_page()
    await enter(page, district.url, "industry", face="/desk/", staff=True)
    await page.get_by_role("searchbox").fill(number)
    await page.get_by_role("button", name=number).click()
    await page.get_by_role("button", name="要求补正").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="要求补正").click()
    await expect(dialog.get_by_text("请至少勾选一份材料。")).to_be_visible()
    await dialog.get_by_label("变更登记申请书", exact=True).check()
    await dialog.get_by_role("button", name="要求补正").click()
    await expect(dialog.get_by_text("请填写变更登记申请书：怎样改。")).to_be_visible()
    await dialog.get_by_label("变更登记申请书：怎样改").fill("请加盖公章")
    await dialog.get_by_role("button", name="要求补正").click()
    await expect(page.get_by_text("要求补正：请加盖公章")).to_be_visible()
    await expect(page.locator(".pane").get_by_text("待补正").first).to_be_visible()


async def test_the_desk_fits_a_phone_and_a_wide_screen(district: Stack, new_page: NewPage) -> None:
    page = await new_page()
    await enter(page, district.url, "industry", face="/desk/", staff=True)
    for width in (390, 1280, 1920):
        await page.set_viewport_size({"width": width, "height": 900})
        await page.goto(f"{district.url}/desk/?queue=ended")
        await page.locator("[data-case] button").first.click()
        await expect(page.get_by_role("heading", name="办理过程")).to_be_visible()
        await fits(page)
        await accessible(page)
