"""The first operator account, made on the command line, since nobody can sign in before it.

    python -m identity operator --login operator --district-zh 演示区 --district-en "Demo District"

Sets up the district where there is none, an account that runs and administers it, and prints the code of
its invitation. With `--password` the account is opened at once and the secret of its second factor printed
as well, or taken from `--totp-secret`: for unattended set-up. A second run changes nothing.
"""

import argparse
import asyncio
import json
import sys

from chassis.clocks import BusinessClock, system_now
from chassis.context import Caller, Context, bind
from chassis.database import Database
from chassis.errors import DomainError
from chassis.ids import new_id
from chassis.messages import Messages
from chassis.settings import Settings
from chassis.units import UnitOfWork, Units
from identity.accounts import commands as accounts
from identity.accounts import queries as account_queries
from identity.accounts.rules import check_password
from identity.credentials import TOTP_FIELD, Invitations, Passwords, new_totp_secret
from identity.grants import commands as grants
from identity.grants.rules import ADMINISTRATOR, OPERATOR
from identity.organisations import Kind, State
from identity.people import commands as people
from identity.people.commands import Sealed
from identity.people.keys import vault as open_vault
from identity.tenants import commands as tenants
from identity.tenants import queries as tenant_queries


def arguments_of(arguments: list[str]) -> argparse.Namespace:
    """What the command was told."""
    parser = argparse.ArgumentParser(prog="python -m identity operator", description=__doc__)
    parser.add_argument("--login", default="operator")
    parser.add_argument("--name", default="平台运维")
    parser.add_argument("--email", default="")
    parser.add_argument("--district-zh", default="本区")
    parser.add_argument("--district-en", default="District")
    parser.add_argument("--synthetic", action="store_true", help="the district and the operator are invented")
    parser.add_argument("--password", default="", help="open the account at once")
    parser.add_argument("--totp-secret", default="", help="base32 seed of a token already held")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> None:
    """Run the command; exits with a sentence where it is refused."""
    try:
        printed = asyncio.run(make(Settings(service="identity"), arguments_of(arguments)))
    except DomainError as refusal:
        sentence = Messages("identity").say(refusal.reason, refusal.params, "zh-CN")
        sys.exit(f"identity: {refusal.reason}: {sentence}")
    sys.stdout.write(json.dumps(printed, ensure_ascii=False, indent=2) + "\n")


async def make(settings: Settings, wanted: argparse.Namespace) -> dict[str, str]:
    """Make the district and the operator where they are missing; what to print."""
    database = Database("identity", settings.database_url, pool_size=2)
    # The relay of the running process publishes what this emits, at its next look.
    units = Units(database, BusinessClock())
    vault = open_vault(settings, units)
    invitations = Invitations(settings.key("secret"))
    context = Context(mode="service", caller=Caller(kind="system", service="identity/operator"))
    secret = wanted.totp_secret or new_totp_secret()
    if wanted.password:
        check_password(wanted.password, wanted.login)
    account_id, until = new_id(), accounts.invitation_end()
    code = invitations.code(account_id, until)

    async def work(unit: UnitOfWork) -> tuple[str, str]:
        district = await tenant_queries.district(unit)
        if district is None:
            draft = tenants.Draft(
                kind=Kind.DISTRICT,
                name_zh=wanted.district_zh,
                name_en=wanted.district_en,
                synthetic=wanted.synthetic,
                state=State.ACTIVE,
            )
            district = (await tenants.found_district(unit, draft)).tenant_id
        known = await account_queries.by_login(unit, wanted.login)
        if known is not None:
            return district, known.id
        unit = unit.within(district)
        person = people.Draft(new_id(), wanted.name, Sealed(), Sealed(), wanted.synthetic)
        await people.register(unit, person)
        account = accounts.Draft(
            account_id, person.id, wanted.login, wanted.email, "zh-CN", staff=True, synthetic=wanted.synthetic
        )
        await accounts.create(unit, account, invitations.stored(code), until)
        standing = await account_queries.standing(unit, account_id)
        for role in (OPERATOR, ADMINISTRATOR):
            await grants.appoint(unit, district, standing, role)
        return district, account_id

    try:
        district, found = await units.run(context, work)
        printed = {"district": district, "account": found, "login": wanted.login}
        if found != account_id:
            return printed
        if not wanted.password:
            return {**printed, "invitation": code, "until": until.isoformat()}
        sealed = await vault.seal(district, account_id, TOTP_FIELD, secret)
        password_hash = await Passwords().hash(wanted.password)

        async def accept(unit: UnitOfWork) -> None:
            account = await account_queries.by_invitation(unit, invitations.stored(code))
            assert account is not None
            assert account.invitation_until > system_now()
            await accounts.accept(unit.within(district), account, password_hash, sealed, 0)

        with bind(context):
            await units.run(context.within(district), accept)
        return {**printed, "totp_secret": secret}
    finally:
        await database.close()
