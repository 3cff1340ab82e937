"""The three-level network on a real database: floors, areas, liaisons, gaps and coverage."""

import asyncio
from typing import Any

import asyncpg
import pytest

from chassis.errors import Conflict, Invalid, NotFound, Stale
from louyu.membership.v1 import network_pb2 as pb
from tests.integration.membership.network_of import Network, Person, person


async def gaps(network: Network) -> list[tuple[int, str]]:
    return [(gap.kind, gap.floor) for gap in (await network.floor("GetNetwork")).gaps]


async def manned(network: Network, floor: str, **term: Any) -> pb.Area:
    """An area with a liaison."""
    area = await network.floor("OpenArea", floor=floor, name="东区")
    person_id = network.people.add("李四")
    found: pb.Area = await network.floor("AppointLiaison", id=area.id, person_id=person_id, **term)
    return found


async def uncovered(network: Network, kind: int) -> list[str]:
    found: list[str] = []
    token = ""
    while True:
        page = await network.floor("ListUncovered", kind=kind, page_size=1, page_token=token)
        found += [one.name for one in page.enterprises]
        token = page.next_page_token
        if not token:
            return found


@pytest.mark.row("0-06/MEM")
async def test_a_vacant_area_is_a_gap_until_somebody_is_its_liaison(network: Network) -> None:
    branch = await network.branch()
    await network.floor("AddFloors", floors=["1", "B1", "1"])
    assert [one.floor for one in (await network.floor("GetNetwork")).floors] == ["1", "B1"]
    group, area = pb.GAP_KIND_FLOOR_WITHOUT_GROUP, pb.GAP_KIND_FLOOR_WITHOUT_AREA
    assert await gaps(network) == [(group, "1"), (area, "1"), (group, "B1"), (area, "B1")]
    for floor in ("1", "B1"):
        await network.group(branch, floor)
    await manned(network, "B1")
    opened = await network.floor("OpenArea", floor="1", name="西区")
    assert await gaps(network) == [(pb.GAP_KIND_AREA_VACANT, "1")]
    liaison = network.people.add("王五")
    held = await network.floor("AppointLiaison", id=opened.id, person_id=liaison)
    assert held.liaison.display == "王**"
    assert await gaps(network) == []
    await network.floor("VacateArea", id=opened.id)
    assert await gaps(network) == [(pb.GAP_KIND_AREA_VACANT, "1")]
    assert [event.person_id for event in await network.told("AreaVacated")] == [liaison]
    past = (await network.floor("ListLiaisons", area_id=opened.id)).liaisons
    assert [(one.person_id, one.floor, bool(one.ended_on)) for one in past] == [(liaison, "1", True)]


async def test_a_term_that_is_over_is_a_gap_and_gives_way_to_the_next(network: Network) -> None:
    await network.branch()
    await network.floor("AddFloors", floors=["1"])
    area = await manned(network, "1", term_from="2025-01-01", term_until="2025-12-31")
    assert area.liaison.term_over
    assert (pb.GAP_KIND_AREA_VACANT, "1") in await gaps(network)
    after = await network.floor("AppointLiaison", id=area.id, person_id=network.people.add("赵六"))
    assert after.liaison.display == "赵**"
    with pytest.raises(Conflict) as second:
        await network.floor("AppointLiaison", id=area.id, person_id=network.people.add("钱七"))
    assert second.value.reason == "AREA_HAS_LIAISON"
    with pytest.raises(Conflict):
        await network.floor("CloseArea", id=area.id)
    await network.floor("VacateArea", id=area.id)
    assert (await network.floor("CloseArea", id=area.id)).closed
    with pytest.raises(Conflict) as closed:
        await network.floor("AppointLiaison", id=area.id, person_id=network.people.add("钱七"))
    assert closed.value.reason == "AREA_CLOSED"


async def test_two_who_are_appointed_at_once_are_one(network: Network) -> None:
    await network.floor("AddFloors", floors=["1"])
    area = await network.floor("OpenArea", floor="1", name="东区")
    made = await asyncio.gather(
        *(
            network.floor("AppointLiaison", id=area.id, person_id=network.people.add("李四"))
            for _ in range(4)
        ),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in made) == ["Area", "Conflict", "Conflict", "Conflict"]
    again = (
        "INSERT INTO network_liaisons (tenant_id, id, area_id, person_id, display, term_from, created_at) "
        "SELECT tenant_id, gen_random_uuid(), area_id, person_id, display, term_from, created_at "
        "FROM network_liaisons"
    )
    with pytest.raises(asyncpg.UniqueViolationError):
        await network.stored(again)


async def test_an_area_is_part_of_a_recorded_floor_and_has_a_name_of_its_own(network: Network) -> None:
    with pytest.raises(NotFound) as unknown:
        await network.floor("OpenArea", floor="7", name="东区")
    assert unknown.value.reason == "FLOOR_NOT_FOUND"
    await network.floor("AddFloors", floors=["7"])
    await network.floor("OpenArea", floor="7", name="东区")
    with pytest.raises(Conflict):
        await network.floor("OpenArea", floor="7", name="东区")
    with pytest.raises(Invalid) as personal:
        await network.floor("OpenArea", floor="7", name="找 13800138000")
    assert personal.value.fields[0].reason == "PERSONAL_NUMBER"


async def test_the_checklist_is_complete_only_with_everything(network: Network) -> None:
    opened = {"building": network.secretary.tenant, "initiative": "整楼推进"}
    await network.floor("OpenChecklist", network.superior, "party", **opened)
    with pytest.raises(Conflict):
        await network.floor("OpenChecklist", network.street, "party", **opened)
    elsewhere = {**opened, "building": network.neighbour.tenant}
    with pytest.raises(Invalid) as below:
        await network.floor("OpenChecklist", network.superior, "party", **elsewhere)
    assert below.value.reason == "PLACE_NOT_BELOW"

    async def percents() -> tuple[int, int]:
        """As the building sees it, and as its superior does."""
        own = await network.floor("GetChecklist")
        assert own.initiative == "整楼推进"
        span = (network.superior.tenant, network.secretary.tenant)
        page = await network.floor("ListChecklists", network.superior, "span", span=span)
        return own.percent, page.checklists[0].percent

    assert await percents() == (0, 0)
    branch = await network.branch()
    assert await percents() == (50, 50)
    await network.floor("AddFloors", floors=["1", "2"])
    for floor in ("1", "2"):
        await network.group(branch, floor)
    await manned(network, "1")
    assert await percents() == (83, 83)
    second = (await network.floor("GetNetwork")).floors[0]
    await network.floor("UpdateFloor", id=second.id, etag=second.etag, occupied=False)
    assert await percents() == (100, 100)
    with pytest.raises(Stale):
        await network.floor("UpdateFloor", id=second.id, etag=second.etag, occupied=True)


async def test_organisation_and_work_are_counted_apart(network: Network) -> None:
    await network.firm("甲公司", "1", branch=1)
    second = await network.firm("乙公司", "2")
    await network.firm("丙公司", "2")
    await network.floor("AddFloors", floors=["1", "2"])
    await manned(network, "1")
    coverage = await network.floor("GetCoverage")
    assert (coverage.enterprises, coverage.organised, coverage.worked) == (3, 1, 1)
    org = await network.apply(network.street, "乙公司党支部", enterprise_id=second.id)
    org = await network.above(network.district, "ApproveOrg", org)
    await network.here("ActivateOrg", org)
    coverage = await network.floor("GetCoverage")
    assert (coverage.organised, coverage.worked) == (2, 1)
    assert [(one.floor, one.organised, one.worked) for one in coverage.floors] == [("2", 1, 0), ("1", 1, 1)]
    assert await uncovered(network, pb.COVERAGE_KIND_ORGANISATION) == ["丙公司"]
    assert await uncovered(network, pb.COVERAGE_KIND_WORK) == ["丙公司", "乙公司"]


async def test_a_floors_leader_sees_the_floor_and_the_district_no_names(network: Network) -> None:
    await network.floor("AddFloors", floors=["1", "2"])
    await manned(network, "1")
    await manned(network, "2")
    tenant = network.secretary.tenant

    async def seen(who: Person) -> list[tuple[str, str]]:
        found = await network.floor("GetNetwork", who, tenant=tenant)
        return [(floor.floor, floor.areas[0].liaison.display) for floor in found.floors]

    assert await seen(person(tenant, "F", "2")) == [("2", "李**")]
    assert await seen(network.district) == [("2", ""), ("1", "")]
    assert await seen(network.superior) == [("2", "李**"), ("1", "李**")]
