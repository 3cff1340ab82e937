"""How people are reached, as desks and messages need it."""

from collections.abc import Mapping

from chassis.statements import Row
from identity.accounts.queries import is_active
from louyu.identity.v1 import accounts_pb2 as pb


def to_contact(row: Row, names: Mapping[str, str]) -> pb.AccountContact:
    """How to reach an account."""
    return pb.AccountContact(
        id=row.id,
        display_name=names.get(row.person_id, ""),
        email=row.email,
        locale=row.locale,
        active=is_active(row),
        person_id=row.person_id,
    )
