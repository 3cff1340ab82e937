"""The zones and teams of one building, asked by its people."""

from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from chassis.context import Caller, Context, bind
from chassis.events import Event
from chassis.ids import new_id
from louyu.membership.v1 import teams_pb2, zones_pb2
from louyu.ticket.v1 import safety_pb2
from membership.teams.rpc import Teams
from membership.zones import events
from membership.zones.rpc import Zones
from tests.integration.membership.network_of import Network, Person, person


class Grid:
    """One building's grid; members are people whom identity knows."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.tenant = network.secretary.tenant
        self.branch = network.secretary
        self._zones = Zones(network.units, network.pages, network.people)
        self._teams = Teams(network.units, network.pages, network.people)

    def member(self, letter: str = "O") -> Person:
        """Somebody new with a role in the building."""
        found = person(self.tenant, letter)
        self.network.people.names[found.id] = "李四"
        return found

    async def zone(self, verb: str, who: Person | None = None, **fields: Any) -> Any:
        """A verb of zones, in the name of the branch unless somebody is named."""
        request = getattr(zones_pb2, f"{verb}Request")(**fields)
        return await self.network.call(who or self.branch, getattr(self._zones, verb), request)

    async def team(self, verb: str, who: Person | None = None, **fields: Any) -> Any:
        """A verb of teams and duties."""
        request = getattr(teams_pb2, f"{verb}Request")(**fields)
        return await self.network.call(who or self.branch, getattr(self._teams, verb), request)

    async def scan(self, code: str) -> zones_pb2.Plaque:
        """What anybody sees who scans a plaque."""
        request = zones_pb2.GetPlaqueRequest(tenant=self.tenant, code=code)
        read: Any = self._zones.GetPlaque
        with bind(Context(mode="public", caller=Caller())):
            found: zones_pb2.Plaque = await read(request, None)
        return found

    async def place(self, name: str, **more: Any) -> zones_pb2.ZoneLocation:
        """A place of the grid."""
        found: zones_pb2.ZoneLocation = await self.zone("AddZoneLocation", name=name, **more)
        return found

    async def held(self, place: zones_pb2.ZoneLocation, who: Person, shown_as: str = "李师傅") -> Any:
        """A zone that was declared and approved."""
        declared = await self.zone("DeclareZone", who, location_id=place.id, shown_as=shown_as)
        return await self.zone("ApproveZone", id=declared.id, etag=declared.etag)

    async def at(self, place: zones_pb2.ZoneLocation, who: Person | None = None) -> zones_pb2.ZoneLocation:
        """A place as it is on the map now."""
        found: zones_pb2.ZoneMap = await self.zone("GetZoneMap", who)
        return next(one for one in found.locations if one.id == place.id)

    async def incident(self, site: str, at: Timestamp, kind: safety_pb2.IncidentKind.ValueType) -> None:
        """The safety capability reports an incident."""
        said = safety_pb2.IncidentReported(incident_id=new_id(), site_id=site, occur_time=at, kind=kind)
        event = Event(
            id=new_id(),
            type=said.DESCRIPTOR.full_name,
            tenant_id=self.tenant,
            aggregate="incident",
            aggregate_id=said.incident_id,
            seq=1,
            occurred_at=self.network.units.clock.now(),
            correlation_id="",
            audience=(),
            traceparent="",
            message=said,
        )
        context = Context(mode="consumer", tenant_id=self.tenant)
        consumer = events.incidents()
        for _ in range(2):  # delivered again, it is still one accident
            await self.network.units.run(context, lambda unit: consumer.apply(unit, [event]))
