"""Tenants' words on the wire, and their events."""

from typing import Any

from chassis.statements import Row
from louyu.identity.v1 import tenants_pb2 as pb


def activated(tenant: Row) -> pb.TenantActivated:
    """The organisation may act."""
    return pb.TenantActivated(**_said(tenant))


def suspended(tenant: Row) -> pb.TenantSuspended:
    """The organisation may not act any more."""
    return pb.TenantSuspended(**_said(tenant))


def changed(tenant: Row) -> pb.TenantChanged:
    """The organisation is new, or has other names or links."""
    return pb.TenantChanged(**_said(tenant))


def _said(tenant: Row) -> dict[str, Any]:
    """The whole row as other services keep it, so that the newest event says all."""
    return {
        "tenant_id": tenant.tenant_id,
        "kind": tenant.kind,
        "name_zh": tenant.name_zh,
        "name_en": tenant.name_en,
        "state": tenant.state,
        "region_id": tenant.region_id or "",
        "superior_id": tenant.superior_id or "",
        "synthetic": tenant.synthetic,
    }
