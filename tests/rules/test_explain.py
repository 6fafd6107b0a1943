from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import explain
from rules.conditions import Block, parse
from rules.decide import ignore
from rules.matching.ranking import of_records, rank
from rules.model import ActionResult, Mode
from rules.wording import phrases, templates
from rules.wording.words import SENTENCES, percent, say
from tests.rules.make import NOW, USERS, account, cases, decided, lead, scene
from tests.rules.test_decide import RULES, made


def test_the_reason_is_one_plain_sentence() -> None:
    where = scene(
        "- rule: Enterprise EMEA\n  when: ['lead.country in list \"EMEA\"', lead.employees >= 5000]\n"
        '  assign: pool "EMEA enterprise"\n- pool: EMEA enterprise\n  members: [ana@example.com]\n'
        "- list: EMEA\n  values: [FR, DE]\n"
    )
    decision = decided(lead(country="France", employees=8000), where)
    assert explain.reason(decision) == (
        "Your rule “Enterprise EMEA” gives leads in France with 5,000+ employees to the pool EMEA enterprise; "
        "it was Ana's turn."
    )


CUSTOMER = {"name": "Acme S.A.", "website": "acme.com", "type": "Customer"}
KNOWN = {"id": "L0", "owner": "U3", "age": 9, "email": "x@acme.com"}
MAIL = {"email": "x@acme.com"}


@pytest.mark.parametrize(
    ("lead_fields", "accounts", "duplicates", "reason"),
    [
        (MAIL, [], [KNOWN], "“Known person” gives {people we know} to the owner of the earlier lead; that is Carla."),
        (
            MAIL,
            [{**CUSTOMER, "owner": "U2"}],
            [],
            "“Existing customer” gives {customers} to the owner of the account; Bob owns Acme S.A.",
        ),
        (
            MAIL,
            [{**CUSTOMER, "owner": "U4"}],
            [],
            "“Existing customer” first tries the account owner, but Gustavo is not active. So the lead goes to Carla.",
        ),
        ({"source": "web"}, [], [], "“Web” gives leads whose source is web to the queue Inbound."),
        ({"source": "Partner"}, [], [], "“Partners” gives leads whose source is Partner to Carla."),
        ({"title": "Intern"}, [], [], "“Interns” leaves {interns} with the owner they have."),
        ({}, [], [], "“Rest” gives all other leads to the pool All; it was Ana's turn."),
    ],
)
def test_every_way_to_take_a_lead_has_its_sentence(
    lead_fields: dict[str, Any], accounts: list[dict[str, Any]], duplicates: list[dict[str, Any]], reason: str
) -> None:
    decision = decided(
        lead(**lead_fields),
        scene(RULES),
        accounts=[made("account", "A1", each) for each in accounts],
        duplicates=[made("lead", "L0", each) for each in duplicates],
    )
    spelled = {
        "{people we know}": "leads from people we know already",
        "{customers}": "leads with a matched account whose account type starts with Customer",
        "{interns}": "leads whose title contains intern for which “not: (lead.VIP__c is true)” holds",
    }
    for short, long in spelled.items():
        reason = reason.replace(short, long)
    assert decision.route.reason == f"Your rule {reason}"


@pytest.mark.parametrize(
    ("line", "facts", "told"),
    [
        ("lead.country not in [US, Canada]", {"lead.country": "FR"}, "outside United States or Canada"),
        ('lead.country not in list "EMEA"', {}, "outside EMEA"),
        ("account.employees > 50", {}, "with more than 50 employees"),
        ("account.employees <= 50", {}, "with up to 50 employees"),
        ("lead.employees < 50", {}, "with fewer than 50 employees"),
        ("match.confidence >= 0.9", {}, "matched with 90% or more"),
        ("lead.title is empty", {}, "whose title is empty"),
        ("lead.Score__c >= 70", {"lead.Score__c": 71}, "whose Score__c is at least 70"),
        ("account.postal_code starts with 75", {}, "whose account postal code starts with 75"),
        ("lead.first_name != Bob", {"lead.first_name": "Ana"}, "whose first name is not Bob"),
    ],
)
def test_a_condition_is_told_in_words(line: str, facts: dict[str, Any], told: str) -> None:
    condition = parse(line)
    bound = condition.bind(["FR"]) if condition.list_name else condition
    assert phrases.phrase(bound, facts) == told


def test_phrases_are_joined_as_people_speak() -> None:
    when = [
        parse("lead.country is FR"),
        parse("lead.title contains VP"),
        parse("lead.source is Web"),
        parse("lead.city is Rome"),
    ]
    facts = {"lead.country": "France", "lead.title": "VP Sales", "lead.source": "web"}
    assert phrases.leads(when, facts, first=True) == "leads in France whose title contains VP and whose source is web"
    assert phrases.leads([], facts, first=True) == "all leads"
    either = Block("any", (parse("lead.country is DE"), *when[:1]))
    assert phrases.leads([either], facts, first=True) == "leads in France"
    told = phrases.leads([Block("not", tuple(when[3:]))], facts, first=True)
    assert told == "leads for which “not: (lead.city is Rome)” holds"


def test_the_story_tells_everything_in_order() -> None:
    decision = decided(
        lead(name="Ana Lima", company="Grand", email="ana@grand.fr", country="FR", employees=7000),
        scene(RULES),
        accounts=[
            account("A1", name="Grand SA", website="grand.fr", country="France", owner="U2"),
            account("A2", name="Grande", country="Italy", owner="U3"),
        ],
        duplicates=[lead("L0", age=9, owner="U3", email="ana@grand.com", name="Ana Costa")],
    )
    results = [ActionResult("link", "already"), ActionResult("task", "refused", detail="No access.")]
    found = decision.match.account
    assert found is not None
    evidence = "\n".join(f"  {clue.weight:+.1f} {clue.text}" for clue in found.evidence)
    assert [clue.text for clue in found.evidence][:5] == [
        "Both are at grand.fr.",
        "No other account uses the domain grand.fr.",
        "Both are called “Grand SA”.",
        "The domain grand.fr spells the name “Grand SA”.",
        "Both are in France.",
    ]
    assert (
        explain.story(decision, USERS, results)
        == f"""\
Received 2026-03-02 08:59 UTC, decided 2026-03-02 09:00 UTC (2.0 s later) by rule set {decision.ruleset_version}.
Lead: Ana Lima, Grand.
Duplicate: no earlier record of this person was found.
Account: Grand SA, {percent(found.confidence)} (owner Bob).
{evidence}
Rules, in order:
  - “Known person” passed over: duplicate.status is same (found: different)
  - “Existing customer” passed over: account.type starts with Customer (found: empty)
  ✓ “Enterprise EMEA” holds
Result: given to Ana. {decision.route.reason}
Turn: Ana in the pool EMEA enterprise; 1 received by now, 0.7 due by weight.
Actions: linked to the account (was done already), owner set, decision noted on the lead, \
task “Call Ana Lima at Grand” due 2026-03-02 09:15 UTC (refused: No access.), notification."""
    )


@pytest.mark.parametrize("case", cases("routes")["cases"], ids=lambda case: case["name"])
@pytest.mark.parametrize("mode", ["observe", "suggest", "act"])
def test_every_decision_has_a_story_and_a_reason(case: dict[str, Any], mode: Mode) -> None:
    decision = decided(
        made("lead", "L1", case["lead"]),
        scene(RULES, mode),
        accounts=[made("account", "A1", each) for each in case.get("accounts", ())],
        duplicates=[made("lead", "L0", each) for each in case.get("duplicates", ())],
        rotation=case.get("rotation"),
    )
    story = explain.story(decision)
    assert decision.route.reason in story
    assert explain.story(decision, USERS).count("\n") >= 4
    assert "{" not in story.replace("{lead", "")
    assert "None" not in story


@given(
    st.dictionaries(st.sampled_from(["name", "company", "email", "phone", "title", "country"]), st.text(max_size=30))
)
@settings(max_examples=60, deadline=None)
def test_no_lead_breaks_the_story(fields: dict[str, Any]) -> None:
    decision = decided(lead(**fields), scene(RULES), accounts=[account(name="{0} {name}")])
    assert explain.story(decision, USERS)


def test_what_weighs_nothing_is_told_without_a_weight() -> None:
    text = "- match: default\n  synonyms: [[Acme, Ajax]]\n- rule: A\n  assign: keep\n"
    ranked = rank(
        lead(company="Ajax"),
        of_records(lead(company="Ajax"), [account(name="Ajax")]),
        alias="Acme is also called Ajax.",
    )
    who, where = lead(company="Acme"), scene(text)
    decision = decided(who, where, accounts=[account(name="Ajax")], ranking=ranked)
    lines = explain.story(decision, USERS).splitlines()
    assert "  Acme is also called Ajax." in lines
    assert any(line.endswith("Both are called “Ajax”.") and line.startswith("  +") for line in lines)


def test_the_story_names_a_matched_account_once_and_says_why_where_there_is_more_to_say() -> None:
    acme = account(name="Acme", website="acme.com")
    sure = decided(lead(email="x@acme.com"), scene(RULES), accounts=[acme])
    told = [line for line in explain.story(sure).splitlines() if "Acme" in line]
    assert sure.match.account is not None
    assert told[0] == f"Account: Acme, {percent(sure.match.account.confidence)} (owner U2)."
    linked = decided(lead(account_id="A1"), scene(RULES), accounts=[acme])
    assert "(owner U2). The lead is already linked to this account." in explain.story(linked)


def test_the_story_of_an_ignored_lead_says_why_and_no_more() -> None:
    decision = ignore(lead(name="Ana"), reason="The lead was deleted.", scene=scene(RULES), received_at=NOW, now=NOW)
    assert explain.story(decision, USERS).splitlines()[1:] == ["Lead: Ana.", "Result: ignored. The lead was deleted."]


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"name": "Ana Lima", "company": "Acme"}, "Ana Lima, Acme"),
        ({"first_name": "Ana", "last_name": "Lima"}, "Ana Lima"),
        ({"email": "ana@acme.com", "company": "Acme"}, "ana@acme.com, Acme"),
        ({"company": "Acme"}, "Acme"),
        ({"phone": "+55 11 1"}, "+55 11 1"),
        ({}, "a lead without a name"),
    ],
)
def test_a_lead_is_called_by_what_there_is(fields: dict[str, Any], name: str) -> None:
    assert explain.lead_name(explain.lead_facts(lead(**fields))) == name


def test_a_task_says_why_how_to_reach_them_and_what_is_known() -> None:
    text = '- rule: A\n  assign: user ana@example.com\n  task: {body: "Ask {lead.first_name} about {account.name}."}\n'
    decision = decided(
        lead(first_name="Rui", email="rui@acme.com", phone="+55 11 3927-1000"),
        scene(text, "suggest"),
        accounts=[account(name="Acme", website="acme.com")],
        duplicates=[lead("L0", age=5, email="rui@acme.com")],
    )
    task = decision.actions[0]
    assert getattr(task, "subject", "") == "New lead: Rui"
    assert getattr(task, "body", "").splitlines() == [
        "Ask Rui about Acme.",
        "Your rule “A” gives all leads to Ana.",
        "Suggested by Switchyard; the owner was not changed.",
        "Reach them at +55 11 3927-1000, rui@acme.com.",
        f"Account: Acme ({percent(decision.match.confidence)}).",
        "An earlier lead of this person exists: L0.",
    ]


def test_templates_take_canonical_names_and_nothing_else() -> None:
    facts: dict[str, Any] = {
        "lead.name": "{lead.email}",
        "lead.email": "x",
        "lead.employees": 5000,
        "match.confidence": 0.95,
    }
    assert templates.fill("Hi { lead.name }!", facts) == "Hi {lead.email}!"
    assert templates.fill("{lead.employees} {match.confidence}", facts) == "5,000 95%"
    assert templates.fill("{lead.company} {lead.first_name}", facts) == "(no company) (no first name)"
    assert (
        templates.fill("{lead.__class__} {0} {} {lead.name.x} {{lead.email}}", facts)
        == "{lead.__class__} {0} {} {lead.name.x} {x}"
    )
    assert templates.unknown("{lead.nmae} {user.name} {lead.email}") == ("lead.nmae", "user.name")


@pytest.mark.parametrize(
    ("fields", "subject"),
    [
        ({"first_name": "Rui", "last_name": "Costa", "company": "Acme"}, "Call Rui Costa at Acme"),
        ({"email": "rui@acme.com"}, "Call rui@acme.com at (no company)"),
        ({}, "Call (no name) at (no company)"),
    ],
)
def test_a_subject_calls_the_lead_by_what_there_is(fields: dict[str, Any], subject: str) -> None:
    text = '- rule: A\n  assign: user ana@example.com\n  task: {subject: "Call {lead.name} at {lead.company}"}\n'
    task = decided(lead(**fields), scene(text)).actions[-2]
    assert getattr(task, "subject", "") == subject


def test_a_subject_is_never_too_long_for_the_crm() -> None:
    text = "- rule: A\n  assign: user ana@example.com\n"
    task = decided(lead(name="A" * 300), scene(text)).actions[-2]
    subject = getattr(task, "subject", "")
    assert len(subject) == explain.SUBJECT_LENGTH
    assert subject.endswith("…")


def test_sentences_have_named_places_only() -> None:
    for sentence, template in SENTENCES.items():
        names = [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]
        assert all(name.isidentifier() for name in names), sentence


def test_a_sentence_ends_with_one_full_stop() -> None:
    assert say("instead.user", user="Acme S.A.") == "So the lead goes to Acme S.A."
    assert say("story.lead", lead="Wait...") == "Lead: Wait...."


def test_a_probability_is_never_rounded_up_to_a_certainty() -> None:
    assert [percent(value) for value in (0.99999, 0.9, 0.1234, 0.0, 1.0)] == ["99.9%", "90%", "12.3%", "0%", "100%"]
