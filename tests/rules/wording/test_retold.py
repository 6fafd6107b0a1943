"""What was said in one language is said in another as if it had been decided there."""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import replace

import pytest

from connector.store import codec
from rules.model import Decision
from rules.wording import catalogue, retelling, speech
from rules.wording.called import country
from rules.wording.retold import retold
from rules.wording.said import unstopped
from rules.wording.words import percent, say
from tests.rules.make import ANA, BOB, account, decided, lead, scene

RULES = {
    "conditions": """
- rule: Big in France
  when: ['lead.country in [FR, DE]', lead.employees >= 5000, lead.job_title contains "Head"]
  assign: pool "Desk"
- pool: Desk
  members: [ana@example.com, bob@example.com]
""",
    "two of a kind": """
- rule: Two
  when: [lead.country is FR, lead.city is Paris, lead.title is not empty]
  assign: user ana@example.com
""",
    "account owner": """
- rule: Owners
  when: [match.status is matched]
  assign: account owner
- rule: Rest
  assign: user bob@example.com
""",
    "fallback": """
- rule: First
  assign: [duplicate owner, user ana@example.com]
""",
}


def made(rules: str, language: str) -> Decision:
    users = {each.id: replace(each, language=language) for each in (ANA, BOB)}
    who = lead(
        company="Acme Robotics and Sons", email="x@acme-robotics.com", country="FR", city="Paris", employees=5200,
        title="Head of IT", job_title="Head of IT",
    )  # fmt: skip
    acme = account(name="Acme Robotics & Sons", website="acme-robotics.com", country="FR", city="Lyon")
    other = account("A2", name="Acme Robots", website="acme-robots.de", country="DE")
    with catalogue.speaking(language):
        return decided(who, scene(RULES[rules], users=users), accounts=[acme, other])


def told(decision: Decision) -> list[str]:
    match = decision.match
    found = [each for one in (match.account, *match.runners_up) if one for each in one.evidence]
    return [decision.route.reason, match.reason, *(each.text for each in found)]


def said_again(decision: Decision, language: str) -> list[str]:
    match = decision.match
    found = [each for one in (match.account, *match.runners_up) if one for each in one.evidence]
    with catalogue.speaking(language):
        return [
            retold(str(decision.route.reason), "reason", said=decision.language),
            retold(str(match.reason), "match", said=decision.language),
            *(retold(str(each.text), f"clue.{each.kind}", "evidence", said=decision.language) for each in found),
        ]


@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize("language", catalogue.LANGUAGES)
def test_every_sentence_of_a_decision_is_said_as_if_it_had_been_decided_in_that_language(
    rules: str, language: str
) -> None:
    there = told(made(rules, language))
    assert len(there) > 5
    for said in catalogue.LANGUAGES:
        decision = replace(made(rules, said), language=said)
        assert said_again(decision, language) == there, said


PLAIN = {
    "rule": "Big ones", "user": "Ana Diaz", "pool": "Desk", "account": "Acme Inc", "name": "Acme SA",
    "territory": "DACH", "until": "2026-11-24 09:00 UTC", "row": "DE|AT", "target": 'pool "Desk"', "by": "Cem",
    "day": "2026-12-24", "what": "Acme Inc", "cap": "10 per day", "condition": "lead.country is FR", "found": "DE",
    "fields": "lead.size",
    "subject": "Call Kim", "weight": "-1.2", "gap": "+0.4", "names": "A", "winner": "A", "record": "Kim", "error": "x",
}  # fmt: skip
"""Values as decisions have them, of places that hold a name, a time or a text of the rules."""
FAMILIES = (
    "reason", "instead", "refusal", "match", "tie", "needed", "filtered", "pair", "pool", "closed", "escalation",
    "undo", "request", "overtaken", "ignored", "work", "lost",
)  # fmt: skip
"""All that stands in a decision, and why long work stands where it does."""
ALIKE = frozenset({"instead.opportunity owner"})
"""What reads in some language like another sentence."""


def in_place(name: str) -> str:
    """Return what stands in a place, in the language spoken: sentences where there are any."""
    made: dict[str, Callable[[], str]] = {
        "leads": lambda: say("leads", phrases=say("phrase.country", value=country("FR"))),
        "taken": lambda: say("taken.user", user="Ana"),
        "then": lambda: say("instead.user", user="Bob"),
        "refusal": lambda: say("refusal.no match"),
        "why": lambda: say("closed.hours"),
        "kind": lambda: say("kind.contact"),
        "reason": lambda: say("reason.no rule"),
        "span": lambda: say("span.hours", count=2),
        "parts": lambda: "; ".join([say("undo.owner", user="Ana"), say("undo.timers")]),
        "members": lambda: say(
            "and",
            first=", ".join(say("pool.member", user=each, why=say("closed.hours")) for each in ("A", "B")),
            last=say("pool.member", user="C", why=say("pool.why.paused")),
        ),
        "clue": lambda: unstopped(say("evidence.rest")),
        **{each: lambda: percent(0.71) for each in ("percent", "accept", "review")},
    }
    return str(made[name]()) if name in made else PLAIN.get(name, "zz")


def example(sentence: str) -> str:
    """Return a sentence as an earlier version kept it: its words alone."""
    places = {name for _, name, _, _ in string.Formatter().parse(speech.every()[sentence]) if name}
    return str(say(sentence, **{name: in_place(name) for name in places}))


@pytest.mark.parametrize("family", FAMILIES)
def test_the_bare_words_of_every_family_are_found_again_in_every_other_language(family: str) -> None:
    for sentence in (each for each in speech.every() if each.partition(".")[0] == family and each not in ALIKE):
        told = {}
        for language in catalogue.LANGUAGES:
            with catalogue.speaking(language):
                told[language] = example(sentence)
        for there in catalogue.LANGUAGES:
            with catalogue.speaking(there):
                assert {retold(text, family, said=here) for here, text in told.items()} == {told[there]}, sentence


def test_what_nobody_was_told_is_english_and_is_said_in_every_language() -> None:
    for language in catalogue.LANGUAGES:
        with catalogue.speaking(language):
            assert retold("No rule holds for this lead; it stays as it is.", "reason", said="en") == say(
                "reason.no rule"
            )


def test_who_does_not_say_the_language_of_a_sentence_has_all_of_them_tried() -> None:
    with catalogue.speaking("fr"):
        french = say("request.refused.given", user="Ana and Bob")
    assert retold(french, "request.refused") == say("request.refused.given", user="Ana and Bob")


def test_what_people_or_another_version_wrote_stays_as_it_is() -> None:
    with catalogue.speaking("de"):
        assert retold("Something else entirely.", "reason", "match", said="en") == "Something else entirely."
        assert retold("", "clue") == ""
        assert retold("Both use the domain acme.com", "clue.nobody", said="xx") == "Both use the domain acme.com"


def test_a_whole_decision_is_told_as_if_it_had_been_decided_in_that_language_after_it_was_kept() -> None:
    for rules in RULES:
        there = {language: replace(made(rules, language), language=language) for language in catalogue.LANGUAGES}
        for decision in there.values():
            kept = codec.load(codec.dump(decision))
            assert kept == decision
            for language, wanted in there.items():
                with catalogue.speaking(language):
                    found = retelling.told(kept)
                nobody = replace(found.route, assignee=None), replace(wanted.route, assignee=None)
                assert (nobody[0], found.match, found.duplicate) == (nobody[1], wanted.match, wanted.duplicate)
                assert found.actions == decision.actions, "what stands in the CRM stays"


def test_a_sentence_with_a_part_that_is_not_known_is_left_whole() -> None:
    with catalogue.speaking("de"):
        odd = "Your rule “R” gives whatever this is to Ana."
        assert retold(odd, "reason", said="en") == odd
