"""Texts with places for values, ``Call {lead.name}``: filled by pattern over the canonical names, never executed."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rules.clauses import compare
from rules.fields import CANONICAL, canonical
from rules.model import Value
from rules.wording.words import percent, say

EXAMPLES = ("{lead.name}", "{lead.company}", "{lead.country}", "{account.name}")
_SCOPES = ("lead", "account", "match", "contact", "opportunity")
_PLACE = re.compile(r"\{\s*([A-Za-z_][\w.]*)\s*\}")


def unknown(text: str) -> tuple[str, ...]:
    """Return the names in braces that stand for nothing."""
    return tuple(name for name in _PLACE.findall(text) if not _is_known(name))


def named(text: str) -> tuple[str, ...]:
    """Return the fields (``scope.name``) whose values are put in."""
    return tuple(canonical(name) for name in _PLACE.findall(text) if _is_known(name))


def _is_known(name: str) -> bool:
    scope, _, own = canonical(name).partition(".")
    return scope in _SCOPES and own in CANONICAL[scope]


def fill(text: str, facts: Mapping[str, Value]) -> str:
    """Return the text with ``{scope.name}`` replaced by values; what is missing is said to be: ``(no company)``."""
    return _PLACE.sub(lambda found: _told(found, facts), text).strip()


def _told(found: re.Match[str], facts: Mapping[str, Value]) -> str:
    name = found[1]
    if not _is_known(name):
        return found[0]
    name = canonical(name)
    value = facts.get(name)
    if compare.is_empty(value):
        return say("missing", field=name.partition(".")[2].replace("_", " "))
    return percent(value) if name == "match.confidence" and isinstance(value, float) else compare.shown(value)
