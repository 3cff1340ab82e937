"""Personal fields at rest: envelope encryption with a data key per tenant, and a blind index.

A field is encrypted with its tenant's current data key; data keys are stored wrapped by the
key-encryption key (KEK), which lives outside the database. The context (tenant, record, field) is
authenticated with every value, so that a ciphertext copied to another row does not open.

Rotation: `fresh` makes a tenant's next data key (old values stay readable under their own number);
`rewrap` moves a data key from the previous KEK to the current one without touching any value.
"""

import hashlib
import hmac
import os
import struct
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

Algorithm = Literal["aes-256-gcm", "sm4-gcm"]

_NONCE = 12
_TAG = 16
_HEAD = struct.Struct(">BBI")
_VERSION = 1
_NUMBER: dict[Algorithm, int] = {"aes-256-gcm": 1, "sm4-gcm": 2}
_ALGORITHM = {number: name for name, number in _NUMBER.items()}
_KEY_BYTES: dict[Algorithm, int] = {"aes-256-gcm": 32, "sm4-gcm": 16}


class Undecipherable(Exception):
    """The value was not sealed with this key in this context, or was changed since."""


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key as it is stored."""

    tenant_id: str
    number: int
    """From 1; the highest is the current one."""
    wrapped: bytes


class Kek:
    """The key-encryption key, and the one it replaced while data keys are being rewrapped."""

    def __init__(self, current: bytes, previous: bytes | None = None) -> None:
        if any(len(key) != 32 for key in (current, previous) if key is not None):
            raise ValueError("a key-encryption key has 32 bytes")
        self._current = current
        self._previous = previous

    def fresh(self, tenant_id: str, number: int) -> WrappedKey:
        """A new random data key for a tenant."""
        return self._wrap(tenant_id, number, os.urandom(32))

    def unwrap(self, key: WrappedKey) -> bytes:
        """The data key; Undecipherable if neither KEK wrapped it."""
        context = _context(key.tenant_id, key.number)
        try:
            return unseal(self._current, key.wrapped, context)
        except Undecipherable:
            if self._previous is None:
                raise
            return unseal(self._previous, key.wrapped, context)

    def rewrap(self, key: WrappedKey) -> WrappedKey:
        """The same data key under the current KEK."""
        return self._wrap(key.tenant_id, key.number, self.unwrap(key))

    def _wrap(self, tenant_id: str, number: int, data_key: bytes) -> WrappedKey:
        wrapped = seal(self._current, data_key, _context(tenant_id, number), "aes-256-gcm", 0)
        return WrappedKey(tenant_id, number, wrapped)


class Vault:
    """Seals and opens fields; unwrapped data keys stay in this process's memory.

    `load` reads a tenant's wrapped keys. `add` stores a tenant's first key and returns the keys that
    are stored then (another process may have been quicker).
    """

    def __init__(
        self,
        kek: Kek,
        load: Callable[[str], Awaitable[Sequence[WrappedKey]]],
        add: Callable[[WrappedKey], Awaitable[Sequence[WrappedKey]]],
        algorithm: Algorithm = "aes-256-gcm",
    ) -> None:
        self._kek = kek
        self._load = load
        self._add = add
        self._algorithm: Algorithm = algorithm
        self._keys: dict[str, dict[int, bytes]] = {}

    async def seal(self, tenant_id: str, record_id: str, field: str, text: str) -> bytes:
        """A value ready to be stored; the tenant gets its first data key when it has none."""
        keys = await self._tenant(tenant_id)
        number = max(keys)
        context = _context(tenant_id, record_id, field)
        return seal(keys[number], text.encode(), context, self._algorithm, number)

    async def open(self, tenant_id: str, record_id: str, field: str, value: bytes) -> str:
        """The text of a stored value; Undecipherable where it does not belong there."""
        number = key_number(value)
        if number not in self._keys.get(tenant_id, {}):
            self.forget(tenant_id)  # another process may have made the key meanwhile
        keys = await self._tenant(tenant_id)
        if number not in keys:
            raise Undecipherable("unknown data key")
        return unseal(keys[number], value, _context(tenant_id, record_id, field)).decode()

    def forget(self, tenant_id: str) -> None:
        """Read the tenant's keys again at next use, after a rotation."""
        self._keys.pop(tenant_id, None)

    async def _tenant(self, tenant_id: str) -> dict[int, bytes]:
        keys = self._keys.get(tenant_id)
        if keys is None:
            stored = await self._load(tenant_id)
            if not stored:
                stored = await self._add(self._kek.fresh(tenant_id, 1))
            keys = self._keys[tenant_id] = {key.number: self._kek.unwrap(key) for key in stored}
        return keys


class BlindIndex:
    """Finds an encrypted value again without decrypting anything: a keyed hash of its normal form.

    One key for the district, so that a person is found across tenants; per purpose, so that an ID
    number never matches a phone number.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < 32:
            raise ValueError("a blind index key has at least 32 bytes")
        self._key = key

    def of(self, purpose: str, value: str) -> bytes:
        """32 bytes. `value` must be in its normal form: no spaces, capital X."""
        return hmac.digest(self._key, purpose.encode() + b"\0" + value.encode(), hashlib.sha256)


def seal(key: bytes, plain: bytes, context: bytes, algorithm: Algorithm, number: int) -> bytes:
    """version, algorithm, key number, nonce, ciphertext, tag."""
    head = _HEAD.pack(_VERSION, _NUMBER[algorithm], number)
    nonce = os.urandom(_NONCE)
    encryptor = Cipher(_block(algorithm, key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(head + context)
    body = encryptor.update(plain) + encryptor.finalize()
    return head + nonce + body + encryptor.tag


def unseal(key: bytes, value: bytes, context: bytes) -> bytes:
    """What was sealed; Undecipherable for another key, context or any changed byte."""
    head, nonce = value[: _HEAD.size], value[_HEAD.size : _HEAD.size + _NONCE]
    body, tag = value[_HEAD.size + _NONCE : -_TAG], value[-_TAG:]
    if len(value) < _HEAD.size + _NONCE + _TAG:
        raise Undecipherable("too short")
    version, algorithm, _ = _HEAD.unpack(head)
    if version != _VERSION or algorithm not in _ALGORITHM:
        raise Undecipherable("unknown format")
    decryptor = Cipher(_block(_ALGORITHM[algorithm], key), modes.GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(head + context)
    try:
        return decryptor.update(body) + decryptor.finalize()
    except InvalidTag:
        raise Undecipherable("wrong key, place or content") from None


def key_number(value: bytes) -> int:
    """The number of the data key a value was sealed with."""
    if len(value) < _HEAD.size:
        raise Undecipherable("too short")
    number: int = _HEAD.unpack(value[: _HEAD.size])[2]
    return number


def _block(algorithm: Algorithm, key: bytes) -> algorithms.AES | algorithms.SM4:
    short = key[: _KEY_BYTES[algorithm]]
    return algorithms.SM4(short) if algorithm == "sm4-gcm" else algorithms.AES(short)


def _context(*parts: str | int) -> bytes:
    return "\0".join(str(part) for part in parts).encode()
