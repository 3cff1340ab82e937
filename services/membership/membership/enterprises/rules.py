"""What an enterprise's record must satisfy. Pure: no I/O, no SQL, no protobuf."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Final, Literal

from chassis.errors import FieldError, Invalid, WrongState
from membership.texts import FLOOR, is_personal, key_of_name, masked, unify, words

State = Literal["active", "moved_out"]
Order = Literal["name", "floor"]

INDUSTRIES: Final = (
    "insurance", "finance", "education", "ecommerce", "internet", "catering", "professional",
    "real_estate", "trade", "manufacturing", "construction", "culture", "health", "logistics", "other",
)  # fmt: skip
BRANCHES: Final = ("own", "none")
HEADCOUNTS: Final = ("up_to_10", "11_to_50", "51_to_100", "101_to_300", "over_300")
SUPPORTS: Final = ("supportive", "neutral", "reserved")

VERBS: Final[Mapping[State, tuple[str, ...]]] = {
    "active": ("update", "survey", "moveout"),
    "moved_out": (),
}

QUESTIONS: Final = (
    "industry", "branch", "headcount", "owner_support", "room", "contact_display", "credit_code",
)  # fmt: skip
"""What a survey asks; an answer is anything but the empty text."""

_CODE_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_MAX_NAME: Final = 100


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about an enterprise. The empty text means: not known."""

    name: str
    floor: str
    short_name: str = ""
    credit_code: str = ""
    industry: str = ""
    room: str = ""
    branch: str = ""
    headcount: str = ""
    owner_support: str = ""
    contact_account: str = ""
    contact_display: str = ""

    def values(self) -> dict[str, str]:
        """As a plain mapping, in the order of the fields."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def tidy(facts: Facts) -> Facts:
    """The facts as they are kept: spaces trimmed, widths unified, the contact masked.

    Raises Invalid with every field that cannot be kept.
    """
    clean = {key: unify(value) for key, value in facts.values().items()}
    clean["credit_code"] = clean["credit_code"].upper()
    clean["floor"] = clean["floor"].upper()
    clean["contact_display"] = masked(clean["contact_display"])
    tidied = Facts(**clean)
    wrong = problems(tidied)
    if wrong:
        raise Invalid("INVALID_REQUEST", fields=wrong)
    return tidied


def named(facts: Facts) -> Facts:
    """The facts with a short name: the registered one where none was given."""
    return facts if facts.short_name else replace(facts, short_name=facts.name[:40])


def problems(facts: Facts) -> list[FieldError]:
    """Everything that keeps the facts from being a record; empty when nothing does."""
    found = []
    if not 2 <= len(facts.name) <= _MAX_NAME or not key_of_name(facts.name):
        found.append(FieldError("name", "ENTERPRISE_NAME_INVALID"))
    if not FLOOR.fullmatch(facts.floor):
        found.append(FieldError("floor", "FLOOR_INVALID"))
    if facts.credit_code and not is_credit_code(facts.credit_code):
        found.append(FieldError("credit_code", "CREDIT_CODE_INVALID"))
    for field, known in (
        ("industry", INDUSTRIES),
        ("branch", BRANCHES),
        ("headcount", HEADCOUNTS),
        ("owner_support", SUPPORTS),
    ):
        value = getattr(facts, field)
        if value and value not in known:
            found.append(FieldError(field, "VALUE_UNKNOWN"))
    found.extend(
        FieldError(field, "VALUE_TOO_LONG", {"limit": "40"})
        for field in ("short_name", "room")
        if len(getattr(facts, field)) > 40
    )
    found.extend(
        FieldError(field, "PERSONAL_NUMBER")
        for field in ("name", "short_name", "room")
        if is_personal(getattr(facts, field))
    )
    return found


def is_credit_code(code: str) -> bool:
    """True for 18 characters of a unified social credit code whose check character is right.

    GB 32100-2015: weights 3^i mod 31 over the first 17 characters.
    """
    if len(code) != 18 or any(c not in _CODE_ALPHABET for c in code):
        return False
    return code[17] == check_character(code[:17])


def check_character(body: str) -> str:
    """The 18th character for the first 17 of a unified social credit code."""
    total = sum(_CODE_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return _CODE_ALPHABET[-total % 31]


def completeness(facts: Facts) -> int:
    """How many percent of the survey's questions have an answer."""
    answered = sum(1 for question in QUESTIONS if getattr(facts, question))
    return round(100 * answered / len(QUESTIONS))


def bigrams(*texts: str) -> frozenset[str]:
    """The pairs of neighbouring characters by which a record is found again.

    A single character is found as itself, so that a search for one letter is not empty.
    """
    found: set[str] = set()
    for text in texts:
        for word in words(text):
            found.update(word[i : i + 2] for i in range(len(word) - 1))
            found.update(word)
    return frozenset(found)


def terms_of_query(query: str) -> frozenset[str]:
    """The terms that a found record must have, all of them; empty when the query has no letters."""
    found: set[str] = set()
    for word in words(query):
        found.update(word[i : i + 2] for i in range(len(word) - 1)) if len(word) > 1 else found.add(word)
    return frozenset(found)


def former_names(
    history: Iterable[Mapping[str, Any]], old: str, new: str, at: datetime
) -> list[dict[str, str]]:
    """The history of names after a renaming, newest first; unchanged when the name stays."""
    kept = [{"name": str(entry["name"]), "until": str(entry["until"])} for entry in history]
    return [{"name": old, "until": at.isoformat()}, *kept] if old != new else kept


def require(state: State, verb: str) -> None:
    """Refuse a verb that the state does not allow."""
    if verb not in VERBS[state]:
        raise WrongState("ENTERPRISE_WRONG_STATE", state=state, allowed=VERBS[state])


@dataclass(frozen=True, slots=True)
class Known:
    """A registered, active enterprise."""

    id: str
    facts: Facts
    surveyed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a ledger row would do. `facts` is what it says, tidied; `wrong` says why it is rejected."""

    outcome: Literal["created", "updated", "unchanged", "rejected"]
    facts: Facts
    wrong: tuple[FieldError, ...] = ()


class Ledger:
    """The registry in memory, to say what the rows of a ledger would do to it."""

    def __init__(self, registered: Iterable[Known]) -> None:
        self._by_code: dict[str, Known] = {}
        self._by_name: dict[tuple[str, str], Known] = {}
        self._seen: set[tuple[str, ...]] = set()
        for known in registered:
            if known.facts.credit_code:
                self._by_code[known.facts.credit_code] = known
            self._by_name[key_of_name(known.facts.name), known.facts.floor] = known

    def expect(self, facts: Facts, surveyed_at: datetime | None) -> Expectation:
        """What the next row would do. A row that says again what an earlier one said is rejected."""
        try:
            facts = tidy(facts)
            name = (key_of_name(facts.name), facts.floor)
            keys = {name, (facts.credit_code,)} if facts.credit_code else {name}
            if keys & self._seen:
                raise Invalid("ROW_REPEATS", fields=[FieldError("name", "ROW_REPEATS")])
            found = (self._by_code.get(facts.credit_code), self._by_name.get(name))
            known = the_one({one.id: one for one in found if one}.values(), facts)
            self._seen |= keys
            if known is None:
                return Expectation("created", facts)
            changes = merge(known, facts, surveyed_at) != (known.facts, False)
            return Expectation("updated" if changes else "unchanged", facts)
        except Invalid as error:
            return Expectation("rejected", facts, error.fields)


def the_one(found: Iterable[Known], facts: Facts) -> Known | None:
    """The enterprise a ledger row is about, out of those that have its code, or its name and floor.

    Invalid where the row contradicts the registry instead of adding to it.
    """
    candidates = list(found)
    if len(candidates) > 1:
        raise Invalid("ROW_MATCHES_TWO", fields=[FieldError("name", "ROW_MATCHES_TWO")])
    for known in candidates:
        if len({known.facts.credit_code, facts.credit_code} - {""}) > 1:
            wrong = FieldError("credit_code", "CREDIT_CODE_DIFFERS")
            raise Invalid("CREDIT_CODE_DIFFERS", fields=[wrong])
        return known
    return None


def merge(known: Known, facts: Facts, surveyed_at: datetime | None) -> tuple[Facts, bool]:
    """What is known after a ledger row is added to it, and whether it tells of a newer survey. What the
    row leaves empty stays as it was."""
    given = {field: value for field, value in facts.values().items() if value}
    if key_of_name(facts.name) == key_of_name(known.facts.name):
        given.pop("name", None)  # another way of writing the name is no new name
    newer = surveyed_at is not None and (known.surveyed_at is None or surveyed_at > known.surveyed_at)
    return tidy(replace(known.facts, **given)), newer
