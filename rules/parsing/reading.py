"""From YAML nodes to the parts of a rule set: which item is read by whom, and lists."""

from __future__ import annotations

from collections.abc import Callable

from yaml.nodes import MappingNode

from rules.limits import MOST_VALUES
from rules.merging.policy import MergePolicy
from rules.merging.reading import MergeReader
from rules.parsing.condition_reading import Reference
from rules.parsing.field_reading import FieldReader
from rules.parsing.nodes import meant
from rules.parsing.people_reading import TrialReader, TrialText
from rules.parsing.policy_reading import PolicyReader
from rules.parsing.pool_reading import PoolReader
from rules.parsing.rule_reading import RuleReader
from rules.parsing.yamltext import KINDS, heading, no_kind
from rules.parts import Part, ValueList
from rules.territories.reading import TerritoryReader

__all__ = ["Reader", "Reference"]


class Reader(RuleReader, PoolReader, TerritoryReader, TrialReader, PolicyReader, FieldReader):
    """Reads the item of one record. `faults` holds what was wrong, `references` what it names."""

    def part(self, node: MappingNode, text: str) -> Part | TrialText | None:
        """Return the part that an item's mapping in this text describes; None when it has faults."""
        kind, _ = heading(node)
        readers: dict[str, Callable[[MappingNode], Part | TrialText | None]] = {
            "rule": self.rule,
            "pool": self.pool,
            "list": self.values,
            "match": self.policy,
            "calendar": self.calendar,
            "territory": lambda item: self.territory(item, text),
            "users": self.users,
            "test": lambda item: self.trial(item, text),
            "fields": self.field_names,
            "duplicates": self.merging,
        }
        reader = readers.get(kind)
        if reader is None:
            otherwise = meant(kind, KINDS, otherwise=f"Begin with one of: {', '.join(KINDS)}.")
            self.fault(node, *no_kind(kind, node, otherwise))
            return None
        before = len(self.faults)
        found = reader(node)
        return found if len(self.faults) == before else None

    def merging(self, node: MappingNode) -> MergePolicy:
        """Return the policy of merging that an item's mapping describes."""
        reader = MergeReader(self.record)
        found = reader.merge_policy(node)
        self.faults += reader.faults
        self.references += reader.references
        return found

    def values(self, node: MappingNode) -> ValueList:
        """Return the list that an item's mapping describes."""
        fields = self.fields(node, ("list", "values"))
        if "values" not in fields:
            self.fault(node, "The list has no values.", "Add values: [A, B].")
        most = MOST_VALUES, "Keep a field of the record for it instead."
        entries = self.entries(fields["values"][1], "values", *most) if "values" in fields else []
        if "values" in fields and not entries:
            self.fault(fields["values"][0], "The list has no values.", "Add at least one.")
        values = tuple(self.text(entry, "A value") for entry in entries)
        return ValueList(self.text(fields["list"][1], "The list's name"), values)
