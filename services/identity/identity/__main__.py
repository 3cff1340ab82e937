"""The identity service, top to bottom.

python -m identity              run the service
python -m identity operator …   make the first operator account (see identity.operator)
python -m identity rewrap …     wrap the data keys with a new KEK (see identity.people.rotation)
"""

import sys
from datetime import timedelta
from functools import partial

from chassis.context import Context
from chassis.encryption import BlindIndex
from chassis.erasures import host_privacy
from chassis.jobs import Job
from chassis.pages import PageTokens
from chassis.process import Process, run
from chassis.tenants import tenants_consumer
from identity.accounts.rpc import Accounts
from identity.audit.rpc import Audit
from identity.clients.rpc import Clients
from identity.clock import queries as clock
from identity.clock.rpc import Clock
from identity.consents.rpc import Consents
from identity.credentials import Invitations, Passwords
from identity.desks.rpc import Desks
from identity.grants.commands import forget_changes
from identity.grants.rpc import Grants
from identity.people.keys import opened
from identity.people.keys import vault as open_vault
from identity.people.rpc import People
from identity.privacy.jobs import privacy
from identity.privacy.rpc import Privacy
from identity.privacy.services import Services
from identity.records import RECORDS
from identity.sessions.commands import forget_expired
from identity.sessions.rpc import Sessions
from identity.signing import SigningKeys
from identity.tenants.rpc import Tenants
from louyu.identity.v1.accounts_pb2_grpc import add_AccountsServiceServicer_to_server
from louyu.identity.v1.audit_pb2_grpc import add_AuditServiceServicer_to_server
from louyu.identity.v1.clients_pb2_grpc import add_ClientsServiceServicer_to_server
from louyu.identity.v1.clock_pb2_grpc import add_ClockServiceServicer_to_server
from louyu.identity.v1.consents_pb2_grpc import add_ConsentsServiceServicer_to_server
from louyu.identity.v1.desks_pb2_grpc import add_DesksServiceServicer_to_server
from louyu.identity.v1.grants_pb2_grpc import add_GrantsServiceServicer_to_server
from louyu.identity.v1.people_pb2_grpc import add_PeopleServiceServicer_to_server
from louyu.identity.v1.privacy_pb2_grpc import add_PrivacyServiceServicer_to_server
from louyu.identity.v1.sessions_pb2_grpc import add_SessionsServiceServicer_to_server
from louyu.identity.v1.tenants_pb2_grpc import add_TenantsServiceServicer_to_server


async def start(process: Process) -> None:
    """Serve who acts and what they may do; forget what has expired."""
    await process.database()
    settings, units = process.settings, process.units
    walkable = settings.clock == "walkable"
    if walkable and (seconds := await units.run(Context(mode="service"), clock.seconds)):
        process.clock.apply(timedelta(seconds=seconds))

    pages = PageTokens(settings.key("secret"))
    vault = open_vault(settings, units)
    index = BlindIndex(settings.key("blind_index_key"))
    passwords = Passwords()
    invitations = Invitations(settings.key("secret"))
    keys = SigningKeys(units, vault)
    accounts = Accounts(units, pages, invitations, vault=vault, passwords=passwords)
    sessions = Sessions(units, pages, vault, passwords, keys, shared_accounts=walkable)
    everyone = {name: process.client(name) for name in settings.addresses}
    services = Services(everyone)

    process.serve(add_TenantsServiceServicer_to_server, Tenants(units, pages))
    process.serve(add_PeopleServiceServicer_to_server, People(units, pages, vault, index))
    process.serve(add_AccountsServiceServicer_to_server, accounts)
    process.serve(add_SessionsServiceServicer_to_server, sessions)
    process.serve(add_ClientsServiceServicer_to_server, Clients(units, pages, keys))
    process.serve(add_DesksServiceServicer_to_server, Desks(units, pages))
    process.serve(add_GrantsServiceServicer_to_server, Grants(units, pages))
    process.serve(add_ConsentsServiceServicer_to_server, Consents(units, pages))
    process.serve(add_AuditServiceServicer_to_server, Audit(units, pages, process.key.sealed))
    process.serve(
        add_ClockServiceServicer_to_server,
        Clock(units, process.clock, list(everyone.values()), walkable=walkable),
    )
    process.serve(
        add_PrivacyServiceServicer_to_server, Privacy(units, pages, passwords, services, process.files)
    )
    host_privacy(process, RECORDS, partial(opened, vault))
    process.consume(tenants_consumer())
    process.job(Job("forget-changes", 3600, forget_changes))
    process.job(Job("forget-expired", 3600, forget_expired))
    process.job(privacy(services))
    process.relay()


if __name__ == "__main__":
    match sys.argv[1:2]:
        case ["operator"]:
            from identity.operator import main as make_operator

            make_operator(sys.argv[2:])
        case ["rewrap"]:
            from identity.people.rotation import main as rewrap

            rewrap(sys.argv[2:])
        case _:
            run("identity", start)
