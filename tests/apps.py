"""What the apps of a test run share: how addresses are built, and compiled templates.

Nearly every test of the console has an app of its own. Werkzeug compiles two functions for each of its 200 routes, four
fifths of making one; what they do depends on the route's text alone. Jinja keeps what it compiled where every process
of the run finds it. Every app still has its own routes, converters, views and environment.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from werkzeug.routing import Rule

Builder: TypeAlias = Callable[..., tuple[str, str]]


def shared(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let every app that is made from now on share with those before it; compiled templates lie in `folder`."""
    patch.setattr(Rule, "_compile_builder", _once(Rule._compile_builder))
    patch.setattr(
        Flask, "jinja_options", {**Flask.jinja_options, "bytecode_cache": FileSystemBytecodeCache(str(folder))}
    )


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
