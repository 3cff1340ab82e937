"""How Chinese names are ordered."""


def sort_key(name: str) -> str:
    """The name in pinyin, so that 安 comes before 华 and Latin letters sort among them."""
    from pypinyin import lazy_pinyin

    return " ".join(lazy_pinyin(name.casefold()))
