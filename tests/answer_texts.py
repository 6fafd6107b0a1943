"""What we say of what a CRM answers, and in the permission check, collected from where it is made.

Reasons are what the errors of connector/errors.py are made with, and details of effects; the tables of sentences by
the CRMs' codes are read as they stand. As with faults, one is known by a mark of its English.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from tests.code_texts import ROOT, Code, Scope, Text, bare, own, params
from tests.fault_texts import id_of, template_of

_ERRORS = ("Ignored", "Later", "Exhausted", "Revoked", "Refused", "StaleSchema")
_LINES = ("Check", "line", "option", "_line", "_arrives")
"""What makes a line of a permission check: its name comes first."""
_SAID = frozenset({"detail", "there", "missing", "without", "remedy"})
_STOP = re.compile(r"(?<=[.?!]) (?=\S)")
_PASSES = re.compile(r"str\(\w+\)|\w+\.(words|reason)|type\(\w+\)\.__name__|english\(.*\)")
"""How an error is made that says what another did, or a sentence of the rules' catalogue."""
_NAME = re.compile(r"[A-Z]\w+")
_FILES = (
    "connector/salesforce/*.py", "connector/hubspot/*.py", "oauth/*.py", "connector/work.py",
    "connector/desk/rulebook.py", "connector/desk/sheets.py", "connector/api/people.py", "jobs/*.py",
)  # fmt: skip
_TABLES: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "connector/salesforce/answers.py": ("_LATER", "_REVOKED", "_IGNORED", "_STALE", "_REFUSED", "_STREAM_PERMANENT"),
    "connector/salesforce/check_package.py": ("_WORK",),
    "connector/hubspot/answers.py": ("_SENTENCES",),
    "connector/hubspot/checks.py": ("_NOUNS",),
    "connector/hubspot/storage.py": ("NOTES", "NO_CUSTOM_OBJECTS"),
    "connector/work.py": ("LOCKED", "CHANGED"),
})  # fmt: skip
"""File -> its tables and texts that are said by another's code; places stand in them as ``format`` wants them."""
_TELLERS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "connector/salesforce/answers.py": ("words",),
    "connector/hubspot/answers.py": ("words",),
    "connector/hubspot/checks.py": ("_portal", "_readable", "_deals", "_owners", "_properties", "_storage"),
})  # fmt: skip
"""File -> functions that return what is said."""


@cache
def collected() -> dict[str, str]:
    """Return all English templates by id."""
    code = _code()
    texts = {template_of(each) for each in _said(code)} | set(_tabled(code))
    found: dict[str, str] = {}
    for sentence in sorted({each for text in texts for each in _sentences(text)}):
        found.setdefault(id_of(sentence, "answer"), sentence)
    return dict(sorted(found.items(), key=lambda each: each[1]))


@cache
def _code() -> Code:
    """Read where CRMs are asked and their answers are read."""
    return Code(sorted({path for pattern in _FILES for path in ROOT.glob(pattern)}))


def _sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text, each without its stop and the CRM's code: they are recognised one by one."""
    for each in _STOP.split(text):
        sentence = each.removesuffix(".").replace("{where} ({code})", "")
        if re.search("[a-z]{2}", re.sub(r"\{\w+\}(__\w+$)?", "", sentence)):
            yield sentence


def _said(code: Code) -> Iterator[Text]:
    """Yield what errors, details of effects and lines of checks say."""
    for name, calls in code.calls.items():
        for call, scope in calls:
            for value in _values(name, call):
                yield from _followed(code, value, scope)
    for module in code.modules.values():
        for function in (each for several in module.functions.values() for each in several):
            for value in _reasons(function):
                yield from _followed(code, value, Scope(module, (function,)))
    for path, names in _TELLERS.items():
        module = code.modules[ROOT / path]
        for name in names:
            for function in module.functions[name]:
                for node in ast.walk(function):
                    if isinstance(node, ast.Return) and node.value:
                        yield from code.texts(node.value, Scope(module, (function,)))


def _values(name: str, call: ast.Call) -> Iterator[ast.expr]:
    """Yield the expressions of a call that become what is said."""
    if name in _ERRORS or name in _LINES:
        yield from call.args[:1]
    if name == "Check":
        yield from call.args[2:5]
    if name == "_line":
        yield from call.args[2:3]
    yield from (each.value for each in call.keywords if each.arg in _SAID)


def _reasons(function: ast.FunctionDef) -> Iterator[ast.expr]:
    """Yield what is noted within a function as why something was not done."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "attr", "") == "why":
            yield node.value


def _followed(code: Code, value: ast.expr, scope: Scope) -> Iterator[Text]:
    """Yield what an expression says, and what stands in those of its places that are parameters."""
    for text in code.texts(value, scope):
        if bare(text) is None:
            yield text
            for part in text:
                if not isinstance(part, str) and part.param and part.param[0]:
                    yield from _given(code, *part.param)


def _given(code: Code, name: str, param: str) -> Iterator[Text]:
    """Yield the texts that a parameter is given where its function is called."""
    known = [each for module in code.modules.values() for each in module.functions.get(name, ())]
    for call, scope in code.calls.get(name, ()):
        at = {params(each).index(param) for each in known if param in params(each)}
        values = [call.args[place] for place in at if place < len(call.args)]
        values += [each.value for each in call.keywords if each.arg == param]
        yield from (text for each in values for text in code.texts(each, scope) if _NAME.sub("", own(text)))


def _tabled(code: Code) -> Iterator[str]:
    """Yield the texts of the tables, those with a space or a capital: the rest are codes."""
    for path, names in _TABLES.items():
        for name in names:
            found: ast.expr | None = code.modules[ROOT / path].constants[name]
            for node in ast.walk(found) if found else ():
                values = node.values if isinstance(node, ast.Dict) else [node] if node is found else []
                for value in values:
                    last = value.elts[-1] if isinstance(value, ast.Tuple) else value
                    if isinstance(last, ast.Constant) and isinstance(last.value, str):
                        yield last.value


def unfollowed() -> list[str]:
    """Return where an error is made of which neither the words are known, nor whose words it passes on."""
    code = _code()
    return [
        f"{scope.module.path.relative_to(ROOT)}:{call.lineno}"
        for name in _ERRORS
        for call, scope in code.calls.get(name, ())
        if call.args and not _PASSES.fullmatch(ast.unparse(call.args[0]))
        if all(bare(text) for text in code.texts(call.args[0], scope))
    ]
