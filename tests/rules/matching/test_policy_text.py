"""The text of a match policy: what it means, what is wrong with it, what it asks the CRM for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.matching.pairs import Pair, Pairs
from rules.matching.preferences import KINDS
from rules.parsing.policy_reading import MOST_NAMES, MOST_PAIRS, MOST_TIE_BREAKERS
from rules.parts import MatchPolicy
from rules.ruleset import Fault, RuleSetError, Source, join, load, split
from rules.starter import starter
from tests.rules.make import cases, lead, ruleset

WHOLE = """\
# How accounts are chosen.
- match: default
  accept: 0.9            # thresholds
  review: 0.6
  only:
    - account.type is not Competitor
    - account.Blocked__c is not true
    - not: {account.Region__c: X} is no condition
  prefer:
    - customer: [Customer, Client]
    - open opportunities
    - most contacts
    - latest activity
    - active owner
    - ultimate parent
    - lead's country
    - oldest
    - list "Named accounts"
    - account.tier is Gold
    - highest account.revenue
    - lowest account.Rank__c
  tie: 25%
  domain only: fallback
  keep links: true
  never:
    - {company: Apple Records, account: Apple Inc.}
  always:
    - {domain: beats.com, account: Apple Inc.}
    - {lead: 00Q000000000001, account: 001000000000001}
  synonyms:
    - [IBM, International Business Machines, Big Blue]
  acquired:
    - {company: Red Hat, by: IBM}
  own free mail: [corp-webmail.example]

# The list.
- list: Named accounts
  values: [Apple Inc., apple.com]
""".replace("    - not: {account.Region__c: X} is no condition\n", "")


def test_a_whole_policy_is_loaded() -> None:
    rules = ruleset(WHOLE)
    found = rules.match
    assert (found.accept, found.review, found.tie) == (0.9, 0.6, 0.25)
    assert [str(part) for part in found.only] == ["account.type is not Competitor", "account.Blocked__c is not true"]
    assert [str(each) for each in found.prefer] == [
        "customer: [Customer, Client]", "open opportunities", "most contacts", "latest activity", "active owner",
        "ultimate parent", "lead's country", "oldest", 'list "Named accounts"', "account.tier is Gold",
        "highest account.revenue", "lowest account.Rank__c",
    ]  # fmt: skip
    assert (found.domain_only, found.keep_links) == ("fallback", True)
    assert [(pair.verdict, pair.side, pair.who, pair.account) for pair in found.pairs.every] == [
        ("never", "company", "Apple Records", "Apple Inc."),
        ("always", "domain", "beats.com", "Apple Inc."),
        ("always", "lead", "00Q000000000001", "001000000000001"),
    ]
    assert found.free_mail == {"corp-webmail.example"}
    assert found.prefer[8].listed >= {"apple inc.", "apple.com"}


def test_the_adapters_are_told_what_to_read() -> None:
    rules = ruleset(WHOLE)
    history = {"open_opportunities", "contacts", "last_activity_at"}
    assert set(rules.reads_account) == {"Blocked__c", "tier", "Rank__c"}
    assert rules.match.needs_custom == rules.reads_account
    assert rules.match.needs >= history | {"type", "country", "parent_id", "revenue", "Blocked__c", "employees"}
    assert rules.history == history
    assert rules.match.needs_history
    assert not rules.reads


def test_without_a_policy_nothing_is_asked_for() -> None:
    rules = load([])
    assert rules.match == MatchPolicy()
    assert not rules.needs_history
    assert rules.match.needs == {"type", "lifecycle", "employees"}
    assert rules.reads_account == frozenset()


def test_a_filter_may_read_custom_fields_of_the_lead() -> None:
    rules = ruleset("- match: default\n  only: [{any: [lead.Tier__c is A, account.Tier__c is A]}]\n")
    assert rules.reads == rules.reads_account == {"Tier__c"}


def test_a_rule_may_ask_for_what_the_crm_knows_beside_an_account() -> None:
    rules = ruleset("- rule: A\n  when: [account.open_opportunities >= 1]\n  assign: keep\n")
    assert rules.needs_history
    assert rules.history == {"open_opportunities"}
    assert not rules.match.needs_history
    assert rules.reads_account == frozenset()


def test_the_owner_is_no_field_to_be_read() -> None:
    rules = ruleset("- match: default\n  only: [account.owner is ana@example.com, account.owner_active is true]\n")
    assert rules.reads_account == frozenset()


@pytest.mark.parametrize("case", cases("policy_faults"), ids=lambda case: case["text"])
def test_a_mistake_in_a_policy_is_refused_with_its_place_and_a_remedy(case: dict[str, Any]) -> None:
    with pytest.raises(RuleSetError) as caught:
        load([Source("r", f"- match: default\n  {case['text']}\n")])
    told = [f"{fault.line}:{fault.column} {fault.message} {fault.remedy}" for fault in caught.value.faults]
    assert len(told) == len(case["faults"]), told
    for found, wanted in zip(told, case["faults"], strict=True):
        assert found.startswith(wanted), found


def test_no_part_of_a_policy_is_needed() -> None:
    assert ruleset("- match: default\n").match == MatchPolicy()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("prefer: [customer, active owner]", "tie: 30%"),
        ("tie: 25%", "tie: 0.25   # the same"),
        ("only: [account.type  is  A]", 'only: ["account.type is A"]'),
        ("prefer: ['list  VIP', Most  Contacts]", "prefer:\n  - 'list \"VIP\"'\n  - most contacts"),
        ("keep links: yes", "domain only: fallback"),
    ],
)
def test_texts_that_mean_the_same_have_one_version(one: str, other: str) -> None:
    def version(text: str) -> str:
        return load([Source("r", f"- match: default\n  {text}\n"), Source("l", "- list: VIP\n  values: [A]\n")]).version

    assert version(one) == version(other)


@pytest.mark.parametrize(
    "text",
    [
        "accept: 0.95", "only: [account.type is A]", "prefer: []", "tie: 5%", "domain only: never", "keep links: false",
        "never: [{company: A, account: B}]", "always: [{company: A, account: B}]", "synonyms: [[A1, B1]]",
        "acquired: [{company: A1, by: B1}]", "own free mail: [a.com]", "prefer: [{customer: [Client]}]",
        "prefer: [account.type is A]", "prefer: [highest account.revenue]",
    ],
)  # fmt: skip
def test_every_part_of_a_policy_counts_for_the_version(text: str) -> None:
    assert ruleset(f"- match: default\n  {text}\n").version != ruleset("- match: default\n").version


def test_a_policy_is_split_and_joined_without_a_loss() -> None:
    items = split(WHOLE)
    assert [(item.kind, item.name) for item in items] == [("match", "default"), ("list", "Named accounts")]
    assert join(items) == WHOLE
    assert ruleset(join(items)).match == ruleset(WHOLE).match


def test_a_list_that_does_not_fit_a_filter_is_a_fault() -> None:
    with pytest.raises(RuleSetError) as caught:
        ruleset("- match: default\n  only: ['account.employees in list \"L\"']\n- list: L\n  values: [many]\n")
    assert "A value of the list does not fit." in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            f"prefer: [{', '.join(f'highest account.F{n}__c' for n in range(MOST_TIE_BREAKERS + 1))}]",
            "prefer has more than 20 entries.",
        ),
        (f"synonyms: [[{', '.join(f'Name {n}' for n in range(MOST_NAMES + 1))}]]", "more than 20 entries."),
        (f"never: [{', '.join('{lead: a, account: b}' for _ in range(MOST_PAIRS + 1))}]", "more than 2,000 entries."),
    ],
)
def test_what_is_too_long_is_refused(text: str, message: str) -> None:
    with pytest.raises(RuleSetError, match=message):
        ruleset(f"- match: default\n  {text}\n")


NAMES = ruleset("""\
- match: default
  synonyms:
    - [IBM, International Business Machines, Big Blue]
    - [Meta, Facebook]
  acquired:
    - {company: Red Hat, by: IBM}
    - {company: Ansible, by: Red Hat}
    - {company: Roundabout, by: Elsewhere}
    - {company: Elsewhere, by: Roundabout}
""").match


@pytest.mark.parametrize(
    ("company", "aliases"),
    [
        ("ibm", ("International Business Machines", "Big Blue")),
        ("International Business Machines Corp.", ("IBM", "Big Blue")),
        ("Red Hat, Inc.", ("IBM", "International Business Machines", "Big Blue")),
        ("Ansible", ("Red Hat", "IBM", "International Business Machines", "Big Blue")),
        ("Roundabout", ("Elsewhere",)),
        ("Facebook Ltd", ("Meta",)),
        ("Other", ()),
        ("", ()),
    ],
)
def test_a_company_has_further_names(company: str, aliases: tuple[str, ...]) -> None:
    assert NAMES.aliases(company) == aliases
    assert all(NAMES.alias_reason(company, alias) for alias in aliases)


def test_a_further_name_has_its_reason() -> None:
    assert NAMES.alias_reason("IBM", "Big Blue") == "“IBM” is also called “Big Blue”, as your rules say."
    assert NAMES.alias_reason("Red Hat", "IBM") == "“Red Hat” was acquired by “IBM”, as your rules say."
    assert NAMES.alias_reason("Red Hat", "Big Blue") == (
        "“Red Hat” was acquired by “IBM”, as your rules say. “IBM” is also called “Big Blue”, as your rules say."
    )
    assert NAMES.alias_reason("Other", "IBM") == ""


@pytest.mark.parametrize(
    ("fields", "accounts"),
    [
        ({"email": "x@beats.com"}, ("Apple Inc.",)),
        ({"website": "https://shop.beats.com/x"}, ("Apple Inc.",)),
        ({"company": "Apple Records", "email": "x@gmail.com"}, ()),
        ({"company": "Acme", "email": "x@acme.com"}, ("A1",)),
        ({}, ()),
    ],
)
def test_the_accounts_that_pairs_name_can_be_looked_up(fields: dict[str, Any], accounts: tuple[str, ...]) -> None:
    reviewed = Pairs(
        (Pair("always", "company", "ACME", "A1", by="Ana"), Pair("never", "company", "Acme", "A2", by="Bo"))
    )
    assert ruleset(WHOLE).match.named(lead(**fields), reviewed) == accounts


KEYS = st.sampled_from(["only", "prefer", "tie", "domain only", "keep links", "never", "synonyms", "acquired", "x"])


@given(KEYS, st.text(max_size=60) | st.text("[]{}:,- \"'abcdelt.%0123456789\n", max_size=60))
def test_no_text_breaks_the_reader(key: str, text: str) -> None:
    for fault in faults_of(f"- match: default\n  {key}: {text}\n"):
        assert fault.line >= 1
        assert fault.column >= 1
        assert fault.message


def faults_of(text: str) -> tuple[Fault, ...]:
    try:
        load([Source("r", text)])
    except RuleSetError as error:
        return error.faults
    return ()


MANUAL = Path(__file__).parents[3] / "docs" / "rules.md"


@pytest.mark.parametrize("text", re.findall(r"```yaml\n(.*?)```", MANUAL.read_text(encoding="utf-8"), re.DOTALL))
def test_what_the_manual_shows_is_valid(text: str) -> None:
    assert ruleset(text).version


def test_the_manual_names_every_tie_breaker() -> None:
    told = MANUAL.read_text(encoding="utf-8")
    assert [kind for kind in KINDS if kind not in told and kind != "condition"] == []


def test_the_starter_shows_the_policy_that_holds_without_it() -> None:
    rules = ruleset(starter("ana@example.com"))
    assert rules.match == MatchPolicy()
