"""Accounts' words on the wire."""

from collections.abc import Mapping
from typing import Final

from chassis.statements import Row
from chassis.words import Words
from louyu.identity.v1 import accounts_pb2 as pb

STATE: Final = Words(pb.AccountState)


def to_account(row: Row, names: Mapping[str, str]) -> pb.Account:
    """A row as its message; `names` by person."""
    return pb.Account(
        id=row.id,
        etag=str(row.version),
        person_id=row.person_id,
        display_name=names.get(row.person_id, ""),
        login=row.login,
        email=row.email,
        locale=row.locale,
        staff=row.staff,
        totp_enrolled=row.totp_enrolled,
        state=STATE.number(row.state),
        synthetic=row.synthetic,
        create_time=row.created_at,
        update_time=row.updated_at,
    )
