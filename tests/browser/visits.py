"""Signing in as the pages ask for it, and the questions that every page must answer."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pyotp
from playwright.async_api import Page, expect

from demo.settings import PASSWORD, TOTP_SECRET
from tests.fixtures.browser import PATIENCE_MS

AXE = Path(__file__).resolve().parents[2] / "services" / "web" / "node_modules" / "axe-core" / "axe.min.js"
_CODE_S = 30
"""How long a code of the second factor lives; each works once."""

expect.set_options(timeout=PATIENCE_MS)


async def enter(page: Page, url: str, login: str, *, face: str = "/", staff: bool = False) -> None:
    """Sign in on a face of the web. Staff whose code was just used by somebody wait for the next one."""
    await page.goto(f"{url}{face}sign-in")
    await enter_here(page, login, staff=staff)


async def enter_here(page: Page, login: str, *, staff: bool = False) -> None:
    """Sign in where one was led to sign in."""
    await page.locator("input[name=username]").fill(login)
    await page.locator("input[name=password]").fill(PASSWORD)
    await page.locator("button[type=submit]").click()
    if staff:
        await _second_factor(page)
    await page.wait_for_url(lambda address: "sign-in" not in address, timeout=PATIENCE_MS)


async def _second_factor(page: Page) -> None:
    field = page.locator("input[name=totp]")
    for _ in range(3):
        await field.fill(pyotp.TOTP(TOTP_SECRET).now())
        await page.locator("button[type=submit]").click()
        refused = page.get_by_role("alert")
        gone = asyncio.create_task(page.wait_for_url(lambda address: "sign-in" not in address))
        told = asyncio.create_task(refused.first.wait_for())
        done, pending = await asyncio.wait({gone, told}, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        if gone in done:
            await gone  # says why, where it was waited for in vain
            return
        await asyncio.sleep(_CODE_S - time.time() % _CODE_S + 1)
    raise AssertionError("no code of the second factor was accepted")


async def accessible(page: Page) -> None:
    """axe finds nothing on the page as it stands."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = await page.evaluate(
        "async () => (await axe.run(document, { resultTypes: ['violations'] })).violations"
        ".map(({ id, nodes }) => ({ id, nodes: nodes.map((node) => node.html.slice(0, 200)) }))"
    )
    assert found == [], json.dumps(found, ensure_ascii=False, indent=1)


async def fits(page: Page) -> None:
    """Nothing makes the page wider than the window."""
    over = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, f"the page is {over} px wider than the window"


def number_in(text: str | None) -> float:
    """The first number of a text, as people write it."""
    digits = "".join(letter for letter in (text or "").split("%")[0] if letter.isdigit() or letter == ".")
    return float(digits or "nan")
