"""One SQL compiler for all databases of a test run: SQLAlchemy keeps what it compiled per engine, and tests open many.

An engine is opened for each test, and compiling its statements anew was a fifth of what a drain took there. Only the
compiler is shared, and what it compiled: every engine keeps its own connections, its own events and its own database.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.util import LRUCache

from connector.store import base

STATEMENTS = 4000
"""More than the product has, so that none is compiled twice."""


class Compilers:
    """The first engine of each driver that has spoken to its database; later ones take over its compiler."""

    def __init__(self) -> None:
        self._first: dict[str, Engine] = {}

    def learn(self, url: str) -> None:
        """Open an engine that lends its compiler: a dialect is whole once it has met a server."""
        engine = base.Database(url).engine
        with engine.connect():
            pass
        engine.dispose()
        engine._compiled_cache = LRUCache(STATEMENTS)
        self._first[engine.driver] = engine

    def create_engine(self, url: URL, **options: Any) -> Engine:
        """Make an engine as SQLAlchemy does, with the compiler of the first of its kind."""
        made = create_engine(url, **options)
        first = self._first.get(made.driver)
        if first is not None:
            made.dialect = first.dialect
            made._compiled_cache = first._compiled_cache
        return made


def shared(patch: pytest.MonkeyPatch) -> Compilers:
    """Let every store that is opened from now on share its compiler with those of its kind."""
    compilers = Compilers()
    patch.setattr(base, "create_engine", compilers.create_engine)
    compilers.learn("sqlite://")
    return compilers
