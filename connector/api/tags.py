"""The parts of the API, in the document's words."""

from __future__ import annotations

from spectree import Tag

INSTALL = Tag(name="install", description="The install of the key: how it is doing, its mode and its settings.")
ACCESS = Tag(name="access", description="Who may do what: keys, managers, leave for support, and who changed what.")
DECISIONS = Tag(name="decisions", description="What was decided about leads, why, and taking it back.")
RULES = Tag(name="rules", description="Rules as text: drafts, tests, what would change, publishing, earlier editions.")
TRYING = Tag(name="trying", description="Trying rules out: the preview of one lead, simulations over past ones.")
PRIVACY = Tag(name="privacy", description="What is held about one person, and forgetting them.")
PEOPLE = Tag(name="people", description="Pools and the people in them: who takes leads, pauses, absences.")
MATCHING = Tag(name="matching", description="How leads are matched: the policy, its thresholds, the fields behind it.")
REVIEWS = Tag(name="reviews", description="What a person is asked: matches and duplicates that are not sure enough.")
RUNS = Tag(name="runs", description="Long work: backfill, matching what is there, accounts for contacts, clean-up.")
REPORTS = Tag(name="reports", description="Figures over time, each with what it counts.")
