"""The district's overview: honest figures, their records behind them, and a wall that nobody touches."""

from __future__ import annotations

import re

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from demo.client import People
from deploy.local.stack import Stack
from tests.browser.visits import accessible, enter, fits
from tests.fixtures.browser import NewPage
from tests.fixtures.district import all_heard

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def asked_today(district: Stack, people: People, places: dict[str, str]) -> None:
    """A month that began today has something to show, too: somebody has asked for something."""
    root = f"/v1/tenants/{places['华融国际大厦']}"
    items = await people.get("contact", f"{root}/catalogue", q="税务咨询")
    body = {
        "service_item_id": items["service_items"][0]["id"],
        "summary": "今天就有的一单",
        "filed_for": "PERSON",
    }
    await people.post("contact", f"{root}/requests", body)
    await all_heard(district)


async def overview(district: Stack, new_page: NewPage, *, width: int = 1280, height: int = 800) -> Page:
    page = await new_page(width=width, height=height)
    await enter(page, district.url, "district", face="/screen/", staff=True)
    await expect(page.locator("[data-code=CLOSURE]")).to_be_visible()
    return page


async def test_figures_say_what_they_are_made_of(district: Stack, new_page: NewPage) -> None:
    page = await overview(district, new_page)
    await expect(page.get_by_text(re.compile("数据截至"))).to_be_visible()
    made = page.locator("article:has([data-code=CLOSURE]) .made")
    await expect(made).to_have_text(re.compile(r"已办结[\d,]+件 ÷ 期内受理[\d,]+件"))
    await expect(page.get_by_role("img")).to_have_count(4)
    await fits(page)
    await accessible(page)

    # Every chart has its table behind it.
    trend = (
        page.locator("section")
        .filter(has=page.get_by_role("heading", name=re.compile("本月.*件|本月还没有")))
        .first
    )
    await trend.get_by_role("button", name="看数据表").click()
    await expect(trend.get_by_role("columnheader", name="办结")).to_be_visible()


async def test_every_figure_leads_to_its_records(district: Stack, new_page: NewPage) -> None:
    page = await overview(district, new_page)
    await page.get_by_role("button", name="季", exact=True).click()
    await expect(page.locator("[data-code=CLOSURE]")).to_be_visible()
    await page.get_by_role("button", name=re.compile("查看明细 办结率")).click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("rowheader").first).to_have_text(re.compile(r"G\d{8}-\d{6}"))
    await dialog.get_by_role("button", name="未计入的").click()
    await expect(dialog.get_by_text("✓ 计入")).to_have_count(0)
    await accessible(page)
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()


async def test_an_empty_denominator_is_not_a_figure(district: Stack, new_page: NewPage) -> None:
    page = await overview(district, new_page)
    # Leaf back to before the district opened: nothing was opened then, so there is nothing to divide by.
    await page.get_by_role("button", name="季", exact=True).click()
    for _ in range(3):
        before = await page.locator("header p").first.text_content()
        await page.get_by_role("button", name=re.compile("上一期")).click()
        await expect(page.locator("header p").first).not_to_have_text(before or "")
    await expect(page.locator("[data-code=CLOSURE]")).to_have_text("n/a")
    await expect(page.get_by_text("期内没有可计算的记录").first).to_be_visible()


async def test_tenants_are_compared_by_any_indicator(district: Stack, new_page: NewPage) -> None:
    page = await overview(district, new_page)
    await page.get_by_label("对比指标").select_option(label="五务量")
    panel = page.locator("section").filter(has=page.get_by_label("对比指标"))
    await expect(panel.get_by_role("heading", name=re.compile("五务量：.*最多"))).to_be_visible()
    await panel.get_by_role("button", name="看数据表").click()
    await expect(panel.get_by_role("rowheader", name="华融国际大厦")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (3840, 2160)])
async def test_a_wall_shows_everything_at_once(
    district: Stack, new_page: NewPage, width: int, height: int
) -> None:
    page = await overview(district, new_page, width=width, height=height)
    await page.get_by_role("button", name="大屏显示").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("楼宇服务运行总览"))
    await fits(page)
    below = await page.evaluate(
        "[...document.querySelectorAll('article, section')].filter((one) =>"
        " one.getBoundingClientRect().bottom > window.innerHeight + 1).length"
    )
    assert below == 0, "something of the wall is below its edge"
    size = await page.locator("[data-code=CLOSURE]").evaluate(
        "(one) => parseFloat(getComputedStyle(one).fontSize)"
    )
    assert size >= width / 40, "the figures are too small to be read from afar"


async def test_who_may_not_see_the_overview_is_told_so(district: Stack, new_page: NewPage) -> None:
    page = await new_page(width=1280)
    await enter(page, district.url, "guardian", face="/screen/")
    await expect(page.get_by_role("heading", name="您没有查看总览的权限")).to_be_attached()
