"""What people write into the cells of a ledger, and the fact it stands for."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from chassis.days import ZONE, day_of
from chassis.errors import FieldError

_DIGITS: Final = {digit: number for number, digit in enumerate("零一二三四五六七八九")}
_TOTALS: Final = ("合计", "总计", "小计", "共计")

_INDUSTRIES: Final = (
    ("insurance", ("保险",)),
    ("ecommerce", ("电商", "电子商务", "网店", "直播")),
    ("internet", ("互联网", "软件", "网络", "信息技术", "internet", "software")),
    ("finance", ("金融", "银行", "证券", "基金", "投资", "担保", "finance")),
    ("education", ("教育", "培训", "education")),
    ("catering", ("餐饮", "食品", "饭店", "catering")),
    ("professional", ("法律", "律师", "会计", "咨询", "中介", "专业服务", "代理", "professional")),
    ("real_estate", ("房地产", "地产", "物业", "realestate")),
    ("construction", ("建筑", "装饰", "装修", "工程", "construction")),
    ("manufacturing", ("制造", "材料", "加工", "生产", "manufacturing")),
    ("culture", ("文化", "传媒", "广告", "影视", "culture")),
    ("health", ("医疗", "健康", "医药", "health")),
    ("logistics", ("物流", "运输", "快递", "logistics")),
    ("trade", ("商贸", "贸易", "零售", "批发", "商业", "trade")),
)
_YES: Final = ("是", "有", "已建", "已建立", "已成立", "√", "✓", "y", "yes", "true")
_NO: Final = ("否", "无", "未建", "未建立", "未成立", "没有", "×", "✗", "n", "no", "false")
_SUPPORTIVE: Final = ("支持", "积极支持", "非常支持", "重视", "是", "supportive", "yes")
_NEUTRAL: Final = ("一般", "中立", "观望", "neutral")
_RESERVED: Final = ("不支持", "保留", "否", "reserved", "no")


@dataclass(frozen=True, slots=True)
class Reading:
    """A row as it was read: the facts that were understood and those that were not."""

    facts: Mapping[str, str]
    wrong: tuple[FieldError, ...] = ()
    surveyed_at: datetime | None = None


@dataclass(slots=True)
class _Row:
    facts: dict[str, str] = field(default_factory=dict)
    wrong: list[FieldError] = field(default_factory=list)


def one_line(text: str) -> str:
    """A cell's text on one line, in one width of letters."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def is_total(cells: Mapping[str, str]) -> bool:
    """True for a line that adds the others up; it is no enterprise."""
    written = next((value for value in cells.values() if value), "")
    return written.replace(" ", "") in _TOTALS


def understand(cells: Mapping[str, str], now: datetime) -> Reading:
    """Read the mapped cells of a row (fact → text). Empty cells say nothing; what cannot be understood
    is named, and never guessed."""
    row = _Row()
    surveyed_at: datetime | None = None
    for fact, text in cells.items():
        text = text.strip()
        if not text:
            continue
        if fact == "surveyed_on":
            surveyed_at = _survey_moment(text, now, row)
        elif fact in _READERS:
            reader, reason = _READERS[fact]
            value = reader(text)
            if value is None:
                row.wrong.append(FieldError(fact, reason))
            else:
                row.facts[fact] = value
        else:
            row.facts[fact] = text
    for fact in ("name", "floor"):
        if not cells.get(fact, "").strip():
            row.wrong.append(FieldError(fact, "FIELD_MISSING"))
    return Reading(row.facts, tuple(row.wrong), surveyed_at)


def _survey_moment(text: str, now: datetime, row: _Row) -> datetime | None:
    day = day_in(text)
    if day is None:
        row.wrong.append(FieldError("surveyed_on", "DATE_INVALID"))
        return None
    # A ledger knows the day; noon of it is the same day in every zone a reader may be in.
    moment = datetime.combine(day, time(12), ZONE).astimezone(UTC)
    if day > day_of(now):
        row.wrong.append(FieldError("surveyed_on", "DATE_IN_FUTURE"))
        return None
    return min(moment, now)


def day_in(text: str) -> date | None:
    """A day as people write it: 2026-11-21, 2026/11/21, 2026.11.21, 2026年11月21日, or a serial number."""
    if found := re.match(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})", text):
        try:
            return date(*(int(part) for part in found.groups()))
        except ValueError:
            return None
    if re.fullmatch(r"[34]\d{4}|5[0-4]\d{3}", text):  # days since 1899-12-30, when the cell lost its format
        return date(1899, 12, 30) + timedelta(days=int(text))
    return None


def floor_of(text: str) -> str | None:
    """A floor as people write it: 29, 29F, 29层, 第29层, 二十九楼, B1, 负一层, 地下1层, -1."""
    plain = re.sub(r"\s", "", text).upper()
    if found := re.fullmatch(r"第?(\d{1,3})(?:层|楼|F|号楼层)?", plain):
        number = int(found[1])
        return str(number) if number else None
    if found := re.fullmatch(r"(?:B|-|负|地下)第?([1-9]|[一二三四五六七八九])(?:层|楼|F)?", plain):
        return f"B{_DIGITS.get(found[1], found[1])}"
    if found := re.fullmatch(r"第?([一二三四五六七八九]?十?[一二三四五六七八九]?)(?:层|楼)", plain):
        number = _chinese(found[1])
        return str(number) if number else None
    return None


def _chinese(text: str) -> int:
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _DIGITS.get(text, 0)
    return 10 * _DIGITS.get(tens, 1) + _DIGITS.get(ones, 0)


def industry_of(text: str) -> str:
    """The line of business that a free text names; "other" for a line that we do not count apart."""
    plain = text.casefold().replace(" ", "")
    for industry, words in _INDUSTRIES:
        if any(word in plain for word in words):
            return industry
    return "other"


def headcount_of(text: str) -> str | None:
    """The band of a number of people: 35, 35人, 约200, 11-50."""
    numbers = [int(found) for found in re.findall(r"\d+", text.replace(",", ""))]
    if not numbers or len(numbers) > 2:
        return None
    people = max(numbers)
    for limit, band in ((10, "up_to_10"), (50, "11_to_50"), (100, "51_to_100"), (300, "101_to_300")):
        if people <= limit and not ("以上" in text and people == limit):
            return band
    return "over_300"


def _either(*choices: tuple[str, tuple[str, ...]]) -> Callable[[str], str | None]:
    def read(text: str) -> str | None:
        plain = text.casefold().replace(" ", "")
        return next((value for value, words in choices if plain in words), None)

    return read


_READERS: Final[Mapping[str, tuple[Callable[[str], str | None], str]]] = {
    "floor": (floor_of, "FLOOR_INVALID"),
    "industry": (industry_of, "VALUE_UNKNOWN"),
    "headcount": (headcount_of, "HEADCOUNT_INVALID"),
    "branch": (_either(("own", _YES), ("none", _NO)), "YES_OR_NO_EXPECTED"),
    "owner_support": (
        _either(("supportive", _SUPPORTIVE), ("neutral", _NEUTRAL), ("reserved", _RESERVED)),
        "VALUE_UNKNOWN",
    ),
}
