"""How names and floors are written: one spelling for what looks alike, and nothing personal in it."""

import re
import unicodedata
from typing import Final

from chassis.errors import FieldError, Invalid

FLOOR: Final = re.compile(r"B[1-9]|[1-9][0-9]{0,2}")
_WORD: Final = re.compile(r"[^\W_]+")
_PERSONAL: Final = re.compile(r"(?<!\d)(1[3-9]\d{9}|\d{17}[\dXx])(?!\d)")
"""A mobile phone or an ID number; neither is ever kept here, whatever column it was written into."""


def unify(text: str) -> str:
    """One spelling for what looks alike: full-width letters, doubled and outer spaces, controls."""
    normal = unicodedata.normalize("NFKC", text)
    visible = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in normal)
    return " ".join(visible.split())


def words(text: str) -> list[str]:
    """The runs of letters and digits, case folded."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def key_of_name(name: str) -> str:
    """What two spellings of one name have in common: letters and digits only, case folded."""
    return "".join(words(name))


def floor_order(floor: str) -> int:
    """The height of a floor: B2 < B1 < 1 < 2 …; ValueError for what is no floor."""
    if not FLOOR.fullmatch(floor):
        raise ValueError(f"{floor!r} is no floor")
    return -int(floor[1:]) if floor[0] == "B" else int(floor)


def masked(name: str) -> str:
    """A person's name as it may be kept here: its first letter. A phone in the same cell is dropped."""
    letters = [c for c in unify(name) if c.isalpha()]
    return f"{letters[0]}**" if letters else ""


def is_personal(text: str) -> bool:
    """Whether a phone or ID number stands in a text."""
    return _PERSONAL.search(text) is not None


def clean(**texts: str) -> dict[str, str]:
    """Texts in one spelling; Invalid naming each in which a phone or ID number stands."""
    tidy = {field: unify(text) for field, text in texts.items()}
    wrong = [FieldError(field, "PERSONAL_NUMBER") for field, text in tidy.items() if is_personal(text)]
    if wrong:
        raise Invalid("INVALID_REQUEST", fields=wrong)
    return tidy


def prose(**texts: str) -> dict[str, str]:
    """Sentences as they were written, their punctuation too, without outer and doubled spaces; Invalid as for
    `clean`."""
    clean(**texts)
    return {field: " ".join(text.split()) for field, text in texts.items()}


def paragraphs(**texts: str) -> dict[str, str]:
    """Longer texts as they were written, line by line; Invalid as for `clean`."""
    clean(**texts)
    return {
        field: "\n".join(" ".join(line.split()) for line in text.strip().splitlines())
        for field, text in texts.items()
    }
