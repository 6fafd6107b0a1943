"""What was said in one language is said in another as if it had been decided there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules import catalogue
from rules.model import Decision
from rules.retold import retold
from rules.words import say
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
            retold(decision.route.reason, "reason", said=decision.language),
            retold(match.reason, "match", said=decision.language),
            *(retold(each.text, f"clue.{each.kind}", "evidence", said=decision.language) for each in found),
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


def test_a_sentence_with_a_part_that_is_not_known_is_left_whole() -> None:
    with catalogue.speaking("de"):
        odd = "Your rule “R” gives whatever this is to Ana."
        assert retold(odd, "reason", said="en") == odd
