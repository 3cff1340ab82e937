"""How long sessions live, how refresh tokens turn over, and how guessing is slowed down.

Failures are counted for a login *from a network*, and for a network over all logins. A login is never
blocked by itself: whoever guesses it from elsewhere cannot keep its owner out. The gateway slows down
sooner and knows the owner's browser; this is the second lock, which all gateways share.
"""

import base64
import hashlib
import ipaddress
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

ACCESS_S: Final = 600
STAFF_IDLE: Final = timedelta(hours=12)
IDLE: Final = timedelta(days=30)
LONGEST: Final = timedelta(days=90)
KEY_OVERLAP: Final = timedelta(seconds=ACCESS_S + 120)
"""How long a replaced signing key still verifies: longer than any token it signed lives."""

_SECRET_BYTES: Final = 32
_FREE_FAILURES: Final = 20
_FREE_FAILURES_OF_NETWORK: Final = 300
_FIRST_WAIT_S: Final = 30.0
_LONGEST_WAIT_S: Final = 900.0
FORGET: Final = timedelta(minutes=30)
"""Failures are forgotten this long after the last one."""


class Presented(StrEnum):
    """What a refresh token turns out to be."""

    CURRENT = "current"
    SPENT = "spent"
    """It was exchanged before: someone has a copy, so the session ends."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A refresh token: which session, and the secret that proves it."""

    session_id: str
    secret: bytes

    @classmethod
    def fresh(cls, session_id: str) -> "RefreshToken":
        """A new one for a session."""
        return cls(session_id, secrets.token_bytes(_SECRET_BYTES))

    @classmethod
    def parse(cls, text: str) -> "RefreshToken | None":
        """The token in the text; None where there is none."""
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except ValueError:
            return None
        if len(raw) != 16 + _SECRET_BYTES:
            return None
        return cls(str(uuid.UUID(bytes=raw[:16])), raw[16:])

    def __str__(self) -> str:
        raw = uuid.UUID(self.session_id).bytes + self.secret
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    @property
    def stored(self) -> bytes:
        """What is stored of it."""
        return hashlib.sha256(self.secret).digest()


def expires_at(now: datetime, began: datetime, *, staff: bool) -> datetime:
    """When a session used at `now` ends unless it is used again; never beyond its longest life."""
    return min(now + (STAFF_IDLE if staff else IDLE), began + LONGEST)


def network(address: str) -> str:
    """The network an address belongs to: /24, or /64 for IPv6. What is no address is its own network."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    bits = 24 if parsed.version == 4 else 64
    return str(ipaddress.ip_network(f"{parsed}/{bits}", strict=False))


def throttle_keys(login: str, address: str) -> tuple[bytes, bytes]:
    """What failures are counted by: the login from this network, and the network."""
    net = network(address)
    pair = hashlib.sha256(f"login|{login}|{net}".encode()).digest()
    return pair, hashlib.sha256(f"network|{net}".encode()).digest()


def wait_s(failures: int, *, of_network: bool) -> float:
    """How long to wait after so many failures: nothing at first, then doubling to a quarter of an hour."""
    beyond = failures - (_FREE_FAILURES_OF_NETWORK if of_network else _FREE_FAILURES)
    if beyond < 0:
        return 0.0
    return min(_FIRST_WAIT_S * 2.0 ** min(beyond, 16), _LONGEST_WAIT_S)
