"""Roles, desks, clients, consents and the audit log on a real database."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from chassis import audit
from chassis.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from chassis.ids import new_id
from identity.grants import commands
from louyu.identity.v1 import audit_pb2, clients_pb2, consents_pb2, desks_pb2, grants_pb2, tenants_pb2
from tests.integration.identity.conftest import CALL, District

Grant = grants_pb2.GrantRoleRequest


def holds(
    reply: grants_pb2.ListEffectiveGrantsResponse, tenant: str, permission: str
) -> list[tuple[str, str]]:
    found = [g for g in reply.grants if (g.tenant, g.permission) == (tenant, permission)]
    return [(g.letter, g.scope_id) for g in found]


async def test_a_role_is_given_and_taken_back(district: District) -> None:
    tower = await district.tenant()
    account = await district.account(tower, "clerk", staff=True)
    position = (await district.changes(-1)).position
    with district.acting(tower):
        given = await district.grants.GrantRole(
            Grant(tenant=tower, account=account.id, role="affairs_clerk"), CALL
        )
        with pytest.raises(Conflict, match="GRANT_EXISTS"):
            await district.grants.GrantRole(
                Grant(tenant=tower, account=account.id, role="affairs_clerk"), CALL
            )
    assert holds(await district.effective(account.id), tower, "requests.handle") == [("B", "")]
    with district.acting(tower):
        revoke = grants_pb2.RevokeRoleRequest(tenant=tower, id=given.id, reason="换岗")
        assert (await district.grants.RevokeRole(revoke, CALL)).revoked
    assert list((await district.effective(account.id)).grants) == []
    told = (await district.changes(position)).changes
    assert [change.account for change in told] == [account.id, account.id]
    types = await district.sql(
        "SELECT type FROM outbox WHERE aggregate = 'grant' AND aggregate_id = $1", given.id
    )
    assert sorted(row["type"].rpartition(".")[2] for row in types) == ["RoleGranted", "RoleRevoked"]


async def test_nobody_grants_to_or_revokes_from_themselves(district: District) -> None:
    tower = await district.tenant()
    admin = await district.account(tower, "admin", staff=True, role="tenant_administrator")
    second = await district.account(tower, "second", staff=True)
    with district.acting(tower, admin.id, person=admin.person_id):
        with pytest.raises(Forbidden, match="GRANT_TO_SELF"):
            await district.grants.GrantRole(
                Grant(tenant=tower, account=admin.id, role="branch_secretary"), CALL
            )
        listed = await district.grants.ListGrants(
            grants_pb2.ListGrantsRequest(tenant=tower, account=admin.id), CALL
        )
        revoke = grants_pb2.RevokeRoleRequest(tenant=tower, id=listed.grants[0].id, reason="x")
        with pytest.raises(Forbidden, match="GRANT_TO_SELF"):
            await district.grants.RevokeRole(revoke, CALL)
    # The same person with another account is the same person.
    with district.acting(tower, second.id, person=admin.person_id), pytest.raises(Forbidden):
        await district.grants.GrantRole(Grant(tenant=tower, account=admin.id, role="auditor"), CALL)


async def test_an_organisation_keeps_an_administrator(district: District) -> None:
    tower = await district.tenant()
    admin = await district.account(tower, "admin", staff=True, role="tenant_administrator")
    other = await district.account(tower, "other", staff=True)

    async def revoke_first_of(account: str, by: str) -> None:
        with district.acting(tower, by):
            request = grants_pb2.ListGrantsRequest(tenant=tower, account=account)
            listed = await district.grants.ListGrants(request, CALL)
            revoke = grants_pb2.RevokeRoleRequest(tenant=tower, id=listed.grants[0].id, reason="交接")
            await district.grants.RevokeRole(revoke, CALL)

    await revoke_first_of(district.operator, admin.id)
    with pytest.raises(Conflict, match="LAST_ADMINISTRATOR"):
        await revoke_first_of(admin.id, other.id)


async def test_a_role_in_one_building_is_nothing_in_another(district: District) -> None:
    tower, canteen = await district.tenant(), await district.tenant()
    account = await district.account(tower, "clerk", staff=True, role="affairs_clerk")
    assert {grant.tenant for grant in (await district.effective(account.id)).grants} == {tower}
    with district.acting(canteen):
        listed = await district.grants.ListGrants(
            grants_pb2.ListGrantsRequest(tenant=canteen, account=account.id), CALL
        )
        assert list(listed.grants) == []


async def test_a_subdistrict_reaches_what_lies_in_it(district: District) -> None:
    street = await district.tenant(tenants_pb2.TENANT_KIND_SUBDISTRICT)
    tower, elsewhere = await district.tenant(region=street), await district.tenant()
    officer = await district.account(street, "street", staff=True, role="subdistrict_committee")
    reply = await district.effective(officer.id)
    assert holds(reply, tower, "overview.read") == [("S", street)]
    assert holds(reply, street, "overview.read") == [("S", street)]
    assert holds(reply, elsewhere, "overview.read") == []
    assert {row.tenant: row.kind for row in reply.tenants} == {street: "subdistrict", tower: "building"}


async def test_a_closed_organisation_is_marked_for_everyone(district: District) -> None:
    tower = await district.tenant()
    account = await district.account(tower, "worker", role="worker")
    position = (await district.changes(-1)).position
    with district.office():
        request = tenants_pb2.SuspendTenantRequest(tenant=district.id, id=tower, reason="整改")
        await district.tenants.SuspendTenant(request, CALL)
    assert [row.suspended for row in (await district.effective(account.id)).tenants] == [True]
    kinds = [change.kind for change in (await district.changes(position)).changes]
    assert kinds == [grants_pb2.GRANT_CHANGE_KIND_TENANT]


async def test_a_term_begins_and_ends(district: District) -> None:
    tower = await district.tenant()
    account = await district.account(tower, "worker")
    start, end = Timestamp(), Timestamp()
    start.FromDatetime(datetime.now(UTC) + timedelta(days=1))
    end.FromDatetime(datetime.now(UTC) + timedelta(days=2))
    with district.acting(tower):
        await district.grants.GrantRole(
            Grant(tenant=tower, account=account.id, role="worker", start_time=start, end_time=end), CALL
        )
        with pytest.raises(Invalid, match="GRANT_PERIOD_INVALID"):
            await district.grants.GrantRole(
                Grant(tenant=tower, account=account.id, role="member", start_time=end, end_time=start), CALL
            )
    grants = (await district.effective(account.id)).grants
    assert {(g.start_time.seconds, g.end_time.seconds) for g in grants} == {(start.seconds, end.seconds)}


async def test_the_feed_loses_nothing_under_concurrent_changes(district: District) -> None:
    tower = await district.tenant()
    accounts = [await district.account(tower, f"worker{number}") for number in range(6)]
    position = (await district.changes(-1)).position
    seen: list[str] = []
    stop = asyncio.Event()

    async def follow() -> None:
        nonlocal position
        while True:
            last = stop.is_set()
            reply = await district.changes(position)
            seen.extend(change.account for change in reply.changes)
            position = reply.position
            if last and not reply.changes:
                return

    async def grant(account: str) -> None:
        for role in ("worker", "member", "volunteer", "public"):
            with district.acting(tower):
                await district.grants.GrantRole(Grant(tenant=tower, account=account, role=role), CALL)

    following = asyncio.create_task(follow())
    await asyncio.gather(*(grant(account.id) for account in accounts))
    stop.set()
    await following
    assert sorted(seen) == sorted(account.id for account in accounts for _ in range(4))


async def test_a_position_that_is_forgotten_makes_everyone_read_anew(district: District) -> None:
    await district.account(await district.tenant(), "worker", role="worker")
    await district.sql("UPDATE grants_changes SET at = at - interval '1 day'")
    newest = (await district.changes(-1)).position
    assert await commands.forget_changes(district.units) == newest - 1
    assert (await district.changes(newest)).changes == []
    for unknown in (1, newest + 500):
        reply = await district.changes(unknown)
        assert [change.kind for change in reply.changes] == [grants_pb2.GRANT_CHANGE_KIND_TENANT]
        assert reply.position == newest


async def test_a_desk_says_who_stands_behind_it(district: District) -> None:
    tower, canteen = await district.tenant(), await district.tenant()
    clerk = await district.account(tower, "clerk", staff=True)
    with district.acting(tower):
        desk = await district.desks.CreateDesk(
            desks_pb2.CreateDeskRequest(
                tenant=tower,
                code="enterprise-desk",
                name_zh="企业服务台",
                name_en="Desk",
                emails=["d@demo.example"],
            ),
            CALL,
        )
        request = desks_pb2.AddDeskMemberRequest(tenant=tower, id=desk.id, account=clerk.id)
        desk = await district.desks.AddDeskMember(request, CALL)
        assert [member.display_name for member in desk.members] == ["演示clerk"]
        with pytest.raises(Conflict, match="DESK_CODE_TAKEN"):
            await district.desks.CreateDesk(
                desks_pb2.CreateDeskRequest(tenant=tower, code="enterprise-desk", name_zh="x", name_en="x"),
                CALL,
            )
    with district.service():
        found = await district.desks.ResolveDesk(
            desks_pb2.ResolveDeskRequest(tenant=tower, code="enterprise-desk"), CALL
        )
        assert [member.id for member in found.members] == [clerk.id]
        assert list(found.emails) == ["d@demo.example"]
        with pytest.raises(NotFound, match="DESK_NOT_FOUND"):
            await district.desks.ResolveDesk(
                desks_pb2.ResolveDeskRequest(tenant=canteen, code="enterprise-desk"), CALL
            )


async def test_a_departments_program_gets_tokens_until_it_is_revoked(district: District) -> None:
    tax = await district.tenant(tenants_pb2.TENANT_KIND_DEPARTMENT)
    with district.acting(tax):
        made = await district.clients.CreateClient(
            clients_pb2.CreateClientRequest(tenant=tax, name="税务系统", permissions=["cases.handle"]), CALL
        )

    async def token(secret: str) -> str:
        with district.service():
            request = clients_pb2.IssueClientTokenRequest(client_id=made.client.id, client_secret=secret)
            return (await district.clients.IssueClientToken(request, CALL)).access_token

    assert await token(made.secret)
    assert holds(await district.effective(made.client.id), tax, "cases.handle") == [("U", "")]
    with district.acting(tax):
        request = clients_pb2.RotateClientSecretRequest(tenant=tax, id=made.client.id)
        rotated = await district.clients.RotateClientSecret(request, CALL)
    assert await token(made.secret)
    assert await token(rotated.secret)
    with pytest.raises(Unauthenticated, match="CLIENT_UNKNOWN"):
        await token("no such secret")
    with district.acting(tax):
        revoke = clients_pb2.RevokeClientRequest(tenant=tax, id=made.client.id, reason="停用")
        await district.clients.RevokeClient(revoke, CALL)
    with pytest.raises(Unauthenticated, match="CLIENT_UNKNOWN"):
        await token(rotated.secret)
    assert not (await district.effective(made.client.id)).active


async def test_a_person_agrees_and_takes_it_back(district: District) -> None:
    tower = await district.tenant()
    account, other = await district.account(tower, "worker"), await district.account(tower, "worker2")

    async def agreed() -> bool:
        with district.service():
            request = consents_pb2.CheckConsentRequest(
                person_id=account.person_id, purpose="points_to_employer", recipient=tower
            )
            return (await district.consents.CheckConsent(request, CALL)).active

    assert not await agreed()
    with district.me(account.id, account.person_id):
        request = consents_pb2.RecordConsentRequest(purpose="points_to_employer", recipient=tower)
        given = await district.consents.RecordConsent(request, CALL)
    assert await agreed()
    with district.me(other.id, other.person_id), pytest.raises(NotFound, match="CONSENT_NOT_FOUND"):
        await district.consents.WithdrawConsent(consents_pb2.WithdrawConsentRequest(id=given.id), CALL)
    with district.me(account.id, account.person_id):
        await district.consents.WithdrawConsent(consents_pb2.WithdrawConsentRequest(id=given.id), CALL)
    assert not await agreed()
    told = await district.sql(
        "SELECT tenant_id::text, seq FROM outbox WHERE aggregate = 'consent' ORDER BY id"
    )
    assert [(row["tenant_id"], row["seq"]) for row in told] == [(tower, 1), (tower, 2)]


EDITS = {
    "edited": "UPDATE audit_entries SET actor = 'somebody else' WHERE tenant_id = $1 AND chain_seq = 2",
    "deleted": "DELETE FROM audit_entries WHERE tenant_id = $1 AND chain_seq = 2",
    "cut off": "DELETE FROM audit_entries WHERE tenant_id = $1 AND chain_seq >= 2",
    "chain rewritten": "UPDATE audit_entries SET hash = sha256(hash) WHERE tenant_id = $1 AND chain_seq >= 2",
}


@pytest.mark.parametrize("edit", [None, *EDITS])
async def test_whoever_edits_the_audit_log_is_found_out(district: District, edit: str | None) -> None:
    tower = await district.tenant()
    for number in range(4):
        await district.person(tower, f"演示党员{number:02d}")
    seal: Callable[[bytes], bytes] = district.audit_key.seal
    context = district.units.job_context("audit-sealer")
    await district.units.run(context, lambda unit: audit.seal(unit, seal))
    if edit:
        await district.sql(EDITS[edit], tower)
    with district.acting(tower):
        verdict = await district.audit.VerifyAudit(audit_pb2.VerifyAuditRequest(tenant=tower), CALL)
        found = await district.audit.SearchAudit(
            audit_pb2.SearchAuditRequest(tenant=tower, action="people.register"), CALL
        )
    assert verdict.intact is (edit is None)
    if edit is None:
        assert len(found.entries) == 4
        assert all(entry.actor == district.operator and entry.chain_seq for entry in found.entries)


async def test_an_unknown_account_or_role_is_refused(district: District) -> None:
    tower = await district.tenant()
    with district.acting(tower):
        with pytest.raises(Invalid, match="ACCOUNT_UNKNOWN"):
            await district.grants.GrantRole(Grant(tenant=tower, account=new_id(), role="worker"), CALL)
        account = await district.account(tower, "worker")
    with district.acting(tower), pytest.raises(NotFound, match="ROLE_UNKNOWN"):
        await district.grants.GrantRole(Grant(tenant=tower, account=account.id, role="emperor"), CALL)
