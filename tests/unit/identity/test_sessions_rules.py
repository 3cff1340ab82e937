"""How long sessions live, how refresh tokens look, and how guessing is slowed down."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.ids import new_id
from identity.sessions import rules
from identity.sessions.rules import RefreshToken

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_a_refresh_token_says_its_session_and_hides_its_secret() -> None:
    token = RefreshToken.fresh(new_id())
    assert RefreshToken.parse(str(token)) == token
    assert token.secret not in token.stored
    assert RefreshToken.fresh(token.session_id).stored != token.stored


@given(st.text(max_size=120))
def test_nonsense_is_no_refresh_token(text: str) -> None:
    found = RefreshToken.parse(text)
    assert found is None or len(found.secret) == 32


def test_a_session_lives_while_it_is_used_but_not_for_ever() -> None:
    assert rules.expires_at(NOW, NOW, staff=True) == NOW + rules.STAFF_IDLE
    assert rules.expires_at(NOW, NOW, staff=False) == NOW + rules.IDLE
    old = NOW - rules.LONGEST + timedelta(hours=1)
    assert rules.expires_at(NOW, old, staff=False) == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("::ffff:203.0.113.7", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_an_address_counts_for_its_network(address: str, expected: str) -> None:
    assert rules.network(address) == expected


def test_guessing_from_elsewhere_does_not_count_against_the_owner() -> None:
    guesser, _ = rules.throttle_keys("clerk", "203.0.113.7")
    owner, _ = rules.throttle_keys("clerk", "198.51.100.1")
    assert guesser != owner
    assert rules.throttle_keys("clerk", "203.0.113.99")[0] == guesser


@given(st.integers(0, 10_000))
def test_waits_grow_and_end(failures: int) -> None:
    for of_network in (False, True):
        wait = rules.wait_s(failures, of_network=of_network)
        assert 0 <= wait <= 900
        assert rules.wait_s(failures + 1, of_network=of_network) >= wait
    assert rules.wait_s(0, of_network=False) == 0
    assert rules.wait_s(10_000, of_network=True) == 900
