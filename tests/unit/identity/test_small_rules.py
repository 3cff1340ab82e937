"""The clock, consents and clients."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Forbidden, Invalid
from identity.clients import rules as clients
from identity.clock import rules as clock
from identity.consents import rules as consents

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@given(st.integers(-10_000, 0), st.lists(st.integers(1, 5_000), max_size=8))
def test_business_time_only_moves_forward_and_never_past_the_present(offset: int, steps: list[int]) -> None:
    for step in steps:
        if offset + step > 0:
            with pytest.raises(Invalid, match="CLOCK_BEYOND_NOW") as refused:
                clock.after(offset, step)
            assert refused.value.params["seconds"] == str(-offset)
        else:
            assert offset < clock.after(offset, step) <= 0
            offset = clock.after(offset, step)


def test_a_fixed_clock_is_not_walked() -> None:
    clock.check_walkable(True)
    with pytest.raises(Forbidden, match="CLOCK_FIXED"):
        clock.check_walkable(False)


def test_an_agreement_holds_until_it_ends_or_is_taken_back() -> None:
    assert consents.holds(NOW, None, None)
    assert consents.holds(NOW, NOW + timedelta(days=1), None)
    assert not consents.holds(NOW, NOW, None)
    assert not consents.holds(NOW, None, NOW - timedelta(days=1))
    with pytest.raises(Invalid, match="CONSENT_EXPIRY_PAST"):
        consents.check_expiry(NOW, NOW)


def test_a_program_never_holds_what_concerns_people() -> None:
    clients.check_permissions(["cases.handle", "matters.manage"])
    with pytest.raises(Invalid, match="CLIENT_PERMISSION_NOT_ALLOWED") as refused:
        clients.check_permissions(["cases.read", "people.unmask", "grants.manage"])
    assert [fault.field for fault in refused.value.fields] == ["permissions[1]", "permissions[2]"]


def test_a_secret_is_known_again_and_nothing_matches_none() -> None:
    secret = clients.new_secret()
    assert clients.same(secret, clients.stored(secret))
    assert not clients.same(secret, clients.stored(clients.new_secret()))
    assert not clients.same(secret, None)
