"""Sets the district up: organisations, people, accounts, roles, desks, services, counters."""

import asyncio
import tomllib
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Final

from demo.client import Api, Json, Person

BUILDINGS: Final = ("t1", "t2", "t3", "t4", "t5")
_AT_ONCE: Final = 4


def data(name: str) -> Json:
    """One of the TOML files beside this module."""
    return tomllib.loads((files("demo") / f"{name}.toml").read_text(encoding="utf-8"))


@dataclass(slots=True)
class District:
    """What has been set up so far."""

    api: Api
    operator: Person
    tenants: dict[str, str] = field(default_factory=dict)
    """Key of organisations.toml → tenant id."""
    accounts: dict[str, str] = field(default_factory=dict)
    """Login → account id."""
    people: dict[str, Person] = field(default_factory=dict)
    """Login → signed in."""
    items: dict[str, dict[str, str]] = field(default_factory=dict)
    """Organisation → code of a service item → its id."""
    firms: dict[str, list[str]] = field(default_factory=dict)
    """Organisation → ids of its enterprises."""

    def path(self, key: str, rest: str) -> str:
        """A path in the name of an organisation."""
        return f"/v1/tenants/{self.tenants[key]}/{rest}"


async def organisations(district: District) -> None:
    """Provision and open the organisations, each after those it names."""
    for row in data("organisations")["organisations"]:
        wanted = {name: value for name, value in row.items() if name != "key"}
        for link in ("region", "superior"):
            if link in wanted:
                wanted[link] = district.tenants[wanted[link]]
        made = await district.operator.post(district.path("district", "tenants"), **wanted)
        district.tenants[row["key"]] = made["id"]
        await district.operator.post(district.path("district", f"tenants/{made['id']}:activate"))


async def accounts(district: District) -> None:
    """Register the people, invite them, let them accept, and give them their roles."""
    limit = asyncio.Semaphore(_AT_ONCE)

    async def one(row: Json) -> None:
        async with limit:
            await _account(district, row)

    await asyncio.gather(*(one(row) for row in data("accounts")["accounts"]))


async def _account(district: District, row: Json) -> None:
    operator, staff = district.operator, row.get("staff", False)
    person = await operator.post(district.path(row["in"], "people"), name=row["name"], synthetic=True)
    invitation = await operator.post(
        district.path(row["in"], "accounts"),
        person_id=person["id"],
        login=row["login"],
        email=f"{row['login']}@demo.example",
        staff=staff,
        synthetic=True,
    )
    await district.api.accept(invitation["code"], staff=staff)
    district.accounts[row["login"]] = invitation["account"]["id"]
    if "firm" not in row:
        await grant(district, row)


async def grant(district: District, row: Json, enterprise_id: str = "") -> None:
    """Give an account the role of its row."""
    bound: Json = {"enterprise_id": enterprise_id} if enterprise_id else {}
    if "floor" in row:
        bound["floor"] = row["floor"]
    await district.operator.post(
        district.path(row["in"], "grants"),
        account=district.accounts[row["login"]],
        role=row["role"],
        **bound,
    )


async def contacts(district: District) -> None:
    """Tie the enterprise contacts to their firms, now that there are firms."""
    for row in data("accounts")["accounts"]:
        if "firm" in row:
            await grant(district, row, district.firms[row["in"]][row["firm"] - 1])


async def sign_in(district: District) -> None:
    """Sign everybody in. Staff may have to wait for the next code of their second factor."""
    rows = data("accounts")["accounts"]
    limit = asyncio.Semaphore(_AT_ONCE)

    async def one(row: Json) -> None:
        async with limit:
            district.people[row["login"]] = await district.api.sign_in(
                row["login"], totp=row.get("staff", False)
            )

    # Those without a second factor first: by the time they are in, the others' codes are fresh.
    ordinary = [row for row in rows if not row.get("staff")]
    await asyncio.gather(*(one(row) for row in ordinary))
    limit = asyncio.Semaphore(len(rows))
    await asyncio.gather(*(one(row) for row in rows if row.get("staff")))


async def desks(district: District) -> None:
    """Make the duty groups and put their people behind them."""
    services = data("services")
    by_desk: dict[tuple[str, str], list[str]] = {}
    for row in data("accounts")["accounts"]:
        for code in row.get("desks", []):
            by_desk.setdefault((row["in"], code), []).append(row["login"])
    for key in BUILDINGS:
        for desk in services["t2" if key == "t2" else "others"]["desks"]:
            emails = [f"{desk['code']}.{key}@demo.example"]
            made = await district.operator.post(district.path(key, "desks"), **desk, emails=emails)
            for login in by_desk.get((key, desk["code"]), []):
                await district.operator.post(
                    district.path(key, f"desks/{made['id']}:addMember"),
                    account=district.accounts[login],
                )


async def catalogue(district: District) -> None:
    """Publish the service items of every building."""
    services = data("services")
    publishers = {"t1": "clerk1", "t2": "clerk", "t3": "clerk3", "t4": "clerk4", "t5": "clerk5"}
    for key in BUILDINGS:
        offered = services["t2" if key == "t2" else "others"]
        made: dict[str, str] = {}
        for group in ("items", "synthetic", "sealed"):
            for row in offered.get(group, []):
                body = _item(row, services["forms"], synthetic=group == "synthetic")
                body["sensitivity"] = "P3" if group == "sealed" else "P1"
                publisher = district.people[publishers[key]]
                item = await publisher.post(district.path(key, "catalogue"), **body)
                made[item["code"]] = item["id"]
        district.items[key] = made


def _item(row: list[Any], forms: Json, *, synthetic: bool) -> Json:
    code, name_zh, name_en, affairs, station, summary_zh, summary_en, first, result = row
    desk = {"ENTERPRISE": "enterprise", "PARTY_MASS": "party", "WORKERS": "workers"}
    item: Json = {
        "code": code,
        "name_zh": name_zh,
        "name_en": name_en,
        "affairs": affairs,
        "summary_zh": summary_zh,
        "summary_en": summary_en,
        "desk": f"{desk.get(station, 'community')}-desk" if station else "service-desk",
        "first_response_hours": first,
        "resolution_hours": result,
        "synthetic": synthetic,
    }
    if station:
        item["station"] = station
    if code in forms:
        item["form"] = forms[code]
    return item
