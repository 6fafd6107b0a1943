"""From YAML to the tests of a rule set. Every fault names record, line, column and remedy, as those of rules do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from yaml.nodes import MappingNode, Node

from rules.faults import Fault, RuleSetError
from rules.limits import MOST_LEADS, MOST_TESTS
from rules.parsing import yamltext
from rules.parsing.nodes import Fields
from rules.parsing.people_reading import TrialText
from rules.parsing.yamltext import place
from rules.trials.arrivals import CIRCUMSTANCES, ArrivalReader
from rules.trials.parts import WORKING_MOMENT, Named, Trial, Wish
from rules.trials.values import is_none
from rules.trials.wishes import WishReader

KEYS: tuple[str, ...] = (
    "test", "at", "lead", "leads", "repeat", "every", *CIRCUMSTANCES, "open leads", "absent", "paused", "given",
    "expect",
)  # fmt: skip
_GIVEN_EXAMPLE = "{Pool name: {ana@example.com: 1}}"
MOST_GIVEN = 100_000
"""Leads that somebody has or has had before a test begins."""
LONGEST = timedelta(days=3_660)
"""From the first lead of a test to its last."""


def read(texts: Iterable[TrialText]) -> tuple[Trial, ...]:
    """Read tests as they were written (``RuleSet.tests``, ``ruleset.beside``). Raises RuleSetError with all faults."""
    trials: list[Trial] = []
    faults: list[Fault] = []
    leads = 0
    for number, text in enumerate(texts):
        if number == MOST_TESTS or leads > MOST_LEADS:
            message = f"There are more than {MOST_TESTS:,} tests."
            if leads > MOST_LEADS:
                message = f"There are more than {MOST_LEADS:,} leads in all tests."
            remedy = "Run them in several parts."
            faults.append(Fault(text.record, text.line, text.column, message, remedy))
            break
        reader = TrialReader(text.record)
        (node,) = yamltext.items(text.text)
        found = reader.trial(node)
        down = text.line - 1
        trials += [_lower(found, down)] if found else []
        leads += len(found.arrivals) if found else 0
        faults += [replace(fault, line=fault.line + down) for fault in reader.faults]
    if faults:
        raise RuleSetError(faults)
    return tuple(trials)


def _lower(trial: Trial, lines: int) -> Trial:
    """Return a test that stands so many lines further down."""
    wishes: tuple[Wish, ...] = tuple(replace(wish, line=wish.line + lines) for wish in trial.wishes)
    named: tuple[Named, ...] = tuple(replace(each, line=each.line + lines) for each in trial.named)
    return replace(trial, line=trial.line + lines, wishes=wishes, named=named)


class TrialReader(ArrivalReader, WishReader):
    """Reads the tests of one record."""

    def trial(self, node: MappingNode) -> Trial | None:
        """Return the test that an item describes; None when it has faults."""
        before = len(self.faults)
        self.named = []
        fields = self.fields(node, KEYS)
        arrivals = self.arrivals(node, fields)
        self.named = [replace(each, is_new=not each.word) for each in self.named]
        at = self.moment(fields["at"][1], "at") if "at" in fields else None
        every = (self.duration(fields["every"][1], "every") if "every" in fields else None) or timedelta(0)
        if "expect" not in fields:
            self.fault(node, "The test expects nothing.", "Add expect: {rule: Name, assignee: ana@example.com}.")
        found = Trial(
            name=self.text(fields["test"][1], "The test's name") if "test" in fields else "",
            record=self.record,
            line=place(node)[0],
            column=place(node)[1],
            arrivals=arrivals,
            wishes=self.wishes(fields["expect"][1]) if "expect" in fields else (),
            at=at or WORKING_MOMENT,
            every=every,
            open_leads=self._counted(fields, "open leads"),
            paused={**self._away(fields, "absent"), **self._away(fields, "paused")},
            given=self._given(fields["given"][1]) if "given" in fields else {},
        )
        if len(self.faults) > before:
            return None
        if found.moments and found.moments[-1] - found.moments[0] > LONGEST:
            self.fault(node, "The test lasts longer than ten years.", "Let less time pass.")
            return None
        return replace(found, named=tuple(self.named))

    def _counted(self, fields: Fields, name: str) -> dict[str, int]:
        return self.counts(fields[name][1], name, MOST_GIVEN) if name in fields else {}

    def _away(self, fields: Fields, name: str) -> dict[str, datetime | None]:
        """Return who takes no leads, as a list, or with the moment until when."""
        if name not in fields:
            return {}
        node = fields[name][1]
        if not isinstance(node, MappingNode):
            return dict.fromkeys(self.persons(node, name))
        pairs = self.pairs(node, name, "{ana@example.com: 2026-11-23T10:00:00Z}")
        return {self.person(key): None if is_none(value) else self.moment(value, name) for key, value in pairs}

    def _given(self, node: Node) -> dict[str, Mapping[str, int]]:
        pairs, named = self.pairs(node, "given", _GIVEN_EXAMPLE), self.named
        self.named = []  # whether they are in the pool is asked of the pool
        found: dict[str, Mapping[str, int]] = {
            self.text(key, "The pool"): self.counts(value, "given", MOST_GIVEN, _GIVEN_EXAMPLE) for key, value in pairs
        }
        self.named = named
        return found
