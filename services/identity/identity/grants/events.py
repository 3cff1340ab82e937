"""Events of grants."""

from chassis.statements import Row
from louyu.identity.v1 import grants_pb2 as pb


def granted(row: Row) -> pb.RoleGranted:
    """An account holds a role."""
    return pb.RoleGranted(**_said(row))


def revoked(row: Row) -> pb.RoleRevoked:
    """An account does not hold a role any more."""
    return pb.RoleRevoked(**_said(row))


def _said(row: Row) -> dict[str, str]:
    return {
        "grant_id": row.id,
        "account": row.account_id,
        "role": row.role,
        "floor": row.floor,
        "enterprise_id": row.enterprise_id,
    }
