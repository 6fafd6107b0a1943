"""What is known of one lead while the rules are asked, with what the values mean kept beside them.

Hundreds of conditions ask about the same few fields. What a field's value means to a kind of condition (the country's
code, the folded text, the number) is worked out once per lead and not once per condition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from rules.model import Value

__all__ = ["Facts", "learn"]


class Facts(dict[str, Value]):
    """``scope.name`` -> value. It does not change; `read` holds what its values were found to mean, by reading."""

    __slots__ = ("read",)

    def __init__(self, told: Mapping[str, Value]) -> None:
        super().__init__(told)
        self.read: dict[str, Any] = {}

    def __reduce__(self) -> tuple[type[Facts], tuple[dict[str, Value]]]:
        return Facts, (dict(self),)

    def _fixed(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("Facts do not change; make others with {**facts, ...}.")

    __setitem__ = __delitem__ = __ior__ = _fixed
    update = setdefault = pop = popitem = clear = _fixed


def learn(facts: Mapping[str, Value], key: str, reading: Callable[[Mapping[str, Value]], Any]) -> Any:
    """Return what `reading` makes of the facts, and keep it under `key` where the facts can keep something."""
    found = reading(facts)
    if isinstance(facts, Facts):
        facts.read[key] = found
    return found
