"""The activity process: `python -m activity`."""

from activity.calendar.jobs import JOBS
from activity.records import RECORDS
from chassis.erasures import host_privacy
from chassis.process import Process, run
from chassis.tenants import tenants_consumer


async def start(process: Process) -> None:
    """Everything that runs here."""
    from activity.calendar.evidence import EvidenceFiles
    from activity.calendar.passes import Passes
    from activity.calendar.rpc import Calendar
    from chassis.pages import PageTokens
    from louyu.activity.v1.calendar_pb2_grpc import add_CalendarServiceServicer_to_server

    await process.database()
    secret = process.settings.key("secret")
    evidence = EvidenceFiles(process.files)
    calendar = Calendar(process.units, PageTokens(secret), Passes(secret), evidence, process.grants.holds)
    process.serve(add_CalendarServiceServicer_to_server, calendar)
    host_privacy(process, RECORDS)
    process.consume(tenants_consumer())
    for job in JOBS:
        process.job(job)
    process.relay()


if __name__ == "__main__":
    run("activity", start)
