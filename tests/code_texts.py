"""Which texts an expression of our code may become: followed from its use back to the literals, without running it.

A text is a tuple of what is written in it and of places, which have the names of what will stand there. Followed are
names (of a function, a module, or imported), conditions, f-strings, sums, tables and functions that return texts.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import TypeAlias

ROOT = Path(__file__).parents[1]
_WORD = re.compile(r"[A-Za-z]{2}")
_MOST_WAYS = 6
"""So many texts at most may stand in a place for each to make a text of its own."""
_DEEPEST = 10
_TRIMMED = frozenset({"strip", "rstrip", "lstrip", "replace"})
_PASSED_ON = frozenset({"message", "remedy"})
"""Attributes of a fault: what another one says is collected where that one is made."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a text; `param` is function and parameter when a parameter stands there."""

    name: str
    param: tuple[str, str] | None = None


Text: TypeAlias = "tuple[str | Place, ...]"
Function: TypeAlias = ast.FunctionDef
PASSED = Place("remedy", ("", ""))
"""What another fault says."""


@dataclass(frozen=True)
class Module:
    """A file of code: what its names stand for."""

    path: Path
    constants: Mapping[str, ast.expr]
    functions: Mapping[str, list[Function]]
    imported: Mapping[str, tuple[str, str]]
    calls: Sequence[tuple[ast.Call, tuple[Function, ...]]]


@dataclass(frozen=True)
class Scope:
    """Where an expression stands: its module, the functions around it, and what their parameters are, if known."""

    module: Module
    around: tuple[Function, ...] = ()
    bound: Mapping[str, tuple[Text, ...]] = field(default_factory=dict)
    depth: int = 0

    def deeper(self) -> Scope:
        return replace(self, depth=self.depth + 1)


def module_of(path: Path) -> Module:
    """Read a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants: dict[str, ast.expr] = {}
    for top in tree.body:
        if isinstance(top, ast.Assign) and isinstance(top.targets[0], ast.Name):
            constants[top.targets[0].id] = top.value
        elif isinstance(top, ast.AnnAssign) and isinstance(top.target, ast.Name) and top.value:
            constants[top.target.id] = top.value
    functions: dict[str, list[Function]] = {}
    imported: dict[str, tuple[str, str]] = {}
    calls: list[tuple[ast.Call, tuple[Function, ...]]] = []
    ahead: list[tuple[ast.AST, tuple[Function, ...]]] = [(tree, ())]
    while ahead:
        node, around = ahead.pop()
        if isinstance(node, Function):
            functions.setdefault(node.name, []).append(node)
            around = (*around, node)
        elif isinstance(node, ast.Call):
            calls.append((node, around))
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported |= {each.asname or each.name: (node.module, each.name) for each in node.names}
        ahead += [(child, around) for child in ast.iter_child_nodes(node)]
    return Module(path, constants, functions, imported, calls)


@cache
def _within(function: Function) -> list[ast.AST]:
    return list(ast.walk(function))


def called(call: ast.Call) -> str:
    """Return the last name of what is called."""
    function = call.func
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )


def params(function: Function) -> list[str]:
    """Return the names of a function's parameters without ``self``."""
    given = function.args
    names = [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


def defaults(function: Function) -> dict[str, ast.expr]:
    """Return what parameters are that are not given."""
    given = function.args
    usual = [*given.posonlyargs, *given.args]
    found = {each.arg: value for each, value in zip(usual[::-1], given.defaults[::-1], strict=False)}
    return found | {each.arg: value for each, value in zip(given.kwonlyargs, given.kw_defaults, strict=True) if value}


def bare(text: Text) -> Place | None:
    """Return the place that is all of a text."""
    return text[0] if len(text) == 1 and isinstance(text[0], Place) else None


def own(text: Text) -> str:
    """Return what is written in a text, without its places."""
    return "".join(part for part in text if isinstance(part, str))


class Code:
    """Files of code, read for the texts in them."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.modules = {path: module_of(path) for path in paths}
        self.calls: dict[str, list[tuple[ast.Call, Scope]]] = {}
        for module in self.modules.values():
            for call, around in module.calls:
                self.calls.setdefault(called(call), []).append((call, Scope(module, around)))

    def texts(self, node: ast.expr | None, scope: Scope) -> list[Text]:
        """Return all that an expression may become; a bare place for what cannot be told."""
        if node is None or scope.depth > _DEEPEST:
            return [(Place("value"),)]
        inner = scope.deeper()
        match node:
            case ast.Constant(value=str(written)):
                return [(written,)]
            case ast.JoinedStr(values=parts):
                return [sum(ways, ()) for ways in product(*(self._part(each, inner) for each in parts))]
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return [one + other for one in self.texts(left, inner) for other in self.texts(right, inner)]
            case ast.IfExp(body=body, orelse=other):
                return self.texts(body, inner) + self.texts(other, inner)
            case ast.BoolOp(values=values):
                return [text for each in values for text in self.texts(each, inner)]
            case ast.NamedExpr(value=value):
                return self.texts(value, inner)
            case ast.Name(id=name):
                return [_named(text, name) for text in self._name(name, inner)]
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in scope.module.imported:
                return self._imported(".".join(scope.module.imported[name]), attribute, inner)
            case ast.Attribute(attr=attribute) if attribute in _PASSED_ON:
                return [(PASSED,)]
            case ast.Subscript(value=table):
                return self._table(table, inner) or [(Place(_name_of(node)),)]
            case ast.Call():
                return self._call(node, inner) or [(Place(_name_of(node)),)]
        return [(Place(_name_of(node)),)]

    def _part(self, part: ast.expr, scope: Scope) -> list[Text]:
        """Return what a part of an f-string may be: words, where these can be told, else a place."""
        if not isinstance(part, ast.FormattedValue):
            return self.texts(part, scope)
        place = Place(_name_of(part.value))
        if part.format_spec is not None or part.conversion != -1:
            return [(place,)]
        ways = self.texts(part.value, scope)
        known = [way for way in ways if not bare(way)]
        if len(ways) <= _MOST_WAYS and all(not any(way) or _WORD.search(own(way)) for way in known):
            if len(known) == len(ways):
                return ways
            if len(ways) > 1:  # a name, say, or “none”
                return [(place,), *(way for way in known if any(way))]
        alone = bare(ways[0]) if len(ways) == 1 else None
        return [(replace(place, param=alone.param if alone else None),)]

    def _name(self, name: str, scope: Scope) -> list[Text]:
        if name in scope.bound:
            return list(scope.bound[name])
        for at in range(len(scope.around), 0, -1):
            function = scope.around[at - 1]
            outer = replace(scope, around=scope.around[:at])
            given = list(_given(function, name))
            found = [text for each in given for text in self._value(each, outer)]
            if name in params(function):
                found.append((Place(name, (function.name, name)),))
            if found:
                return found
        if name in scope.module.constants:
            return self.texts(scope.module.constants[name], Scope(scope.module, depth=scope.depth))
        if name in scope.module.imported:
            return self._imported(*scope.module.imported[name], scope)
        return [(Place(name),)]

    def _imported(self, module: str, name: str, scope: Scope) -> list[Text]:
        there = self.modules.get(ROOT / f"{module.replace('.', '/')}.py")
        if there and name in there.constants:
            return self.texts(there.constants[name], Scope(there, depth=scope.depth))
        return [(Place(name),)]

    def _value(self, given: tuple[ast.expr | None, int | None], scope: Scope) -> list[Text]:
        """Return the texts of what a name was given: of an expression, or of one of the values it has."""
        node, at = given
        if node is None or at is None:
            return self.texts(node, scope)
        found = [self.texts(values[at], there) for values, there in self.tuples(node, scope) if at < len(values)]
        return [text for texts in found for text in texts] or [(Place("value"),)]

    def tuples(self, node: ast.expr, scope: Scope) -> list[tuple[Sequence[ast.expr], Scope]]:
        """Return the tuples that an expression may become."""
        if scope.depth > _DEEPEST:
            return []
        inner = scope.deeper()
        match node:
            case ast.Tuple(elts=values):
                return [(values, scope)]
            case ast.IfExp(body=body, orelse=other):
                return self.tuples(body, inner) + self.tuples(other, inner)
            case ast.Name(id=name) if scope.around:
                given = [each for each, at in _given(scope.around[-1], name) if each is not None and at is None]
                return [found for each in given for found in self.tuples(each, inner)]
            case ast.Subscript(value=table) | ast.Call(func=ast.Attribute(value=table, attr="get")):
                return [(each.elts, there) for each, there in self._rows(table, inner) if isinstance(each, ast.Tuple)]
            case ast.Call():
                returned = self._returned(node, inner)
                return [found for value, there in returned for found in self.tuples(value, there)]
        return []

    def _call(self, call: ast.Call, scope: Scope) -> list[Text]:
        if isinstance(call.func, ast.Attribute) and call.func.attr in _TRIMMED:
            return self.texts(call.func.value, scope)
        if (
            isinstance(call.func, ast.Attribute)
            and call.func.attr == "get"
            and (rows := self._table(call.func.value, scope))
        ):
            return rows + [text for each in call.args[1:] for text in self.texts(each, scope)]
        return [text for value, there in self._returned(call, scope) for text in self.texts(value, there)]

    def _returned(self, call: ast.Call, scope: Scope) -> list[tuple[ast.expr, Scope]]:
        """Return what the function that is called returns, with its parameters bound to what it is called with."""
        function, module = self._function(call.func, scope.module)
        if function is None or function.returns is None or not re.match("(str|tuple)", ast.unparse(function.returns)):
            return []
        bound = {
            name: tuple(self.texts(value, Scope(module, depth=scope.depth)))
            for name, value in defaults(function).items()
        }
        given = dict(zip(params(function), call.args, strict=False)) | {each.arg: each.value for each in call.keywords}
        bound |= {name: tuple(self.texts(value, scope)) for name, value in given.items() if name}
        there = Scope(module, (function,), bound, scope.depth)
        returned = [node.value for node in _within(function) if isinstance(node, ast.Return) and node.value]
        return [(value, there) for value in returned]

    def _function(self, node: ast.expr, module: Module) -> tuple[Function | None, Module]:
        there, name = module, ""
        match node:
            case ast.Name(id=name) if name in module.imported and name not in module.functions:
                where, name = module.imported[name]
                there = self.modules.get(ROOT / f"{where.replace('.', '/')}.py", module)
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner in module.imported:
                where = ".".join(module.imported[owner])
                there = self.modules.get(ROOT / f"{where.replace('.', '/')}.py", module)
            case ast.Attribute(value=ast.Name(id="self"), attr=name) | ast.Name(id=name):
                pass
            case _:
                return None, module
        return next(iter(there.functions.get(name, ())), None), there

    def _table(self, node: ast.expr, scope: Scope) -> list[Text]:
        return [
            text
            for value, there in self._rows(node, scope)
            if isinstance(value, ast.Constant | ast.JoinedStr)
            for text in self.texts(value, there)
        ]

    def _rows(self, node: ast.expr, scope: Scope) -> list[tuple[ast.expr, Scope]]:
        """Return the values of a dictionary that stands at the top of a module, or right here."""
        found: ast.expr | None = node
        if isinstance(node, ast.Name):
            found = scope.module.constants.get(node.id)
        while isinstance(found, ast.Call) and found.args:
            found = found.args[0]
        there = Scope(scope.module, depth=scope.depth)
        return [(value, there) for value in found.values] if isinstance(found, ast.Dict) else []


def _given(function: Function, name: str) -> Iterator[tuple[ast.expr | None, int | None]]:
    """Yield what a name is given within a function, and which of its values; None for what cannot be told."""
    for node in _within(function):
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    if isinstance(target, ast.Name) and target.id == name:
                        yield value, None
                    elif isinstance(target, ast.Tuple) and (at := _index(target, name)) is not None:
                        yield value, at
            case (
                ast.AnnAssign(target=ast.Name(id=found), value=value)
                | ast.NamedExpr(target=ast.Name(id=found), value=value)
            ):
                if found == name:
                    yield value, None
            case ast.For(target=target, iter=values) | ast.comprehension(target=target, iter=values):
                yield from _looped(target, values, name)
            case ast.AugAssign(target=ast.Name(id=found)) if found == name:
                yield None, None


def _looped(target: ast.expr, values: ast.expr, name: str) -> Iterator[tuple[ast.expr | None, int | None]]:
    at = _index(target, name) if isinstance(target, ast.Tuple) else None
    if at is None and not (isinstance(target, ast.Name) and target.id == name):
        return
    if isinstance(values, ast.Tuple | ast.List):
        yield from ((each, at) for each in values.elts)
    else:
        yield None, None


def _index(target: ast.Tuple, name: str) -> int | None:
    return next((at for at, each in enumerate(target.elts) if isinstance(each, ast.Name) and each.id == name), None)


def _named(text: Text, name: str) -> Text:
    """Return a text with its nameless places named."""
    return tuple(Place(name, each.param) if isinstance(each, Place) and each.name == "value" else each for each in text)


def _name_of(node: ast.AST) -> str:
    """Return what to call a place by what stands in it."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case ast.Subscript(value=inner) | ast.IfExp(body=inner) | ast.Await(value=inner):
            return _name_of(inner)
        case (
            ast.Call(func=ast.Attribute(attr="join"), args=[inner, *_])
            | ast.Call(func=ast.Attribute(value=inner, attr="strip" | "replace" | "lower"))
        ):
            return _name_of(inner)
        case ast.Call(args=[inner, *_]) | ast.Call(func=inner):
            return _name_of(inner)
        case ast.BinOp(left=ast.Constant(), right=inner) | ast.BinOp(left=inner):
            return _name_of(inner)
        case ast.GeneratorExp(generators=[first, *_]):
            return _name_of(first.iter)
    return "value"
