"""What is wrong with YAML that cannot be read: PyYAML's words become what a person mistyped, where, and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import yaml

from rules.faults import RuleFault

GENERAL = "Check the indentation, and put a line that holds “: ” or “ #” in single quotes."
_QUOTED = "Put the whole value in single quotes."
_SHOWN = 40
"""Characters of a line that a message quotes."""
_BRACKETS_WITHIN = re.compile(r"\[[^\[\]\"']*\w\s+\[")
"""A list in a condition in a list: ``[lead.country in [FR, DE]]``."""
_KEY_AND_COLON = re.compile(r"\s*(?:- +)?[\w\"'][^:#]*:(?:\s|$)")
_NO_SPACE_AFTER_COLON = re.compile(r"\s*(?:- +)?\w+:(?=[^\s/])")
_NO_SPACE_AFTER_DASH = re.compile(r"\s*-(?=\w[^:]*:)")
_OPEN = {"while parsing a flow sequence": ("[", "]"), "while parsing a flow mapping": ("{", "}")}
_CHARACTER = re.compile(r"character '(.+)'")


@dataclass(frozen=True, slots=True)
class _Found:
    """Where YAML stopped (`line` and `column` from 0) and why; `start` is where what it was reading began."""

    lines: tuple[str, ...]
    problem: str
    context: str
    line: int
    column: int
    start: tuple[int, int]

    @property
    def written(self) -> str:
        """The line where it stopped."""
        return self.text(self.line)

    def text(self, line: int) -> str:
        """Return a line; nothing behind the end."""
        return self.lines[line] if 0 <= line < len(self.lines) else ""

    def above(self) -> int:
        """Return the nearest line above that says something; -1 where there is none."""
        said = (line for line in range(self.line - 1, -1, -1) if self.text(line).strip(" \t").partition("#")[0])
        return next(said, -1)


def broken(error: yaml.MarkedYAMLError, text: str) -> RuleFault:
    """Return what is wrong, where it is best told: at a quote that is never closed, say, not at the end of the text."""
    mark = error.problem_mark or error.context_mark
    begun = error.context_mark or mark
    found = _Found(
        lines=tuple(text.splitlines()),
        problem=error.problem or "broken",
        context=error.context or "",
        line=mark.line if mark else 0,
        column=mark.column if mark else 0,
        start=(begun.line, begun.column) if begun else (0, 0),
    )
    for cause in _CAUSES:
        if fault := cause(found):
            return fault
    return _fault(f"This is not valid YAML: {found.problem}.", GENERAL, found.line, found.column)


def _fault(message: str, remedy: str, line: int, column: int) -> RuleFault:
    return RuleFault(message, line=line + 1, column=column + 1, remedy=remedy)


def _first_column(written: str) -> int:
    return len(written) - len(written.lstrip())


def _cut(text: str) -> str:
    plain = text.strip()
    return plain if len(plain) <= _SHOWN else f"{plain[: _SHOWN - 1]}…"


def _quote(found: _Found) -> RuleFault | None:
    if found.context == "while scanning a quoted scalar":
        return _fault("A quote is opened here and never closed.", "Close it on this line.", *found.start)
    if found.context == "while scanning a double-quoted scalar" and "escape character" in found.problem:
        remedy = "Put the value in single quotes, or write \\\\ for a backslash."
        return _fault(
            "A backslash in double quotes begins something that is not known.", remedy, found.line, found.column
        )
    written = found.written[: found.column].rstrip()
    if written.endswith(('"', "'")) and written.count(written[-1]) > 1:
        remedy = "Quotes must be around the whole value, or there must be an even number of them."
        return _fault("Text follows behind a closing quote.", remedy, found.line, found.column)
    return None


def _tab(found: _Found) -> RuleFault | None:
    before = found.written[: _first_column(found.written)]
    if "\\t" in found.problem or ("\t" in before and found.column <= len(before)):
        return _fault("There is a tab here.", "Indent with spaces.", found.line, found.column)
    return None


def _bracket(found: _Found) -> RuleFault | None:
    if found.context not in _OPEN:
        if "expected the node content" in found.problem and (closed := found.written[found.column : found.column + 1]):
            remedy = "Delete it, or put the whole value in single quotes."
            return _fault(f"A value cannot begin with “{closed}”.", remedy, found.line, found.column)
        return _unended(found) if "<stream end>" in found.problem else None
    opening, closing = _OPEN[found.context]
    if opening == "[" and _BRACKETS_WITHIN.search(found.written):
        remedy = "Put the condition in single quotes, or on a line of its own after a dash."
        return _fault("A list cannot stand in a condition in a list.", remedy, found.line, found.column)
    if opening == "{" and "{lead" in found.written:
        remedy = "Put the text with {…} in double quotes."
        return _fault("A text with {…} has no quotes.", remedy, found.line, found.column)
    if found.line == found.start[0] and found.column < len(found.written.rstrip()):
        remedy = f"Write a comma before it, or put the value in quotes; “{closing}” closes the list."
        return _fault("A comma is missing before this.", remedy, found.line, found.column)
    return _fault(f"“{opening}” is opened here and never closed.", f"Close it with “{closing}”.", *found.start)


def _unended(found: _Found) -> RuleFault | None:
    """Find the bracket behind which the text ends."""
    line = next(
        (number for number in range(len(found.lines) - 1, -1, -1) if re.search(r"[\[{]", found.text(number))), -1
    )
    if line < 0:
        return None
    column = max(found.text(line).rfind("["), found.text(line).rfind("{"))
    opening = found.text(line)[column]
    return _fault(
        f"“{opening}” is opened here and never closed.",
        f"Close it with “{dict(_OPEN.values())[opening]}”.",
        line,
        column,
    )


def _colon(found: _Found) -> RuleFault | None:
    """Find a key that has no colon: YAML sees it in the next line only."""
    if found.problem == "could not find expected ':'":
        return _keyless(found, found.start[0])
    if found.problem != "mapping values are not allowed here":
        return None
    above = found.above()
    if _KEY_AND_COLON.match(found.written[: found.column]):
        return _fault("Here is a second “: ” in one line.", _QUOTED, found.line, found.column)
    if _NO_SPACE_AFTER_COLON.match(found.written) or _NO_SPACE_AFTER_DASH.match(found.written):
        return _keyless(found, found.line)
    if above >= 0 and not _KEY_AND_COLON.match(found.text(above)):
        return _keyless(found, above)
    column = _first_column(found.written)
    keys = re.match(r"\s*(?:- +)?", found.text(above))
    wanted = keys.end() + 1 if keys else 1
    message = "This line stands further right than the one above, which has its value already."
    return _fault(message, f"Begin it in column {wanted}, with {_spaces(wanted - 1)} before it.", found.line, column)


def _keyless(found: _Found, line: int) -> RuleFault:
    written = found.text(line)
    column = _first_column(written)
    if at := _NO_SPACE_AFTER_DASH.match(written):
        return _fault("A space is missing behind the dash.", "Write it like - rule: Name.", line, at.end() - 1)
    if at := _NO_SPACE_AFTER_COLON.match(written):
        return _fault("A space is missing behind the colon.", "Write it like assign: keep.", line, at.end() - 1)
    said = _cut(written.strip().removeprefix("- "))
    return _fault(f"“{said}” has no colon.", "Write it like assign: keep, or notify: true.", line, column)


def _indent(found: _Found) -> RuleFault | None:
    """Find a line that does not stand where its neighbours do."""
    outside = "expected '<document start>'" in found.problem
    if not outside and not found.problem.startswith("expected <block end>"):
        return None
    column = _first_column(found.written)
    if outside:
        above = found.above()
        first = next((number for number, line in enumerate(found.lines) if line.strip(" -#")), above)
        return _left(found, column, first, _first_column(found.text(first)))
    line, wanted = found.start
    if not found.written.lstrip().startswith("-"):
        if "collection" not in found.context or column < wanted:
            return _left(found, column, line, wanted)
        where = f"Begin it further {'left' if wanted else 'right'}, where the other keys of its item begin"
        return _fault(
            "A line without a dash stands in a list.", f"{where}, or write a dash before it.", found.line, column
        )
    other = found.text(found.above())
    if other.lstrip().startswith("-"):
        remedy = f"Begin it in column {_first_column(other) + 1}, below the other."
        return _fault("This dash does not stand below the one above it.", remedy, found.line, column)
    remedy = "Begin a new item with its dash in the first column, or delete the dash."
    return _fault("A dash stands among lines that have none.", remedy, found.line, column)


def _left(found: _Found, column: int, line: int, wanted: int) -> RuleFault:
    remedy = f"Begin it in column {wanted + 1}, with {_spaces(wanted)} before it, as line {line + 1} does."
    return _fault("This line is not indented like those it belongs to.", remedy, found.line, column)


def _character(found: _Found) -> RuleFault | None:
    if "cannot start any token" in found.problem and (said := _CHARACTER.search(found.problem)):
        return _fault(f"A value cannot begin with “{said[1]}”.", _QUOTED, found.line, found.column)
    if found.problem.startswith("aliases"):
        return _fault(f"This is not valid YAML: {found.problem}.", _QUOTED, found.line, found.column)
    if found.problem == "but found another document":
        return _fault("“---” begins a second document.", "Delete this line.", found.line, found.column)
    if found.problem.startswith("expected chomping"):
        remedy = "Write the text below it, indented, or put it in quotes."
        return _fault("“|” and “>” stand alone at the end of a line.", remedy, found.line, found.column)
    return None


def _spaces(count: int) -> str:
    return "no space" if not count else "1 space" if count == 1 else f"{count} spaces"


_CAUSES: tuple[Callable[[_Found], RuleFault | None], ...] = (_tab, _quote, _bracket, _colon, _indent, _character)
