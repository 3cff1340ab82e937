"""What an organisation is, and how it opens and closes."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from chassis.errors import FieldError, Invalid, WrongState
from identity.organisations import Kind, State

VERBS: Final[Mapping[str, tuple[frozenset[State], State]]] = {
    "activate": (frozenset({State.PROVISIONING, State.SUSPENDED}), State.ACTIVE),
    "suspend": (frozenset({State.ACTIVE}), State.SUSPENDED),
    "archive": (frozenset({State.PROVISIONING, State.ACTIVE, State.SUSPENDED}), State.ARCHIVED),
}
"""Each verb: the states it is allowed in, and the state it leads to."""


def allowed(state: State) -> tuple[str, ...]:
    """The verbs a state allows."""
    return tuple(verb for verb, (sources, _) in VERBS.items() if state in sources)


def after(state: State, verb: str) -> State:
    """The state a verb leads to; TENANT_WRONG_STATE where the present one does not allow it."""
    sources, target = VERBS[verb]
    if state not in sources:
        raise WrongState("TENANT_WRONG_STATE", state=state, allowed=allowed(state))
    return target


@dataclass(frozen=True, slots=True)
class Links:
    """Where a tenant belongs: the sub-district it lies in, and a superior that is not that one."""

    region_id: str | None
    superior_id: str | None


def check_links(kind: Kind, links: Links, kinds: Mapping[str, Kind]) -> None:
    """A region is a sub-district and a superior a superior organisation; the district has neither.

    `kinds` holds the kind of every tenant that may be named; one that is missing is unknown.
    """
    if kind in (Kind.DISTRICT, Kind.SUBDISTRICT) and (links.region_id or links.superior_id):
        raise Invalid("TENANT_LINK_NOT_ALLOWED", fields=[FieldError("region", "TENANT_LINK_NOT_ALLOWED")])
    wanted = ((links.region_id, "region", Kind.SUBDISTRICT), (links.superior_id, "superior", Kind.SUPERIOR))
    faults = [
        FieldError(field, "TENANT_LINK_INVALID")
        for linked, field, right in wanted
        if linked and kinds.get(linked) != right
    ]
    if faults:
        raise Invalid("TENANT_LINK_INVALID", fields=faults)


def ancestors(tenant_id: str, district_id: str, tree: Mapping[str, Links]) -> list[str]:
    """Everyone above a tenant: its region, its superiors and theirs, and the district.

    TENANT_LINK_CYCLE where a tenant would be above itself.
    """
    found: set[str] = {district_id}
    waiting = [tenant_id]
    seen: set[str] = set()
    while waiting:
        links = tree.get(waiting.pop())
        if links is None:
            continue
        for linked in (links.region_id, links.superior_id):
            if linked == tenant_id:
                raise Invalid("TENANT_LINK_CYCLE", fields=[FieldError("superior", "TENANT_LINK_CYCLE")])
            if linked and linked not in seen:
                seen.add(linked)
                found.add(linked)
                waiting.append(linked)
    return sorted(found - {tenant_id})


def exact(text: str) -> Decimal | None:
    """A measured figure, exactly as written; None where nothing was."""
    return Decimal(text) if text else None


def written(figure: Decimal | None) -> str:
    """The figure as it was written: 118.6 stays 118.6 and 50000 stays 50000."""
    return "" if figure is None else format(figure, "f")


def check_years(built: int, opened: int) -> None:
    """Nothing opens before it is built."""
    if built and opened and opened < built:
        raise Invalid("TENANT_YEARS_INVALID", fields=[FieldError("opened_year", "TENANT_YEARS_INVALID")])
