"""One building's cadence, whose clock is walked through a year."""

from datetime import UTC, date, datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from chassis import days
from chassis.clocks import system_now
from chassis.context import Caller, Context
from chassis.events import Event
from chassis.ids import new_id
from chassis.units import Units
from louyu.activity.v1 import calendar_pb2
from louyu.membership.v1 import cadence_pb2 as pb
from membership.cadence import commands, events, jobs
from membership.cadence.rpc import Cadence
from membership.reports import commands as reports_commands
from membership.reports import events as reports_events
from tests.integration.membership.network_of import Network, Person


class Year:
    """The cadence of one building, whose clock is walked forward."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.units: Units = network.units
        self.rpc = Cadence(network.units, network.pages)
        self.seq = 0

    @property
    def today(self) -> date:
        """The district's day."""
        return days.day_of(self.units.clock.now())

    def walk_to(self, day: date) -> None:
        """Walk the clock to the noon of a day."""
        noon = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
        self.units.clock.apply(noon - system_now())

    async def ask(self, verb: str, who: Person | None = None, mode: str = "tenant", **fields: Any) -> Any:
        """A verb, in the name of the branch unless somebody is named."""
        request = getattr(pb, f"{verb}Request")(**fields)
        return await self.network.call(who or self.network.secretary, getattr(self.rpc, verb), request, mode)

    async def rule(self, code: str, etag: str = "0", **said: Any) -> pb.ObligationRule:
        """Decide a rule."""
        found: pb.ObligationRule = await self.ask("SetObligationRule", code=code, etag=etag, **said)
        return found

    async def owed(self, who: Person | None = None, **filters: Any) -> list[pb.Obligation]:
        """Obligations, the oldest period first."""
        page = await self.ask("ListObligations", who, page_size=100, **filters)
        return sorted(page.obligations, key=lambda one: (one.start_date, one.subject_name))

    async def work(self) -> int:
        """What the job did."""
        return await jobs.keep_periods().run(self.units)

    async def remind(self) -> int:
        """How many steps the reminders went."""
        return await jobs.remind(self.network.people).run(self.units)

    async def happens(self, message: Any, aggregate: str) -> None:
        """A record of another service arrives, as the consumer would hand it over."""
        self.seq += 1
        tenant = self.network.secretary.tenant
        event = Event(
            id=new_id(),
            type=message.DESCRIPTOR.full_name,
            tenant_id=tenant,
            aggregate=aggregate,
            aggregate_id=new_id(),
            seq=self.seq,
            occurred_at=self.units.clock.now(),
            correlation_id="",
            audience=(),
            traceparent="",
            message=message,
        )
        caller = Caller(kind="system", service="membership/test")
        context = Context(mode="consumer", tenant_id=tenant, caller=caller)
        consumer = {
            "activity": events.activities(commands.noted),
            "liaison_entry": events.contacts(commands.noted, commands.doubted),
            "report": events.reports(commands.noted),
            "supervision": events.supervisions(commands.noted),
            "visit": reports_events.records(reports_commands.note),
            "hazard": reports_events.records(reports_commands.note),
        }[aggregate]

        async def apply(unit: Any) -> None:
            await consumer.apply(unit, [event])

        await self.units.run(context, apply)

    async def held(
        self,
        day: date,
        attended: int = 5,
        kind: calendar_pb2.ActivityKind.ValueType = calendar_pb2.ACTIVITY_KIND_SALON,
    ) -> str:
        """An activity was held on a day, and is confirmed now."""
        at = Timestamp(seconds=int(datetime(day.year, day.month, day.day, 2, tzinfo=UTC).timestamp()))
        activity_id = new_id()
        said = calendar_pb2.ActivityHeld(activity_id=activity_id, kind=kind, start_time=at, attended=attended)
        await self.happens(said, "activity")
        return activity_id
