"""The matrix as data, who may be given what, and how far a grant reaches."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Forbidden, Invalid, NotFound
from identity.grants import rules
from identity.grants.matrix import BOUND_TO, SPANNING, cell, matrix
from identity.grants.rules import Below, Binding, Held

NOW = datetime(2026, 11, 21, tzinfo=UTC)
ROLES = st.sampled_from(sorted(matrix().roles))


def test_the_matrix_is_whole() -> None:
    found = matrix()
    assert len(found.roles) == 34
    assert len(found.columns) == 14
    assert all(len(role.cells) == 14 for role in found.roles.values())


def test_a_letter_that_does_not_exist_is_found() -> None:
    assert cell("") is None
    with pytest.raises(ValueError, match="Z"):
        cell("Z rw")


def test_words_of_a_cell_are_shown_and_its_letter_counts() -> None:
    found = cell("S apply | apply S")
    assert found is not None
    assert (found.letter, found.mode, found.words) == ("S", "apply", "apply S")


@given(ROLES)
def test_what_a_role_gives_names_what_it_is_bound_to(code: str) -> None:
    role = matrix().roles[code]
    for given_ in role.gives:
        if given_.letter in BOUND_TO:
            assert BOUND_TO[given_.letter] in role.bound, (
                f"{given_} of {code} would reach everything or nothing"
            )


@pytest.mark.parametrize("role", ["worker", "member", "floating_member", "public", "enterprise_contact"])
def test_people_without_staff_never_see_the_whole_building(role: str) -> None:
    private = {"requests.read", "cases.read", "people.read", "enterprises.read", "audit.read"}
    letters = {given_.letter for given_ in matrix().roles[role].gives if given_.permission in private}
    assert letters <= {"O", "E"}


def test_administration_and_audit_are_separate() -> None:
    administrator = {given_.permission for given_ in matrix().roles["tenant_administrator"].gives}
    auditor = {given_.permission for given_ in matrix().roles["auditor"].gives}
    assert "audit.read" not in administrator
    assert not {"accounts.manage", "grants.manage", "people.manage"} & auditor
    assert "people.unmask" not in administrator


def test_a_role_fits_the_kind_of_tenant_and_says_what_it_is_bound_to() -> None:
    roles = matrix().roles
    rules.check_grant(
        roles["enterprise_contact"], "building", Binding(enterprise_id="e"), staff_account=False
    )
    with pytest.raises(Invalid, match="BINDING_REQUIRED"):
        rules.check_grant(roles["enterprise_contact"], "building", Binding(), staff_account=False)
    with pytest.raises(Invalid, match="BINDING_NOT_EXPECTED"):
        rules.check_grant(roles["worker"], "building", Binding(floor="3"), staff_account=False)
    with pytest.raises(Invalid, match="ROLE_NOT_HERE"):
        rules.check_grant(roles["window_clerk"], "building", Binding(), staff_account=True)
    with pytest.raises(Invalid, match="STAFF_ACCOUNT_REQUIRED"):
        rules.check_grant(roles["branch_secretary"], "building", Binding(), staff_account=False)
    with pytest.raises(NotFound, match="ROLE_UNKNOWN"):
        rules.role_of(matrix(), "emperor")


def test_nobody_grants_to_themselves_whichever_account_they_use() -> None:
    rules.check_not_self("p1", "p2", "a1", "a2")
    with pytest.raises(Forbidden, match="GRANT_TO_SELF"):
        rules.check_not_self("p1", "p1", "a1", "a2")
    with pytest.raises(Forbidden, match="GRANT_TO_SELF"):
        rules.check_not_self("", "", "a1", "a1")


def held(role: str, tenant: str, **binding: str) -> Held:
    return Held(tenant, role, Binding(**binding), None, None)


def test_a_spanning_role_reaches_down_and_nothing_else_does() -> None:
    below = [Below("tower", frozenset({"street", "district"})), Below("canteen", frozenset({"district"}))]
    found = rules.effects(matrix(), [held("subdistrict_committee", "street")], below)
    reached = {
        (effect.tenant_id, effect.scope_id) for effect in found if effect.permission == "overview.read"
    }
    assert reached == {("street", "street"), ("tower", "street")}
    own = rules.effects(matrix(), [held("branch_secretary", "tower")], below)
    assert {effect.tenant_id for effect in own} == {"tower"}
    assert rules.tops(matrix(), [held("branch_secretary", "tower")]) == []
    assert rules.tops(matrix(), [held("district_office", "district")]) == ["district"]


@given(ROLES, st.lists(st.tuples(st.integers(0, 6), st.sets(st.integers(0, 6))), max_size=6))
def test_no_effect_leaves_the_tenants_below(code: str, tree: list[tuple[int, set[int]]]) -> None:
    below = [Below(f"t{n}", frozenset(f"t{above}" for above in up)) for n, up in tree]
    grant = held(code, "t0", floor="3", enterprise_id="e")
    for effect in rules.effects(matrix(), [grant], below):
        if effect.tenant_id != "t0":
            assert effect.letter in SPANNING
            assert effect.scope_id == "t0"
            assert any(tenant.tenant_id == effect.tenant_id and "t0" in tenant.ancestors for tenant in below)
        elif effect.letter == "E":
            assert effect.scope_id == "e"


def test_a_contact_acts_for_the_own_firm_only() -> None:
    found = rules.effects(matrix(), [held("enterprise_contact", "tower", enterprise_id="firm")], [])
    filed = {(e.letter, e.scope_id) for e in found if e.permission == "requests.file"}
    assert filed == {("E", "firm")}


def test_a_grant_holds_from_its_beginning_until_its_end() -> None:
    later = Held("t", "worker", Binding(), NOW + timedelta(days=1), NOW + timedelta(days=2))
    effect = rules.effects(matrix(), [later], [])[0]
    assert [rules.held_now(effect, NOW + timedelta(hours=hours)) for hours in (0, 24, 47, 48)] == [
        False,
        True,
        True,
        False,
    ]
    with pytest.raises(Invalid, match="GRANT_PERIOD_INVALID"):
        rules.check_period(NOW, NOW)
