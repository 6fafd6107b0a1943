"""How the records of a group are called in sentences: by name and kind, with the id where that is not enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rules.clauses import derived
from rules.model import Record
from rules.wording.said import strung
from rules.wording.words import say, showable

__all__ = ["Names", "joined"]

_KINDS = frozenset({"lead", "contact", "account"})


@dataclass(frozen=True, slots=True)
class Names:
    """What the records of a group are called. Call it with one of them."""

    records: tuple[Record, ...]

    def __call__(self, record: Record) -> str:
        """Return what a record is called: ``Ana Souza (contact)``."""
        taken = Counter((_name(each), each.kind) for each in self.records)
        kind = say(f"kind.{record.kind if record.kind in _KINDS else 'record'}")
        name = _name(record)
        if not name or taken[name, record.kind] > 1:
            kind = strung(" ", [kind, record.id])
        return strung("", [name, " (", kind, ")"]) if name else kind

    def by_id(self, record_id: str) -> str:
        """Return what the record with this id is called."""
        return next((self(record) for record in self.records if record.id == record_id), record_id)

    def several(self, records: Sequence[Record]) -> str:
        """Return what several records are called: ``A, B and C``."""
        return joined([self(record) for record in records])


def joined(told: Sequence[str]) -> str:
    """Return texts as a list for people."""
    return say("and", first=strung(", ", told[:-1]), last=told[-1]) if len(told) > 1 else strung("", told)


def _name(record: Record) -> str:
    return showable(record.text("name") or derived.values(record).get("name", "") or record.text("email"))
