"""What a department's program may be given, and how its secret is kept."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from chassis.errors import FieldError, Invalid

PERMISSIONS: Final = frozenset(
    {"cases.read", "cases.handle", "matters.read", "matters.manage", "departments.manage", "overview.read"}
)
"""What a department's program may hold; people, accounts and grants are never a program's."""
OVERLAP: Final = timedelta(hours=1)
"""How long a replaced secret still works."""


def check_permissions(permissions: Sequence[str]) -> None:
    """CLIENT_PERMISSION_NOT_ALLOWED names each permission a program may not have."""
    faults = [
        FieldError(f"permissions[{index}]", "CLIENT_PERMISSION_NOT_ALLOWED")
        for index, permission in enumerate(permissions)
        if permission not in PERMISSIONS
    ]
    if faults:
        raise Invalid("CLIENT_PERMISSION_NOT_ALLOWED", fields=faults)


def new_secret() -> str:
    """256 random bits; so many that one hash is enough to keep it."""
    return secrets.token_urlsafe(32)


def stored(secret: str) -> bytes:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode()).digest()


def same(secret: str, kept: bytes | None) -> bool:
    """Whether this is the secret that was stored; takes the same time whatever it is."""
    return hmac.compare_digest(stored(secret), kept or bytes(32))
