"""Who may be given which role, and what a grant lets an account do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chassis.errors import FieldError, Forbidden, Invalid, NotFound
from identity.grants.matrix import SPANNING, Matrix, Role

ADMINISTRATOR: Final = "tenant_administrator"
OPERATOR: Final = "platform_operator"


@dataclass(frozen=True, slots=True)
class Binding:
    """What a grant is bound to."""

    floor: str = ""
    enterprise_id: str = ""
    case_id: str = ""

    def of(self, letter: str, tenant_id: str) -> str:
        """What a permission with this letter is bound to, in a grant held in `tenant_id`."""
        if letter in SPANNING:
            return tenant_id
        return {"F": self.floor, "E": self.enterprise_id, "C": self.case_id}.get(letter, "")


@dataclass(frozen=True, slots=True)
class Held:
    """A grant as far as its effect is concerned."""

    tenant_id: str
    role: str
    binding: Binding
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Effect:
    """One permission in one tenant."""

    tenant_id: str
    permission: str
    letter: str
    scope_id: str
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Below:
    """A tenant below others, and who is above it."""

    tenant_id: str
    ancestors: frozenset[str]


def role_of(matrix: Matrix, code: str) -> Role:
    """The role; ROLE_UNKNOWN where the matrix has none of this code."""
    role = matrix.roles.get(code)
    if role is None:
        raise NotFound("ROLE_UNKNOWN")
    return role


def check_grant(role: Role, kind: str, binding: Binding, *, staff_account: bool) -> None:
    """A role fits the kind of tenant, names what it is bound to and no more, and a staff role needs an
    account with a second factor."""
    if kind not in role.kinds:
        raise Invalid("ROLE_NOT_HERE", fields=[FieldError("role", "ROLE_NOT_HERE")])
    named = {"floor": binding.floor, "enterprise": binding.enterprise_id}
    fields = {"floor": "floor", "enterprise": "enterprise_id"}
    missing = [fields[what] for what in sorted(role.bound) if not named[what]]
    if missing:
        raise Invalid("BINDING_REQUIRED", fields=[FieldError(field, "BINDING_REQUIRED") for field in missing])
    extra = [fields[what] for what in sorted(named) if named[what] and what not in role.bound]
    if extra:
        raise Invalid("BINDING_NOT_EXPECTED", fields=[FieldError(f, "BINDING_NOT_EXPECTED") for f in extra])
    if role.staff and not staff_account:
        raise Invalid("STAFF_ACCOUNT_REQUIRED", fields=[FieldError("account", "STAFF_ACCOUNT_REQUIRED")])


def check_period(starts_at: datetime, ends_at: datetime | None) -> None:
    """A grant ends after it begins."""
    if ends_at is not None and ends_at <= starts_at:
        raise Invalid("GRANT_PERIOD_INVALID", fields=[FieldError("end_time", "GRANT_PERIOD_INVALID")])


def check_not_self(caller_person: str, person: str, caller_account: str, account: str) -> None:
    """Nobody grants to or revokes from themselves, whichever of their accounts they use."""
    if account == caller_account or (person and person == caller_person):
        raise Forbidden("GRANT_TO_SELF")


def effects(matrix: Matrix, grants: Iterable[Held], below: Sequence[Below]) -> list[Effect]:
    """What grants let an account do: in the tenants they are held in, and for spanning letters in every
    tenant below, bound to the one above. A sub-district reaches what lies in it, a superior what is
    under it."""
    found: dict[Effect, None] = {}
    for grant in grants:
        role = matrix.roles.get(grant.role)
        if role is None:
            continue
        for given in role.gives:
            reach = [grant.tenant_id]
            if given.letter in SPANNING:
                reach += [tenant.tenant_id for tenant in below if grant.tenant_id in tenant.ancestors]
            scope_id = grant.binding.of(given.letter, grant.tenant_id)
            for tenant_id in reach:
                effect = Effect(
                    tenant_id, given.permission, given.letter, scope_id, grant.starts_at, grant.ends_at
                )
                found[effect] = None
    return list(found)


def tops(matrix: Matrix, grants: Iterable[Held]) -> list[str]:
    """The tenants from which some grant reaches down."""
    return sorted(
        {
            grant.tenant_id
            for grant in grants
            if (role := matrix.roles.get(grant.role)) and any(g.letter in SPANNING for g in role.gives)
        }
    )


def held_now(effect: Effect, now: datetime) -> bool:
    """Whether the effect holds at this moment."""
    started = effect.starts_at is None or effect.starts_at <= now
    return started and (effect.ends_at is None or effect.ends_at > now)
