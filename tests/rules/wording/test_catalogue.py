from __future__ import annotations

import re
import string

import pytest

from rules.model import User
from rules.wording import catalogue, speech
from rules.wording.words import say
from tests import catalogues
from tests.rules.make import ANA, account, decided, lead, scene

OTHERS = [language for language in catalogue.LANGUAGES if language != catalogue.ENGLISH]
RULES = """
- rule: Everybody
  assign: pool "Desk"
  notify: true
- pool: Desk
  members: [ana@example.com]
"""


def places(template: str) -> list[str]:
    """Return the names of the places for values, and how many there are of each."""
    return sorted(name for _, name, _, _ in string.Formatter().parse(template) if name is not None)


@pytest.mark.parametrize("language", OTHERS)
def test_the_catalogue_is_what_make_catalogues_writes(language: str) -> None:
    assert catalogues.path_of(language).read_bytes() == catalogues.updated(language), "run `make catalogues`"


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated_and_has_the_same_places_for_values(language: str) -> None:
    found = {str(each.context): each for each in catalogues.read(language) if each.id}
    assert set(found) == set(speech.every())
    for sentence, message in found.items():
        assert message.string, sentence
        assert not message.fuzzy, sentence
        assert set(places(str(message.string))) == set(places(str(message.id))), sentence


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_keeps_the_space_in_front_and_the_stop_at_the_end(language: str) -> None:
    """Lines of the story are set in by spaces, and parts of sentences are put together."""
    for message in catalogues.read(language):
        if message.id:
            english, told = str(message.id), str(message.string)
            assert len(english) - len(english.lstrip()) == len(told) - len(told.lstrip()), message.context
            assert english.endswith(".") == told.endswith("."), message.context
            assert not re.search(r"\s$", told), message.context


@pytest.mark.parametrize(
    ("wanted", "spoken"),
    [
        ("en_US", "en"), ("pt-BR", "pt_BR"), ("pt_PT", "pt_BR"), ("pt", "pt_BR"), ("de_AT", "de"), ("fr-CA", "fr"),
        ("es_MX", "es"), ("ES", "es"), ("ja", "en"), ("", "en"), ("not a language", "en"),
    ],
)  # fmt: skip
def test_people_are_spoken_to_in_the_nearest_language(wanted: str, spoken: str) -> None:
    assert catalogue.chosen(wanted) == spoken


def test_a_decision_is_told_in_the_language_of_whoever_gets_the_lead() -> None:
    ana = User(ANA.id, ANA.name, ANA.email, language="de_DE")
    place = scene(RULES, users={ana.id: ana})
    acme = account(name="Acme Robotics", website="acme-robotics.com")
    who = lead(company="Acme Robotics", email="x@acme-robotics.com")
    german = decided(who, place, accounts=[acme])
    english = decided(who, scene(RULES, users={ANA.id: ANA}), accounts=[acme])
    assert german.language == "de"
    assert (german.key, german.outcome, german.match.status) == (english.key, english.outcome, english.match.status)
    assert german.route.reason != english.route.reason
    told = {clue.text for clue in german.match.account.evidence} if german.match.account else set()
    assert told
    assert not told & {clue.text for clue in english.match.account.evidence} if english.match.account else False
    assert catalogue.spoken() == "en"


def test_what_a_catalogue_does_not_know_is_said_in_english() -> None:
    with catalogue.speaking("fr"):
        assert catalogue.template("no such id", "As it is.") == "As it is."
        assert say("nobody") != "nobody"
    assert say("nobody") == "nobody"
