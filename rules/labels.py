"""Labels: what a person said of two records, so that the CRM keeps it and it is known again from there.

Of leads, contacts or accounts they say whether two are the same; of a lead or contact and an account whether it
belongs there.
Each answer is an audit of its own, by a key made of the records and the moment: the same answer is written once, and of
two answers the later one counts, in whatever order they are read. An answer that led to a merge, or to one taken back,
stands in the audit of that.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias, get_args

from rules.actions import Member
from rules.model import Kind

__all__ = ["BELONGING", "SOMEBODY", "Label", "LabelVerdict", "is_label", "key", "of", "read", "told"]

LabelVerdict: TypeAlias = Literal["same", "different", "accepted", "rejected", "never", "open"]
"""The first two are about two records that may be one, the next three about a lead and an account: ``accepted`` it
belongs there, ``rejected`` this lead does not, ``never`` no lead like it does. ``open``: what was said is taken
back."""

BELONGING: frozenset[LabelVerdict] = frozenset({"accepted", "rejected", "never"})
SOMEBODY = "Somebody"
"""Stands for whoever said it, where the CRM does not tell."""

_WORDS: Mapping[LabelVerdict, str] = {
    "same": "same",
    "different": "apart",
    "accepted": "belongs",
    "rejected": "foreign",
    "never": "never",
    "open": "unsaid",
}
_UNSPOKEN = "unspoken"
"""The word for ``open`` where it is about a lead and an account: a key must tell that without the detail."""
_OF_CONTACTS: Mapping[LabelVerdict, str] = {
    "accepted": "ours",
    "rejected": "stranger",
    "never": "outside",
    "open": "unheard",
}
"""The words of a contact and an account: a key must tell of what kind a record is, too."""
_VERDICTS: Mapping[str, LabelVerdict] = {
    **{word: verdict for verdict, word in _WORDS.items()},
    **{word: verdict for verdict, word in _OF_CONTACTS.items()},
    _UNSPOKEN: "open",
}
_MATCHING = {_UNSPOKEN} | {_WORDS[verdict] for verdict in BELONGING}
_KINDS = frozenset(get_args(Kind))
LONGEST_ID = 64
"""Characters of a record's id: the CRMs give far fewer, the database keeps no more."""
_PARTS = 4
"""Of a key: the word, both records, and when that was said, in milliseconds."""
_SAID = " said: "
"""Stands behind the person's name in audits that were written before a detail held it."""


@dataclass(frozen=True, slots=True)
class Label:
    """What the person called `by` said at a time of two records, or of every two of several.

    Of a lead or contact and an account the account comes last. `log_odds` is how sure the evidence alone was of them,
    None when nobody knows.
    """

    verdict: LabelVerdict
    records: tuple[Member, ...]
    by: str
    at: datetime
    log_odds: float | None = None

    @property
    def is_belonging(self) -> bool:
        """Whether it is about a lead or contact and the account that it may belong to."""
        return [each.kind for each in self.records] in (["lead", "account"], ["contact", "account"])


def key(label: Label) -> str:
    """Return the key of the audit that holds a label of two records."""
    one, other = (each.id for each in label.records)
    word = _UNSPOKEN if label.verdict == "open" and label.is_belonging else _WORDS[label.verdict]
    if label.is_belonging and label.records[0].kind == "contact":
        word = _OF_CONTACTS[label.verdict]
    return f"{word}:{one}:{other}:{round(label.at.timestamp() * 1000)}"


def is_label(decision_key: str) -> bool:
    """Tell whether a decision does nothing but tell the CRM of a label."""
    return _read_key(decision_key) is not None


def told(label: Label) -> dict[str, Any]:
    """Return a label as JSON values, for the detail of its audit."""
    records = [[each.kind, each.id] for each in label.records]
    return {
        "verdict": label.verdict,
        "records": records,
        "by": label.by,
        "at": label.at.isoformat(),
        "log_odds": label.log_odds,
    }


def of(plain: Any) -> Label | None:
    """Return the label that :func:`told` wrote; None for nothing.

    Raises ValueError, KeyError or TypeError for anything else: people may change what stands in their CRM.
    """
    if plain is None:
        return None
    if plain["verdict"] not in _WORDS:
        raise ValueError("no verdict of ours")
    records = tuple(Member(kind, each) for kind, each in plain["records"])
    if not all(_is_id(each.id) and each.kind in _KINDS for each in records):
        raise ValueError("records that no CRM has")
    found = Label(plain["verdict"], records, plain["by"], datetime.fromisoformat(plain["at"]), plain["log_odds"])
    if not isinstance(found.by, str) or not (found.log_odds is None or math.isfinite(found.log_odds)):
        raise ValueError("a name or a number that is none")
    if found.at.utcoffset() is None:
        raise ValueError("a moment without a zone")
    if found.verdict != "open" and found.is_belonging != (found.verdict in BELONGING):
        raise ValueError("a verdict that is not about records of these kinds")
    return found


def read(row: Mapping[str, str]) -> Label | None:
    """Return the label that an audit (its values by our names) holds; None when it is about something else.

    Of an audit whose detail was cut, changed, or is of an older version, its key tells: all but how sure the evidence
    was.
    """
    found = _read_key(row.get("key", ""))
    try:
        detail = json.loads(row.get("detail") or "{}")
        whole = of(detail.get("label"))
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        whole = None
    if whole is not None or found is None:
        return whole
    word, ids, at = found
    kinds = ("lead", "account") if word in _MATCHING else ("lead", "lead")
    kinds = ("contact", "account") if word in _OF_CONTACTS.values() else kinds
    by, sign, _ = row.get("reason", "").partition(_SAID)
    records = tuple(Member(kind, each) for kind, each in zip(kinds, ids, strict=True))  # type: ignore[arg-type]
    return Label(_VERDICTS[word], records, by if sign else SOMEBODY, at)


def _read_key(decision_key: str) -> tuple[str, tuple[str, str], datetime] | None:
    parts = decision_key.split(":")
    if len(parts) != _PARTS or parts[0] not in _VERDICTS or not (parts[3].isascii() and parts[3].isdecimal()):
        return None
    try:
        at = datetime.fromtimestamp(int(parts[3]) / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return (parts[0], (parts[1], parts[2]), at) if _is_id(parts[1]) and _is_id(parts[2]) else None


def _is_id(given: object) -> bool:
    return isinstance(given, str) and 0 < len(given) <= LONGEST_ID and given.isprintable()
