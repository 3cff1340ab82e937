"""Signed codes for the door: a participant's pass, and the code that hangs at the door.

A code is short enough for a small QR picture and worthless without the key: kind, activity, subject
and end of validity under a MAC that also covers the tenant. Codes live minutes by the system clock, so
that yesterday's photo of one opens nothing; checking in is idempotent, so that today's does no harm.
"""

import base64
import hashlib
import hmac
import io
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from chassis.errors import Invalid

PASS_LIFE: Final = timedelta(minutes=10)
DOOR_LIFE: Final = timedelta(minutes=2)
_MAC_BYTES: Final = 11  # makes a code 48 bytes: 64 characters, no padding, one spelling
_BODY_BYTES: Final = 1 + 16 + 16 + 4
_KINDS: Final = {"pass": b"P", "door": b"D"}
Kind = Literal["pass", "door"]


class Passes:
    """Makes and reads codes under one key."""

    def __init__(self, secret: bytes) -> None:
        self._key = hashlib.sha256(b"calendar-pass" + secret).digest()

    def make(
        self, kind: Kind, tenant_id: str, activity_id: str, subject: str, now: datetime
    ) -> tuple[str, datetime]:
        """A code and the end of its validity. `subject` is the enrolment, or the activity for a door."""
        expires = now + (PASS_LIFE if kind == "pass" else DOOR_LIFE)
        body = (
            _KINDS[kind]
            + UUID(activity_id).bytes
            + UUID(subject).bytes
            + int(expires.timestamp()).to_bytes(4, "big")
        )
        token = base64.urlsafe_b64encode(body + self._mac(tenant_id, body)).decode()
        return token, datetime.fromtimestamp(int(expires.timestamp()), UTC)

    def read(self, kind: Kind, tenant_id: str, activity_id: str, token: str, now: datetime) -> str:
        """The subject of a code. Invalid where it is forged, expired, or for another door."""
        try:
            raw = base64.b64decode(token, altchars=b"-_", validate=True)
        except ValueError:
            raw = b""
        body, mac = raw[:_BODY_BYTES], raw[_BODY_BYTES:]
        genuine = len(body) == _BODY_BYTES and hmac.compare_digest(mac, self._mac(tenant_id, body))
        if not genuine or body[:1] != _KINDS[kind] or body[1:17] != UUID(activity_id).bytes:
            raise Invalid("PASS_INVALID")
        if now.timestamp() >= int.from_bytes(body[33:37], "big"):
            raise Invalid("PASS_EXPIRED")
        return str(UUID(bytes=body[17:33]))

    def _mac(self, tenant_id: str, body: bytes) -> bytes:
        return hmac.digest(self._key, UUID(tenant_id).bytes + body, "sha256")[:_MAC_BYTES]


def picture(token: str) -> str:
    """The code as a QR picture (SVG)."""
    import segno  # lazily: only the doors need it

    out = io.BytesIO()
    code = segno.make(token, error="m", micro=False)
    # With its namespace, so that it is a picture in a file and in an <img>, too.
    code.save(out, kind="svg", xmldecl=False, nl=False, scale=4, border=2)
    return out.getvalue().decode()
