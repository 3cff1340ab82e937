"""Organisations on a real database."""

import pytest

from chassis.context import Scope
from chassis.errors import Conflict, Forbidden, Invalid, NotFound, Stale, WrongState
from identity.operator import arguments_of, make
from louyu.identity.v1 import tenants_pb2 as pb
from tests.integration.identity.conftest import CALL, PASSWORD, District

STREET, SUPERIOR = pb.TENANT_KIND_SUBDISTRICT, pb.TENANT_KIND_SUPERIOR


@pytest.mark.row("1-01/IDN", partial=True)
async def test_the_tower_keeps_its_documented_facts(district: District) -> None:
    tower = await district.tenant(
        name_zh="华融国际大厦", area_m2="50000", height_m="118.6", built_year=2006, opened_year=2010
    )
    with district.acting(tower):
        seen = await district.tenants.GetTenant(pb.GetTenantRequest(tenant=tower, id=tower), CALL)
    assert (seen.area_m2, seen.height_m, seen.built_year, seen.opened_year) == ("50000", "118.6", 2006, 2010)
    assert seen.state == pb.TENANT_STATE_ACTIVE


@pytest.mark.row("4-02/IDN", partial=True)
async def test_an_organisation_may_have_several_sites(district: District) -> None:
    centre = await district.tenant(
        pb.TENANT_KIND_MULTI_SITE, sites=[pb.Site(name="一号院"), pb.Site(name="二号院", address="演示路2号")]
    )
    with district.acting(centre):
        seen = await district.tenants.GetTenant(pb.GetTenantRequest(tenant=centre, id=centre), CALL)
    assert [site.name for site in seen.sites] == ["一号院", "二号院"]


async def test_everyone_sees_themselves_and_those_below(district: District) -> None:
    street = await district.tenant(STREET, name_zh="定和街道")
    superior = await district.tenant(SUPERIOR, name_zh="党总支", region=street)
    tower = await district.tenant(name_zh="大厦", region=street, superior=superior)
    other = await district.tenant(name_zh="另一楼宇")
    seen = {}
    for tenant in (district.id, street, superior, tower, other):
        with district.acting(tenant):
            listed = await district.tenants.ListTenants(pb.ListTenantsRequest(tenant=tenant), CALL)
        seen[tenant] = {row.id for row in listed.tenants}
    assert seen[district.id] == {district.id, street, superior, tower, other}
    assert seen[street] == {street, superior, tower}
    assert seen[superior] == {superior, tower}
    assert seen[tower] == {tower}
    with district.acting(other), pytest.raises(NotFound, match="TENANT_NOT_FOUND"):
        await district.tenants.GetTenant(pb.GetTenantRequest(tenant=other, id=tower), CALL)


async def test_moving_an_organisation_moves_those_below_it(district: District) -> None:
    street = await district.tenant(STREET)
    superior = await district.tenant(SUPERIOR)
    tower = await district.tenant(superior=superior)
    with district.office():
        seen = await district.tenants.GetTenant(pb.GetTenantRequest(tenant=district.id, id=superior), CALL)
        request = pb.UpdateTenantRequest(tenant=district.id, id=superior, etag=seen.etag, region=street)
        await district.tenants.UpdateTenant(request, CALL)
    with district.acting(street):
        listed = await district.tenants.ListTenants(pb.ListTenantsRequest(tenant=street), CALL)
    assert {row.id for row in listed.tenants} == {street, superior, tower}


async def test_what_happens_to_an_organisation_is_told_in_its_own_name(district: District) -> None:
    tower = await district.tenant(name_zh="大厦")
    with district.office():
        request = pb.SuspendTenantRequest(tenant=district.id, id=tower, reason="整改")
        await district.tenants.SuspendTenant(request, CALL)
    told = await district.sql(
        "SELECT tenant_id::text, aggregate_id::text, seq, type, payload FROM outbox "
        "WHERE aggregate = 'tenant' AND aggregate_id = $1 ORDER BY id",
        tower,
    )
    assert [(row["tenant_id"], row["seq"]) for row in told] == [(tower, 1), (tower, 2), (tower, 3)]
    assert [row["type"].rpartition(".")[2] for row in told] == [
        "TenantChanged",
        "TenantActivated",
        "TenantSuspended",
    ]
    last = pb.TenantSuspended.FromString(told[-1]["payload"])
    assert (last.tenant_id, last.kind, last.state, last.name_zh) == (tower, "building", "suspended", "大厦")


async def test_states_and_versions_are_kept(district: District) -> None:
    tower = await district.tenant()
    with district.office():
        with pytest.raises(WrongState) as refused:
            await district.tenants.ActivateTenant(
                pb.ActivateTenantRequest(tenant=district.id, id=tower), CALL
            )
        assert refused.value.allowed == ("suspend", "archive")
        request = pb.UpdateTenantRequest(tenant=district.id, id=tower, etag="77", name_zh="新名")
        with pytest.raises(Stale):
            await district.tenants.UpdateTenant(request, CALL)


async def test_an_administrator_changes_facts_but_neither_links_nor_states(district: District) -> None:
    street, tower = await district.tenant(STREET), await district.tenant()
    with district.acting(tower):
        changed = await district.tenants.UpdateTenant(
            pb.UpdateTenantRequest(tenant=tower, id=tower, floors=29, aliases=pb.AliasList(aliases=["驿家"])),
            CALL,
        )
        assert (changed.floors, list(changed.aliases)) == (29, ["驿家"])
        with pytest.raises(Forbidden, match="DISTRICT_ONLY"):
            await district.tenants.UpdateTenant(
                pb.UpdateTenantRequest(tenant=tower, id=tower, region=street), CALL
            )
        request = pb.SuspendTenantRequest(tenant=tower, id=tower, reason="x")
        with pytest.raises(Forbidden, match="DISTRICT_ONLY"):
            await district.tenants.SuspendTenant(request, CALL)
    # The district's reach into the tower does not make the tower a district.
    wanted = pb.ProvisionTenantRequest(tenant=tower, kind=pb.TENANT_KIND_BUILDING, name_zh="x", name_en="x")
    with district.acting(tower, "", Scope("D", district.id)), pytest.raises(Forbidden, match="DISTRICT_ONLY"):
        await district.tenants.ProvisionTenant(wanted, CALL)


async def test_links_name_what_they_should(district: District) -> None:
    tower = await district.tenant()
    with pytest.raises(Invalid, match="TENANT_LINK_INVALID"):
        await district.tenant(region=tower)


async def test_there_is_one_district(district: District) -> None:
    with pytest.raises(Conflict, match="DISTRICT_EXISTS"):
        await district.tenant(pb.TENANT_KIND_DISTRICT)
    again = await make(district.settings, arguments_of(["--password", PASSWORD]))
    assert again == {"district": district.id, "account": district.operator, "login": "operator"}
