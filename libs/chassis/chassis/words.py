"""Our words in the contract's enums: a table keeps "moved_out" for ENTERPRISE_STATE_MOVED_OUT."""

from collections.abc import Callable, Iterator
from typing import Any


class Words:
    """The words of one enum of a contract, both ways. The empty word stands for _UNSPECIFIED.

    A word is the value's name in small letters without the prefix that all names of the enum share.
    """

    def __init__(self, enum: Any) -> None:
        unset, *values = enum.DESCRIPTOR.values
        prefix = unset.name.removesuffix("UNSPECIFIED")
        words = {0: ""} | {value.number: value.name.removeprefix(prefix).lower() for value in values}
        self._numbers = {word: number for number, word in words.items()}
        self.word: Callable[[int], str] = words.__getitem__
        """Our word for a value of the contract; KeyError for a value that it does not name."""
        self.number: Callable[[str], Any] = self._numbers.__getitem__
        """The contract's value for a word of ours; KeyError for a word that it does not know."""

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)
