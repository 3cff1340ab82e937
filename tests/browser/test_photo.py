"""A photo of what is broken: taken by the contact, seen by the desk."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import FilePayload, expect

from demo.client import People
from deploy.local.stack import Stack
from tests.browser.visits import accessible, enter
from tests.fixtures.browser import NewPage

pytestmark = pytest.mark.asyncio(loop_scope="session")

BUILDING = "华融国际大厦"
MEGABYTE = 1024 * 1024


async def filed(people: People, tenant: str) -> str:
    """A request of the enterprise contact, over the API; its id."""
    items = await people.get("contact2", f"/v1/tenants/{tenant}/catalogue", q="税务咨询")
    item = items["service_items"][0]["id"]
    body = {"service_item_id": item, "summary": "开票机不出纸", "filed_for": "PERSON"}
    return str((await people.post("contact2", f"/v1/tenants/{tenant}/requests", body))["id"])


def file(name: str, kind: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": content}


async def test_a_photo_reaches_the_desk_and_what_is_none_is_refused(
    district: Stack, new_page: NewPage, people: People, places: dict[str, str]
) -> None:
    request = await filed(people, places[BUILDING])
    desk = await new_page()
    await enter(desk, district.url, "clerk", face="/console/", staff=True)
    await desk.goto(f"{district.url}/console/requests/{request}")
    await expect(desk.get_by_text("开票机不出纸")).to_be_visible()

    phone = await new_page(width=390, height=844)
    await enter(phone, district.url, "contact2")
    await phone.goto(f"{district.url}/requests/{request}")
    field = phone.locator("input[type=file]")
    await field.set_input_files(file("照片.jpg", "image/jpeg", b"MZ\x90\x00" + bytes(4000)))
    await expect(phone.get_by_text("不接受这种文件。请上传 JPEG、PNG、WebP 图片")).to_be_visible()
    await field.set_input_files(file("原图.jpg", "image/jpeg", b"\xff\xd8\xff\xe0" + bytes(11 * MEGABYTE)))
    await expect(phone.get_by_text("原图.jpg 超过 10 MB，请压缩后再选。")).to_be_visible()
    await expect(phone.locator(".file-upload li")).to_have_count(0)

    photo = await phone.screenshot()
    await field.set_input_files(file("开票机.png", "image/png", photo))
    await expect(phone.locator(".file-upload li")).to_have_text(re.compile("开票机.png"))
    await phone.get_by_role("textbox").fill("就是这台")
    await phone.get_by_role("button", name="发送").click()
    for page in (phone, desk):
        picture = page.get_by_role("img", name="开票机.png")
        await expect(picture).to_be_visible()
        assert await picture.evaluate("(one) => one.decode().then(() => one.naturalWidth)") >= 390
    await accessible(phone)
    await accessible(desk)
