"""The window service, top to bottom."""

from chassis.erasures import host_privacy
from chassis.pages import PageTokens
from chassis.process import Process, run
from chassis.tenants import tenants_consumer
from louyu.window.v1.cases_pb2_grpc import add_CasesServiceServicer_to_server
from louyu.window.v1.counters_pb2_grpc import add_CountersServiceServicer_to_server
from louyu.window.v1.departments_pb2_grpc import add_DepartmentsServiceServicer_to_server
from louyu.window.v1.matters_pb2_grpc import add_MattersServiceServicer_to_server
from window.cases import jobs
from window.cases.papers import Papers
from window.cases.rpc import Cases
from window.counters.rpc import Counters
from window.departments.rpc import Departments
from window.matters.rpc import Matters
from window.records import RECORDS


async def start(process: Process) -> None:
    """Serve departments, matters, counters and cases; hand queued cases over when departments are back."""
    await process.database()
    units, pages = process.units, PageTokens(process.settings.key("secret"))
    departments = Departments(units, pages, process.messages)
    process.serve(add_DepartmentsServiceServicer_to_server, departments)
    process.serve(add_MattersServiceServicer_to_server, Matters(units, pages))
    process.serve(add_CountersServiceServicer_to_server, Counters(units, pages))
    process.serve(add_CasesServiceServicer_to_server, Cases(units, pages, Papers(process.files)))
    host_privacy(process, RECORDS)
    process.consume(tenants_consumer())
    process.job(jobs.relay_pending())
    process.relay()


if __name__ == "__main__":
    run("window", start)
