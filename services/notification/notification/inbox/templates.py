"""The words of messages, from data: read once, compiled when first used."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from chassis.days import ZONE

if TYPE_CHECKING:
    from jinja2 import Template as Compiled

LOCALES: Final = ("zh-CN", "en")
_DAYS_ZH: Final = "一二三四五六日"
_DECISIONS: Final = {"zh-CN": ("", "准予", "不予"), "en": ("", "Granted", "Denied")}
_GRADES: Final = {
    "zh-CN": ("", "非常不满意", "不满意", "基本满意", "满意", "非常满意"),
    "en": ("", "very poor", "poor", "fair", "good", "very good"),
}

_INTERESTS: Final = {
    "zh-CN": ("", "已提交", "已约看铺", "已达成", "未达成", "已撤回"),
    "en": ("", "sent", "a viewing is arranged", "agreed", "declined", "taken back"),
}
_FIND_CLAIMS: Final = {
    "zh-CN": ("", "待核验", "已核验，请来领取", "未通过", "已撤回", "物品已领回"),
    "en": ("", "to be verified", "verified, please fetch it", "declined", "taken back", "fulfilled"),
}


@dataclass(frozen=True, slots=True)
class Template:
    """One message: who is told, about what, in which words."""

    event: str
    code: str
    to: tuple[str, ...]
    unless: str
    party: str
    """The field that names another organisation, whose duty group is told and in whose name it opens."""
    capability: str
    subject: str
    params: tuple[str, ...]
    email: bool
    email_unless: str
    words: Mapping[str, tuple[str, str]]


@cache
def by_event() -> Mapping[str, Sequence[Template]]:
    """The templates of each event type, in the order of the data."""
    found: dict[str, list[Template]] = {}
    for template in by_code().values():
        found.setdefault(template.event, []).append(template)
    return found


@cache
def by_code() -> Mapping[str, Template]:
    """Every template by its code."""
    data = tomllib.loads(files(__package__).joinpath("templates.toml").read_text(encoding="utf-8"))
    return {entry["code"]: _template(entry) for entry in data["message"]}


def _template(entry: Mapping[str, Any]) -> Template:
    capability, subject = entry["subject"]
    return Template(
        event=entry["event"],
        code=entry["code"],
        to=tuple(entry["to"]),
        unless=entry.get("unless", ""),
        party=entry.get("party", ""),
        capability=capability,
        subject=subject,
        params=tuple(entry["params"]),
        email=entry.get("email", False),
        email_unless=entry.get("email_unless", ""),
        words={
            "zh-CN": (entry["title_zh"], entry["body_zh"]),
            "en": (entry["title_en"], entry["body_en"]),
        },
    )


def render(code: str, params: Mapping[str, Any], locale: str) -> tuple[str, str]:
    """Title and words of a message in a language. A template that was removed leaves its code."""
    template = by_code().get(code)
    if template is None:
        return code, ""
    title, body = template.words[locale if locale in LOCALES else "zh-CN"]
    return _compiled(title, locale).render(params), _compiled(body, locale).render(params)


@lru_cache(maxsize=512)
def _compiled(source: str, locale: str) -> "Compiled":
    compiled: Compiled = _environment(locale).from_string(source)
    return compiled


@cache
def _environment(locale: str) -> Any:
    from jinja2 import StrictUndefined  # lazily: a process that only consumes never renders
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    environment.filters["moment"] = lambda value: moment(value, locale)
    environment.filters["decision"] = lambda value: _of(_DECISIONS[locale], value)
    environment.filters["grade"] = lambda value: _of(_GRADES[locale], value)
    environment.filters["interest"] = lambda value: _of(_INTERESTS[locale], value)
    environment.filters["find_claim"] = lambda value: _of(_FIND_CLAIMS[locale], value)
    environment.filters["role"] = lambda value: roles(locale).get(value, value)
    return environment


def _of(words: Sequence[str], value: int) -> str:
    return words[value] if 0 <= value < len(words) else str(value)


def moment(text: str, locale: str) -> str:
    """A point in time as people write it here: 11月21日 周六 14:30."""
    if not text:
        return ""
    at = datetime.fromisoformat(text).astimezone(ZONE)
    if locale == "en":
        return f"{at:%a} {at.day} {at:%b %H:%M}"
    return f"{at.month}月{at.day}日 周{_DAYS_ZH[at.weekday()]} {at:%H:%M}"


@cache
def roles(locale: str) -> Mapping[str, str]:
    """The names of roles, by their code in the permission matrix."""
    data = tomllib.loads(files(__package__).joinpath("roles.toml").read_text(encoding="utf-8"))
    return {code: names["en" if locale == "en" else "zh"] for code, names in data.items()}
