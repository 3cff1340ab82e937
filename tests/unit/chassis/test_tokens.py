"""Tokens: what is accepted, and the corpus of what is not (promise 18)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.errors import Unauthenticated, Unavailable
from chassis.tokens import ACCESS, FILE, SERVICE, Claims, PublishedKeys, SigningKey, Tokens, issue_access

KEY = SigningKey("k1", b"1" * 32)
NEXT = SigningKey("k2", b"4" * 32)
GATEWAY = SigningKey("gateway", b"2" * 32)
TICKET = SigningKey("ticket", b"3" * 32)


class Identity:
    """Publishes keys and counts how often it is asked."""

    def __init__(self, *keys: SigningKey) -> None:
        self.keys = list(keys)
        self.asked = 0
        self.away = False

    async def fetch(self) -> Mapping[str, bytes]:
        self.asked += 1
        if self.away:
            raise OSError("away")
        return {key.kid: key.public for key in self.keys}


def tokens(identity: Identity) -> Tokens:
    known = {"gateway": GATEWAY.public, "ticket": TICKET.public}
    return Tokens("ticket", PublishedKeys(identity.fetch), known, TICKET)


def claims(**other: Any) -> dict[str, Any]:
    now = int(time.time())
    base = {"iss": "louyu", "aud": "louyu", "sub": "a", "sid": "s", "pid": "p", "iat": now, "exp": now + 60}
    return {key: value for key, value in (base | other).items() if value is not None}


def sign(payload: Mapping[str, Any], *, key: SigningKey = KEY, typ: str = ACCESS, **headers: Any) -> str:
    private = Ed25519PrivateKey.from_private_bytes(b"1" * 32 if key is KEY else b"4" * 32)
    return jwt.encode(dict(payload), private, "EdDSA", headers={"typ": typ, "kid": key.kid} | headers)


def part(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def unsigned(alg: str) -> str:
    return f"{part({'alg': alg, 'typ': ACCESS, 'kid': 'k1'})}.{part(claims())}."


def confused() -> str:
    """Signed by HMAC with the public key as its secret."""
    body = f"{part({'alg': 'HS256', 'typ': ACCESS, 'kid': 'k1'})}.{part(claims())}"
    mac = hmac.digest(KEY.public, body.encode(), hashlib.sha256)
    return f"{body}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def rsa_signed() -> str:
    key = rsa.generate_private_key(65537, 2048)
    return jwt.encode(claims(), key, "RS256", headers={"typ": ACCESS, "kid": "k1"})


def tampered() -> str:
    head, _, signature = sign(claims()).split(".")
    return f"{head}.{part(claims(sub='someone-else'))}.{signature}"


NOW = int(time.time())
BAD = {
    "none": unsigned("none"),
    "None": unsigned("None"),
    "empty alg": unsigned(""),
    "hs256 with the public key": confused(),
    "rs256": rsa_signed(),
    "tampered": tampered(),
    "no signature": sign(claims()).rpartition(".")[0] + ".",
    "cut": sign(claims())[:-4],
    "other audience": sign(claims(aud="others")),
    "audience list": sign(claims(aud=["louyu", "others"])),
    "no audience": sign(claims(aud=None)),
    "other issuer": sign(claims(iss="others")),
    "no issuer": sign(claims(iss=None)),
    "service type": sign(claims(), typ=SERVICE),
    "file type": sign(claims(), typ=FILE),
    "plain JWT type": sign(claims(), typ="JWT"),
    "expired": sign(claims(exp=NOW - 60)),
    "no expiry": sign(claims(exp=None)),
    "expiry as text": sign(claims(exp="tomorrow")),
    "issued in the future": sign(claims(iat=NOW + 3600)),
    "not yet valid": sign(claims(nbf=NOW + 3600)),
    "no subject": sign(claims(sub=None)),
    "subject as number": sign(claims(sub=7)),
    "session as list": sign(claims(sid=["s"])),
    "unknown kind": sign(claims(kind="root")),
    "unknown kid": sign(claims(), kid="k9"),
    "no kid": jwt.encode(claims(), Ed25519PrivateKey.generate(), "EdDSA", headers={"typ": ACCESS}),
    "kid as path": sign(claims(), kid="../../dev/null"),
    "jku": sign(claims(), jku="https://attacker.example/keys"),
    "x5u": sign(claims(), x5u="https://attacker.example/cert"),
    "jwk": sign(claims(), jwk={"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}),
    "other key": jwt.encode(
        claims(), Ed25519PrivateKey.generate(), "EdDSA", headers={"typ": ACCESS, "kid": "k1"}
    ),
    "garbage": "a.b.c",
    "two parts": "a.b",
    "five parts": "a.b.c.d.e",
    "not base64": "€.€.€",
    "huge": "a" * 5000,
    "json": json.dumps(claims()),
    "empty": "",
}


@pytest.mark.parametrize("name", BAD)
async def test_bad_tokens_are_all_refused(name: str) -> None:
    with pytest.raises(Unauthenticated):
        await tokens(Identity(KEY)).access(f"Bearer {BAD[name]}")


async def test_a_good_token_is_checked_once_and_remembered() -> None:
    identity = Identity(KEY)
    checker = tokens(identity)
    good = "Bearer " + issue_access(KEY, Claims("a", "p", "s", "account", time.time() + 60), time.time())
    first = await checker.access(good)
    assert (first.account_id, first.person_id, first.session_id, first.kind) == ("a", "p", "s", "account")
    identity.away = True
    assert await checker.access(good) is first
    assert identity.asked == 1


async def test_a_remembered_token_still_expires() -> None:
    checker = tokens(Identity(KEY))
    brief = "Bearer " + sign(claims(exp=int(time.time()) - 1))  # within the leeway for some seconds
    first = await checker.access(brief)
    assert first.expires_at < time.time()
    checker = tokens(Identity(KEY))
    with pytest.raises(Unauthenticated):
        await checker.access("Bearer " + sign(claims(exp=int(time.time()) - 6)))


async def test_a_rotated_key_is_fetched_and_a_withdrawn_one_stops_verifying() -> None:
    identity = Identity(KEY)
    checker = tokens(identity)
    await checker.access("Bearer " + sign(claims()))
    identity.keys = [NEXT, KEY]
    await checker.access("Bearer " + sign(claims(), key=NEXT))
    assert identity.asked == 2
    identity.keys = [NEXT]
    with pytest.raises(Unauthenticated):
        await checker.access("Bearer " + sign(claims(), kid="k9"))  # makes it look again
    with pytest.raises(Unauthenticated):
        await checker.access("Bearer " + sign(claims()))


async def test_invented_key_ids_cost_one_fetch_a_second() -> None:
    identity = Identity(KEY)
    checker = tokens(identity)
    started = time.monotonic()
    for number in range(3):
        with pytest.raises(Unauthenticated):
            await checker.access("Bearer " + sign(claims(), kid=f"x{number}"))
    assert identity.asked <= 2 + time.monotonic() - started


async def test_without_identity_nothing_unknown_is_believed() -> None:
    identity = Identity(KEY)
    identity.away = True
    with pytest.raises(Unavailable):
        await tokens(identity).access("Bearer " + sign(claims()))


def test_services_prove_themselves_to_one_receiver() -> None:
    identity = Identity(KEY)
    gateway = Tokens("gateway", PublishedKeys(identity.fetch), {}, GATEWAY)
    receiver = tokens(identity)
    assert receiver.caller(gateway.for_service("ticket")) == "gateway"
    assert receiver.caller(gateway.for_service("ticket")) == "gateway"
    assert gateway.for_service("ticket") == gateway.for_service("ticket")
    with pytest.raises(Unauthenticated):
        receiver.caller(gateway.for_service("identity"))
    with pytest.raises(Unauthenticated):
        receiver.caller("Bearer " + sign(claims()))
    stranger = Tokens("gateway", PublishedKeys(identity.fetch), {}, SigningKey("gateway", b"9" * 32))
    with pytest.raises(Unauthenticated):
        receiver.caller(stranger.for_service("ticket"))
    liar = Tokens("identity", PublishedKeys(identity.fetch), {}, SigningKey("gateway", b"2" * 32))
    with pytest.raises(Unauthenticated):
        receiver.caller(liar.for_service("ticket"))


async def test_a_service_token_is_no_access_token() -> None:
    gateway = Tokens("gateway", PublishedKeys(Identity().fetch), {}, GATEWAY)
    with pytest.raises(Unauthenticated):
        await tokens(Identity(GATEWAY)).access(gateway.for_service("ticket"))
