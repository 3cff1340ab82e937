"""The government counters: departments join, publish matters, buildings open counters for them."""

from typing import Any, Final

from demo.district import District, data

_ALL: Final = ("industry", "tax", "labour", "health", "family", "commerce")


async def departments(district: District) -> None:
    """All six departments join; two of them publish matters and open counters in two buildings."""
    joined = {key: await _join(district, key) for key in _ALL}
    for key, matters in data("matters").items():
        admin = district.people[f"{key}admin"]
        published = []
        for matter in matters:
            made = await admin.post(district.path(key, "matters"), **matter, synthetic=True)
            shown = await admin.post(district.path(key, f"matters/{made['id']}:publish"), etag=made["etag"])
            published.append(shown["id"])
        department = joined[key]
        # A department is tested once it has something to offer, and then opens.
        tested = await admin.post(district.path(key, f"departments/{department}:test"))
        await admin.post(
            district.path(key, f"departments/{department}:open"),
            etag=tested["department"]["etag"],
        )
        for building, kind, days in (("t2", "STANDING", []), ("t1", "MOBILE", ["TUESDAY"])):
            await _counter(district, building, key, published, kind, days)


async def _join(district: District, key: str) -> str:
    applicant = district.people.get(f"{key}admin", district.operator)
    tenant = await district.operator.get(district.path("district", f"tenants/{district.tenants[key]}"))
    made = await applicant.post(
        district.path(key, "departments"),
        approver_id=district.tenants["district"],
        code=key,
        name_zh=tenant["name_zh"],
        name_en=tenant["name_en"],
        modern_name_zh=(tenant["aliases"] or [""])[0],
        aliases=tenant["aliases"],
    )
    await district.people["district"].post(
        district.path("district", f"department-applications/{made['id']}:approve"),
        etag=made["etag"],
    )
    return str(made["id"])


async def _counter(
    district: District, building: str, key: str, matters: list[str], kind: str, days: list[str]
) -> None:
    login = {"t1": "secretary1", "t2": "admin"}[building]
    person = district.people[login]
    names: dict[str, tuple[str, str]] = {
        "industry": ("工商窗口", "Registration counter"),
        "tax": ("税务窗口", "Tax counter"),
    }
    body: dict[str, Any] = {
        "name_zh": names[key][0],
        "name_en": names[key][1],
        "department_id": district.tenants[key],
        "kind": kind,
        "weekdays": days,
        "opens": "09:00",
        "closes": "17:00",
        "place": "一层大厅",
        "synthetic": True,
    }
    made = await person.post(district.path(building, "counters"), **body)
    for matter in matters:
        await person.post(district.path(building, f"counters/{made['id']}:enable"), matter_id=matter)
