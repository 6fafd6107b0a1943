"""Every sentence of ours by id: those of rules.words, those of the clues, and single words.

Faults of rules and results of tests are English, as the language of rules is; hints about rules are not.
"""

from __future__ import annotations

from rules import dedupe, evidence, words, words_trials


def every() -> dict[str, str]:
    """Return English templates by id; catalogues of other languages have the same ids."""
    told = {f"clue.{clue.__name__}": text for clue, text in evidence.SENTENCES.items()}
    told |= {f"person.{clue}": text for clue, text in dedupe.SENTENCES.items()}
    told |= {f"operator.{sign}": text for sign, text in words.OPERATOR_WORDS.items()}
    ours = {sentence: text for sentence, text in words.SENTENCES.items() if sentence not in words_trials.SENTENCES}
    return {sentence: text for sentence, text in {**ours, **told}.items() if text.strip()}
