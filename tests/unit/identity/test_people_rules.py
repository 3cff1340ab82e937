"""ID and phone numbers, whole and masked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid
from identity.people import rules

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
DIGITS = st.from_regex(r"[1-9][0-9]{16}", fullmatch=True)


def check(digits: str) -> str:
    return "10X98765432"[sum(w * int(d) for w, d in zip(WEIGHTS, digits, strict=True)) % 11]


@given(DIGITS, st.sampled_from("0123456789X"))
def test_only_the_right_check_character_is_taken(digits: str, last: str) -> None:
    if last == check(digits):
        assert rules.normal_id_number((digits + last).lower()) == digits + last
    else:
        with pytest.raises(Invalid, match="ID_NUMBER_INVALID"):
            rules.normal_id_number(digits + last)


@given(DIGITS)
def test_a_masked_number_shows_five_characters(digits: str) -> None:
    number = digits + check(digits)
    masked = rules.masked_id_number(number)
    assert len(masked) == 18
    assert masked.count("*") == 13
    assert (masked[:3], masked[-2:]) == (number[:3], number[-2:])


def test_a_masked_phone_hides_its_middle() -> None:
    assert rules.masked_phone("13812345678") == "138****5678"
    assert rules.masked_phone("") == rules.masked_id_number("") == ""


def test_a_duplicate_check_asks_about_one_number() -> None:
    rules.check_one_number("x", "")
    for both in (("", ""), ("x", "y")):
        with pytest.raises(Invalid, match="ONE_NUMBER_REQUIRED"):
            rules.check_one_number(*both)
