"""Reasons as they are kept: an action's name, our sentence, the CRM's words and codes."""

from __future__ import annotations

import pytest

from connector.errors import Refused
from connector.hubspot import answers as hubspot
from connector.salesforce import answers as salesforce
from connector.salesforce.check_lines import system
from oauth.answers import Answer, classify
from rules.wording import catalogue
from rules.wording.told_answers import LONGEST, answer_told
from tests import answer_texts

SECOND = "The API is switched off for the org or the connected user"


def told(text: str, language: str = "fr") -> str:
    with catalogue.speaking(language):
        return answer_told(text)


def test_codes_fields_and_the_name_of_an_action_stay_as_they_are() -> None:
    fault = salesforce.Fault("INVALID_FIELD", fields=("Owner__c",))
    assert told(f"task: {salesforce.words(fault)}") == (
        "task: Un champ manque ou est masqué pour l'utilisateur connecté [Owner__c] (INVALID_FIELD)"
    )
    assert told(f"Refused: {SECOND} (ORG)") == f"Refused: {told(SECOND)} (ORG)"


def test_the_words_of_the_crm_stay_in_their_place() -> None:
    quoted = salesforce.words(salesforce.Fault("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Ask Berta first"))
    assert told(f"003 cannot be made anew: {quoted}") == f"003 ne peut pas être recréé\u00a0: {quoted}"
    assert told(quoted) == quoted
    assert told(f"task: {quoted}") == f"task: {quoted}"


def test_a_sentence_of_a_table_is_told_within_the_sentence_around_it() -> None:
    body = b'{"category": "OBJECT_NOT_FOUND"}'
    english = str(hubspot.next_step(404, {}, body))
    assert english.startswith("HubSpot refused: the record no longer exists")
    assert told(english) == (
        "HubSpot a refusé\u00a0: l'enregistrement n'existe plus (supprimé ou fusionné) [OBJECT_NOT_FOUND]"
    )


def test_several_sentences_are_told_one_by_one() -> None:
    revoked = str(classify(Answer(400, ("invalid_grant",)), "HubSpot"))
    assert revoked.endswith(" Connect again.")
    for language, last in (("pt_BR", " Conecte de novo."), ("de", " Verbinden Sie sich neu.")):
        found = told(revoked, language)
        assert found.endswith(last)
        assert "our access" not in found


def test_a_click_path_keeps_the_names_of_menus() -> None:
    found = told(system("Edit Tasks"), "pt_BR")
    assert "> System Permissions > Edit > marque Edit Tasks > Save" in found
    assert "connected user" not in found


@pytest.mark.parametrize(
    "text", ["", "KeyError", "task: KeyError", "Ask Berta first.", "{x} {0}", "x. " * 300, "a" * LONGEST]
)
def test_what_is_not_ours_stays_english_whole(text: str) -> None:
    assert told(text) == text
    assert told(text + SECOND + " y") == text + SECOND + " y"


def test_english_is_left_as_it_is() -> None:
    assert told(SECOND, catalogue.ENGLISH) == SECOND


def test_of_every_error_that_is_made_the_words_can_be_followed() -> None:
    """A reason that is put together in a way the collector cannot read would stay English."""
    assert answer_texts.unfollowed() == []


def test_what_errors_say_is_collected() -> None:
    """The tables of the CRMs' codes, sentences of raised errors, and of lines of checks are all there."""
    found = set(answer_texts.collected().values())
    assert str(Refused(SECOND)) in found
    assert {"HubSpot has locked the record for a moment", "the connected user has View All", "Edit leads"} <= found
    assert {text for _, text in salesforce._LATER.values()} <= found
    assert set(hubspot._SENTENCES.values()) <= found
