"""From YAML nodes to the rules for values: one field a line, ``phone: newest, else non-empty``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import get_args

from yaml.nodes import MappingNode, Node, ScalarNode

from rules.clauses import compare, listed
from rules.clauses.names import known_field
from rules.faults import RuleFault
from rules.field_names import API_NAME
from rules.fields import CONTACT, LEAD, TEXTUAL, canonical
from rules.merging.consent import is_strict
from rules.merging.policy import ADDRESS, ALL_OTHERS, OTHERS, FieldRule, MergePolicy, Step, StepKind, own_name
from rules.merging.survivorship import DERIVED, OURS
from rules.parsing.condition_reading import ConditionReader
from rules.parsing.nodes import meant

__all__ = ["MOST_FIELDS", "MOST_SOURCES", "STEPS", "FieldRuleReader"]

MOST_FIELDS = 500
"""Rules of fields: a CRM object has no more fields than that which people fill in."""
MOST_STEPS = 5
MOST_SOURCES = 100
STEPS: tuple[StepKind, ...] = get_args(StepKind)
_TRUSTED = "most trusted source"
_EXAMPLE = f"Write one of: {', '.join(STEPS[:-1])}, {_TRUSTED} [Website, Import]."
_WORDS: Mapping[str, StepKind] = {
    "survivor's": "survivor", "master": "survivor", "the survivor": "survivor", "latest": "newest",
    "most recent": "newest", "earliest": "oldest", "first": "oldest", "non empty": "non-empty",
    "not empty": "non-empty", "filled": "non-empty", "any": "non-empty", "all": "union", "combine": "union",
    "combined": "union", "add": "sum", "total": "sum", "max": "highest", "maximum": "highest", "largest": "highest",
    "min": "lowest", "minimum": "lowest", "smallest": "lowest",
}  # fmt: skip
"""What others call a step."""
_ELSE = re.compile(r"\s*,?\s+(?:or\s+)?else\s+", re.IGNORECASE)
_SOURCED = re.compile(r"most\s+trusted\s+source\s*(?P<sources>\[.*\])?", re.IGNORECASE | re.DOTALL)
_OF_TEXT: frozenset[StepKind] = frozenset({"union", "longest"})
_OF_NUMBERS: frozenset[StepKind] = frozenset({"sum"})
_OF_ORDER: frozenset[StepKind] = frozenset({"highest", "lowest"})
_OF_ONE_RECORD: frozenset[StepKind] = frozenset({"union", "sum", "highest", "lowest"})
"""Steps that fit no address, which is taken from one record."""


class FieldRuleReader(ConditionReader):
    """Reads which value of each field stays."""

    def field_rules(self, node: Node) -> tuple[tuple[FieldRule, ...], tuple[Step, ...]]:
        """Return the rules of a mapping, or of a list of mappings, and the one for all other fields."""
        found: dict[str, FieldRule] = {}
        for key, value in self._pairs(node):
            name, steps = self._named(key), self._steps(value)
            common = name if name == ADDRESS else own_name(name)
            if common in found:
                self.fault(key, f"{name} stands here twice.", "Keep one of them.")
            elif name and steps and self._fits(value, name, steps):
                found[common] = FieldRule(name, steps)
        others = found.pop(ALL_OTHERS, None)
        return tuple(found.values()), others.steps if others else OTHERS

    def _pairs(self, node: Node) -> Iterator[tuple[Node, Node]]:
        nodes = [node] if isinstance(node, MappingNode) else self.entries(node, "fields")
        pairs = [pair for each in nodes for pair in self._of(each)]
        if len(pairs) > MOST_FIELDS:
            self.fault(pairs[MOST_FIELDS][0], f"fields has more than {MOST_FIELDS} entries.", 'Say it of all with "*".')
        yield from pairs[:MOST_FIELDS]

    def _of(self, node: Node) -> list[tuple[Node, Node]]:
        if isinstance(node, MappingNode):
            return list(node.value)
        self.fault(node, "This is not a rule for a field.", "Write it like phone: newest.")
        return []

    def _named(self, key: Node) -> str:
        """Return the name of a field; "" and a fault when no rule can be for it."""
        written = self.text(key, "A field")
        if written in {ALL_OTHERS, ADDRESS}:
            return written
        name = self.field_name(key, written) if written else ""
        common = own_name(name)
        if common in OURS | DERIVED:
            self.fault(key, f"No rule chooses {written}.", "Delete this line: the CRM decides, or owner:.")
            return ""
        if is_strict(common, MergePolicy()):
            self.fault(key, f"{written} always ends as strict as it was.", "Delete this line: no rule may lose it.")
            return ""
        return name

    def field_name(self, node: Node, written: str) -> str:
        """Return our name of a field, or its API name as it is written; "" and a fault for what can be none."""
        bare = written.removeprefix("lead.").removeprefix("contact.").removeprefix("record.")
        if not API_NAME.fullmatch(bare):
            self.fault(node, f"“{written}” is not the name of a field.", "Write it like phone or Tax_Id__c.")
            return ""
        name = own_name(bare)
        if name in LEAD or name in CONTACT:
            return name
        try:
            known_field(canonical(f"lead.{bare}"), 1)
        except RuleFault as fault:
            self.fault(node, fault.message.replace("lead.", ""), fault.remedy.replace("lead.", ""))
            return ""
        return bare

    def _steps(self, node: Node) -> tuple[Step, ...]:
        text = self.text(node, "The rule for a field") if isinstance(node, ScalarNode) else ""
        if not isinstance(node, ScalarNode):
            self.fault(node, "The rule for a field must be a text.", _EXAMPLE)
        parts = _ELSE.split(text) if text else []
        if len(parts) > MOST_STEPS:
            self.fault(node, f"There are more than {MOST_STEPS} ways one after the other.", "Keep those that decide.")
        steps = [self._step(node, part.strip()) for part in parts[:MOST_STEPS]]
        found = tuple(step for step in steps if step)
        if len(set(found)) < len(found):
            self.fault(node, "One way stands here twice.", "It finds the same each time: keep the first.")
        return found if len(found) == len(parts) else ()

    def _step(self, node: Node, text: str) -> Step | None:
        if sourced := _SOURCED.fullmatch(text):
            return self._sourced(node, sourced["sources"] or "")
        plain = " ".join(text.replace("\u2019", "'").casefold().split())
        kind = next((each for each in STEPS if each == plain), _WORDS.get(plain))
        if kind:
            return Step(kind)
        self.fault(node, f"“{text}” does not say which value stays.", meant(plain, STEPS, otherwise=_EXAMPLE))
        return None

    def _sourced(self, node: Node, text: str) -> Step | None:
        try:
            sources = [str(compare.literal(each, text_only=True)) for each in listed.items(text[1:-1])] if text else []
        except RuleFault as fault:
            self.fault(node, fault.message, fault.remedy)
            return None
        if not sources:
            self.fault(node, f"{_TRUSTED} names no source.", f"Write it like {_TRUSTED} [Website, Import].")
            return None
        if len(sources) > MOST_SOURCES:
            self.fault(node, f"{_TRUSTED} has more than {MOST_SOURCES} sources.", "Name those that you trust.")
        return Step("most trusted source", tuple(dict.fromkeys(sources[:MOST_SOURCES])))

    def _fits(self, node: Node, name: str, steps: tuple[Step, ...]) -> bool:
        """Tell whether values of this field can be chosen so; a fault for the first step that does not fit."""
        kind = LEAD.get(name) or CONTACT.get(name, "any")
        for step in steps:
            if name in {ADDRESS, ALL_OTHERS} and step.kind in _OF_ONE_RECORD:
                what = "an address" if name == ADDRESS else "every field"
                self.fault(node, f"{step.kind} does not fit {what}.", "Write it for single fields.")
            elif kind != "any" and (
                (step.kind in _OF_NUMBERS and kind != "number")
                or (step.kind in _OF_ORDER and kind not in {"number", "time"})
                or (step.kind in _OF_TEXT and kind not in TEXTUAL)
            ):
                self.fault(node, f"{step.kind} does not fit {name} ({kind}).", "Write newest, longest or non-empty.")
            else:
                continue
            return False
        return True
