"""The made-up accounts are the same each time, and shaped as real ones are: few words everywhere, most of them rare."""

from __future__ import annotations

from collections import Counter

from tests.bench.synthetic import account, accounts, leads


def test_a_seed_always_makes_the_same() -> None:
    assert list(accounts(50, 1)) == list(accounts(50, 1)) != list(accounts(50, 2))
    assert list(accounts(50, 1))[49] == account(49, 1)
    assert list(leads(50, 1, 30)) == list(leads(50, 1, 30))


def test_few_words_are_everywhere_and_most_are_rare() -> None:
    counts = Counter(word for each in accounts(5_000, 1) for word in each.text("name").split())
    common = [word for word, n in counts.items() if n > 250]
    rare = [word for word, n in counts.items() if n <= 2]
    assert len(common) < 30
    assert len(rare) > len(counts) / 2
    assert all(2 <= len(each.text("name").split()) <= 6 for each in accounts(1_000, 1))


def test_four_leads_of_five_belong_to_an_account() -> None:
    made = list(leads(1_000, 1, 200))
    known = {each.id: each for each in accounts(200, 1)}
    owned = [(lead, known[account_id]) for lead, account_id in made if account_id]
    assert 700 < len(owned) < 900
    alike = [set(lead.text("company").split()) & set(of.text("name").split()) for lead, of in owned]
    assert sum(map(bool, alike)) > len(owned) * 0.9
