"""Every sentence of ours by id: those of rules.wording.words, those of the clues, and single words.

Faults of rules are made in English, and told by :mod:`rules.wording.told_faults`. What tests of rules expect and find
is said in words of the rule language, which are English.
"""

from __future__ import annotations

from rules import dedupe, evidence
from rules.wording import words

_OF_RULES = frozenset({"trial.none"})
"""Words of the rule language: tests are written with them."""


def every() -> dict[str, str]:
    """Return English templates by id; catalogues of other languages have the same ids."""
    told = {f"clue.{clue.__name__}": text for clue, text in evidence.SENTENCES.items()}
    told |= {f"person.{clue}": text for clue, text in dedupe.SENTENCES.items()}
    told |= {f"operator.{sign}": text for sign, text in words.OPERATOR_WORDS.items()}
    ours = {sentence: text for sentence, text in words.SENTENCES.items() if sentence not in _OF_RULES}
    return {sentence: text for sentence, text in {**ours, **told}.items() if text.strip()}
