"""The version of a rule set: twelve hex digits that are the same for texts that mean the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, timedelta
from typing import Any

from rules.conditions import Block, Condition
from rules.matching.policy import canonical
from rules.parts import MatchPolicy, Part, Target, Users
from rules.territories.territories import Territory


def version_of(parts: Sequence[Part]) -> str:
    """Return 12 hex digits of SHA-256 over the canonical form of all parts that leads are routed by, in order.

    What is as by default is left out: a part that a later version of ours adds changes no version.
    """
    told = [[type(part).__name__, _told(part)] for part in parts if not isinstance(part, Users)]
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:12]


def _told(value: Any) -> object:
    """Return a part, or what is in it, as a JSON value."""
    if isinstance(value, MatchPolicy | Territory):
        return value.told
    if isinstance(value, Condition | Block):
        return canonical(value)
    if isinstance(value, Target):
        return str(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value):
        return {name: _told(each) for name, each in _changed(value)}
    return [_told(each) for each in value] if isinstance(value, tuple | list) else value


def _changed(value: Any) -> Iterable[tuple[str, object]]:
    """Return the fields of a dataclass that are not as by default."""
    for field in fields(value):
        usual = field.default_factory() if field.default_factory is not MISSING else field.default
        each = getattr(value, field.name)
        if each != usual:
            yield field.name, each
