"""Accounts: how they open and end, passwords, second factors and invitation codes."""

import time
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid, WrongState
from chassis.ids import new_id
from identity.accounts import rules
from identity.accounts.rules import State
from identity.credentials import Invitations, Passwords, new_totp_secret, totp_step, totp_uri


@given(st.lists(st.sampled_from(list(rules.VERBS)), max_size=12))
def test_who_left_never_comes_back(verbs: list[str]) -> None:
    state = State.INVITED
    for verb in verbs:
        if verb in rules.allowed(state):
            assert state is not State.LEFT
            state = rules.after(state, verb)
            assert state is not State.ACTIVE or verb in ("accept", "unlock")
        else:
            with pytest.raises(WrongState) as refused:
                rules.after(state, verb)
            assert refused.value.allowed == rules.allowed(state)


@pytest.mark.parametrize(
    "password", ["short", "1234567890", "PASSWORD123", "clerk-clerk-clerk", "aaaabbbbaaaa", "woaini1314"]
)
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(Invalid, match="PASSWORD_TOO_WEAK"):
        rules.check_password(password, "clerk")


def test_a_long_password_needs_no_special_characters() -> None:
    rules.check_password("四海之内皆兄弟也何患无", "clerk")
    rules.check_password("correct horse battery", "clerk")


async def test_a_password_is_known_again_and_nobodys_is_not() -> None:
    passwords = Passwords()
    stored = await passwords.hash("correct horse battery")
    assert stored.startswith("$argon2id$")
    assert await passwords.verify(stored, "correct horse battery")
    assert not await passwords.verify(stored, "correct horse batterz")
    assert not await passwords.verify("", "correct horse battery")
    assert not await passwords.verify("not a hash", "x")


def test_a_code_works_once_and_only_around_its_time() -> None:
    secret = new_totp_secret()
    totp = pyotp.TOTP(secret)
    step = totp_step(secret, totp.now(), 0)
    assert step is not None
    assert abs(step - int(time.time()) // 30) <= 1
    assert totp_step(secret, totp.now(), step + 1) is None
    assert totp_step(secret, totp.at(datetime.now(UTC) - timedelta(minutes=10)), 0) is None


def test_the_second_factor_is_offered_as_a_qr_code() -> None:
    secret = new_totp_secret()
    assert totp_uri(secret, "clerk").startswith(f"otpauth://totp/Louyu:clerk?secret={secret}")


def test_an_invitation_code_belongs_to_one_account_and_one_invitation() -> None:
    invitations = Invitations(bytes(32))
    account, until = new_id(), datetime(2026, 12, 1, tzinfo=UTC)
    code = invitations.code(account, until)
    assert invitations.code(account, until) == code
    assert invitations.code(new_id(), until) != code
    assert invitations.code(account, until + timedelta(seconds=1)) != code
    assert Invitations(b"x" * 32).code(account, until) != code
    assert code.encode() not in invitations.stored(code)
