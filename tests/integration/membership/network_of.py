"""A district with a sub-district, a superior and two buildings, as the tests of organisations see it."""

from dataclasses import dataclass, replace
from typing import Any

import asyncpg

from chassis.context import Caller, Context, Scope, bind
from chassis.events import message_class
from chassis.ids import new_id
from chassis.pages import PageTokens
from chassis.units import Units
from louyu.membership.v1 import cadres_pb2, enterprises_pb2, network_pb2, orgs_pb2
from membership.affiliations.rpc import Affiliations
from membership.appraisal.rpc import Appraisal
from membership.cadres.rpc import Cadres
from membership.development.rpc import Development
from membership.enterprises.rpc import Enterprises
from membership.guests.rpc import Guests
from membership.honours.rpc import Honours
from membership.members.rpc import Members
from membership.network.rpc import Network as NetworkRpc
from membership.orgs.rpc import Orgs
from membership.people import unknown
from membership.reviews.rpc import Reviews
from membership.texts import masked
from membership.transfers.rpc import Transfers

SECRET = b"o" * 32


@dataclass(frozen=True)
class Person:
    """Somebody who calls in the name of a tenant."""

    tenant: str
    id: str
    scopes: tuple[Scope, ...]

    def context(self, mode: str, **more: Any) -> Context:
        """What the server would bind; another account of the same person each time."""
        context = Context(
            mode=mode,  # type: ignore[arg-type]
            tenant_id=self.tenant,
            caller=Caller("account", new_id(), self.id),
            scopes=self.scopes,
            method="test",
        )
        return replace(context, **more)


def person(tenant: str, letter: str, bound: str = "") -> Person:
    """A new person with one scope."""
    return Person(tenant, new_id(), (Scope(letter, bound),))


class Register:
    """The people whom identity would know."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def add(self, name: str) -> str:
        """A new person."""
        found = new_id()
        self.names[found] = name
        return found

    async def display(self, tenant_id: str, person_id: str) -> str:
        """See `membership.people.People`."""
        if person_id not in self.names:
            raise unknown()
        return masked(self.names[person_id])

    async def account(self, person_id: str) -> str:
        """Nobody here has an account."""
        return ""

    async def own_display(self, account_id: str) -> str:
        """Nor a name behind one."""
        return ""


class Network:
    """The membership service of one district, asked by its people."""

    def __init__(self, units: Units, superuser_url: str) -> None:
        self.units = units
        self.superuser_url = superuser_url
        self.pages = PageTokens(SECRET)
        self.orgs = Orgs(units, self.pages)
        self.people = Register()
        self.cadres = Cadres(units, self.pages, self.people)
        self.floors = NetworkRpc(units, self.pages, self.people)
        self.members = Members(units, self.pages, self.people)
        self.affiliations = Affiliations(units, self.pages, self.people)
        self.transfers = Transfers(units, self.pages, self.people)
        self.development = Development(units, self.pages, self.people)
        self.guests = Guests(units, self.pages, self.people)
        self.enterprises = Enterprises(units, self.pages)
        self.honours = Honours(units, self.pages, self.people)
        self.appraisal = Appraisal(units, self.pages)
        self.reviews = Reviews(units, self.pages)
        self.district = person(new_id(), "D")
        self.street = person(new_id(), "S")
        self.superior = person(new_id(), "T")
        self.secretary = person(new_id(), "B")
        self.neighbour = person(new_id(), "B")

    async def begin(self) -> None:
        """Let the service know the tenants: the building has a superior, its neighbour has none."""
        street = self.street.tenant
        await self._know(self.district.tenant, "district")
        await self._know(street, "subdistrict")
        await self._know(self.superior.tenant, "superior", street)
        await self._know(self.secretary.tenant, "building", street, self.superior.tenant)
        await self._know(self.neighbour.tenant, "building", street)

    async def _know(self, tenant: str, kind: str, *above: str) -> None:
        region, superior = (*above, None, None)[:2]
        await self.stored(
            "INSERT INTO tenants (tenant_id, kind, name_zh, name_en, state, region_id, superior_id, "
            "synthetic, updated_at) VALUES ($1, $2, $2, $2, 'active', $3, $4, true, now())",
            tenant,
            kind,
            region,
            superior,
        )

    async def call(self, who: Person, method: Any, request: Any, mode: str = "tenant", **more: Any) -> Any:
        """Call a method of a servicer in somebody's name."""
        request.tenant = request.tenant or who.tenant
        with bind(who.context(mode, **{"tenant_id": request.tenant, **more})):
            return await method(request, None)

    async def apply(self, who: Person, name: str = "楼宇党支部", **more: Any) -> orgs_pb2.Org:
        """Somebody above applies for a branch in the building."""
        wanted = {"place": self.secretary.tenant, "kind": orgs_pb2.ORG_KIND_BRANCH, "name": name, **more}
        request = orgs_pb2.ApplyForOrgRequest(**wanted)
        found: orgs_pb2.Org = await self.call(who, self.orgs.ApplyForOrg, request, "party")
        return found

    async def above(self, who: Person, verb: str, org: orgs_pb2.Org, **more: Any) -> orgs_pb2.Org:
        """A verb of those above."""
        request = getattr(orgs_pb2, f"{verb}Request")(id=org.id, etag=org.etag, **more)
        found: orgs_pb2.Org = await self.call(who, getattr(self.orgs, verb), request, "party")
        return found

    async def here(
        self, verb: str, org: orgs_pb2.Org, who: Person | None = None, **more: Any
    ) -> orgs_pb2.Org:
        """A verb of the building."""
        request = getattr(orgs_pb2, f"{verb}Request")(id=org.id, **more)
        found: orgs_pb2.Org = await self.call(self.secretary, getattr(self.orgs, verb), request)
        return found

    async def branch(self, name: str = "楼宇党支部", approved_on: str = "2016-07-01") -> orgs_pb2.Org:
        """An active branch of the building."""
        org = await self.apply(self.street, name)
        org = await self.above(self.district, "ApproveOrg", org, approved_on=approved_on)
        return await self.here("ActivateOrg", org)

    async def group(self, branch: orgs_pb2.Org, floor: str) -> orgs_pb2.Org:
        """A floor group of a branch."""
        request = orgs_pb2.CreateGroupRequest(name=f"{floor}层党小组", parent=branch.id, floor=floor)
        found: orgs_pb2.Org = await self.call(self.secretary, self.orgs.CreateGroup, request)
        return found

    async def listed(self, who: Person | None = None, **filters: Any) -> list[orgs_pb2.Org]:
        """The building's organisations, two at a time."""
        request = orgs_pb2.ListOrgsRequest(page_size=2, tenant=self.secretary.tenant, **filters)
        return await self._all(who or self.secretary, self.orgs.ListOrgs, request)

    async def tree(self, who: Person, *span: Person) -> list[orgs_pb2.Org]:
        """The tree as somebody above sees it."""
        request = orgs_pb2.ListOrgTreeRequest(page_size=2)
        tenants = tuple(one.tenant for one in (who, *span))
        return await self._all(who, self.orgs.ListOrgTree, request, "span", span=tenants)

    async def applications(self, who: Person, **filters: Any) -> list[orgs_pb2.Org]:
        """What somebody above applied for or decides on."""
        request = orgs_pb2.ListOrgApplicationsRequest(page_size=2, **filters)
        return await self._all(who, self.orgs.ListOrgApplications, request, "party")

    async def _all(
        self, who: Person, method: Any, request: Any, mode: str = "tenant", **more: Any
    ) -> list[orgs_pb2.Org]:
        found: list[orgs_pb2.Org] = []
        while True:
            page = await self.call(who, method, request, mode, **more)
            found.extend(page.orgs)
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token

    async def appoint(
        self, org: orgs_pb2.Org, post: int = cadres_pb2.CADRE_POST_SECRETARY, **more: Any
    ) -> cadres_pb2.Cadre:
        """Put somebody in a post."""
        wanted = {
            "org_id": org.id,
            "person_id": self.people.add("张三"),
            "post": post,
            "post_type": cadres_pb2.CADRE_POST_TYPE_PART_TIME,
            **more,
        }
        request = cadres_pb2.AppointCadreRequest(**wanted)
        found: cadres_pb2.Cadre = await self.call(self.secretary, self.cadres.AppointCadre, request)
        return found

    async def floor(self, verb: str, who: Person | None = None, mode: str = "tenant", **fields: Any) -> Any:
        """A verb of the network."""
        more = {"span": fields.pop("span")} if "span" in fields else {}
        request = getattr(network_pb2, f"{verb}Request")(**fields)
        return await self.call(who or self.secretary, getattr(self.floors, verb), request, mode, **more)

    async def firm(self, name: str, floor: str, **more: Any) -> enterprises_pb2.Enterprise:
        """An enterprise of the building."""
        request = enterprises_pb2.CreateEnterpriseRequest(name=name, floor=floor, **more)
        found: enterprises_pb2.Enterprise = await self.call(
            self.secretary, self.enterprises.CreateEnterprise, request
        )
        return found

    async def stored(self, query: str, *arguments: Any) -> list[Any]:
        """Rows as they really lie in the database, past every policy."""
        connection = await asyncpg.connect(self.superuser_url)
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()

    async def told(self, type_name: str) -> list[Any]:
        """The events of a type, in the order they were committed."""
        full = f"louyu.membership.v1.{type_name}"
        rows = await self.stored("SELECT payload FROM outbox WHERE type = $1 ORDER BY id", full)
        return [message_class(full).FromString(row["payload"]) for row in rows]
