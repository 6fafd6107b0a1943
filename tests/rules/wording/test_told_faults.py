"""Faults of rules, and what we say of a CRM's answers, in the viewer's language: each is known by its template."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules.faults import LONGEST_TOLD, Fault
from rules.ruleset import RuleSetError, Source, load
from rules.wording import catalogue
from rules.wording.recognising import ANSWERS, FAULTS
from rules.wording.retold import parts
from rules.wording.told_answers import answer_told
from rules.wording.told_faults import fault_told, listing_told, sentence_told
from tests import catalogues, fault_texts

FAMILIES = {FAULTS: sentence_told, ANSWERS: answer_told}
OTHERS = [language for language in catalogue.LANGUAGES if language != catalogue.ENGLISH]
WRONG = """
- rule: The hours
  when: [lead.contry is France, lead.employees >= many]
  assign: pool "Nowhere"
  notify: perhaps
  sometimes: true
- calendar: Office
  hours: Mon-Fry 09:00-18:00
"""
HOSTILE = [
    "There is no " * 41, "“" * 499 + "x", "”" * 500, "x, line 1, column 2: " * 23, ". " * 250, "{what} " * 71,
    "There is another rule “" + "” in “" * 60, "{" * 500, "%(x)s {0} {} {what!r}" * 23, "Write it like " * 35,
    "Did you mean “" + "”? Known: " * 48, "line 1: " + "a. B" * 123,
]  # fmt: skip


def faults(text: str) -> tuple[Fault, ...]:
    with pytest.raises(RuleSetError) as caught:
        load([Source("r1", text)])
    return caught.value.faults


def translated(language: str, family: str) -> dict[str, str]:
    return {str(each.id): str(each.string) for each in catalogues.read(language, family) if each.id}


def names(template: str) -> set[str]:
    return {name for _, name in parts(template) if name}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("language", OTHERS)
def test_the_catalogue_is_what_make_catalogues_writes(language: str, family: str) -> None:
    """So a fault or an answer in new words fails here until it is translated."""
    assert catalogues.path_of(language, family).read_bytes() == catalogues.updated(language, family)


def test_of_every_call_that_makes_a_fault_the_text_can_be_followed() -> None:
    """A message that is put together in a way the collector cannot read would stay English."""
    assert fault_texts.unfollowed() == []


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated_with_the_same_places(language: str, family: str) -> None:
    found = translated(language, family)
    assert set(found) == set(catalogues.ENGLISH[family]().values())
    for english, said in found.items():
        assert said.strip(), english
        assert names(said) == names(english), english
        assert english.endswith(".") == said.endswith("."), english
        assert english.strip() == english, english
        assert said.strip() == said, english


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_told_with_what_stood_in_its_places(language: str, family: str) -> None:
    for english, said in translated(language, family).items():
        values = {name: f"<{number}>" for number, name in enumerate(sorted(names(english)))}
        with catalogue.speaking(language):
            assert FAMILIES[family](english.format(**values)) == said.format(**values)


@pytest.mark.parametrize("language", OTHERS)
def test_the_faults_of_a_text_are_told_and_stand_where_they_stood(language: str) -> None:
    english = faults(WRONG)
    with catalogue.speaking(language):
        told = [fault_told(each) for each in english]
    assert len(told) > 3
    for before, after in zip(english, told, strict=True):
        assert replace(after, message=before.message, remedy=before.remedy) == before
        assert after.message != before.message
        assert not before.remedy or after.remedy != before.remedy


def test_english_is_left_as_it_is() -> None:
    fault = faults(WRONG)[0]
    assert fault_told(fault) is fault
    assert listing_told(str(fault)) == str(fault)


def test_what_people_wrote_stays_and_what_we_said_in_a_place_is_told() -> None:
    with catalogue.speaking("de"):
        subject, sentence = sentence_told("The hours"), sentence_told("The hours must be a text.")
        quoted = sentence_told("“The hours” is not known here.")
        within = sentence_told("A value of the list does not fit. Write yes or no.")
        remedy = sentence_told("Write yes or no.")
    assert subject != "The hours"
    assert sentence.startswith(subject)
    assert "“The hours”" in quoted or "„The hours“" in quoted
    assert remedy in within


@pytest.mark.parametrize(
    "text", ["", "Something that no fault says.", "INVALID_FIELD: no such column", "No rule says " + "x" * 487]
)
def test_what_is_not_recognised_stays_english_whole(text: str) -> None:
    with catalogue.speaking("fr"):
        assert sentence_told(text) == text


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_told_or_left_and_never_breaks(text: str) -> None:
    """Each template looks for each of its words once, so a long text of look-alikes costs no more than another."""
    cut = Fault("r", 1, 1, text, text)
    assert len(cut.message) <= LONGEST_TOLD
    with catalogue.speaking("de"):
        told = fault_told(cut)
        assert listing_told(text + "\n" + text)
    assert told.message
    assert told.message.count("{") == cut.message.count("{"), "the text was taken for a template"


@pytest.mark.parametrize("language", OTHERS)
def test_faults_that_are_kept_as_text_are_told_line_by_line(language: str) -> None:
    english = faults(WRONG)
    kept = str(RuleSetError(english))
    with catalogue.speaking(language):
        told = listing_told(kept).splitlines()
        for fault, line in zip(english, told, strict=True):
            after = fault_told(fault)
            assert line.endswith(f": {after.message} {after.remedy}".rstrip())
            assert line.startswith("r1, ")
            assert not line.startswith("r1, line ")


def test_only_so_many_lines_of_a_kept_text_are_told() -> None:
    line = "r1, line 1, column 1: The list is empty. Write at least one value."
    with catalogue.speaking("fr"):
        told = listing_told("\n".join([line] * 300)).splitlines()
    assert len(told) == 300
    assert len(set(told)) == 2
    assert told[99] != line
    assert told[100] == line
