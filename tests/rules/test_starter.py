from __future__ import annotations

import pytest

from rules.starter import starter
from tests.rules.make import account, decided, lead, ruleset, scene

TEXT = starter("ana@example.com")


def test_the_starter_is_valid_and_explains_itself() -> None:
    rules = ruleset(TEXT)
    assert [rule.name for rule in rules.rules] == ["Duplicate of someone we know", "Matched account", "Everyone else"]
    assert rules.pools["New business"].members[0].user == "ana@example.com"
    assert TEXT.count("#") >= 8


def test_the_starter_routes_a_duplicate_a_match_and_the_rest() -> None:
    where = scene(TEXT)
    known = [lead("L0", age=9, owner="U3", email="x@acme.com")]
    company = [account(name="Acme", website="acme.com", owner="U2")]
    assert (
        decided(lead(email="x@acme.com"), where, accounts=company, duplicates=known).route.assignee is where.users["U3"]
    )
    assert decided(lead(email="y@acme.com"), where, accounts=company).route.assignee is where.users["U2"]
    assert decided(lead(email="y@beta.com"), where, accounts=company).route.assignee is where.users["U1"]


@pytest.mark.parametrize("email", ["o'brien@example.com", "ADMIN@example.com", "a+b@example.com"])
def test_any_address_of_the_admin_makes_a_valid_starter(email: str) -> None:
    assert ruleset(starter(email)).pools["New business"].members[0].user == email.lower()
