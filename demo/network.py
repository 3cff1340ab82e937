"""The three-level network: complete in 餐饮中心, which has four floors; begun in 华融国际大厦."""

from typing import Final

from demo.district import District, together

_CATERING: Final = ("1", "2", "3", "4")
_TOWER: Final = tuple(str(floor) for floor in range(2, 29))
_TOWER_GROUPS: Final = ("8", "12", "20")
_TOWER_AREAS: Final = (
    ("8", "整层", "演示党员05"),
    ("12", "东区", "演示联络员01"),
    ("12", "西区", ""),
    ("20", "整层", "演示党员06"),
)


async def floors(district: District) -> None:
    """Record the floors, divide them, and find liaisons."""
    await together((_catering(district), _tower(district)))


async def _catering(district: District) -> None:
    body = {"building": district.tenants["t1"], "initiative": "整楼推进"}
    await district.people.post("superior", district.path("logistics", "network-checklists"), body)
    await district.people.post("secretary1", district.path("t1", "network/floors"), {"floors": _CATERING})
    await together(
        _area(district, "secretary1", "t1", floor, "整层", f"演示党员{number:02d}")
        for number, floor in enumerate(_CATERING, 1)
    )


async def _tower(district: District) -> None:
    await district.people.post("secretary", district.path("t2", "network/floors"), {"floors": _TOWER})
    await together(_group(district, floor) for floor in _TOWER_GROUPS)
    await together(_area(district, "secretary", "t2", *area) for area in _TOWER_AREAS)


async def _group(district: District, floor: str) -> None:
    body = {"name": f"{floor}层党小组", "parent": district.orgs["t2"], "floor": floor, "synthetic": True}
    await district.people.post("secretary", district.path("t2", "orgs"), body)


async def _area(district: District, who: str, key: str, floor: str, name: str, person: str) -> None:
    people = district.people
    area = await people.post(
        who, district.path(key, "network/areas"), {"floor": floor, "name": name, "synthetic": True}
    )
    if not person:
        return
    found = await people.get(who, district.path(key, "people"), q=person)
    body = {"person_id": found["people"][0]["id"]}
    await people.post(who, district.path(key, f"network/areas/{area['id']}:appoint"), body)
