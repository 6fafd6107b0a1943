"""What the apps of a test run share: how addresses are built, and compiled templates.

Nearly every test of the console has an app of its own. Werkzeug reads the text of each of its 200 routes and compiles
two functions for it, nine tenths of making one; what comes of it depends on the text alone. Jinja keeps what it
compiled where every process of the run finds it. Every app still has its own routes, converters, views and environment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from werkzeug.routing import BaseConverter, Rule
from werkzeug.routing.rules import RulePart

Builder: TypeAlias = Callable[..., tuple[str, str]]


def shared(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let every app that is made from now on share with those before it; compiled templates lie in `folder`."""
    patch.setattr(Rule, "_compile_builder", _once(Rule._compile_builder))
    patch.setattr(Rule, "_parse_rule", _read_once(Rule._parse_rule))
    patch.setattr(
        Flask, "jinja_options", {**Flask.jinja_options, "bytecode_cache": FileSystemBytecodeCache(str(folder))}
    )


@dataclass(frozen=True)
class _Read:
    """What a route's text says: its parts, what stands and varies in it, and the converters it asks for."""

    parts: list[RulePart]
    trace: list[tuple[bool, str]]
    converters: list[tuple[str, str, tuple[Any, ...], dict[str, Any]]]


def _read_once(parse: Callable[[Rule, str], Iterable[RulePart]]) -> Callable[[Rule, str], Iterable[RulePart]]:
    """Return the reader of routes, asked once for each text; every route gets converters of its own."""
    known: dict[str, _Read] = {}

    def once(rule: Rule, text: str) -> Iterable[RulePart]:
        if text not in known:
            known[text] = _read(parse, rule, text)
            return known[text].parts
        read = known[text]
        rule._trace.extend(read.trace)
        for name, kind, given, named in read.converters:
            rule._converters[name] = rule.get_converter(name, kind, given, named)
            rule.arguments.add(name)
        return read.parts

    return once


def _read(parse: Callable[[Rule, str], Iterable[RulePart]], rule: Rule, text: str) -> _Read:
    """Have a route's text read, and note which converters that asks for."""
    make, before = rule.get_converter, len(rule._trace)
    asked: list[tuple[str, str, tuple[Any, ...], dict[str, Any]]] = []

    def noted(name: str, kind: str, given: tuple[Any, ...], named: dict[str, Any]) -> BaseConverter:
        asked.append((name, kind, given, named))
        return make(name, kind, given, named)

    vars(rule)["get_converter"] = noted
    try:
        parts = list(parse(rule, text))
    finally:
        del vars(rule)["get_converter"]
    return _Read(parts, rule._trace[before:], asked)


def _once(compile_builder: Callable[[Rule, bool], Builder]) -> Callable[..., Builder]:
    """Return the compiler of builders, asked once for each text of a route."""
    compiled: dict[tuple[str, tuple[tuple[bool, str], ...], bool], Builder] = {}

    def once(rule: Rule, append_unknown: bool = True) -> Builder:  # noqa: FBT001, FBT002 - werkzeug's signature
        if rule.defaults:  # these are written into the function, by the route's own converters
            return compile_builder(rule, append_unknown)
        key = (rule.rule, tuple(rule._trace), append_unknown)
        if key not in compiled:
            compiled[key] = compile_builder(rule, append_unknown)
        return compiled[key]

    return once
