"""When an agreement holds."""

from datetime import datetime

from chassis.errors import FieldError, Invalid


def holds(now: datetime, expires_at: datetime | None, withdrawn_at: datetime | None) -> bool:
    """Whether an agreement holds at a moment of business time."""
    return withdrawn_at is None and (expires_at is None or expires_at > now)


def check_expiry(now: datetime, expires_at: datetime | None) -> None:
    """An agreement ends in the future."""
    if expires_at is not None and expires_at <= now:
        raise Invalid("CONSENT_EXPIRY_PAST", fields=[FieldError("expire_time", "CONSENT_EXPIRY_PAST")])
