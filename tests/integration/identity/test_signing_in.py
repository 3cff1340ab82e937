"""From the invitation to the end of a session, on a real database."""

import asyncio
import base64
import time

import jwt
import pyotp
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chassis.errors import Conflict, Exhausted, Invalid, NotFound, Unauthenticated, WrongState
from identity.sessions.rules import _FREE_FAILURES
from louyu.identity.v1 import accounts_pb2, sessions_pb2
from tests.integration.identity.conftest import CALL, PASSWORD, SECRET, District


async def refresh(district: District, token: str) -> sessions_pb2.TokenPair:
    with district.service():
        request = sessions_pb2.RefreshSessionRequest(refresh_token=token)
        return await district.sessions.RefreshSession(request, CALL)


async def test_a_person_signs_in_and_is_told_where_to_act(district: District) -> None:
    tower = await district.tenant(name_zh="大厦")
    account = await district.account(tower, "worker", role="worker")
    pair = await district.sign_in("Worker ")
    with district.me(account.id, account.person_id, pair.session_id):
        me = await district.accounts.WhoAmI(accounts_pb2.WhoAmIRequest(), CALL)
    assert (me.account.display_name, me.session_id) == ("演示worker", pair.session_id)
    assert [(m.tenant, m.name_zh, list(m.roles)) for m in me.memberships] == [(tower, "大厦", ["worker"])]
    held = {(p.permission, p.letter) for p in me.memberships[0].permissions}
    assert ("requests.file", "O") in held
    assert "requests.handle" not in {name for name, _ in held}


async def test_a_token_is_what_services_expect_and_its_key_is_published(district: District) -> None:
    tower = await district.tenant()
    account = await district.account(tower, "worker")
    pair = await district.sign_in("worker")
    with district.service():
        keys = (await district.sessions.ListKeys(sessions_pb2.ListKeysRequest(), CALL)).keys
    header = jwt.get_unverified_header(pair.access_token)
    assert (header["typ"], header["alg"], header["kid"]) == ("at+jwt", "EdDSA", keys[0].kid)
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(keys[0].x + "="))
    claims = jwt.decode(pair.access_token, public, algorithms=["EdDSA"], audience="louyu", issuer="louyu")
    assert (claims["sub"], claims["pid"], claims["sid"]) == (account.id, account.person_id, pair.session_id)
    assert claims["exp"] - claims["iat"] <= 600


async def test_rotation_publishes_both_keys_until_the_last_token_has_expired(district: District) -> None:
    await district.account(await district.tenant(), "worker")
    before = jwt.get_unverified_header((await district.sign_in("worker")).access_token)["kid"]
    with district.acting(district.id):
        request = sessions_pb2.RotateKeysRequest(tenant=district.id)
        fresh = (await district.sessions.RotateKeys(request, CALL)).kid
    assert jwt.get_unverified_header((await district.sign_in("worker")).access_token)["kid"] == fresh
    with district.service():
        keys = (await district.sessions.ListKeys(sessions_pb2.ListKeysRequest(), CALL)).keys
    assert [key.kid for key in keys] == [fresh, before]
    assert not keys[0].HasField("expire_time")
    assert keys[1].expire_time.seconds > time.time() + 600


async def test_unknown_wrong_locked_and_invited_all_look_the_same(district: District) -> None:
    tower = await district.tenant()
    account = await district.account(tower, "worker")
    person = await district.person(tower)
    with district.acting(tower):
        await district.accounts.CreateAccount(
            accounts_pb2.CreateAccountRequest(tenant=tower, person_id=person.id, login="invited"), CALL
        )
    for login, password in (("nobody", PASSWORD), ("worker", "wrong password"), ("invited", PASSWORD)):
        with pytest.raises(Unauthenticated, match="SIGN_IN_FAILED"):
            await district.sign_in(login, password)
    with district.acting(tower):
        request = accounts_pb2.LockAccountRequest(tenant=tower, id=account.id, reason="调查")
        await district.accounts.LockAccount(request, CALL)
    with pytest.raises(Unauthenticated, match="SIGN_IN_FAILED"):
        await district.sign_in("worker")


async def test_staff_need_a_code_that_works_once(district: District) -> None:
    await district.account(await district.tenant(), "clerk", staff=True)
    with pytest.raises(Unauthenticated, match="TOTP_REQUIRED"):
        await district.sign_in("clerk")
    with pytest.raises(Unauthenticated, match="TOTP_INVALID"):
        await district.sign_in("clerk", code="000000")
    # The code that accepted the invitation is used up; the next one is not.
    following = pyotp.TOTP(SECRET).at(int(time.time()) + 30)
    assert (await district.sign_in("clerk", code=following)).access_token
    with pytest.raises(Unauthenticated, match="TOTP_INVALID"):
        await district.sign_in("clerk", code=following)


async def test_a_refresh_token_works_once_and_ends_its_family_the_second_time(district: District) -> None:
    await district.account(await district.tenant(), "worker")
    first = await district.sign_in("worker")
    other = await district.sign_in("worker")
    position = (await district.changes(-1)).position
    second = await refresh(district, first.refresh_token)
    assert second.session_id == first.session_id
    with pytest.raises(Unauthenticated, match="SESSION_ENDED"):
        await refresh(district, first.refresh_token)
    with pytest.raises(Unauthenticated, match="SESSION_ENDED"):
        await refresh(district, second.refresh_token)
    told = (await district.changes(position)).changes
    assert [change.session_id for change in told] == [first.session_id]
    assert (await refresh(district, other.refresh_token)).access_token


async def test_of_two_exchanges_at_once_at_most_one_succeeds(district: District) -> None:
    await district.account(await district.tenant(), "worker")
    pair = await district.sign_in("worker")
    done = await asyncio.gather(
        *(refresh(district, pair.refresh_token) for _ in range(6)), return_exceptions=True
    )
    assert sum(isinstance(reply, sessions_pb2.TokenPair) for reply in done) <= 1


async def test_nonsense_refreshes_nothing(district: District) -> None:
    for token in ("x" * 40, "A" * 64):
        with pytest.raises(Unauthenticated, match="SESSION_ENDED"):
            await refresh(district, token)


async def test_guessing_is_slowed_down_where_it_happens_and_the_owner_still_signs_in(
    district: District,
) -> None:
    await district.account(await district.tenant(), "worker")
    for _ in range(_FREE_FAILURES):
        with pytest.raises(Unauthenticated):
            await district.sign_in("worker", "a wrong password", address="203.0.113.99")
    with pytest.raises(Exhausted, match="SIGN_IN_THROTTLED") as refused:
        await district.sign_in("worker", address="203.0.113.99")
    assert refused.value.retry_after_s > 0
    assert (await district.sign_in("worker", address="198.51.100.1")).access_token


async def test_signing_out_ends_the_session_and_is_harmless_twice(district: District) -> None:
    await district.account(await district.tenant(), "worker")
    pair = await district.sign_in("worker")
    for _ in range(2):
        with district.service():
            request = sessions_pb2.SignOutRequest(refresh_token=pair.refresh_token)
            await district.sessions.SignOut(request, CALL)
    with pytest.raises(Unauthenticated):
        await refresh(district, pair.refresh_token)


async def test_people_see_and_end_their_own_sessions_only(district: District) -> None:
    tower = await district.tenant()
    mine, theirs = await district.account(tower, "worker"), await district.account(tower, "worker2")
    pair, foreign = await district.sign_in("worker"), await district.sign_in("worker2")
    with district.me(mine.id, mine.person_id, pair.session_id):
        listed = await district.sessions.ListMySessions(sessions_pb2.ListMySessionsRequest(), CALL)
        assert [(row.id, row.current) for row in listed.sessions] == [(pair.session_id, True)]
        request = sessions_pb2.RevokeMySessionRequest(id=foreign.session_id)
        with pytest.raises(NotFound, match="SESSION_NOT_FOUND"):
            await district.sessions.RevokeMySession(request, CALL)
        request = sessions_pb2.RevokeMySessionRequest(id=pair.session_id)
        assert (await district.sessions.RevokeMySession(request, CALL)).revoked
    assert (await refresh(district, foreign.refresh_token)).account_id == theirs.id


async def test_a_new_password_ends_the_other_sessions(district: District) -> None:
    account = await district.account(await district.tenant(), "worker")
    here, elsewhere = await district.sign_in("worker"), await district.sign_in("worker")
    with district.me(account.id, account.person_id, here.session_id):
        with pytest.raises(Invalid, match="PASSWORD_WRONG"):
            await district.accounts.ChangePassword(
                accounts_pb2.ChangePasswordRequest(current_password="no", new_password="a longer one 1"), CALL
            )
        await district.accounts.ChangePassword(
            accounts_pb2.ChangePasswordRequest(current_password=PASSWORD, new_password="a longer one 1"), CALL
        )
    assert (await refresh(district, here.refresh_token)).access_token
    with pytest.raises(Unauthenticated):
        await refresh(district, elsewhere.refresh_token)
    assert (await district.sign_in("worker", "a longer one 1")).access_token


async def test_anyone_may_set_up_a_second_factor(district: District) -> None:
    account = await district.account(await district.tenant(), "worker")
    with district.me(account.id, account.person_id):
        enrolled = await district.accounts.EnrolTotp(
            accounts_pb2.EnrolTotpRequest(current_password=PASSWORD), CALL
        )
        code = pyotp.TOTP(enrolled.secret).now()
        await district.accounts.ConfirmTotp(accounts_pb2.ConfirmTotpRequest(code=code), CALL)
    with pytest.raises(Unauthenticated, match="TOTP_REQUIRED"):
        await district.sign_in("worker")


async def test_an_invitation_opens_an_account_once(district: District) -> None:
    tower = await district.tenant()
    person = await district.person(tower)
    wanted = accounts_pb2.CreateAccountRequest(tenant=tower, person_id=person.id, login="worker")
    with district.acting(tower, idempotency_key="one"):
        first = await district.accounts.CreateAccount(wanted, CALL)
        again = await district.accounts.CreateAccount(wanted, CALL)
    assert (again.account.id, again.code) == (first.account.id, first.code)
    stored = await district.sql("SELECT t::text AS said FROM idempotency_keys t")
    assert first.code.encode().hex() not in str(stored)
    await district.accept(first.code, staff=False)
    with pytest.raises(NotFound, match="INVITATION_UNKNOWN"):
        await district.accept(first.code, staff=False)
    with district.acting(tower), pytest.raises(Conflict, match="LOGIN_TAKEN"):
        await district.accounts.CreateAccount(wanted, CALL)


async def test_who_left_stays_away(district: District) -> None:
    tower = await district.tenant()
    account = await district.account(tower, "worker", role="worker")
    pair = await district.sign_in("worker")
    assert (await district.effective(account.id)).active
    with district.acting(tower):
        request = accounts_pb2.CloseAccountRequest(tenant=tower, id=account.id, reason="离职")
        await district.accounts.CloseAccount(request, CALL)
        unlock = accounts_pb2.UnlockAccountRequest(tenant=tower, id=account.id)
        with pytest.raises(WrongState) as refused:
            await district.accounts.UnlockAccount(unlock, CALL)
        assert refused.value.allowed == ()
    assert not (await district.effective(account.id)).active
    with pytest.raises(Unauthenticated):
        await refresh(district, pair.refresh_token)


async def test_who_administers_accounts_cannot_read_what_they_sign_in_with(district: District) -> None:
    import asyncpg

    tower = await district.tenant()
    await district.account(tower, "worker")
    connection = await asyncpg.connect(district.stored.app_url.replace("+asyncpg", ""))
    try:
        async with connection.transaction():
            await connection.execute("SELECT set_config('role', 'identity_tenant', true)")
            await connection.execute("SELECT set_config('louyu.tenant', $1, true)", tower)
            seen = await connection.fetch("SELECT account_id FROM accounts_credentials")
            assert len(seen) == 1
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch("SELECT password_hash FROM accounts_credentials")
    finally:
        await connection.close()
