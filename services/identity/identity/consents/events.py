"""Events of consents."""

from chassis.statements import Row
from louyu.identity.v1 import consents_pb2 as pb


def changed(row: Row, *, active: bool) -> pb.ConsentChanged:
    """A person agreed, or took it back."""
    return pb.ConsentChanged(
        consent_id=row.id,
        person_id=row.person_id,
        purpose=row.purpose,
        recipient=row.tenant_id,
        active=active,
    )
