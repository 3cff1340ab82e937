"""The order of Chinese names: a sort key of pinyin, since the database knows no Chinese collation."""

import os
from functools import cache
from typing import Any


@cache
def _spell() -> Any:
    # Loaded at the first name rather than at start, and without its 47,000 phrases: a name is spelt
    # character by character, and the dictionary of characters is a tenth of the memory.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
    os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "1")
    from pypinyin import lazy_pinyin

    return lazy_pinyin


def sort_key(name: str) -> str:
    """Orders names as a Chinese reader expects: by pinyin, then by the characters themselves."""
    return f"{' '.join(_spell()(name)).casefold()} {name}"
