"""From YAML nodes to territories: the table stands as CSV in a text block, and faults name the line within it."""

from __future__ import annotations

from collections.abc import Sequence

from yaml.nodes import MappingNode, Node, ScalarNode

from rules.faults import Fault, RuleFault
from rules.parsing.nodes import Fields
from rules.parsing.target_reading import TargetReader, read_target
from rules.parsing.yamltext import place
from rules.parts import Target
from rules.territories import territories
from rules.territories.territories import Territory

TERRITORY_KEYS = ("territory", "rows", "columns", "otherwise")
_EXAMPLE = "Add rows: | and below it a header such as country,postal_code,assign, then the rows."


class TerritoryReader(TargetReader):
    """Reads the territories of a record."""

    def territory(self, node: MappingNode, text: str) -> Territory | None:
        """Return the territory that an item's mapping in this text describes; None when it has faults."""
        fields = self.fields(node, TERRITORY_KEYS)
        before = len(self.faults)
        name = self.text(fields["territory"][1], "The territory's name")
        columns = self._columns(fields["columns"][1]) if "columns" in fields else {}
        otherwise = self.targets(fields["otherwise"][1], "otherwise") if "otherwise" in fields else ()
        if "rows" not in fields:
            self.fault(node, "The territory has no rows.", _EXAMPLE)
            return None
        found = self._table(name, fields, columns, otherwise, text)
        return found if len(self.faults) == before else None

    def _columns(self, node: Node) -> dict[str, str]:
        """Return header -> field; whether they are there is told with the table."""
        if not isinstance(node, MappingNode):
            self.fault(node, "columns must name a field for each header.", "Write it like {size: account.employees}.")
            return {}
        headers = [str(key.value) for key, _ in node.value if isinstance(key, ScalarNode)]
        fields = self.fields(node, headers)
        return {header: self.text(value, "The field") for header, (_, value) in fields.items()}

    def _table(
        self, name: str, fields: Fields, columns: dict[str, str], otherwise: tuple[Target, ...], text: str
    ) -> Territory | None:
        node = fields["rows"][1]
        if not isinstance(node, ScalarNode) or not node.value.strip():
            self.fault(node, "The territory has no rows.", _EXAMPLE)
            return None
        if node.style not in {"|", '"'} and "\n" not in node.value:
            self.fault(node, "All rows stand on one line.", "Write rows: | and the table below it.")
            return None
        table = _Table(node, text)
        faults: list[RuleFault] = []
        found = territories.read(name, node.value, columns, target=read_target, otherwise=otherwise, faults=faults)
        for fault in faults:
            self.faults.append(Fault(self.record, *table.place(fault.line, fault.column), fault.message, fault.remedy))
        first = {row.target: row for row in reversed(found.rows)} if found else {}  # thousands may name one pool
        for row in first.values():
            self.refers(row.target, table.place(row.line, row.column))
        return found


class _Table:
    """Where a text block stands in its record."""

    def __init__(self, node: ScalarNode, text: str) -> None:
        self._line, self._column = place(node)
        self._block = node.style == "|"
        self._indent = _indent(text.splitlines(), self._line) if self._block else 0

    def place(self, line: int, column: int) -> tuple[int, int]:
        """Return line and column in the record of a place in the table."""
        if self._block:
            return self._line + line, self._indent + column
        return self._line, self._column


def _indent(lines: Sequence[str], start: int) -> int:
    """Return how far the block that begins below line `start` is indented."""
    first = next((line for line in lines[start:] if line.strip()), "")
    return len(first) - len(first.lstrip(" "))
