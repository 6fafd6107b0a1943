"""Accounts that are as likely: whoever owns them, the tie-breakers end where they should, in any order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.match import match
from rules.matching.contest import Contest, Settled
from rules.matching.policy import MatchPolicy
from rules.matching.preferences import KINDS, Preference
from rules.model import Record
from tests.rules.make import USERS, account, lead

WHO = lead(country="Germany")
RELATIVES = {"parent", "child"}
"""The tie-breakers that look at the other accounts of the tie."""
OF_ONE = [
    Preference(kind, field="employees" if kind in {"highest", "lowest"} else "")
    for kind in KINDS
    if kind not in {*RELATIVES, "list", "condition"}
]
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "type": st.sampled_from(["Customer", "Prospect"]),
    "employees": st.sampled_from([5, 500]),
    "country": st.sampled_from(["Germany", "France"]),
    "parent_id": st.sampled_from(["A0", "A1", "A9"]),
    "open_opportunities": st.integers(0, 1),
    "contacts": st.integers(0, 2),
    "last_activity_at": st.sampled_from(["2026-01-01", "2026-02-01"]),
}
TOLD: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"owner": st.sampled_from(["U1", "U2", "U4", "Q1", None]), "age": st.integers(1, 3)}, optional=VALUES
)
PREFER = st.lists(st.sampled_from(OF_ONE), max_size=4, unique=True)


@st.composite
def tied(draw: st.DrawFn) -> tuple[Record, ...]:
    told = draw(st.lists(TOLD, min_size=1, max_size=6))
    return tuple(account(f"A{at}", name=f"Acme {at}", **each) for at, each in enumerate(told))


def settled(accounts: Sequence[Record], prefer: Sequence[Preference]) -> Settled:
    return Contest(WHO, tuple(accounts), USERS).settled(prefer)


def best_of_owners(accounts: Sequence[Record], prefer: Sequence[Preference]) -> tuple[Record, ...]:
    """Make the accounts of each owner one, before anything else decides."""
    owners = dict.fromkeys(each.owner_id for each in accounts if each.owner_id)
    piles = [[each for each in accounts if each.owner_id == owner] for owner in owners]
    return (*(settled(pile, prefer).winner for pile in piles), *(each for each in accounts if not each.owner_id))


@given(tied(), PREFER)
def test_making_the_accounts_of_an_owner_one_first_changes_nothing(
    accounts: tuple[Record, ...], prefer: list[Preference]
) -> None:
    one, other = settled(accounts, prefer), settled(best_of_owners(accounts, prefer), prefer)
    assert one.winner == other.winner
    assert {each.id for each in one.left} == {each.id for each in other.left}


@given(tied(), PREFER, st.randoms(use_true_random=False))
def test_the_order_of_the_accounts_decides_nothing(
    accounts: tuple[Record, ...], prefer: list[Preference], random: Any
) -> None:
    shuffled = random.sample(accounts, len(accounts))
    one, other = settled(accounts, prefer), settled(shuffled, prefer)
    assert (one.winner, {each.id for each in one.left}) == (other.winner, {each.id for each in other.left})


@given(tied(), PREFER)
def test_a_person_chooses_between_owners_and_never_between_accounts_of_one(
    accounts: tuple[Record, ...], prefer: list[Preference]
) -> None:
    left = settled(accounts, prefer).left
    owners = [each.owner_id for each in left if each.owner_id]
    assert len(owners) == len(set(owners))
    assert len(left) != 1
    assert left or settled(accounts, prefer).why or len(accounts) == 1


ALIKE = {"name": "Globex Corporation", "website": "globex.com", "country": None, "parent_id": None}
"""What evidence reads: with it, accounts are as likely."""


@given(st.lists(TOLD, min_size=2, max_size=3), PREFER)
def test_a_lead_whose_likeliest_accounts_have_one_owner_is_matched_to_the_best_of_them(
    told: list[dict[str, Any]], prefer: list[Preference]
) -> None:
    accounts = [account(f"A{at}", **{**each, **ALIKE, "owner": "U1"}) for at, each in enumerate(told)]
    who = lead(company="Globex Corporation", email="kim@globex.com")
    found = match(who, accounts, policy=MatchPolicy(prefer=tuple(prefer)))
    assert found.status == "matched"
    assert found.account is not None
    assert found.account.account_id == settled(accounts, prefer).winner.id
    assert "are as likely and have the same owner" in found.tie


@pytest.mark.parametrize("relative", sorted(RELATIVES))
def test_relatives_count_whoever_owns_them(relative: str) -> None:
    family = [account("A1", owner="U1"), account("A2", owner="U1", parent_id="A1"), account("A0", owner="U2")]
    assert settled(family, [Preference(relative)]).winner.id == {"parent": "A1", "child": "A2"}[relative]
