"""The phone pages: what people find, fill in, enrol in and read."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from deploy.local.stack import Stack
from tests.browser.visits import accessible, enter, fits
from tests.fixtures.browser import NewPage

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHONE = {"width": 390, "height": 844}
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)


async def test_words_lead_to_services_and_window_matters(district: Stack, new_page: NewPage) -> None:
    page = await new_page(**PHONE)
    await enter(page, district.url, "contact")
    await page.goto(f"{district.url}/services")
    await page.get_by_role("searchbox").fill("开发票")
    await expect(page.get_by_role("link", name=re.compile("代理开票"))).to_be_visible()
    await page.get_by_role("searchbox").fill("变更")
    await expect(page.get_by_role("link", name=re.compile("企业变更登记.*政务窗口", re.S))).to_be_visible()
    await expect(page.get_by_role("link", name=re.compile("工商注册.*楼内服务", re.S))).to_be_visible()
    await page.get_by_role("searchbox").fill("火星旅行")
    await expect(page.get_by_text("没有找到“火星旅行”")).to_be_visible()
    await page.get_by_role("button", name="看全部事项").click()
    await expect(page.get_by_role("heading", name="企业和个人服务")).to_be_visible()


async def test_a_form_refuses_kindly_and_loses_nothing(district: Stack, new_page: NewPage) -> None:
    page = await new_page(**PHONE)
    await enter(page, district.url, "contact2")
    await page.goto(f"{district.url}/services?q=记账")
    await page.get_by_role("link", name=re.compile("代理记账")).first.click()
    await page.get_by_role("link", name="开始申请").click()
    await page.get_by_role("button", name="下一步").click()
    await page.get_by_label(re.compile("代账月数")).fill("40")
    await page.get_by_role("button", name="下一步").click()
    await expect(page.get_by_text("不能大于36。")).to_be_visible()
    await expect(page.get_by_text("请回答这一题。")).to_be_visible()
    await accessible(page)
    await page.get_by_label(re.compile("代账月数")).fill("6")
    await page.get_by_label("一般纳税人").check()

    await page.reload()
    await expect(page.get_by_label(re.compile("代账月数"))).to_have_value("6")
    await expect(page.get_by_label("一般纳税人")).to_be_checked()

    await page.get_by_role("button", name="下一步").click()
    await page.get_by_label(re.compile("请用几句话说明")).fill("先存着")
    await page.context.set_offline(True)
    await page.get_by_role("button", name="下一步").click()
    await page.get_by_role("button", name="提交", exact=True).click()
    await expect(page.get_by_text(re.compile("网络连接中断"))).to_be_visible()
    await page.context.set_offline(False)
    await page.get_by_role("button", name="提交", exact=True).click()
    await expect(page.get_by_role("heading", name="已提交")).to_be_visible()


async def test_an_activity_is_enrolled_in_and_left(district: Stack, new_page: NewPage) -> None:
    page = await new_page(**PHONE)
    await enter(page, district.url, "worker")
    await page.get_by_role("navigation").get_by_role("link", name="活动").first.click()
    # Not the one whose door this worker may have gone through already.
    await page.locator(".list-row").filter(has_not_text="门口签到演练").first.click()
    await expect(page.get_by_text("名额", exact=True)).to_be_visible()
    leave = page.get_by_role("button", name="取消报名")
    join = page.get_by_role("button", name=re.compile("我要报名|排队候补"))
    await expect(leave.or_(join).first).to_be_visible()
    if await leave.is_visible():
        await leave.click()
        await page.get_by_role("dialog").get_by_role("button", name="取消报名").click()
    await join.click()
    await expect(page.get_by_text(re.compile("您已报名|您在候补")).first).to_be_visible()
    if await page.get_by_text("您已报名").is_visible():
        await expect(page.get_by_role("img", name="入场二维码")).to_be_visible()
    await accessible(page)
    await leave.click()
    await page.get_by_role("dialog").get_by_role("button", name="取消报名").click()
    await expect(join).to_be_visible()


async def test_a_case_is_prepared_checked_and_filed(district: Stack, new_page: NewPage) -> None:
    page = await new_page(**PHONE)
    await enter(page, district.url, "contact3")
    await page.goto(f"{district.url}/services?q=企业变更登记")
    await page.get_by_role("link", name=re.compile("企业变更登记")).click()
    await expect(page.get_by_text("受理后5个工作日")).to_be_visible()
    await page.get_by_role("link", name="开始申请").click()
    await page.get_by_role("button", name="下一步").click()
    await page.get_by_role("button", name="下一步").click()
    await expect(page.get_by_text("请上传，或勾选到窗口出示纸质件。").first).to_be_visible()
    await page.locator("input[type=file]").first.set_input_files(
        {"name": "变更登记申请书.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    await expect(page.get_by_text("变更登记申请书.pdf")).to_be_visible()
    await page.get_by_label("到窗口出示纸质件").nth(1).check()
    await accessible(page)
    await page.get_by_role("button", name="下一步").click()
    await page.get_by_role("button", name="提交给部门").click()
    await expect(page.get_by_text("已提交，等待部门受理")).to_be_visible()
    await expect(page.get_by_text(re.compile(r"B\d{8}-\d{6}"))).to_be_visible()
    await page.goto(f"{district.url}/cases")
    await expect(page.get_by_role("link", name=re.compile("企业变更登记")).first).to_be_visible()


async def test_one_changes_language_and_sees_the_own_devices(district: Stack, new_page: NewPage) -> None:
    page = await new_page(**PHONE)
    await enter(page, district.url, "worker2")
    await page.goto(f"{district.url}/me")
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("heading", name="My organisations")).to_be_visible()
    await page.get_by_role("button", name="中文").click()
    await expect(page.get_by_role("heading", name="我的单位")).to_be_visible()
    await page.get_by_role("link", name=re.compile("登录的设备")).click()
    await expect(page.get_by_text("本机")).to_be_visible()


async def test_another_organisation_s_request_is_not_found(district: Stack, new_page: NewPage) -> None:
    page = await new_page(**PHONE)
    await enter(page, district.url, "contact1")
    await page.goto(f"{district.url}/requests/01900000-0000-7000-8000-000000000000")
    await expect(page.get_by_role("alert")).to_be_visible()


PAGES = ("/", "/services", "/requests", "/cases", "/activities", "/messages", "/me")


@pytest.mark.parametrize("width", [390, 1280])
async def test_every_page_is_accessible_and_fits(district: Stack, new_page: NewPage, width: int) -> None:
    page = await new_page(width=width)
    await enter(page, district.url, "contact")
    for path in PAGES:
        await page.goto(f"{district.url}{path}")
        await expect(page.locator("main")).to_be_visible()
        await expect(page.locator(".skeleton")).to_have_count(0)
        await fits(page)
        await accessible(page)
