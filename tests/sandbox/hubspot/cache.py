"""Remembers what was read from the store, and forgets it at the right moment."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from tests.sandbox.hubspot.store import Store

Key = TypeVar("Key", bound="Hashable")
Value = TypeVar("Value")


class Cache(Generic[Key, Value]):
    """Values by key. What is forgotten in a transaction is forgotten again when it ends, well or badly.

    Without the second time, another thread could read the old state before the commit and keep it for ever.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._known: dict[Key, Value] = {}
        self._age = 0

    def get(self, key: Key, read: Callable[[], Value]) -> Value:
        """Return the value of a key, read if need be."""
        with self._lock:
            if key in self._known:
                return self._known[key]
            age = self._age
        value = read()
        with self._lock:
            # What was read while something was forgotten may be old: use it once, do not keep it.
            if age == self._age:
                self._known[key] = value
        return value

    def forget(self, key: Key) -> None:
        """Read a key's value anew next time."""
        self._drop(key)
        self._store.afterwards(lambda: self._drop(key))

    def _drop(self, key: Key) -> None:
        with self._lock:
            self._age += 1
            self._known.pop(key, None)
