"""The threat model, as it stands in docs/security.md, and the tests that say which threat they are about."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security.md"
_ROW = re.compile(r"^\| (?P<id>T[0-9]{2}) \|(?P<cells>.+)\|$", re.MULTILINE)
_TEST = re.compile(r"`(?P<file>[\w/]+\.py)::(?P<test>test_\w+)`")


def rows() -> dict[str, list[str]]:
    """The cells of each threat behind its id: who does what, what stops it, what is left, the tests."""
    found = [(row["id"], [cell.strip() for cell in row["cells"].split("|")]) for row in _ROW.finditer(PAGE.read_text())]
    assert len(dict(found)) == len(found), "an id stands for one threat"
    return dict(found)


def named() -> dict[str, set[tuple[str, str]]]:
    """The tests that the page names for each threat, as (file below tests, function)."""
    return {id_: {(each["file"], each["test"]) for each in _TEST.finditer(cells[-1])} for id_, cells in rows().items()}


def marked() -> Iterator[tuple[str, tuple[str, str]]]:
    """Every test that is marked with a threat, with the id."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if "mark.threat(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                for each in map(ast.unparse, node.decorator_list):
                    if found := re.fullmatch(r"pytest\.mark\.threat\('(T\d\d)'\)", each):
                        yield found[1], (str(path.relative_to(ROOT / "tests")), node.name)
