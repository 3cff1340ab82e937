"""Slows down guessing without handing anyone a way to lock others out.

Failures are counted per login *and* address, and per address over all logins. Somebody who guesses at
an account therefore blocks that account only for their own address; its owner signs in elsewhere as
ever. A browser that has signed in to the account before carries a device cookie and is counted by
itself, so even sharing an address with the guesser does not lock the owner out.
"""

import hmac
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256

from gateway.limits import Failures
from gateway.settings import GatewaySettings

_DEVICE_S = 180 * 86400


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to sign in, under way within its block."""

    keys: tuple[tuple[Failures, str], ...]

    def __enter__(self) -> "Attempt":
        for failures, key in self.keys:
            failures.enter(key)
        return self

    def __exit__(self, *_: object) -> None:
        for failures, key in self.keys:
            failures.leave(key)

    def failed(self) -> None:
        """Count it."""
        for failures, key in self.keys:
            failures.add(key)

    def succeeded(self) -> None:
        """Forget earlier failures of the pair; those of the address stay, or one own account would let a
        guesser start afresh."""
        failures, key = self.keys[0]
        failures.clear(key)


class Guessing:
    """Counts failed sign-ins."""

    def __init__(self, settings: GatewaySettings, secret: bytes) -> None:
        window = settings.sign_in_window_s
        self._pairs = Failures("SIGN_IN_PAUSED", settings.sign_in_pair, window)
        self._addresses = Failures("SIGN_IN_PAUSED_ADDRESS", settings.sign_in_address, window)
        self._key = hmac.digest(secret, b"gateway device cookie", "sha256")

    def attempt(self, login: str, address: str, device: str) -> Attempt:
        """The attempt, if it may be made; Exhausted otherwise, before any password is looked at."""
        name = sha256(login.strip().casefold().encode()).hexdigest()
        if device and self._known(login, device):
            mine = f"{name}@{device[-43:]}"
            self._pairs.check(mine)
            return Attempt(((self._pairs, mine),))
        pair = f"{name}@{address}"
        self._pairs.check(pair)
        self._addresses.check(address)
        return Attempt(((self._pairs, pair), (self._addresses, address)))

    def device(self, login: str) -> str:
        """The cookie of a browser that has just signed in to the account."""
        issued = str(int(time.time()))
        return f"{issued}.{self._sign(login, issued)}"

    def _known(self, login: str, device: str) -> bool:
        issued, _, signature = device.partition(".")
        if not issued.isdigit() or len(issued) > 12 or time.time() - int(issued) > _DEVICE_S:
            return False
        return hmac.compare_digest(signature.encode(), self._sign(login, issued).encode())

    def _sign(self, login: str, issued: str) -> str:
        text = f"{issued}\0{login.strip().casefold()}".encode()
        return urlsafe_b64encode(hmac.digest(self._key, text, "sha256")).decode().rstrip("=")
