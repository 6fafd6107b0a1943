"""Whatever somebody does in the store, in whatever order, with whatever ids: nobody else has another row than before.

The calls are those of test_tenancy.py, which has one of every function. Here they come one after the other, so that
each meets what the ones before it left. Charlie has nothing at first; Bob has the same as Alice, under the same names.
"""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from connector.store.memos import StoredMemo
from tests.connector.store.kit import NOW
from tests.connector.store.street import Street, everything_of, rows_of, street
from tests.connector.store.test_tenancy import CASES

__all__ = ["street"]

REFUSED = (DBAPIError, LookupError, ValueError, AssertionError)
"""What a call may raise that finds its own install as it should not be; never Unreadable: that was somebody else's."""


@pytest.mark.threat("T01")
@settings(max_examples=60)
@given(who=st.sampled_from(["bob", "charlie"]), names=st.lists(st.sampled_from(sorted(CASES)), min_size=5, max_size=30))
def test_whatever_somebody_does_in_whatever_order_others_keep_what_they_have(
    street: Street, who: str, names: list[str]
) -> None:
    me = street.bob if who == "bob" else street.charlie
    others = [street.alice] if who == "bob" else [street.alice, street.bob]
    with street.database.write() as connection:
        everything = everything_of(connection, *others)
        before = rows_of(connection, everything)
        for name in names:
            call, _ = CASES[name]
            told: object = None
            with contextlib.suppress(*REFUSED), connection.begin_nested():
                told = call(connection, me)
            assert not any(each.id in repr(told) for each in others), name
        assert rows_of(connection, everything) == before
        connection.rollback()


@pytest.mark.threat("T01")
def test_what_is_remembered_of_a_crm_is_known_to_its_install_alone(street: Street) -> None:
    def memo(who: str) -> StoredMemo:
        each = getattr(street, who)
        return StoredMemo(street.database, each.id, each.seal, lambda: NOW)

    assert (memo("alice").get("users"), memo("charlie").get("users")) == (["Ana"], None)
    memo("charlie").put("users", ["Mine"], seconds=60)
    memo("bob").forget("users")
    assert (memo("alice").get("users"), memo("bob").get("users")) == (["Ana"], None)
    memo("bob").put("users", ["Ana"], seconds=60)
    memo("charlie").forget("users")
    assert memo("alice").get("users") == ["Ana"]
