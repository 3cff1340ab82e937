"""Passwords, second factors and invitation codes."""

import asyncio
import base64
import hashlib
import hmac
import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from argon2 import PasswordHasher

TOTP_ISSUER: Final = "Louyu"
TOTP_FIELD: Final = "totp_secret"
"""The name under which an account's second factor is sealed."""
_AT_ONCE: Final = 2
"""Hashes computed at the same time: each takes 19 MiB and one core."""
_STEP_S: Final = 30


class Passwords:
    """argon2id with the OWASP parameters (19 MiB, 2 passes), computed beside the event loop."""

    def __init__(self) -> None:
        # Threads of their own: each thread that ever computed a hash keeps its 19 MiB.
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="argon2")

    @cached_property
    def _hasher(self) -> "PasswordHasher":
        from argon2 import PasswordHasher

        return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)

    @cached_property
    def _nobodys(self) -> str:
        """The hash that a password of an unknown login is compared with, so that it takes as long."""
        return self._hasher.hash(base64.b64encode(os.urandom(24)).decode())

    async def hash(self, password: str) -> str:
        """The hash to store."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._hasher.hash, password)

    async def verify(self, stored: str, password: str) -> bool:
        """Whether the password is the one that was hashed; takes the same time when nothing was."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._verify, stored, password)

    def _verify(self, stored: str, password: str) -> bool:
        from argon2.exceptions import Argon2Error, InvalidHashError

        try:
            self._hasher.verify(stored or self._nobodys, password)
        except (Argon2Error, InvalidHashError):
            return False
        return bool(stored)


def totp_step(secret: str, code: str, last_step: int) -> int | None:
    """The time step whose code this is, if it is one of the present or a neighbouring step and later
    than `last_step`; None otherwise. Follows the system clock (RFC 6238, 30 s, 6 digits)."""
    import pyotp

    totp = pyotp.TOTP(secret)
    present = int(time.time()) // _STEP_S
    for step in (present, present - 1, present + 1):
        if step > last_step and hmac.compare_digest(totp.generate_otp(step), code):
            return step
    return None


def new_totp_secret() -> str:
    """160 random bits in base32."""
    import pyotp

    return pyotp.random_base32()


def totp_uri(secret: str, login: str) -> str:
    """The address that authenticator apps read from a QR code."""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=TOTP_ISSUER)


class Invitations:
    """Codes that open an account once.

    A code is computed from the account and the invitation's end instead of being drawn: the reply that
    shows it can be given again for a retry without the code being stored anywhere.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = hashlib.sha256(b"invitation" + secret).digest()

    def code(self, account_id: str, until: datetime) -> str:
        """The code of the invitation that ends at `until` (whole seconds)."""
        message = f"{account_id}|{int(until.timestamp())}".encode()
        mac = hmac.digest(self._secret, message, hashlib.sha256)
        return base64.urlsafe_b64encode(mac[:24]).decode()

    def stored(self, code: str) -> bytes:
        """What is stored of a code."""
        return hashlib.sha256(code.encode()).digest()
