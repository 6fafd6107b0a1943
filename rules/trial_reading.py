"""From YAML to the tests of a rule set. Every fault names record, line, column and remedy, as those of rules do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from yaml.nodes import MappingNode, Node

from rules import yamltext
from rules.faults import Fault, RuleSetError
from rules.limits import MOST_TESTS
from rules.nodes import Fields
from rules.people_reading import TrialText
from rules.trial_arrivals import CIRCUMSTANCES, ArrivalReader
from rules.trial_parts import WORKING_MOMENT, Trial, Wish
from rules.trial_values import is_none
from rules.trial_wishes import WishReader
from rules.yamltext import place

KEYS: tuple[str, ...] = (
    "test", "at", "lead", "leads", "repeat", "every", *CIRCUMSTANCES, "open leads", "paused", "given", "expect",
)  # fmt: skip
MOST_GIVEN = 100_000
"""Leads that somebody has or has had before a test begins."""
LONGEST = timedelta(days=3_660)
"""From the first lead of a test to its last."""


def read(texts: Iterable[TrialText]) -> tuple[Trial, ...]:
    """Read tests as they were written (``RuleSet.tests``, ``ruleset.beside``). Raises RuleSetError with all faults."""
    trials: list[Trial] = []
    faults: list[Fault] = []
    for number, text in enumerate(texts):
        if number == MOST_TESTS:
            message, remedy = f"There are more than {MOST_TESTS:,} tests.", "Run them in several parts."
            faults.append(Fault(text.record, text.line, text.column, message, remedy))
            break
        reader = TrialReader(text.record)
        (node,) = yamltext.items(text.text)
        found = reader.trial(node)
        down = text.line - 1
        trials += [replace(found, line=found.line + down, wishes=_lower(found.wishes, down))] if found else []
        faults += [replace(fault, line=fault.line + down) for fault in reader.faults]
    if faults:
        raise RuleSetError(faults)
    return tuple(trials)


def _lower(wishes: Iterable[Wish], lines: int) -> tuple[Wish, ...]:
    return tuple(replace(wish, line=wish.line + lines) for wish in wishes)


class TrialReader(ArrivalReader, WishReader):
    """Reads the tests of one record."""

    def trial(self, node: MappingNode) -> Trial | None:
        """Return the test that an item describes; None when it has faults."""
        before = len(self.faults)
        self.people = set()
        fields = self.fields(node, KEYS)
        arrivals = self.arrivals(node, fields)
        at = self.moment(fields["at"][1], "at") if "at" in fields else None
        every = (self.duration(fields["every"][1], "every") if "every" in fields else None) or timedelta(0)
        if every * len(arrivals) > LONGEST:
            self.fault(fields["every"][1], "The test lasts longer than ten years.", "Let less time pass.")
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
            paused=self._paused(fields["paused"][1]) if "paused" in fields else {},
            given=self._given(fields["given"][1]) if "given" in fields else {},
            people=frozenset(self.people),
        )
        return found if len(self.faults) == before else None

    def _counted(self, fields: Fields, name: str) -> dict[str, int]:
        return self.counts(fields[name][1], name, MOST_GIVEN) if name in fields else {}

    def _paused(self, node: Node) -> dict[str, datetime | None]:
        """Return who has paused, as a list, or with the moment until when."""
        if not isinstance(node, MappingNode):
            return dict.fromkeys(self.persons(node, "paused"))
        pairs = self.pairs(node, "paused", "{ana@example.com: 2026-11-23T10:00:00Z}")
        return {self.person(key): None if is_none(value) else self.moment(value, "paused") for key, value in pairs}

    def _given(self, node: Node) -> dict[str, Mapping[str, int]]:
        pairs = self.pairs(node, "given", "{Pool name: {ana@example.com: 3}}")
        return {self.text(key, "The pool"): self.counts(value, "given", MOST_GIVEN) for key, value in pairs}
