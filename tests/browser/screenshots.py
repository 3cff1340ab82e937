"""Photographs every page of the four faces at 390, 1280 and 1920 px, to be looked at by people.

    make screenshots                      of the demo district that runs from this folder
    LOUYU_URL=http://… make screenshots   of another one

The pictures land in .louyu/screenshots/<face>/<page>-<login>-<width>.png; `detail` stands for the page
behind the first row of a list.
"""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright
from playwright.async_api import TimeoutError as TooSlow

from deploy.checks.chromium import ensure
from deploy.local.state import read_state
from tests.browser.visits import enter

WIDTHS = (390, 1280, 1920)
HOME = Path(os.environ.get("LOUYU_HOME", Path(__file__).resolve().parents[2] / ".louyu"))
PICTURES = HOME / "screenshots"
_SETTLE_MS = 1200
_FIRST_ROW = "tbody a, [data-case] button, main ul.list a, main .card a, main .cards a"


@dataclass(frozen=True, slots=True)
class Visit:
    """What one person looks at on one face; a path that ends in `!` also opens its first row."""

    face: str
    login: str
    staff: bool
    paths: tuple[str, ...]


VISITS = (
    Visit(
        "/", "contact", False, ("/", "/services", "/requests!", "/cases!", "/activities!", "/messages", "/me")
    ),
    Visit("/", "worker", False, ("/opinions!", "/opinions/write")),
    Visit(
        "/console/",
        "secretary",
        True,
        (
            "",
            "messages",
            "requests",
            "requests?view=list!",
            "opinions!",
            "opinions?view=campaigns",
            "opinions?view=themes",
            "opinions?view=satisfaction",
            "listings!",
            "visits!",
            "visits?view=visits",
            "visits?view=codes",
            "catalogue",
            "sla",
            "calendar!",
            "enterprises!",
            "imports!",
            "orgs",
            "members!",
            "members?view=floating",
            "members?view=figures",
            "members?view=incoming",
            "cadres",
            "network",
            "zones",
            "honours",
            "contacts",
            "contacts?view=entries",
            "contacts?view=links",
            "cadence!",
            "cadence?view=list!",
            "cadence?view=settings",
            "development!",
            "development?view=figures",
            "reports",
            "reports?view=write",
            "reports?view=all!",
            "reports?view=settings",
        ),
    ),
    Visit(
        "/console/",
        "admin",
        True,
        ("tenants!", "people", "accounts!", "desks", "counters", "deliveries", "dead-letters", "clock"),
    ),
    Visit("/console/", "district", True, ("", "tenants", "departments", "orgs?view=applications")),
    Visit("/console/", "subdistrict", True, ("orgs", "network", "escalations!", "development!")),
    Visit("/", "activist", False, ("/development",)),
    Visit("/", "public", False, ("/development",)),
    Visit("/", "owner", False, ("/", "/hazards!")),
    Visit("/", "worker4", False, ("/hazards/report",)),
    Visit("/", "clerk4", True, ("/inspections!", "/visits!")),
    Visit("/console/", "clerk4", True, ("hazards!", "hazards?view=list!", "inspections!", "safety")),
    Visit(
        "/console/",
        "secretary4",
        True,
        (
            "zones",
            "zones?view=teams",
            "zones?view=duties",
            "zones?view=figures",
            "honours",
            "honours?view=wall",
            "honours?view=figures",
            "appraisal!",
            "appraisal?view=reviews",
            "appraisal?view=rubric",
        ),
    ),
    Visit("/", "member401", False, ("/zones", "/honours", "/appraisal")),
    Visit("/", "member409", False, ("/honours",)),
    Visit("/console/", "superior4", True, ("hazard-escalations", "appraisal")),
    Visit("/console/", "secretary1", True, ("supervision!", "supervision?view=stars")),
    Visit("/", "member", False, ("/points", "/rewards", "/points/board", "/points/sharing", "/zones")),
    Visit("/", "member", False, ("/points", "/rewards", "/points/board", "/points/sharing")),
    Visit("/", "floating", False, ("/organisations", "/organisations/transfer")),
    Visit(
        "/console/",
        "superior",
        True,
        ("members?view=stuck", "cadence", "reports?view=all!", "supervision!", "supervision?view=checklist"),
    ),
    Visit("/", "worker3", False, ("/organisations", "/organisations/declare")),
    Visit("/", "home", False, ("/home-members",)),
    Visit("/console/", "clerk1", True, ("finds!", "conveniences", "stalls!")),
    Visit("/console/", "clerk3", True, ("guests",)),
    Visit(
        "/console/", "clerk5", True, ("community-checkins", "community-checkins?view=checkins", "dispatch")
    ),
    Visit("/console/", "community", True, ("community-checkins", "community-checkins?view=checkins")),
    Visit("/", "member501", False, ("/community", "/dispatch")),
    Visit("/", "member502", False, ("/dispatch",)),
    Visit("/", "member503", False, ("/community",)),
    Visit("/", "neighbour", False, ("/guests",)),
    Visit("/", "neighbour3", False, ("/guests",)),
    Visit("/", "worker33", False, ("/guests",)),
    Visit("/", "worker1", False, ("/finds!",)),
    Visit("/", "contact2", False, ("/bands", "/commitments", "/listings!", "/listings/add")),
    Visit("/", "liaison", False, ("/contacts",)),
    Visit("/", "leader", False, ("/points", "/points/propose", "/obligations", "/reports!")),
    Visit(
        "/console/",
        "clerk",
        True,
        (
            "points!",
            "points?view=rules",
            "points?view=proposals",
            "points?view=brands",
            "points?view=figures",
            "rewards",
            "rewards?view=shop",
        ),
    ),
    Visit("/console/", "industryadmin", True, ("", "departments")),
    Visit("/console/", "auditor", True, ("audit",)),
    Visit("/console/", "privacy", True, ("privacy",)),
    Visit("/desk/", "industry", True, ("", "?queue=ended!")),
    Visit("/screen/", "district", True, ("",)),
)


def running_url() -> str:
    """The district to photograph."""
    asked = os.environ.get("LOUYU_URL", "")
    if asked:
        return asked.rstrip("/")
    port = read_state(HOME / "state.json").public_port
    if not port:
        sys.exit("No district runs from this folder. Run: make up")
    return f"http://127.0.0.1:{port}"


def file_name(path: str) -> str:
    """A page's path as the name of a file."""
    name = "".join(letter if letter.isalnum() else "-" for letter in path.strip("/!?"))
    return name or "home"


async def _settle(page: Page) -> None:
    try:
        await page.locator("main, #app").first.wait_for()
        await page.locator(".skeleton").first.wait_for(state="hidden", timeout=10_000)
    except TooSlow:
        print(f"still loading: {page.url}", file=sys.stderr)
    await page.wait_for_timeout(_SETTLE_MS)


async def photograph(browser: Browser, url: str, visit: Visit) -> None:
    """All pages of one visit, in one session."""
    context = await browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    page = await context.new_page()
    await page.goto(f"{url}{visit.face}sign-in")
    await _settle(page)
    target = PICTURES / (visit.face.strip("/") or "portal")
    target.mkdir(parents=True, exist_ok=True)
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 844 if width < 600 else 900})
        await page.screenshot(path=target / f"sign-in-{width}.png")
    await enter(page, url, visit.login, face=visit.face, staff=visit.staff)
    for path in visit.paths:
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 844 if width < 600 else 900})
            await page.goto(f"{url}{visit.face}{path.lstrip('/').rstrip('!')}")
            await _settle(page)
            name = f"{file_name(path)}-{visit.login}"
            await page.screenshot(path=target / f"{name}-{width}.png", full_page=True)
            if path.endswith("!") and await page.locator(_FIRST_ROW).count():
                await page.locator(_FIRST_ROW).first.click()
                await _settle(page)
                await page.screenshot(path=target / f"{name}-detail-{width}.png", full_page=True)
    await context.close()


async def main() -> None:
    """Photograph everything."""
    url = running_url()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=ensure(), args=["--no-sandbox"])
        for visit in VISITS:
            await photograph(browser, url, visit)
        await browser.close()
    print(f"{len(list(PICTURES.rglob('*.png')))} pictures in {PICTURES}")


if __name__ == "__main__":
    asyncio.run(main())
