"""Our words in the contract's enums: the database keeps "moved_out" for ENTERPRISE_STATE_MOVED_OUT."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Words:
    """One enum of the contract and the prefix of its values. The empty text stands for _UNSPECIFIED."""

    enum: Any
    prefix: str

    def number(self, word: str) -> Any:
        """The contract's value for a word of ours."""
        return self.enum.Value(f"{self.prefix}_{word.upper()}") if word else 0

    def word(self, number: int) -> str:
        """Our word for a value of the contract."""
        name: str = self.enum.Name(number)
        return name.removeprefix(f"{self.prefix}_").lower() if number else ""
