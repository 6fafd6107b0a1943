"""Every sentence remembers what it was made of, and is said again in any language as if it had been said there."""

from __future__ import annotations

import copy
import json
import pickle
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.clauses import compare
from rules.evidence import SENTENCES as CLUES
from rules.wording import catalogue, said, speech
from rules.wording.retold import retold
from rules.wording.said import Said, made_of, said_of, strung, unstopped
from rules.wording.said_again import said_again
from rules.wording.words import SENTENCES, amount, operator_word, percent, say

FAMILIES = sorted({sentence.partition(".")[0] for sentence in speech.every()})
VALUES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)


def kept(text: str) -> Said:
    """Return a sentence as it is after it was kept."""
    assert isinstance(text, Said)
    return said_of(str(text), json.loads(json.dumps(made_of(text))))


def spoken(sentence: str, values: dict[str, object], language: str) -> str:
    """Say a sentence: by the door of its family."""
    english = speech.every()[sentence]
    with catalogue.speaking(language):
        if sentence in SENTENCES:
            return say(sentence, **values)
        if sentence.startswith("operator."):
            return operator_word(sentence.removeprefix("operator."))
        return Said(catalogue.template(sentence, english).format(**values), sentence, values)


def again(text: str, language: str) -> str:
    with catalogue.speaking(language):
        return said_again(kept(text))


def in_every(language: str) -> list[str]:
    return [each for each in catalogue.LANGUAGES if each != language]


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=4, deadline=None)
@given(st.data())
def test_a_sentence_told_in_one_language_is_told_in_every_other(family: str, data: st.DataObject) -> None:
    of_family = [each for each in speech.every() if each.partition(".")[0] == family]
    sentence = data.draw(st.sampled_from(of_family))
    places = sorted({name for _, name, _, _ in string.Formatter().parse(speech.every()[sentence]) if name})
    values: dict[str, object] = {name: data.draw(VALUES) for name in places}
    here = data.draw(st.sampled_from(catalogue.LANGUAGES))
    text = spoken(sentence, values, here)
    for there in in_every(here):
        assert again(text, there) == spoken(sentence, values, there)


@pytest.mark.parametrize("here", catalogue.LANGUAGES)
def test_no_sentence_is_left_untold_in_any_language(here: str) -> None:
    for sentence, english in speech.every().items():
        places = {name for _, name, _, _ in string.Formatter().parse(english) if name}
        values: dict[str, object] = dict.fromkeys(places, "Åsa & {söhne} 7")
        text = kept(spoken(sentence, values, here))
        for there in catalogue.LANGUAGES:
            with catalogue.speaking(there):
                assert said_again(text) == spoken(sentence, values, there), (sentence, there)


def nested(language: str) -> str:
    """A sentence of sentences, numbers, lists and texts of others."""
    with catalogue.speaking(language):
        why = say("pool.why.open leads", count=compare.shown(5200), limit=amount(1e6))
        members = say("and", first=strung(", ", ["Zoë", say("pool.member", user="{x}", why=why)]), last=say("nobody"))
        clue = unstopped(say("evidence.rest"))
        nobody = say("pool.nobody", pool="Großkunden", members=members)
        without = say("needed.without", clue=clue, weight="-1.0", percent=percent(0.93))
        return strung(" ", [nobody, without, compare.shown(True), compare.shown(None), "SAP AG."])


@pytest.mark.parametrize("language", catalogue.LANGUAGES)
def test_sentences_in_sentences_numbers_and_lists_are_told_as_well(language: str) -> None:
    assert len({nested(each) for each in catalogue.LANGUAGES}) == len(catalogue.LANGUAGES)
    assert [again(nested(language), each) for each in catalogue.LANGUAGES] == list(map(nested, catalogue.LANGUAGES))


def test_it_is_text_for_whoever_only_reads_it() -> None:
    text = say("nobody")
    assert (text, f"{text}", json.dumps([text]), {text: 1}["nobody"]) == ("nobody", "nobody", '["nobody"]', 1)
    for each in (copy.deepcopy(text), pickle.loads(pickle.dumps(text))):  # noqa: S301 - our own
        assert isinstance(each, Said)
        assert again(each, "de") == "niemand"
    assert strung(", ", ["a", "b"]).__class__ is str
    assert (strung(", ", []), strung(", ", [text])) == ("", text)


@pytest.mark.parametrize(
    "recipe",
    [
        ["no such sentence", {}],
        ["reason.user", {"rule": "R"}],
        ["amount", {"number": "many"}],
        ["nobody", {"x": [" ", {}]}],
    ],
)
def test_what_another_version_made_and_nobody_knows_any_more_stays_as_it_was(recipe: said.Recipe) -> None:
    with catalogue.speaking("fr"):
        assert retold(said_of("As it was.", recipe), "reason") == "As it was."


def test_texts_that_say_the_same_but_were_made_of_something_else_are_told_apart() -> None:
    with catalogue.speaking("de"):
        german = amount(1234)
    english = amount(1.234)
    assert german == english == "1.234"
    assert not said.alike(german, english)
    assert not said.alike(german, "1.234")
    assert said.alike(amount(5), amount(5))
    assert said.alike("x", "x")


def test_all_clues_about_accounts_are_sentences_with_an_id() -> None:
    assert {f"clue.{clue.__name__}" for clue in CLUES} <= speech.every().keys()
