"""Signed codes of the door."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activity.calendar.passes import DOOR_LIFE, PASS_LIFE, Passes, picture
from chassis.errors import Invalid
from chassis.ids import new_id

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
TENANT, ACTIVITY, ENROLMENT = new_id(), new_id(), new_id()
PASSES = Passes(b"k" * 32)


def test_a_pass_says_whose_it_is_until_it_expires() -> None:
    token, expires = PASSES.make("pass", TENANT, ACTIVITY, ENROLMENT, NOW)
    assert expires == NOW + PASS_LIFE
    assert PASSES.read("pass", TENANT, ACTIVITY, token, NOW) == ENROLMENT
    with pytest.raises(Invalid) as refused:
        PASSES.read("pass", TENANT, ACTIVITY, token, NOW + PASS_LIFE)
    assert refused.value.reason == "PASS_EXPIRED"


@pytest.mark.parametrize(
    ("kind", "tenant", "activity", "key"),
    [
        ("door", TENANT, ACTIVITY, b"k"),
        ("pass", new_id(), ACTIVITY, b"k"),
        ("pass", TENANT, new_id(), b"k"),
        ("pass", TENANT, ACTIVITY, b"x"),
    ],
    ids=["another kind", "another building", "another activity", "another key"],
)
def test_a_pass_opens_its_own_door_only(kind: str, tenant: str, activity: str, key: bytes) -> None:
    token, _ = PASSES.make("pass", TENANT, ACTIVITY, ENROLMENT, NOW)
    with pytest.raises(Invalid) as refused:
        Passes(key * 32).read(kind, tenant, activity, token, NOW)  # type: ignore[arg-type]
    assert refused.value.reason == "PASS_INVALID"


@given(st.text(max_size=120))
def test_any_text_is_refused_not_an_error(token: str) -> None:
    with pytest.raises(Invalid):
        PASSES.read("pass", TENANT, ACTIVITY, token, NOW)


@given(st.integers(0, 63), st.characters(codec="ascii", categories=["L", "N"]))
def test_a_changed_letter_is_noticed(place: int, letter: str) -> None:
    token, _ = PASSES.make("door", TENANT, ACTIVITY, ACTIVITY, NOW)
    changed = token[:place] + letter + token[place + 1 :]
    if changed == token:
        assert (
            PASSES.read("door", TENANT, ACTIVITY, token, NOW + DOOR_LIFE - timedelta(seconds=1)) == ACTIVITY
        )
    else:
        with pytest.raises(Invalid):
            PASSES.read("door", TENANT, ACTIVITY, changed, NOW)


def test_a_pass_is_small_enough_for_a_phone_to_scan() -> None:
    token, _ = PASSES.make("pass", TENANT, ACTIVITY, ENROLMENT, NOW)
    assert len(token) == 64
    assert picture(token).startswith("<svg")
