"""What an enterprise's record must satisfy."""

import string
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid, WrongState
from membership import texts
from membership.enterprises import rules
from membership.enterprises.pinyin import sort_key
from membership.enterprises.rules import Facts, Known, Ledger

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
names = st.text("华融国际大厦睿凡教育阳光保险ABCdef ()（）·", min_size=2, max_size=30).filter(
    lambda name: len(texts.unify(name)) >= 2 and texts.key_of_name(name) != ""
)
floors = st.one_of(st.integers(1, 120).map(str), st.integers(1, 9).map(lambda n: f"B{n}"))
bodies = st.text(ALPHABET, min_size=17, max_size=17)


def code(body: str) -> str:
    return body + rules.check_character(body)


def test_a_real_code_is_one_and_its_misprint_is_not() -> None:
    # GB 32100-2015 gives this one as its example of the check character.
    assert rules.is_credit_code("91350100M000100Y43")
    assert not rules.is_credit_code("91350100M000100Y34")
    assert not rules.is_credit_code("91350100M000100Y4")


@given(bodies, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_found(body: str, place: int, other: str) -> None:
    right = code(body)
    assert rules.is_credit_code(right)
    wrong = right[:place] + other + right[place + 1 :]
    assert rules.is_credit_code(wrong) == (wrong == right)


@given(names, floors)
def test_tidying_is_done_once(name: str, floor: str) -> None:
    once = rules.tidy(Facts(name=name, floor=floor, contact_display="王小明 13800001111"))
    assert rules.tidy(once) == once
    assert once.contact_display == "王**"


@given(st.text(max_size=40))
def test_a_contact_keeps_one_letter_at_most(contact: str) -> None:
    kept = texts.masked(contact)
    assert kept == "" or (len(kept) == 3 and kept.endswith("**"))
    assert not any(c.isdigit() for c in kept)


@pytest.mark.parametrize("field", ["name", "short_name", "room"])
@pytest.mark.parametrize("number", ["13912345678", "11010519491231002X"])
def test_phones_and_id_numbers_are_refused_wherever_they_are_written(field: str, number: str) -> None:
    facts = Facts(**{"name": "演示科技", "floor": "3", field: f"联系{number}"})
    with pytest.raises(Invalid) as refused:
        rules.tidy(facts)
    assert [wrong.reason for wrong in refused.value.fields] == ["PERSONAL_NUMBER"]


def test_everything_wrong_is_named_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        rules.tidy(Facts(name="-", floor="0", credit_code="123", industry="magic"))
    assert {wrong.field for wrong in refused.value.fields} == {"name", "floor", "credit_code", "industry"}


@given(floors, floors)
def test_floors_stand_in_the_order_of_the_building(one: str, other: str) -> None:
    lower, higher = sorted((one, other), key=texts.floor_order)
    if lower.startswith("B") and higher.startswith("B"):
        assert int(lower[1:]) >= int(higher[1:])
    else:
        assert lower.startswith("B") or int(lower) <= int(higher)


@given(names, st.data())
def test_any_part_of_a_name_finds_it(name: str, data: st.DataObject) -> None:
    terms = rules.bigrams(name)
    start = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(start + 1, len(name)))
    assert rules.terms_of_query(name[start:end]) <= terms


@given(st.text(string.printable))
def test_an_unknown_answer_adds_nothing_to_completeness(room: str) -> None:
    empty = Facts(name="演示", floor="1")
    assert rules.completeness(empty) == 0
    full = Facts(
        name="演示", floor="1", industry="insurance", branch="own", headcount="up_to_10",
        owner_support="neutral", room="1", contact_display="王**", credit_code="x",
    )  # fmt: skip
    assert rules.completeness(full) == 100
    assert (rules.completeness(Facts(name="演示", floor="1", room=room)) > 0) == (room != "")


def test_renaming_keeps_every_former_name() -> None:
    first = rules.former_names([], "甲", "乙", NOW)
    second = rules.former_names(first, "乙", "丙", NOW + timedelta(days=1))
    assert [entry["name"] for entry in second] == ["乙", "甲"]
    assert rules.former_names(second, "丙", "丙", NOW) == second


def test_a_firm_that_left_cannot_be_changed() -> None:
    with pytest.raises(WrongState) as refused:
        rules.require("moved_out", "survey")
    assert refused.value.allowed == ()


def test_names_sort_by_pinyin() -> None:
    assert sorted(["张", "阿", "李"], key=sort_key) == ["阿", "李", "张"]


def known(name: str, floor: str, code: str = "", **more: str) -> Known:
    return Known(f"{name}-{floor}", Facts(name=name, floor=floor, credit_code=code, **more), None)


def test_a_row_is_matched_by_code_then_by_name_and_floor() -> None:
    one, two = code("9" * 17), code("8" * 17)
    ledger = Ledger([known("阳光保险", "12", one), known("睿凡教育", "9")])
    renamed = Facts(name="阳光保险集团", floor="12", credit_code=one)
    assert ledger.expect(renamed, None).outcome == "updated"
    assert ledger.expect(Facts(name="睿凡 教育", floor="9"), None).outcome == "unchanged"
    assert ledger.expect(Facts(name="新来的", floor="9"), None).outcome == "created"
    other = Ledger([known("阳光保险", "12", one)])
    refused = other.expect(Facts(name="阳光保险", floor="12", credit_code=two), None)
    assert [wrong.reason for wrong in refused.wrong] == ["CREDIT_CODE_DIFFERS"]
    torn = Ledger([known("甲公司", "1", one), known("乙公司", "2")])
    contradiction = torn.expect(Facts(name="乙公司", floor="2", credit_code=one), None)
    assert [wrong.reason for wrong in contradiction.wrong] == ["ROW_MATCHES_TWO"]


@given(st.lists(st.tuples(names, floors), min_size=1, max_size=12))
def test_a_ledger_never_registers_a_twin(rows: list[tuple[str, str]]) -> None:
    ledger = Ledger([])
    created = [
        rules.tidy(Facts(name=name, floor=floor))
        for name, floor in rows
        if ledger.expect(Facts(name=name, floor=floor), None).outcome == "created"
    ]
    keys = [(texts.key_of_name(facts.name), facts.floor) for facts in created]
    assert len(keys) == len(set(keys))
    assert set(keys) == {(texts.key_of_name(name), floor) for name, floor in rows}


@given(names, floors, st.sampled_from(["", "insurance", "trade"]))
def test_merging_twice_is_merging_once(name: str, floor: str, industry: str) -> None:
    facts = rules.tidy(Facts(name=name, floor=floor, industry=industry))
    before = Known("id", rules.tidy(Facts(name=name, floor=floor, industry="catering", room="9")), None)
    merged, newer = rules.merge(before, facts, NOW)
    assert newer
    assert (merged.room, merged.industry) == ("9", industry or "catering")
    assert rules.merge(Known("id", merged, NOW), facts, NOW) == (merged, False)
