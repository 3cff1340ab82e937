"""The organisations: applied for from above, approved, founded, with their officers.

Documented: the building branch of 华融国际大厦 was approved on 2016-07-01; five of its enterprises have
branches of their own; 餐饮中心 has one branch, 第二支部, set up for the operators' staff under the general
branch of the logistics office, and four floors with a group each. Everything else is synthetic.
"""

from typing import Any, Final

from demo.data import accounts
from demo.district import District, Json, together

TOWER_APPROVED: Final = "2016-07-01"
_TOWER: Final = ("subdistrict", "dinghe", "t2")
_WITH_BRANCHES: Final = (
    "新华保险集团",
    "阳光保险集团",
    "达成律师事务所",
    "昌远金属材料有限责任公司",
    "睿凡教育",
)
_FLOORS: Final = ("1", "2", "3", "4")
_BODIES: Final = (("UNION", "华融国际大厦联合工会"), ("WOMEN", "华融国际大厦妇联"))


async def organisations(district: District) -> None:
    """Everything but what a building does later by itself."""
    await together((_catering(district), _tower(district), _mines(district), _organs(district)))


async def _tower(district: District) -> None:
    """The building branch, five enterprise branches and two mass organisations; the officers of the first."""
    district.orgs["t2"] = await _founded(
        district, *_TOWER, "BRANCH", "华融国际大厦党支部", approved_on=TOWER_APPROVED
    )
    firms = dict(zip(_WITH_BRANCHES, district.firms["t2"], strict=False))
    await together(
        _founded(
            district,
            *_TOWER,
            "BRANCH",
            f"{name}党支部",
            approved_on="2017-03-01",
            enterprise_id=firm,
            synthetic=True,
        )
        for name, firm in firms.items()
    )
    await together(
        _founded(district, *_TOWER, kind, name, approved_on="2018-05-01", synthetic=True)
        for kind, name in _BODIES
    )
    await together(
        _officer(district, "secretary", "t2", district.orgs["t2"], *officer)
        for officer in (
            ("演示书记01", "SECRETARY", "FULL_TIME", 1979),
            ("演示专干01", "DEPUTY", "FULL_TIME", 1986),
            ("演示党员01", "COMMITTEE_MEMBER", "PART_TIME", 1990),
            ("演示党员02", "COMMITTEE_MEMBER", "PART_TIME", 1972),
            ("演示党员03", "COMMITTEE_MEMBER", "PLACEMENT", 1968),
            ("演示党员04", "RESERVE", "PART_TIME", 1995),
        )
    )
    # Something that waits for the district's decision.
    await _applied(district, *_TOWER, "YOUTH_LEAGUE", "华融国际大厦团支部", synthetic=True)


async def _catering(district: District) -> None:
    """The general branch above 餐饮中心, its branch for the operators' staff, and a group on each floor."""
    await _founded(
        district,
        "superior",
        "logistics",
        "logistics",
        "GENERAL_BRANCH",
        "后勤保障处党总支",
        approved_on="2012-09-01",
        activated_by=("superior", "logistics"),
    )
    branch = await _founded(
        district,
        "superior",
        "logistics",
        "t1",
        "BRANCH",
        "第二支部",
        approved_on="2019-04-01",
        serves="经营单位从业人员",
    )
    district.orgs["t1"] = branch
    await _officer(district, "secretary1", "t1", branch, "演示书记11", "SECRETARY", "FULL_TIME", 1981)
    await together(_group(district, "secretary1", "t1", branch, floor) for floor in _FLOORS)


async def _mines(district: District) -> None:
    """A branch that its own superior approves."""
    district.orgs["t4"] = await _founded(
        district,
        "subdistrict2",
        "yanshi",
        "t4",
        "BRANCH",
        "矿业服务公司党支部",
        approved_on="2015-06-01",
        approver=("superior4", "mines"),
        synthetic=True,
    )


async def _organs(district: District) -> None:
    """The branch of the service centre of public bodies, whose members also report where they live."""
    district.orgs["t5"] = await _founded(
        district,
        "subdistrict2",
        "yanshi",
        "t5",
        "BRANCH",
        "机关后勤服务中心党支部",
        approved_on="2014-07-01",
        synthetic=True,
    )


async def _applied(
    district: District, who: str, above: str, place: str, kind: str, name: str, **more: Any
) -> Json:
    body = {"place": district.tenants[place], "kind": kind, "name": name, **more}
    return await district.people.post(who, district.path(above, "org-applications"), body)


async def _founded(
    district: District,
    who: str,
    above: str,
    place: str,
    kind: str,
    name: str,
    *,
    approved_on: str,
    approver: tuple[str, str] = ("district", "district"),
    activated_by: tuple[str, str] | None = None,
    **more: Any,
) -> str:
    """Applied for, approved and founded; its id."""
    decider, deciding = approver
    if deciding != "district":
        more["approver"] = district.tenants[deciding]
    org = await _applied(district, who, above, place, kind, name, **more)
    decision = district.path(deciding, f"org-applications/{org['id']}:approve")
    await district.people.post(decider, decision, {"approved_on": approved_on}, etag=org["etag"])
    if activated_by:
        founder, founding = activated_by
        path = district.path(founding, f"org-applications/{org['id']}:activate")
    else:
        founder = next(
            row["login"] for row in accounts() if (row["in"], row["role"]) == (place, "branch_secretary")
        )
        path = district.path(place, f"orgs/{org['id']}:activate")
    await district.people.post(founder, path)
    return str(org["id"])


async def _group(district: District, who: str, place: str, branch: str, floor: str) -> None:
    body = {"name": f"{floor}层党小组", "parent": branch, "floor": floor, "founded_on": "2019-05-01"}
    await district.people.post(who, district.path(place, "orgs"), body)


async def _officer(
    district: District, who: str, place: str, org: str, name: str, post: str, post_type: str, born: int
) -> None:
    """Somebody of the roster, by name, in a post."""
    found = await district.people.get(who, district.path(place, "people"), q=name)
    body = {
        "org_id": org,
        "person_id": found["people"][0]["id"],
        "post": post,
        "post_type": post_type,
        "term_from": "2024-01-01",
        "term_until": "2028-12-31",
        "birth_year": born,
        "synthetic": True,
    }
    await district.people.post(who, district.path(place, "cadres"), body)
