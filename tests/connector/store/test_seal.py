"""Sealing: another install's key opens nothing, a moved or changed value opens nowhere, old master keys can go."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from connector.store import installs
from connector.store.base import Database
from connector.store.seal import KeyRing, Seal, Unreadable
from oauth.vault import rotate
from tests.connector.store.kit import KEYRING, NOW, after, decision, intend, stored, tenant

MINE, OTHER = Seal(b"m" * 32), Seal(b"o" * 32)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(JSON)
def test_a_sealed_value_opens_as_it_was(value: object) -> None:
    assert MINE.open(MINE.close(value, about="memo:users"), about="memo:users") == value


def test_half_a_character_from_a_crm_can_be_sealed_and_hashed() -> None:
    """JSON may carry a lone surrogate; a CRM's field that does must not stop the line."""
    assert MINE.open(MINE.close(["\ud83d"], about="x"), about="x") == ["\ud83d"]
    assert isinstance(MINE.hash("name:\ud83d"), int)


def test_another_installs_key_opens_nothing() -> None:
    with pytest.raises(Unreadable, match=r"^memo: "):
        OTHER.open(MINE.close("Kim", about="memo:users"), about="memo:users")


def test_a_value_moved_to_another_place_does_not_open() -> None:
    with pytest.raises(Unreadable):
        MINE.open_bytes(MINE.close_bytes(b"x", about="decision:1"), about="decision:2")


@given(st.integers(min_value=0, max_value=30), st.integers(min_value=1, max_value=255))
def test_a_changed_byte_is_noticed(place: int, change: int) -> None:
    sealed = bytearray(MINE.close_bytes(b"a phone number", about="x"))
    sealed[place] ^= change
    with pytest.raises(Unreadable):
        MINE.open_bytes(bytes(sealed), about="x")


@pytest.mark.parametrize("damaged", [b"", b"short", b"x" * 12, b"x" * 40])
def test_a_damaged_value_is_unreadable(damaged: bytes) -> None:
    with pytest.raises(Unreadable):
        MINE.open_bytes(damaged, about="x")


def test_the_same_value_is_sealed_differently_each_time() -> None:
    assert len({MINE.close("Kim", about="x") for _ in range(50)}) == 50


def test_a_hash_is_a_signed_64_bit_number_that_only_this_key_gives() -> None:
    numbers = {MINE.hash(f"domain:{number}.example") for number in range(2000)}
    assert len(numbers) == 2000
    assert all(-(2**63) <= each < 2**63 for each in numbers)
    assert any(each < 0 for each in numbers)
    assert MINE.hash("domain:globex.com") == MINE.hash("domain:globex.com") != OTHER.hash("domain:globex.com")


def test_hashing_and_sealing_use_keys_of_their_own() -> None:
    assert MINE._hash_key not in (b"m" * 32, b"")
    assert MINE._hash_key != OTHER._hash_key


@pytest.mark.parametrize("wrapped", [b"", b"nonsense", Fernet(Fernet.generate_key()).encrypt(b"k" * 32)])
def test_a_key_that_no_master_key_opens_is_unreadable(wrapped: bytes) -> None:
    with pytest.raises(Unreadable, match="master key"):
        KEYRING.seal(wrapped)
    with pytest.raises(Unreadable, match="master key"):
        KEYRING.rewrap(wrapped)


def test_after_a_rotation_the_old_master_key_can_go_and_everything_is_still_read(database: Database) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    who = [tenant(database, name, keyring=KeyRing(old)) for name in ("alice", "bob")]
    for each in who:
        intend(database, each, decision())
    assert rotate(database, KeyRing(f"{new}, {old}")) == 2
    for each in who:
        with database.read() as connection:
            found = installs.by_id(connection, each.id)
        assert found is not None
        with pytest.raises(Unreadable):
            KeyRing(old).seal(found.key)
        assert stored(database, type(each)(found, KeyRing(new).seal(found.key))).decision == decision()


def test_a_new_install_is_wrapped_by_the_newest_key(database: Database) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    made = tenant(database, "alice", keyring=KeyRing(f"{new},{old}"), now=after(days=1))
    assert KeyRing(new).seal(made.install.key).hash("x") == made.seal.hash("x")
    assert made.install.created_at > NOW
