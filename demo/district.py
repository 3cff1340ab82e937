"""Sets the district up: organisations, people, accounts, roles, desks and services."""

import asyncio
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from demo.client import People, code
from demo.data import accounts, data
from demo.settings import OPERATOR, PASSWORD, TOTP_SECRET

T = TypeVar("T")
Json = dict[str, Any]

BUILDINGS: Final = ("t1", "t2", "t3", "t4", "t5")
MEMBERS: Final = {"t1": 14, "t2": 56, "t4": 12, "t5": 3}
"""How many members a roster has, those with an account among them. In 华融国际大厦 they are the 37 of the
five enterprise branches and the 19 of the building branch."""
_STATION_DESKS: Final = {
    "ENTERPRISE": "enterprise-desk",
    "PARTY_MASS": "party-desk",
    "WORKERS": "workers-desk",
    "COMMUNITY": "community-desk",
    "": "service-desk",
}


@dataclass(slots=True)
class District:
    """What has been set up so far."""

    people: People
    tenants: dict[str, str]
    """Key of organisations.toml → tenant id."""
    items: dict[str, dict[str, str]] = field(default_factory=dict)
    """Organisation → code of a service item → its id."""
    firms: dict[str, list[str]] = field(default_factory=dict)
    """Organisation → ids of its enterprises, in the order of its ledger."""
    orgs: dict[str, str] = field(default_factory=dict)
    """Organisation → id of its party branch."""
    registered: int = 0
    """How many people were registered: numbers are made from it."""

    def path(self, key: str, rest: str) -> str:
        """A path in the name of an organisation."""
        return f"/v1/tenants/{self.tenants[key]}/{rest}"

    def person(self, name: str) -> Json:
        """An invented person to register."""
        self.registered += 1
        return {
            "name": name,
            "id_number": id_number(self.registered),
            "phone": f"1990000{self.registered % 10000:04d}",
            "synthetic": True,
        }


def id_number(serial: int) -> str:
    """A number that is formed like an ID number and belongs to nobody: there is no region 990000."""
    digits = f"99000019900101{serial % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return digits + "10X98765432"[sum(w * int(d) for w, d in zip(weights, digits, strict=True)) % 11]


async def together(work: Iterable[Awaitable[T]]) -> list[T]:
    """Do things side by side."""
    return list(await asyncio.gather(*work))


async def office(district: District) -> None:
    """The district office comes first: only it sets organisations up."""
    await _account(district, next(row for row in accounts() if row["role"] == "district_office"))


async def organisations(district: District) -> None:
    """Provision and open the organisations, each after those it names; the operator administers them."""
    rows = data("organisations")["organisations"]
    named = {row[link] for row in rows for link in ("region", "superior") if link in row}
    # Sub-districts, then the superiors in them, then the others.
    for group in (
        [row for row in rows if row["key"] in named and "region" not in row],
        [row for row in rows if row["key"] in named and "region" in row],
        [row for row in rows if row["key"] not in named],
    ):
        await together(_organisation(district, row) for row in group)


async def _organisation(district: District, row: Json) -> None:
    wanted = {name: value for name, value in row.items() if name != "key"}
    for link in ("region", "superior"):
        if link in wanted:
            wanted[link] = district.tenants[wanted[link]]
    wanted["administrator"] = district.people.accounts[OPERATOR]
    made = await district.people.post("district", district.path("district", "tenants"), wanted)
    district.tenants[row["key"]] = made["id"]
    await district.people.post("district", district.path("district", f"tenants/{made['id']}:activate"))


async def everyone(district: District) -> None:
    """Register the people, invite them, let them accept, and give them their roles."""
    await together(_account(district, row) for row in accounts() if row["role"] != "district_office")


async def _account(district: District, row: Json) -> None:
    people, staff = district.people, row.get("staff", False)
    known = await people.post(OPERATOR, district.path(row["in"], "people"), district.person(row["name"]))
    invitation = await people.post(
        OPERATOR,
        district.path(row["in"], "accounts"),
        {
            "person_id": known["id"],
            "login": row["login"],
            "email": f"{row['login']}@demo.example",
            "staff": staff,
            "synthetic": True,
        },
    )
    people.accounts[row["login"]] = invitation["account"]["id"]
    answer = {"code": invitation["code"], "password": PASSWORD}
    if staff:
        opened = {"code": invitation["code"], "totp_secret": TOTP_SECRET}
        await people.open("/v1/invitations:open", opened)
        answer["totp_code"] = code()
    await people.open("/v1/invitations:accept", answer)
    if "firm" not in row:
        await _grant(district, row)


async def _grant(district: District, row: Json, enterprise_id: str = "") -> None:
    body = {"account": district.people.accounts[row["login"]], "role": row["role"]}
    if enterprise_id:
        body["enterprise_id"] = enterprise_id
    if "floor" in row:
        body["floor"] = row["floor"]
    await district.people.post(OPERATOR, district.path(row["in"], "grants"), body)


async def contacts(district: District) -> None:
    """Tie the enterprise contacts to their firms, now that there are firms."""
    rows = [row for row in accounts() if "firm" in row]
    await together(_grant(district, row, district.firms[row["in"]][row["firm"] - 1]) for row in rows)


async def rosters(district: District) -> None:
    """The members who have no account."""
    for key, total in MEMBERS.items():
        path = district.path(key, "people")
        known = sum(1 for row in accounts() if row["in"] == key and row["name"].startswith("演示党员"))
        names = (f"演示党员{number:02d}" for number in range(known + 1, total + 1))
        await together(district.people.post(OPERATOR, path, district.person(name)) for name in names)


async def desks(district: District) -> None:
    """Make the duty groups and put their people behind them."""
    services = data("services")
    await together(
        _desk(district, key, desk)
        for key in BUILDINGS
        for desk in services["t2" if key == "t2" else "others"]["desks"]
    )


async def _desk(district: District, key: str, desk: Json) -> None:
    emails = [f"{desk['code']}.{key}@demo.example"]
    made = await district.people.post(OPERATOR, district.path(key, "desks"), {**desk, "emails": emails})
    for row in accounts():
        if row["in"] == key and desk["code"] in row.get("desks", ()):
            body = {"account": district.people.accounts[row["login"]]}
            await district.people.post(OPERATOR, district.path(key, f"desks/{made['id']}:addMember"), body)


async def catalogue(district: District) -> None:
    """Publish the service items of every building, in the order in which people should see them."""
    await together(_items(district, key) for key in BUILDINGS)


async def _items(district: District, key: str) -> None:
    services = data("services")
    offered = services["t2" if key == "t2" else "others"]
    made = district.items[key] = {}
    for group in ("items", "synthetic", "sealed", "onsite"):
        for row in offered.get(group, ()):
            body = _item(row, services["forms"], group)
            item = await district.people.post(OPERATOR, district.path(key, "catalogue"), body)
            made[item["code"]] = item["id"]


def _item(row: list[Any], forms: Json, group: str) -> Json:
    item_code, name_zh, name_en, affairs, station, summary_zh, summary_en, first, result = row
    item: Json = {
        "code": item_code,
        "name_zh": name_zh,
        "name_en": name_en,
        "affairs": affairs,
        "summary_zh": summary_zh,
        "summary_en": summary_en,
        "desk": _STATION_DESKS[station],
        "first_response_hours": first,
        "resolution_hours": result,
        "sensitivity": "P3" if group == "sealed" else "P1",
        "synthetic": group in ("synthetic", "onsite"),
        "onsite": group == "onsite",
    }
    if station:
        item["station"] = station
    if item_code in forms:
        item["form"] = forms[item_code]
    return item
