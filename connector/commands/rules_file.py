"""A rule set in a file: loaded item by item, and every fault told by line and column of the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from yaml.nodes import MappingNode

from connector.commands.editions import text_of
from rules.faults import Fault, RuleSetError
from rules.parsing import yamltext
from rules.ruleset import RuleSet, Source, load, split

__all__ = ["RulesFile", "opened", "told"]


@dataclass(frozen=True, slots=True)
class RulesFile:
    """The items of a file as sources: `lines` and `columns` say where the first line of each stands, by record."""

    path: Path
    sources: tuple[Source, ...]
    lines: Mapping[str, int]
    columns: Mapping[int, int]

    def load(self) -> RuleSet:
        """Return the rule set; its tests have the lines of the file. Raises RuleSetError, faults too have them."""
        try:
            found = load(self.sources)
        except RuleSetError as error:
            raise RuleSetError([self._placed(fault) for fault in error.faults]) from None
        tests = (
            replace(test, record=str(self.path), line=test.line + self.lines[test.record] - 1) for test in found.tests
        )
        return replace(found, tests=tuple(tests))

    def at(self, line: int | None) -> str:
        """Return the place of an item that begins in this line as editors read it; None: of the whole file."""
        return f"{self.path}:{line}:{self.columns.get(line, 1)}" if line else str(self.path)

    def _placed(self, fault: Fault) -> Fault:
        return replace(fault, record=str(self.path), line=fault.line + self.lines[fault.record] - 1)


def opened(path: Path) -> RulesFile:
    """Return the items of a file. Raises ClickException when it is no text, RuleSetError when it has no items."""
    text = yamltext.bare(text_of(path))
    try:
        nodes = yamltext.items(text) if split(text) else []
    except RuleSetError as error:
        raise RuleSetError([replace(fault, record=str(path)) for fault in error.faults]) from None
    places = [yamltext.place(node) for node in nodes]
    # A fault may name the record of another item: so that is its place.
    records = [f"{path}:{line}:{column}" for line, column in places]
    return RulesFile(
        path=path,
        sources=tuple(Source(record, _own(text, node)) for record, node in zip(records, nodes, strict=True)),
        lines={record: line for record, (line, _) in zip(records, places, strict=True)},
        columns=dict(reversed(places)),
    )


def _own(text: str, node: MappingNode) -> str:
    """Return the text of an item whose columns are those of the file; a dash may stand anywhere before it."""
    column = node.start_mark.column
    before = f"-{' ' * (column - 1)}" if column > 1 else " " * column
    return before + text[node.start_mark.index : node.end_mark.index].rstrip() + "\n"


def told(faults: Iterable[Fault]) -> str:
    """Return faults of files as lines, with ``file:line:column`` in front, to which editors jump."""
    return "\n".join(
        f"{fault.record}:{fault.line}:{fault.column}: {fault.message} {fault.remedy}".rstrip()
        if fault.record
        else str(fault)
        for fault in faults
    )
