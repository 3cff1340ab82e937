"""Who is calling: EdDSA tokens of people, department clients and the services themselves.

Three kinds, never taken for one another (the `typ` header, issuer and audience all differ):
  at+jwt    a person's or client's access token, minutes of life, issued by identity;
  svc+jwt   a service speaking to another, self-issued for that one receiver;
  file+jwt  an uploaded file's reference, issued by the gateway (see files.py).
"""

import asyncio
import time
from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, TypeVar

import jwt
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from chassis.errors import DomainError, Unauthenticated, Unavailable

ACCESS, SERVICE, FILE = "at+jwt", "svc+jwt", "file+jwt"
ISSUER = "louyu"
AUDIENCE = "louyu"
LEEWAY_S = 5
SERVICE_TOKEN_S = 300
_CACHE = 20_000
_REFETCH_S = 1.0
_REFRESH_S = 300.0
_FORBIDDEN_HEADERS = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip"})


@dataclass(frozen=True, slots=True)
class Claims:
    """What a valid access token says."""

    account_id: str
    person_id: str
    session_id: str
    kind: str
    """account or client."""
    expires_at: float
    """System time, seconds since 1970."""


class SigningKey:
    """An Ed25519 key that signs tokens under its key id."""

    def __init__(self, kid: str, seed: bytes) -> None:
        self.kid = kid
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def public(self) -> bytes:
        """The raw public key, 32 bytes."""
        return self._key.public_key().public_bytes_raw()

    def sign(self, typ: str, claims: Mapping[str, Any]) -> str:
        """A compact JWT. The caller sets iss, aud, sub, iat and exp."""
        return jwt.encode(dict(claims), self._key, "EdDSA", headers={"typ": typ, "kid": self.kid})

    def seal(self, message: bytes) -> bytes:
        """A bare signature, for what is not a token (audit checkpoints)."""
        return self._key.sign(message)

    def sealed(self, message: bytes, signature: bytes) -> bool:
        """True when `signature` is this key's for `message`."""
        try:
            self._key.public_key().verify(signature, message)
        except InvalidSignature:
            return False
        return True


def decode_keys(keys: Mapping[str, str]) -> dict[str, bytes]:
    """Public keys as they stand in the settings (base64), by name."""
    return {name: b64decode(value, validate=True) for name, value in keys.items()}


def issue_access(key: SigningKey, claims: Claims, now: float) -> str:
    """An access token for `claims`; identity only, since only its keys are in the published set."""
    return key.sign(
        ACCESS,
        {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": claims.account_id,
            "pid": claims.person_id,
            "sid": claims.session_id,
            "kind": claims.kind,
            "iat": int(now),
            "exp": int(claims.expires_at),
        },
    )


def verify(token: str, key: Ed25519PublicKey, typ: str, issuer: str, audience: str) -> dict[str, Any]:
    """The claims of a token that is all it should be; Unauthenticated otherwise."""
    try:
        header = jwt.get_unverified_header(token)
        if header.get("typ") != typ or not _FORBIDDEN_HEADERS.isdisjoint(header):
            raise Unauthenticated("TOKEN_INVALID")
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=["EdDSA"],
            issuer=issuer,
            audience=audience,
            leeway=LEEWAY_S,
            options={"require": ["exp", "iat", "iss", "aud", "sub"], "strict_aud": True},
        )
    except jwt.ExpiredSignatureError:
        raise Unauthenticated("TOKEN_EXPIRED") from None
    except (jwt.PyJWTError, ValueError, TypeError, UnicodeError):
        raise Unauthenticated("TOKEN_INVALID") from None
    return claims


def key_id(token: str) -> str:
    """The key id a token claims to be signed with; Unauthenticated where it has none."""
    try:
        kid = jwt.get_unverified_header(token).get("kid")
    except (jwt.PyJWTError, ValueError, TypeError, UnicodeError):
        raise Unauthenticated("TOKEN_INVALID") from None
    if not isinstance(kid, str) or not kid or len(kid) > 200:
        raise Unauthenticated("TOKEN_INVALID")
    return kid


class PublishedKeys:
    """Identity's signing keys, fetched when needed.

    An unknown key id causes one fetch, at most one a second for the whole process; callers wait for
    it, so a freshly rotated key is never refused and a flood of invented ids costs one fetch a second.
    """

    def __init__(self, fetch: Callable[[], Awaitable[Mapping[str, bytes]]]) -> None:
        self._fetch = fetch
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._fetched = float("-inf")
        self._tried = float("-inf")
        self._lock = asyncio.Lock()
        self.generation = 0
        """Grows when a key was withdrawn: whatever was verified before must be verified again."""

    async def get(self, kid: str) -> Ed25519PublicKey:
        """The key; Unauthenticated if identity does not publish it, Unavailable if it cannot be asked."""
        key = self._keys.get(kid)
        if key is not None and time.monotonic() - self._fetched < _REFRESH_S:
            return key
        asked = time.monotonic()
        async with self._lock:
            if self._fetched < asked:
                await self._refresh(known=key is not None)
        found = self._keys.get(kid)
        if found is None:
            raise Unauthenticated("TOKEN_INVALID")
        return found

    async def _refresh(self, *, known: bool) -> None:
        wait = self._tried + _REFETCH_S - time.monotonic()
        if wait > 0:
            if known:
                return
            await asyncio.sleep(wait)
        self._tried = time.monotonic()
        try:
            published = await self._fetch()
        except Exception as error:
            if known:
                return
            if isinstance(error, DomainError):
                raise
            raise Unavailable("KEYS_UNAVAILABLE", retry_after_s=1.0) from error
        fresh = {kid: Ed25519PublicKey.from_public_bytes(raw) for kid, raw in published.items()}
        if not self._keys.keys() <= fresh.keys():
            self.generation += 1
        self._keys = fresh
        self._fetched = self._tried


class Tokens:
    """Checks the tokens that calls arrive with and issues this service's own.

    A verified token is remembered by its hash until it expires: checking costs 90 µs once and 2 µs after.
    """

    def __init__(
        self, service: str, published: PublishedKeys, services: Mapping[str, bytes], own: SigningKey | None
    ) -> None:
        self.service = service
        self._published = published
        self._services = {name: Ed25519PublicKey.from_public_bytes(raw) for name, raw in services.items()}
        self._own = own
        self._people: dict[bytes, tuple[float, int, Claims]] = {}
        self._callers: dict[bytes, tuple[float, str]] = {}
        self._issued: dict[str, tuple[float, str]] = {}

    async def access(self, authorization: str) -> Claims:
        """The claims of an `Authorization: Bearer …` value; Unauthenticated if it is not valid now."""
        token = _bearer(authorization)
        digest = blake2b(token.encode(), digest_size=16).digest()
        known = self._people.get(digest)
        now = time.time()
        if known is not None and known[0] > now and known[1] == self._published.generation:
            return known[2]
        key = await self._published.get(key_id(token))
        raw = verify(token, key, ACCESS, ISSUER, AUDIENCE)
        claims = Claims(
            account_id=_text(raw, "sub"),
            person_id=_text(raw, "pid"),
            session_id=_text(raw, "sid"),
            kind=_text(raw, "kind") or "account",
            expires_at=float(raw["exp"]),
        )
        if claims.kind not in ("account", "client"):
            raise Unauthenticated("TOKEN_INVALID")
        _remember(self._people, digest, (claims.expires_at, self._published.generation, claims))
        return claims

    def caller(self, authorization: str) -> str:
        """The name of the service that an `x-service-authorization` value proves."""
        token = _bearer(authorization)
        digest = blake2b(token.encode(), digest_size=16).digest()
        known = self._callers.get(digest)
        if known is not None and known[0] > time.time():
            return known[1]
        name = key_id(token)
        key = self._services.get(name)
        if key is None:
            raise Unauthenticated("TOKEN_INVALID")
        raw = verify(token, key, SERVICE, f"louyu:{name}", f"louyu:{self.service}")
        if raw["sub"] != name:
            raise Unauthenticated("TOKEN_INVALID")
        _remember(self._callers, digest, (float(raw["exp"]), name))
        return name

    def for_service(self, target: str) -> str:
        """A bearer value that proves this service to `target`; renewed a minute before it expires."""
        now = time.time()
        known = self._issued.get(target)
        if known is not None and known[0] > now + 60:
            return known[1]
        if self._own is None:
            raise RuntimeError("LOUYU_SERVICE_KEY is not set: this process cannot call services")
        expires = now + SERVICE_TOKEN_S
        claims = {
            "iss": f"louyu:{self.service}",
            "sub": self.service,
            "aud": f"louyu:{target}",
            "iat": int(now),
            "exp": int(expires),
        }
        value = "Bearer " + self._own.sign(SERVICE, claims)
        self._issued[target] = (expires, value)
        return value


def _bearer(value: str) -> str:
    scheme, _, token = value.partition(" ")
    if scheme.lower() != "bearer" or not token or len(token) > 4096 or not token.isascii():
        raise Unauthenticated("TOKEN_INVALID")
    return token


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name, "")
    if not isinstance(value, str):
        raise Unauthenticated("TOKEN_INVALID")
    return value


_V = TypeVar("_V")


def _remember(cache: dict[bytes, _V], key: bytes, value: _V) -> None:
    if len(cache) >= _CACHE:
        del cache[next(iter(cache))]
    cache[key] = value
