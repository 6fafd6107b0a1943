"""One compiled builder for each route of a test run: werkzeug compiles two functions per route, for every app anew.

Nearly every test of the console has an app of its own, and compiling how its 200 addresses are built was four fifths of
making one. What is compiled depends on the route's text alone; every app keeps its own routes, converters and views.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest
from werkzeug.routing import Rule

Builder: TypeAlias = Callable[..., tuple[str, str]]


def shared(patch: pytest.MonkeyPatch) -> None:
    """Let every app that is made from now on share these functions with those before it."""
    compiled: dict[tuple[str, tuple[tuple[bool, str], ...], bool], Builder] = {}
    compile_builder = Rule._compile_builder

    def once(rule: Rule, append_unknown: bool = True) -> Builder:  # noqa: FBT001, FBT002 - werkzeug's signature
        if rule.defaults:  # these are written into the function, by the route's own converters
            return compile_builder(rule, append_unknown)
        key = (rule.rule, tuple(rule._trace), append_unknown)
        if key not in compiled:
            compiled[key] = compile_builder(rule, append_unknown)
        return compiled[key]

    patch.setattr(Rule, "_compile_builder", once)
