"""The secrets of one local stack: drawn once, kept in a file that only its owner reads."""

from __future__ import annotations

import json
import os
import secrets
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.local.faults import Fault


def _password() -> str:
    return secrets.token_urlsafe(32)


def fresh_key() -> str:
    """A new key of 32 bytes, in base64."""
    return b64encode(secrets.token_bytes(32)).decode()


@dataclass(slots=True)
class ServiceSecrets:
    """What one process holds."""

    owner_password: str = field(default_factory=_password)
    app_password: str = field(default_factory=_password)
    seed: str = field(default_factory=fresh_key)
    secret: str = field(default_factory=fresh_key)

    @property
    def public_key(self) -> str:
        """What the other services know of the seed."""
        return public_key(self.seed)


@dataclass(slots=True)
class Secrets:
    """What the whole stack holds."""

    postgres_password: str = field(default_factory=_password)
    nats_password: str = field(default_factory=_password)
    kek: str = field(default_factory=fresh_key)
    kek_previous: str = ""
    """The one before, which the log of an older backup may still need."""
    blind_index_key: str = field(default_factory=fresh_key)
    services: dict[str, ServiceSecrets] = field(default_factory=dict)


def public_key(seed: str) -> str:
    """Base64 public key of a base64 Ed25519 seed."""
    private = Ed25519PrivateKey.from_private_bytes(b64decode(seed))
    return b64encode(private.public_key().public_bytes_raw()).decode()


def read(path: Path) -> Secrets:
    """What the file holds; a Fault when it cannot be understood, since nothing can replace it."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        parts = {name: ServiceSecrets(**part) for name, part in stored.pop("services").items()}
        return Secrets(**stored, services=parts)
    except (ValueError, TypeError, KeyError) as broken:
        raise Fault(
            f"{path} is damaged, and without it the databases cannot be opened. "
            "Restore it from a backup, or start over with: make reset"
        ) from broken


def load(path: Path, services: tuple[str, ...]) -> Secrets:
    """Reads the file, if there is one, and draws what it does not hold yet."""
    held = read(path) if path.is_file() else Secrets()
    for service in services:
        held.services.setdefault(service, ServiceSecrets())
    save(path, held)
    return held


def save(path: Path, held: Secrets) -> None:
    """Replaces the file in one step."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        json.dump(asdict(held), out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(path)
