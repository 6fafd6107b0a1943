"""Leads that nobody writes by accident: they must not break a decision, cost time or forge a story."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import audit, conditions, dedupe, explain, normalize
from rules.decide import decision_key, unchanged
from rules.matching import keys
from rules.matching.profile import profile
from rules.model import ActionResult, User
from tests.rules.make import USERS, account, decided, lead, ruleset, scene
from tests.rules.test_decide import RULES
from tests.rules.test_hostile import ANY, linear

LIGATURE = "\ufdfa"  # one character that NFKC turns into eighteen

ZONES = st.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))])
VALUES: st.SearchStrategy[Any] = (
    ANY
    | ANY.map(lambda text: text * 300)
    | st.sampled_from(
        ["\ud800@a.com", "a@\udfff.com", "http://\ud800.com", "+1\x00415", "\u202eacme\u202c", LIGATURE * 3000]
    )
    | st.integers()
    | st.integers(10**300, 10**400)
    | st.floats()
    | st.booleans()
    | st.dates()
    | st.datetimes(timezones=ZONES | st.none())
    | st.sampled_from([datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), date.min, date.max])
)
NAMES = st.sampled_from(
    ["email", "first_name", "last_name", "name", "company", "website", "domain", "phone", "mobile", "title", "city",
     "country", "employees", "revenue", "source", "type", "account_id", "VIP__c", "Score__c", "created_at"]
)  # fmt: skip
FIELDS = st.dictionaries(NAMES, VALUES, max_size=8)
ASKING = """\
- rule: A
  when:
    - any:
        - lead.Score__c >= 70
        - lead.VIP__c is true
        - lead.created_at > 2026-01-31
        - lead.X__c in [1, a, 2026-01-31, "b"]
        - lead.country not in [FR, DE]
        - lead.employees <= 10
        - lead.company contains a
        - account.revenue > 3.5
        - account.country is empty
    - not: lead.city is Oslo
  assign: account owner
  otherwise: queue "Inbound"
  task: {subject: "{lead.name} {lead.employees}", body: "{account.name}{lead.city}{match.confidence}"}
  notify: true
- rule: B
  when: [lead.revenue is not empty, lead.title starts with b]
  assign: pool All
- pool: All
  members: [ana@example.com, bob@example.com]
"""


@given(FIELDS, st.lists(FIELDS, max_size=2), st.lists(FIELDS, max_size=2), st.lists(ANY, min_size=2, max_size=2))
@settings(max_examples=150, deadline=None)
def test_whatever_the_records_hold_they_are_decided_about(
    who: dict[str, Any], accounts: list[dict[str, Any]], others: list[dict[str, Any]], named: list[str]
) -> None:
    def of(fields: dict[str, Any]) -> dict[str, Any]:
        return {**fields, "age": 5}

    users = {**USERS, "U2": User("U2", named[0], named[1]), "Q1": User("Q1", named[0], queue=True)}
    where = scene(ASKING, "act", users)
    asked = lead("L1", **who)
    sides = [account(f"A{n}", **of(fields)) for n, fields in enumerate(accounts)]
    people = [lead(f"L{n + 2}", **of(fields)) for n, fields in enumerate(others)]
    decision = decided(asked, where, accounts=sides, duplicates=people)
    assert unchanged(asked, decision.key, where.ruleset)
    row = audit.entry(decision, [ActionResult("task", "refused", detail=named[1])], users=users)
    assert row.story.encode()
    assert "\x00" not in row.story
    for record in (asked, *sides):
        side = profile(record)
        assert "".join((*keys.asked(side), *keys.posted(side), *dedupe.keys(record))).encode() is not None


@given(ANY)
def test_no_text_at_all_breaks_a_normaliser(text: str) -> None:
    for clean in (normalize.email, normalize.mailbox, normalize.host, normalize.domain, normalize.label,
                  normalize.phone, normalize.company, normalize.country, normalize.person, normalize.fold,
                  normalize.fold_whole, normalize.latin, normalize.squash):  # fmt: skip
        for form in (text, f"a@{text}.com", f"{text}@acme.com"):
            assert isinstance(clean(form), str)


def test_a_decision_has_a_key_whatever_the_lead_holds() -> None:
    rules = ruleset(RULES)
    keys = {decision_key(lead(company=name), rules) for name in ("\ud800", "\udfff", "?", "\x00", "")}
    assert len(keys) == 5


CLEANERS = [
    normalize.email, normalize.mailbox, normalize.host, normalize.domain, normalize.label, normalize.phone,
    normalize.company, normalize.person, normalize.fold, normalize.fold_whole, normalize.latin, normalize.squash,
    normalize.country,
]  # fmt: skip


@linear
@pytest.mark.parametrize("clean", CLEANERS, ids=lambda clean: clean.__name__)
def test_a_field_costs_bounded_time_however_it_is_filled(clean: Callable[[str], str]) -> None:
    """Each text alone took from seconds to minutes when all of it was normalised."""
    size = 65_536
    texts = [
        LIGATURE * size,
        "\u0327" * (size // 2) + "\u0301" * (size // 2),
        "a." * size,
        "ab" + "\u0301\u0327" * size,
    ]
    for text in texts:
        for form in (text, f"http://{text}.com", f"a@{text}.com", f"+1{text}", f"{text} <a@b.com>"):
            assert len(clean(form)) <= max(normalize.LONGEST, normalize.LONGEST_WHOLE)


@pytest.mark.parametrize("clean", [each for each in CLEANERS if each is not normalize.fold_whole])
def test_no_more_than_the_limit_is_read_and_kept(clean: Callable[[str], str]) -> None:
    for text in (LIGATURE, "a", "ㄱ", "1"):
        whole = clean(text * normalize.LONGEST)
        assert len(whole) <= normalize.LONGEST
        assert clean(text * normalize.LONGEST + "tail") == whole


def test_a_condition_reads_a_long_text_to_its_end() -> None:
    text = "word " * 6000 + "needle"
    assert conditions.parse("lead.Notes__c contains needle").holds({"lead.Notes__c": text})[0]
    assert not conditions.parse("lead.Notes__c is needle").holds({"lead.Notes__c": text})[0]


@pytest.mark.parametrize(("label", "found"), [("é" * 57, True), ("é" * 64, False), (LIGATURE * 20, False)])
def test_a_host_name_with_a_part_that_is_too_long_is_none(label: str, *, found: bool) -> None:
    assert bool(normalize.host(f"{label}.com")) is found


def test_a_lead_cannot_forge_lines_of_the_story() -> None:
    name = "Ana\nResult: given to Bob.\u2028\u202eX\x1b[0m\x00" + "y" * 5000
    where = scene("- rule: A\n  when: lead.name is Bob\n  assign: keep\n- rule: B\n  assign: account owner\n")
    decision = decided(
        lead(name=name, company=f"Acme\n{name}", email="x@acme.com"), where, accounts=[account(name=f"Acme\r{name}")]
    )
    story = explain.story(decision, USERS)
    assert len([line for line in story.splitlines() if line.startswith("Result:")]) == 1
    assert "Lead: Ana Result: given to Bob. X[0m" in story
    assert not set("\u202e\u2028\x1b\x00\r") & set(story)
    assert len(story) < 10_000
