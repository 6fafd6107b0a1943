"""Lint: what is provably wrong with a rule set that can be loaded, and what is odd enough to be looked at.

Every condition is made an exact set of leads (:mod:`rules.linting.regions`), so a rule that is called dead is dead: no
lead can come to it. Where a proof would take too long, nothing is claimed. What is known of the world beside the text:
which values the statuses have, that an account is known only when it is matched, that employees are counted in whole
numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rules.linting.finding import SEVERITIES, Finding, Severity, heading
from rules.linting.gaps import gaps, no_catch_all
from rules.linting.merging import merging
from rules.linting.names import fields_as_values, joined_values, several_in_not, unknown_names
from rules.linting.overlaps import overlaps
from rules.linting.people import people
from rules.linting.pools import pools
from rules.linting.rules import contradictions, dead_rules
from rules.linting.study import Study
from rules.linting.territories import territories
from rules.model import User
from rules.parsing.yamltext import heading as yaml_heading
from rules.parsing.yamltext import items, place
from rules.ruleset import RuleSet

__all__ = ["Finding", "Severity", "lines_of", "lint"]


def lint(
    ruleset: RuleSet, users: Mapping[str, User] | None = None, lines: Mapping[str, int] | None = None
) -> tuple[Finding, ...]:
    """Return what is wrong with a rule set: errors first, then warnings, then notes, each in the order of the text.

    `users` are those of the CRM by id; without them those that the set declares for its tests count where they are
    inactive, and nobody is unknown. `lines` says where items begin (:func:`lines_of`), for :attr:`Finding.line`.
    """
    study = Study.of(ruleset, users)
    unknown_names(study)
    joined_values(study)
    fields_as_values(study)
    several_in_not(study)
    contradictions(study)
    dead_rules(study)
    overlaps(study)
    if ruleset.rules:
        gaps(study, has_catch_all=no_catch_all(study))
    territories(study)
    pools(study)
    people(study)
    merging(study)
    return _ordered(ruleset, study.findings, lines or {})


def lines_of(text: str) -> dict[str, int]:
    """Return the line on which each item of a document begins, by its heading. Raises RuleFault for what is no YAML."""
    found: dict[str, int] = {}
    for node in items(text):
        kind, name = yaml_heading(node)
        found.setdefault(heading(kind, name.strip()) if kind != "match" else kind, place(node)[0])
    return found


def _ordered(ruleset: RuleSet, findings: list[Finding], lines: Mapping[str, int]) -> tuple[Finding, ...]:
    records = [heading("rule", rule.name) for rule in ruleset.rules]
    order = {record: number for number, record in enumerate(["", *records])}
    placed = [replace(found, line=lines.get(found.record)) for found in dict.fromkeys(findings)]
    return tuple(
        sorted(
            placed,
            key=lambda found: (SEVERITIES.index(found.severity), found.line or 0, order.get(found.record, len(order))),
        )
    )
