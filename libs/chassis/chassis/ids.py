"""Identifiers: UUIDv7, so that new rows land at the end of every index."""

import uuid
from typing import Final

from uuid_utils import uuid7

NIL: Final = str(uuid.UUID(int=0))
"""Stands for "no tenant" in keys that need a value."""


def new_id() -> str:
    """A new time-ordered identifier. Follows the system clock, never the business clock."""
    return str(uuid7())


def is_id(text: str) -> bool:
    """True when `text` is a UUID in its canonical form."""
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
