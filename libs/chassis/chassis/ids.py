"""Identifiers: UUIDv7, so that new rows land at the end of every index."""

import re
import uuid
from typing import Final

from uuid_utils import uuid7

NIL: Final = str(uuid.UUID(int=0))
"""Stands for "no tenant" in keys that need a value."""
_CANONICAL: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def new_id() -> str:
    """A new time-ordered identifier. Follows the system clock, never the business clock."""
    return str(uuid7())


def is_id(text: str) -> bool:
    """True when `text` is a UUID in its canonical form, in either case."""
    return _CANONICAL.fullmatch(text) is not None
