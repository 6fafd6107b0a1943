"""The package decides and does nothing else: it must stay free of I/O, clock, randomness and environment."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import rules

FILES = sorted(Path(rules.__file__).parent.rglob("*.py"))
ALLOWED = {
    "rules", "rapidfuzz", "yaml", "publicsuffixlist", "phonenumbers", "pycountry", "anyascii",
    "disposable_email_domains", "email_validator", "nicknames", "re2", "holidays", "babel",
}  # fmt: skip
IMPURE = {
    "os",
    "io",
    "socket",
    "random",
    "secrets",
    "time",
    "logging",
    "subprocess",
    "pathlib",
    "threading",
    "asyncio",
    "urllib",
    "http",
}


def imported(tree: ast.AST) -> set[str]:
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_module_is_pure_and_short(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    tree = ast.parse(text)
    names = imported(tree)
    assert names <= ALLOWED | set(sys.stdlib_module_names)
    assert not names & IMPURE
    calls = {
        node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert not calls & {"now", "utcnow", "today", "getenv"}
    assert not [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"open", "print"}
    ]
    assert len(text.splitlines()) <= 300
    assert ast.get_docstring(tree)


def test_functions_are_short() -> None:
    lengths = sorted(
        (node.end_lineno or 0) - node.lineno + 1
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    )
    assert lengths[len(lengths) // 2] <= 10
    assert lengths[-1] <= 60
