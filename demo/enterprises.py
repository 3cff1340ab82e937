"""The enterprises: an Excel ledger as a building would keep it, imported like anybody's."""

import asyncio
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from demo.client import People
from demo.district import District, Json, together
from demo.settings import DAYS

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# Document 1 names five enterprises with branches of their own, and 华融地产公司. Their floors are invented,
# hence the whole ledger is marked synthetic; 152 and 22 are exact figures chosen for 150余家 and 20余家.
_NAMED: Final = (
    ("新华保险集团", "保险", "是"),
    ("阳光保险集团", "保险", "是"),
    ("达成律师事务所", "法律服务", "是"),
    ("昌远金属材料有限责任公司", "贸易", "是"),
    ("睿凡教育", "教育", "是"),
    ("华融地产公司", "房地产", "否"),
)
_IMPORT_WITHIN_S: Final = 60
_TOTAL: Final = 152
_INTERNET: Final = 22
_INDUSTRIES: Final = ("电商", "教育", "金融", "保险", "贸易", "文化传媒", "建筑", "物流", "其他")
_HEADINGS: Final = ("企业名称", "行业", "楼层", "房间号", "是否建立党组织", "员工人数", "联系人", "摸排日期")


def survey_date(place: int) -> str:
    """A day shortly before business time begins."""
    return (datetime.now(UTC).date() - timedelta(days=DAYS + 5 + place % 28)).isoformat()


def huarong() -> Iterator[tuple[str, ...]]:
    """The ledger of 华融国际大厦, a row an enterprise."""
    for place in range(_TOTAL):
        floor = 2 + place % 27
        room = f"{floor}{1 + place // 27:02d}"
        if place < len(_NAMED):
            name, industry, branch = _NAMED[place]
        elif place < len(_NAMED) + _INTERNET:
            name, industry, branch = f"演示互联网企业{place - len(_NAMED) + 1:02d}", "互联网", "否"
        else:
            number = place - len(_NAMED) - _INTERNET
            industry = _INDUSTRIES[number % len(_INDUSTRIES)]
            name, branch = f"演示{industry}企业{number + 1:03d}", "否"
        # A tenth of the firms still waits for its survey.
        surveyed = survey_date(place) if place % 10 else ""
        people = str(5 + place * 7 % 90)
        yield name, industry, str(floor), room, branch, people, f"演示联系人{place + 1:03d}", surveyed


def catering() -> Iterator[tuple[str, ...]]:
    """The three catering companies of 餐饮中心 (document 0 gives their number, not their names)."""
    for place, name in enumerate(("演示餐饮甲", "演示餐饮乙", "演示餐饮丙")):
        yield (
            name,
            "餐饮",
            str(1 + place),
            f"{1 + place}01",
            "否",
            "20",
            f"演示联系人1{place}",
            survey_date(place),
        )


def workbook(rows: Iterator[tuple[str, ...]]) -> bytes:
    """An .xlsx file."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "企业台账"
    sheet.append(_HEADINGS)
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def registries(district: District) -> None:
    """Import the ledgers of the two buildings that have enterprises."""
    ledgers = (("t2", "clerk", huarong), ("t1", "clerk1", catering))
    await together(_registry(district, *ledger) for ledger in ledgers)


async def _registry(
    district: District, key: str, clerk: str, rows: Callable[[], Iterator[tuple[str, ...]]]
) -> None:
    people, path = district.people, district.path(key, "imports")
    content = workbook(rows())
    file = await people.upload(clerk, district.path(key, "files"), "企业台账.xlsx", content, XLSX)
    made = await people.post(clerk, path, {"kind": "ENTERPRISES", "file": file, "synthetic": True})
    checked = await people.post(clerk, f"{path}/{made['id']}:check", etag=made["etag"])
    running = await people.post(clerk, f"{path}/{made['id']}:run", etag=checked["etag"])
    for _ in range(_IMPORT_WITHIN_S * 4):
        if running["state"] == "DONE":
            break
        await asyncio.sleep(0.25)
        running = await people.get(clerk, f"{path}/{made['id']}")
    order = {name: place for place, (name, *_) in enumerate(rows())}
    if running["state"] != "DONE" or running["result"].get("created") != len(order):
        raise RuntimeError(f"the ledger was not imported whole: {running['state']} {running.get('result')}")
    found = await _all(people, clerk, district.path(key, "enterprises"))
    district.firms[key] = [firm["id"] for firm in sorted(found, key=lambda firm: order[firm["name"]])]


async def _all(people: People, clerk: str, path: str) -> list[Json]:
    found: list[Json] = []
    token = ""
    while True:
        page = await people.get(clerk, path, page_size=100, **({"page_token": token} if token else {}))
        found += page.get("enterprises", ())
        token = page.get("next_page_token", "")
        if not token:
            return found
