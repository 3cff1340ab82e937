"""How Chinese names are ordered."""

import os

# Without its phrases the dictionary takes 13 MB instead of 57. They tell 重 in 重庆 from 重 in 重量, which
# the order of names can do without.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")


def sort_key(name: str) -> str:
    """The name in pinyin, so that 安 comes before 华 and Latin letters sort among them."""
    from pypinyin import lazy_pinyin

    return " ".join(lazy_pinyin(name.casefold()))
