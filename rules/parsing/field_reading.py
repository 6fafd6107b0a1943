"""From YAML nodes to the names of fields. Every mistake is a fault with its place and what to write instead."""

from __future__ import annotations

from yaml.nodes import MappingNode, Node, ScalarNode

from rules.field_names import API_NAME, MAPPED, FieldNames
from rules.fields import CANONICAL, canonical
from rules.parsing.nodes import NodeReader, meant

_EXAMPLE = "Write it like lead.product: Product_Line__c."
_NAMES = tuple(f"{scope}.{name}" for scope, names in MAPPED.items() for name in names)


class FieldReader(NodeReader):
    """Reads the item ``fields`` of one record."""

    def field_names(self, node: MappingNode) -> FieldNames:
        """Return the names that an item's mapping gives to fields of the CRM."""
        entries = self.fields(node, ("fields",))["fields"][1]
        if not isinstance(entries, MappingNode) or not entries.value:
            self.fault(entries, "fields names no field.", _EXAMPLE)
            return FieldNames()
        found: dict[str, str] = {}
        for key, value in entries.value:
            name, api = self._name(key), self._api_name(value)
            if name in found:
                self.fault(key, f"{name} stands here twice.", "Keep one of them.")
            elif name and api:
                found[name] = api
        return FieldNames(tuple(found.items()))

    def _name(self, key: Node) -> str:
        """Return the canonical name of a key; "" and a fault when it is none that may be mapped."""
        written = self.text(key, "A name")
        name = canonical(written)
        scope, _, field = name.partition(".")
        if field in MAPPED.get(scope, {}):
            return name
        if not written:
            return ""
        if field in CANONICAL.get(scope, {}) and scope in MAPPED:
            self.fault(key, f"{name} cannot be another field.", "Name the other field in rules by its API name.")
        else:
            self.fault(key, f"“{written}” is no name of ours.", meant(name, _NAMES, otherwise=_EXAMPLE))
        return ""

    def _api_name(self, value: Node) -> str:
        """Return the API name of a field; "" and a fault when it cannot be one."""
        text = self.text(value, "The field") if isinstance(value, ScalarNode) else ""
        if API_NAME.fullmatch(text):
            return text
        if text or not isinstance(value, ScalarNode):
            remedy = "Write its API name as the CRM shows it, such as Product_Line__c or product_line."
            self.fault(value, "This is not the API name of a field.", remedy)
        return ""
