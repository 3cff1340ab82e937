"""Encrypted fields: they open where they belong and nowhere else; keys rotate; equal values are found."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.encryption import (
    Algorithm,
    BlindIndex,
    Kek,
    Undecipherable,
    Vault,
    WrappedKey,
    key_number,
    seal,
    unseal,
)

KEK = b"k" * 32
ALGORITHMS: tuple[Algorithm, ...] = ("aes-256-gcm", "sm4-gcm")


class Table:
    """Stores wrapped keys as identity's table does."""

    def __init__(self) -> None:
        self.rows: dict[str, list[WrappedKey]] = defaultdict(list)

    async def load(self, tenant_id: str) -> Sequence[WrappedKey]:
        return list(self.rows[tenant_id])

    async def add(self, key: WrappedKey) -> Sequence[WrappedKey]:
        if not self.rows[key.tenant_id]:
            self.rows[key.tenant_id].append(key)
        return list(self.rows[key.tenant_id])


def vault(table: Table, kek: Kek | None = None, algorithm: Algorithm = "aes-256-gcm") -> Vault:
    return Vault(kek or Kek(KEK), table.load, table.add, algorithm)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_a_field_opens_only_in_its_place(algorithm: Algorithm) -> None:
    table = Table()
    sealing = vault(table, algorithm=algorithm)
    value = await sealing.seal("t1", "p1", "phone", "演示 13800000000")
    assert b"13800000000" not in value
    assert await vault(table).open("t1", "p1", "phone", value) == "演示 13800000000"
    for tenant, record, field in (("t1", "p2", "phone"), ("t1", "p1", "id_number"), ("t2", "p1", "phone")):
        with pytest.raises(Undecipherable):
            await sealing.open(tenant, record, field, value)
    assert value != await sealing.seal("t1", "p1", "phone", "演示 13800000000")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@given(plain=st.binary(max_size=200), place=st.integers(min_value=0), flip=st.integers(1, 255))
def test_any_changed_byte_is_noticed(algorithm: Algorithm, plain: bytes, place: int, flip: int) -> None:
    key = os.urandom(32)
    value = bytearray(seal(key, plain, b"context", algorithm, 7))
    assert unseal(key, bytes(value), b"context") == plain
    assert key_number(bytes(value)) == 7
    value[place % len(value)] ^= flip
    with pytest.raises(Undecipherable):
        unseal(key, bytes(value), b"context")


@pytest.mark.parametrize("cut", [0, 3, 6, 20, 33])
def test_short_values_are_refused(cut: int) -> None:
    value = seal(b"x" * 32, b"", b"", "aes-256-gcm", 1)
    with pytest.raises(Undecipherable):
        unseal(b"x" * 32, value[:cut], b"")


async def test_a_tenants_next_key_leaves_old_values_readable() -> None:
    table = Table()
    kek = Kek(KEK)
    sealing = vault(table, kek)
    old = await sealing.seal("t", "r", "f", "old")
    elsewhere = vault(table, kek)
    assert await elsewhere.open("t", "r", "f", old) == "old"
    table.rows["t"].append(kek.fresh("t", 2))
    sealing.forget("t")
    new = await sealing.seal("t", "r", "f", "new")
    assert (key_number(old), key_number(new)) == (1, 2)
    assert await sealing.open("t", "r", "f", old) == "old"
    assert await elsewhere.open("t", "r", "f", new) == "new"


async def test_the_kek_rotates_without_touching_values() -> None:
    table = Table()
    value = await vault(table, Kek(KEK)).seal("t", "r", "f", "secret")
    rotating = Kek(b"n" * 32, previous=KEK)
    assert await vault(table, rotating).open("t", "r", "f", value) == "secret"
    table.rows["t"] = [rotating.rewrap(key) for key in table.rows["t"]]
    assert await vault(table, Kek(b"n" * 32)).open("t", "r", "f", value) == "secret"
    with pytest.raises(Undecipherable):
        await vault(table, Kek(KEK)).open("t", "r", "f", value)


def test_a_wrapped_key_belongs_to_one_tenant() -> None:
    kek = Kek(KEK)
    key = kek.fresh("t1", 1)
    with pytest.raises(Undecipherable):
        kek.unwrap(WrappedKey("t2", 1, key.wrapped))


def test_a_blind_index_finds_equals_within_one_purpose() -> None:
    index = BlindIndex(b"b" * 32)
    assert index.of("phone", "13800000000") == index.of("phone", "13800000000")
    assert index.of("phone", "13800000000") != index.of("phone", "13800000001")
    assert index.of("phone", "1") != index.of("id_number", "1")
    assert index.of("a", "b") != BlindIndex(b"c" * 32).of("a", "b")
    with pytest.raises(ValueError, match="32"):
        BlindIndex(b"short")
