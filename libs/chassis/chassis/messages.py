"""Sentences for people, by reason code, in Chinese and English.

A package keeps `messages.zh.toml` and `messages.en.toml`: `REASON = "a sentence with {params}"`, and a
table `[terms]` that gives words for parameter values (states, verbs, fields). Chassis reasons are
known everywhere; a service's own sentence wins over the chassis'.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

LOCALES = ("zh-CN", "en")
_SUFFIX = {"zh-CN": "zh", "en": "en"}
_JOIN = {"zh-CN": "、", "en": ", "}


class _Params(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


class Messages:
    """The sentences that one service can say."""

    def __init__(self, *packages: str) -> None:
        self._reasons: dict[str, dict[str, str]] = {}
        self._terms: dict[str, dict[str, str]] = {}
        for locale in LOCALES:
            reasons: dict[str, str] = {}
            terms: dict[str, str] = {}
            for package in ("chassis", *packages):
                own_reasons, own_terms = load(package, locale)
                reasons.update(own_reasons)
                terms.update(own_terms)
            self._reasons[locale] = reasons
            self._terms[locale] = terms

    def knows(self, reason: str) -> bool:
        """True when the reason has a sentence in every language."""
        return all(reason in table for table in self._reasons.values())

    def say(self, reason: str, params: Mapping[str, str], locale: str) -> str:
        """The sentence of a reason. An unknown reason gets the general one: a missing sentence must
        never turn a refusal into a failure (a contract test finds it instead)."""
        table = self._reasons[locale]
        sentence = table.get(reason) or table["REFUSED"]
        terms, join = self._terms[locale], _JOIN[locale]
        words = {
            key: join.join(terms.get(part, part) for part in value.split(",")) if terms else value
            for key, value in params.items()
        }
        return sentence.format_map(_Params(words))


@cache
def _read(package: str, suffix: str) -> str:
    resource = files(package).joinpath(f"messages.{suffix}.toml")
    return resource.read_text(encoding="utf-8") if resource.is_file() else ""


def load(package: str, locale: str) -> tuple[dict[str, str], dict[str, str]]:
    """Sentences and terms of one package's message file; empty where the package has none."""
    table = tomllib.loads(_read(package, _SUFFIX[locale]))
    terms = table.pop("terms", {})
    return table, terms


def locale_of(accept_language: str) -> str:
    """The language to answer in, from an Accept-Language header: the first of ours that it names."""
    for part in accept_language.split(","):
        tag = part.partition(";")[0].strip().lower()
        if tag.startswith("zh"):
            return "zh-CN"
        if tag.startswith("en"):
            return "en"
    return "zh-CN"
