"""An inspector on the phone, in a cellar without a link: filled in, kept, and sent once when the link is
back."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from demo.client import People
from demo.safety import picture
from deploy.local.stack import Stack
from tests.browser.visits import accessible, enter, fits
from tests.fixtures.browser import NewPage

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHONE = {"width": 390, "height": 844}


async def test_an_inspection_is_kept_without_a_link_and_sent_once(district: Stack, new_page: NewPage) -> None:
    async with People(district.url) as people:
        mine = (await people.get("operator", "/v1/me"))["memberships"]
        root = "/v1/tenants/" + next(row["tenant"] for row in mine if row["name_zh"] == "矿业服务公司")
        site = await people.post("clerk4", f"{root}/sites", {"name": "掌上·地下泵房", "synthetic": True})

        page = await new_page(**PHONE)
        await enter(page, district.url, "clerk4", staff=True)
        await page.goto(f"{district.url}/inspections")
        await page.get_by_role("link", name=re.compile("掌上·地下泵房")).click()
        # The cellar: from here on nothing gets through.
        await page.context.set_offline(True)
        groups = page.get_by_role("group")
        await expect(groups).to_have_count(5)
        for name in ("用电线路", "用电设施设备", "灭火器"):
            await page.get_by_role("group", name=name).get_by_text("正常").click()
        await page.get_by_role("group", name="食品安全").get_by_text("无此设施").click()
        await page.get_by_role("button", name="提交巡查").click()
        await expect(page.get_by_text("⚠ 还有 1 类没有回答：消防栓")).to_be_visible()
        hydrant = page.get_by_role("group", name="消防栓")
        await hydrant.get_by_text("有隐患").click()
        await hydrant.get_by_label("情况说明").fill("消防栓接口漏水")
        await hydrant.locator("input[type=file]").set_input_files(
            {"name": "漏水.png", "mimeType": "image/png", "buffer": picture((80, 90, 110))}
        )
        await expect(hydrant.get_by_role("img")).to_be_visible()
        await accessible(page)
        await fits(page)
        await page.get_by_role("button", name="提交巡查").click()
        await expect(page.get_by_text("没有网络，联网后自动提交")).to_be_visible()

        await page.context.set_offline(False)
        await expect(page.get_by_text("等待提交")).to_be_hidden()
        await expect(
            page.get_by_role("link", name=re.compile("掌上·地下泵房.*本周已巡查 1 次", re.S))
        ).to_be_visible()
        found = (await people.get("clerk4", f"{root}/inspections", site_id=site["id"]))["inspections"]
        assert [one["problems"] for one in found] == [1]
        hazards = (await people.get("clerk4", f"{root}/hazards", site_id=site["id"]))["hazards"]
        full = await people.get("clerk4", f"{root}/hazards/{hazards[0]['id']}")
        assert (len(hazards), len(full["before"])) == (1, 1)
