"""Uploaded files, by signed reference.

The gateway stores a file and answers with an *upload reference*: what the file is, who uploaded it
for which tenant, signed with the gateway's key. A service that receives such a reference verifies it
and keeps the `File`; nothing a client writes about a file is believed. To let somebody read the file
again, the service that owns the record it belongs to issues a *download reference* bound to that
reader and short of life, and the gateway serves it to nobody else.
"""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chassis.errors import Invalid, NotFound, Unauthenticated
from chassis.tokens import FILE, SigningKey, key_id, verify

GATEWAY: Final = "gateway"
UPLOAD: Final = "louyu:file-upload"
DOWNLOAD: Final = "louyu:file-download"
UPLOAD_S: Final = 86_400
"""An upload that no record has claimed within a day is removed."""
DOWNLOAD_S: Final = 900


@dataclass(frozen=True, slots=True)
class File:
    """A stored file: where it lies (`key`), what it is, whose it is. `size` in bytes."""

    key: str
    tenant_id: str
    uploader: str
    name: str
    media_type: str
    size: int
    sha256: str

    def record(self) -> dict[str, Any]:
        """What a record keeps of the file, as JSON."""
        return asdict(self)


class FileReferences:
    """Issues and checks references with the keys every process knows.

    `service` is this process, `own` its signing key, `services` every service's public key.
    """

    def __init__(self, service: str, own: SigningKey, services: Mapping[str, bytes]) -> None:
        self._service = service
        self._own = own
        self._services = {name: Ed25519PublicKey.from_public_bytes(raw) for name, raw in services.items()}

    def upload(self, file: File) -> str:
        """The reference of a file just stored; the gateway only."""
        return self._sign(UPLOAD, file.uploader, UPLOAD_S, file)

    def claim(self, reference: str, *, tenant_id: str, account_id: str) -> File:
        """The file that a reference names.

        Raises FILE_REFERENCE_INVALID unless the gateway signed it, for this tenant and this uploader.
        """
        try:
            claims = self._verified(reference, UPLOAD, GATEWAY)
            file = _file(claims)
        except (Unauthenticated, KeyError, TypeError) as error:
            raise Invalid("FILE_REFERENCE_INVALID") from error
        if (file.tenant_id, file.uploader) != (tenant_id, account_id):
            raise Invalid("FILE_REFERENCE_INVALID")
        return file

    def download(self, file: File, *, account_id: str) -> str:
        """A reference with which this account can read the file for a quarter of an hour."""
        return self._sign(DOWNLOAD, account_id, DOWNLOAD_S, file)

    def readable(self, reference: str, *, account_id: str) -> File:
        """The file that a download reference lets this account read; FILE_NOT_FOUND otherwise."""
        try:
            claims = self._verified(reference, DOWNLOAD, key_id(reference))
            file = _file(claims)
        except (Unauthenticated, KeyError, TypeError) as error:
            raise NotFound("FILE_NOT_FOUND") from error
        if claims["sub"] != account_id:
            raise NotFound("FILE_NOT_FOUND")
        return file

    def _sign(self, audience: str, subject: str, lifetime_s: int, file: File) -> str:
        now = int(time.time())
        return self._own.sign(
            FILE,
            {
                "iss": f"louyu:{self._service}",
                "aud": audience,
                "sub": subject,
                "iat": now,
                "exp": now + lifetime_s,
                "file": file.record(),
            },
        )

    def _verified(self, reference: str, audience: str, service: str) -> dict[str, Any]:
        key = self._services.get(service)
        if key is None or key_id(reference) != service:
            raise Unauthenticated("TOKEN_INVALID")
        return verify(reference, key, FILE, f"louyu:{service}", audience)


def _file(claims: Mapping[str, Any]) -> File:
    said = claims["file"]
    return File(**{name: said[name] for name in File.__slots__})
