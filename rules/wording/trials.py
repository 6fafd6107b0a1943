"""The sentences about tests of rules."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "trial.none": "none",
    "trial.green": "✓ {name}",
    "trial.red": "✗ {name} ({record}, line {line})",
    "trial.miss": "    {what}: expected {expected}, found {found}",
    "trial.miss.lead": "    {what} of lead {lead}: expected {expected}, found {found}",
    "trial.why": "    Why: {reason}",
    "trial.rules": "    Rules, in order:",
    "trial.rules.lead": "    Rules, in order, for lead {lead}:",
    "trial.more": "      … {count} more rules passed over",
    "trial.duplicate": "    “same” needs one person's address in the lead: {mail} is not. Write status: unsure.",
    "trial.all green": "{count} tests passed.",
    "trial.one green": "1 test passed.",
    "trial.no tests": "There are no tests. Write items like - test: Name, with lead: and expect:.",
    "trial.some red": "{red} of {count} tests failed.",
}
"""Id -> template with named places; part of rules.wording.words.SENTENCES."""
