"""The keys of decisions: which one it is, what it was made from, and whether it waits, or merges records."""

from __future__ import annotations

import hashlib
import json
import re

from rules import fields
from rules.clauses import compare
from rules.model import Record
from rules.ruleset import RuleSet

__all__ = [
    "decision_key",
    "inputs",
    "is_merging",
    "is_waiting",
    "lead_id",
    "merging_key",
    "timed",
    "timer_key",
    "unchanged",
    "waiting_key",
]

WAITING = "w"
"""No digit of a hash: see :func:`is_waiting`."""
MERGING = "m"
"""No digit of a hash either: see :func:`is_merging`."""
_TIMED = re.compile(r"(?P<of>.+)-t(?P<place>[0-9]+)")


def inputs(lead: Record, ruleset: RuleSet) -> dict[str, str]:
    """Return what a decision about this lead is made from, as text by field name; empty values are left out."""
    names = (*fields.INPUTS, *sorted(ruleset.reads | ruleset.watches))
    told = {name: lead.fields.get(name) for name in names}
    return {name: compare.plain(value).strip() for name, value in told.items() if not compare.is_empty(value)}


def decision_key(lead: Record, ruleset: RuleSet, previous: str = "") -> str:
    """Return ``lead id - chain - inputs``: chain is a hash over the previous key and the inputs, inputs one of them.

    The chain of a decision that the lead waits ends with WAITING.
    """
    told = json.dumps(inputs(lead, ruleset), sort_keys=True, ensure_ascii=False)
    chain = _hash12(previous + "\n" + told)
    return f"{lead.id}-{chain}-{_hash12(told)}"


def is_waiting(key: str) -> bool:
    """Tell whether a key is that of a decision to wait: what the stamp on a lead says when all else is forgotten."""
    return key.rpartition("-")[0].endswith(WAITING)


def merging_key(lead: Record, ruleset: RuleSet, chain: str) -> str:
    """Return the key of a decision that makes one record of several, or of one that takes that back.

    Such a decision routes nothing, so it is never a lead's latest; its chain ends with MERGING.
    """
    return f"{MERGING}-".join(decision_key(lead, ruleset, chain).rsplit("-", 1))


def is_merging(key: str) -> bool:
    """Tell whether a key is that of a decision that merges records, or takes a merge back."""
    return key.rpartition("-")[0].endswith(MERGING)


def unchanged(lead: Record, previous: str, ruleset: RuleSet) -> bool:
    """Tell whether the lead says what it said when `previous` was decided, so that there is nothing to decide."""
    return bool(previous) and previous.rpartition("-")[2] == decision_key(lead, ruleset).rpartition("-")[2]


def waiting_key(key: str) -> str:
    """Mark the key of a decision to wait."""
    return f"{WAITING}-".join(key.rsplit("-", 1))


def timer_key(key: str, place: int) -> str:
    """Return the key of what is told by the timer at `place` among those of a decision."""
    return f"{key}-t{place}"


def timed(key: str) -> tuple[str, int] | None:
    """Return the key and the place that :func:`timer_key` made this one from; None for a decision of its own."""
    found = _TIMED.fullmatch(key)
    return (found["of"], int(found["place"])) if found else None


def lead_id(key: str) -> str:
    """Return the id of the lead that a key begins with, as the lead was called then; an id alone is that id."""
    of, _ = timed(key) or (key, 0)
    return of.rsplit("-", 2)[0]


def _hash12(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:12]
