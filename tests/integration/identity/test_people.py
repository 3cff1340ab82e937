"""People on a real database: numbers stay unreadable, and unreadable numbers still find twins."""

import base64

import pytest
from pydantic import SecretStr

from chassis.clocks import system_now
from chassis.encryption import BlindIndex
from chassis.errors import Conflict, Exhausted, Invalid, NotFound
from chassis.pages import PageTokens
from identity.people import commands
from identity.people.keys import vault
from identity.people.rotation import rewrap
from identity.people.rpc import People
from identity.people.rules import CHECKS_PER_HOUR
from louyu.identity.v1 import people_pb2 as pb
from tests.integration.identity.conftest import CALL, District

NUMBER = "990000199001010014"
PHONE = "19900001234"


def right(number: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return (
        number[:17] + "10X98765432"[sum(w * int(d) for w, d in zip(weights, number[:17], strict=True)) % 11]
    )


async def test_numbers_are_masked_everywhere_but_where_a_reason_is_given(district: District) -> None:
    tower = await district.tenant()
    number = right(NUMBER)
    person = await district.person(tower, id_number=number, phone=PHONE)
    assert person.id_number_masked == f"990*************{number[-2:]}"
    assert person.phone_masked == "199****1234"
    with district.acting(tower):
        request = pb.UnmaskPersonRequest(
            tenant=tower, id=person.id, field=pb.MASKED_FIELD_ID_NUMBER, reason="核对参会人员身份"
        )
        assert (await district.people.UnmaskPerson(request, CALL)).value == number
    entry = (
        await district.sql("SELECT object_id, detail::text FROM audit_entries WHERE action = 'people.unmask'")
    )[0]
    assert entry["object_id"] == person.id
    assert "核对参会人员身份" in entry["detail"]


async def test_a_dump_reveals_no_number(district: District) -> None:
    tower = await district.tenant()
    number = right(NUMBER)
    person = await district.person(tower, id_number=number, phone=PHONE)
    with district.acting(tower, idempotency_key="k1"):
        request = pb.UnmaskPersonRequest(
            tenant=tower, id=person.id, field=pb.MASKED_FIELD_PHONE, reason="回访"
        )
        assert (await district.people.UnmaskPerson(request, CALL)).value == PHONE
    tables = await district.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for table in tables:
        rows = await district.sql(f"SELECT t::text AS said FROM {table['tablename']} t")
        for row in rows:
            assert number not in row["said"]
            assert PHONE not in row["said"]
            assert number.encode().hex() not in row["said"]
            assert PHONE.encode().hex() not in row["said"]


async def test_one_person_in_two_buildings_stays_one(district: District) -> None:
    tower, canteen = await district.tenant(), await district.tenant()
    number = right(NUMBER)
    first = await district.person(tower, "演示党员02", id_number=number, phone=PHONE)
    second = await district.person(canteen, "演示党员02", id_number=number)
    assert second.id == first.id
    with pytest.raises(Conflict, match="PERSON_KNOWN"):
        await district.person(canteen, "演示党员03", id_number=number)


async def test_a_tenant_knows_its_own_people_only(district: District) -> None:
    tower, canteen = await district.tenant(), await district.tenant()
    person = await district.person(tower, "演示党员04")
    with district.acting(canteen):
        with pytest.raises(NotFound, match="PERSON_NOT_FOUND"):
            await district.people.GetPerson(pb.GetPersonRequest(tenant=canteen, id=person.id), CALL)
        listed = await district.people.ListPeople(pb.ListPeopleRequest(tenant=canteen), CALL)
        assert [row.name for row in listed.people] == []


async def test_people_are_listed_by_name_a_page_at_a_time(district: District) -> None:
    tower = await district.tenant()
    for name in ("张三", "安然", "李四", "Bob"):
        await district.person(tower, name)
    found, token = [], ""
    with district.acting(tower):
        while True:
            request = pb.ListPeopleRequest(tenant=tower, page_size=2, page_token=token)
            page = await district.people.ListPeople(request, CALL)
            found += [row.name for row in page.people]
            token = page.next_page_token
            if not token:
                break
    assert found == ["安然", "Bob", "李四", "张三"]


async def test_a_duplicate_check_says_known_and_nothing_more_and_not_often(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Checks are counted by the hour of the clock, which must not turn while this counts.
    half_past = system_now().replace(minute=30)
    monkeypatch.setattr(commands, "system_now", lambda: half_past)
    tower, canteen = await district.tenant(), await district.tenant()
    await district.person(tower, id_number=right(NUMBER), phone=PHONE)
    with district.acting(canteen):
        for question, known in (
            ({"id_number": right(NUMBER)}, True),
            ({"phone": PHONE}, True),
            ({"phone": "19900009999"}, False),
        ):
            request = pb.CheckDuplicateRequest(tenant=canteen, **question)
            assert (await district.people.CheckDuplicate(request, CALL)).known is known
        for _ in range(CHECKS_PER_HOUR - 3):
            await district.people.CheckDuplicate(request, CALL)
        with pytest.raises(Exhausted, match="TOO_MANY_CHECKS"):
            await district.people.CheckDuplicate(request, CALL)


async def test_two_records_become_one_person(district: District) -> None:
    tower = await district.tenant()
    kept = await district.person(tower, "演示党员05", id_number=right(NUMBER))
    gone = await district.person(tower, "演示党员五")
    with district.acting(tower):
        request = pb.MergePersonsRequest(tenant=tower, id=kept.id, duplicate=gone.id)
        await district.people.MergePersons(request, CALL)
        listed = await district.people.ListPeople(pb.ListPeopleRequest(tenant=tower), CALL)
        assert [row.id for row in listed.people] == [kept.id]
        request = pb.MergePersonsRequest(tenant=tower, id=kept.id, duplicate=kept.id)
        with pytest.raises(Invalid, match="MERGE_WITH_SELF"):
            await district.people.MergePersons(request, CALL)


async def test_a_wrong_check_character_is_named(district: District) -> None:
    tower = await district.tenant()
    wrong = NUMBER[:17] + ("0" if right(NUMBER)[-1] != "0" else "1")
    with pytest.raises(Invalid, match="ID_NUMBER_INVALID"):
        await district.person(tower, id_number=wrong)


async def test_numbers_stay_readable_while_keys_are_rotated(district: District) -> None:
    tower = await district.tenant()
    person = await district.person(tower, id_number=right(NUMBER))
    new = SecretStr(base64.b64encode(b"n" * 32).decode())
    both = district.settings.model_copy(update={"kek": new, "kek_previous": district.settings.kek})
    before = await district.sql("SELECT wrapped FROM people_keys ORDER BY tenant_id, number")
    # The operator's second factor is sealed in the name of the district, the number in the tower's.
    assert await rewrap(both, fresh=True) == 4
    after = await district.sql("SELECT wrapped FROM people_keys ORDER BY tenant_id, number")
    assert not {row["wrapped"] for row in before} & {row["wrapped"] for row in after}

    alone = district.settings.model_copy(update={"kek": new})
    people = People(
        district.units,
        PageTokens(b"s" * 32),
        vault(alone, district.units),
        BlindIndex(alone.key("blind_index_key")),
    )
    with district.acting(tower):
        for known in (
            person,
            await people.RegisterPerson(
                pb.RegisterPersonRequest(tenant=tower, name="演示党员09", phone=PHONE), CALL
            ),
        ):
            field = pb.MASKED_FIELD_ID_NUMBER if known is person else pb.MASKED_FIELD_PHONE
            request = pb.UnmaskPersonRequest(tenant=tower, id=known.id, field=field, reason="核对")
            value = (await people.UnmaskPerson(request, CALL)).value
            assert value == (right(NUMBER) if known is person else PHONE)
    numbers = await district.sql("SELECT DISTINCT number FROM people_keys ORDER BY 1")
    assert [row["number"] for row in numbers] == [1, 2]
