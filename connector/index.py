"""The match index: keyed hashes of blocking keys -> sealed records. No readable customer data.

Accounts are found by the keys of rules.match, people (leads and contacts) by those of rules.dedupe. A record's old
keys are computed from its sealed copy, so no second index by record is needed to take them out again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, func, select

from connector.store import codec
from connector.store.base import insert
from connector.store.postings import entry, key
from connector.store.seal import Seal
from rules import dedupe, match
from rules.model import Kind, Record

KEY_CAP = 200
"""A blocking key that more records share than this says too little to be worth reading."""
CANDIDATES = 20
"""Records per lead that are unsealed and compared: the ones that share the most keys."""
CHUNK = 400
"""Values per IN list; SQLite's parser slows down on longer ones."""

_Ref = tuple[str, str]
"""Kind and record id."""
_Key = tuple[int, str, str]
"""Hash, kind and record id."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What an update of the index will change: sealed records, and the keys that come and go."""

    sealed: tuple[tuple[_Ref, bytes], ...]
    new: tuple[_Key, ...]
    gone: tuple[_Key, ...]


class Index:
    """One install's index. All methods are part of the caller's transaction."""

    def __init__(self, connection: Connection, install_id: str, seal: Seal) -> None:
        self._connection, self._install_id, self._seal = connection, install_id, seal

    def put(self, records: Iterable[Record]) -> None:
        """Add or replace records; only keys that changed are touched."""
        self.write(self.prepare(records))

    def prepare(self, records: Iterable[Record]) -> Prepared:
        """Work out what `write` will change: hashing and sealing need no write lock, only the one drain's lease."""
        fresh = {(str(record.kind), record.id): record for record in records}
        known = self._records(fresh)
        gone: list[_Key] = []
        new: list[_Key] = []
        for ref, record in fresh.items():
            old = self._hashes(known[ref]) if ref in known else set()
            now = self._hashes(record)
            gone += [(each, *ref) for each in old - now]
            new += [(each, *ref) for each in now - old]
        changed = [(ref, record) for ref, record in fresh.items() if known.get(ref) != record]
        sealed = [
            (ref, self._seal.close_bytes(codec.dump_record(record), about=_about(*ref))) for ref, record in changed
        ]
        return Prepared(tuple(sealed), tuple(new), tuple(gone))

    def write(self, prepared: Prepared) -> None:
        """Write what `prepare` worked out, in this index's transaction."""
        self._delete_keys(prepared.gone)
        rows: list[dict[str, Any]] = [
            {"install_id": self._install_id, "kind": kind, "record_id": record_id, "sealed": sealed}
            for (kind, record_id), sealed in prepared.sealed
        ]
        if rows:
            statement = insert(self._connection, entry)
            names = ["install_id", "kind", "record_id"]
            replace = statement.on_conflict_do_update(index_elements=names, set_={"sealed": statement.excluded.sealed})
            self._connection.execute(replace, rows)
        if prepared.new:
            lines = [
                {"install_id": self._install_id, "hash": value, "kind": kind, "record_id": record_id}
                for value, kind, record_id in prepared.new
            ]
            self._connection.execute(insert(self._connection, key).on_conflict_do_nothing(), lines)

    def remove(self, kind: Kind, ids: Collection[str]) -> None:
        """Take records out."""
        known = self._records([(str(kind), each) for each in ids])
        self._delete_keys([(each, *ref) for ref, record in known.items() for each in self._hashes(record)])
        for some in _chunks(sorted(ids)):
            self._connection.execute(delete(entry).where(self._is(str(kind), some)))

    def get(self, kind: Kind, ids: Collection[str]) -> dict[str, Record]:
        """Return the records of these ids that the index knows."""
        return {ref[1]: record for ref, record in self._records([(str(kind), each) for each in ids]).items()}

    def accounts(self, leads: Sequence[Record]) -> dict[str, list[Record]]:
        """Return, per lead id, the accounts that share the most keys with it, the linked account included."""
        linked = {lead.id: lead.text("account_id") for lead in leads if lead.text("account_id")}
        wanted = {lead.id: match.keys(lead) for lead in leads}
        return self._candidates(wanted, ("account",), {each: [("account", ref)] for each, ref in linked.items()})

    def people(self, leads: Sequence[Record]) -> dict[str, list[Record]]:
        """Return, per lead id, the other leads and contacts that share a key with it."""
        found = self._candidates({lead.id: dedupe.keys(lead) for lead in leads}, ("lead", "contact"), {})
        return {lead_id: [each for each in people if each.id != lead_id] for lead_id, people in found.items()}

    def count(self, kind: Kind) -> int:
        """Return how many records of a kind are indexed."""
        where = (entry.c.install_id == self._install_id) & (entry.c.kind == kind)
        return self._connection.execute(select(func.count()).select_from(entry).where(where)).scalar_one()

    def _hashes(self, record: Record) -> set[int]:
        keys = match.keys(record) if record.kind == "account" else dedupe.keys(record)
        return {self._seal.hash(each) for each in keys}

    def _candidates(
        self, wanted: dict[str, tuple[str, ...]], kinds: tuple[str, ...], always: dict[str, list[_Ref]]
    ) -> dict[str, list[Record]]:
        hashes = {lead_id: {self._seal.hash(each) for each in keys} for lead_id, keys in wanted.items()}
        posted = self._postings(set().union(*hashes.values()) if hashes else set(), kinds)
        chosen: dict[str, list[_Ref]] = {}
        for lead_id, mine in hashes.items():
            shared = Counter(ref for each in mine for ref in posted.get(each, ()))
            best = sorted(shared, key=lambda ref: (-shared[ref], ref))[:CANDIDATES]
            chosen[lead_id] = list(dict.fromkeys([*always.get(lead_id, ()), *best]))
        records = self._records({ref for refs in chosen.values() for ref in refs})
        return {lead_id: [records[ref] for ref in refs if ref in records] for lead_id, refs in chosen.items()}

    def _postings(self, hashes: set[int], kinds: tuple[str, ...]) -> dict[int, list[_Ref]]:
        """Return who shares each hash; hashes that more than KEY_CAP share are left out."""
        found: dict[int, list[_Ref]] = defaultdict(list)
        for some in _chunks(sorted(hashes)):
            where = and_(key.c.install_id == self._install_id, key.c.hash.in_(some), key.c.kind.in_(kinds))
            place = func.row_number().over(partition_by=key.c.hash, order_by=(key.c.kind, key.c.record_id))
            inner = select(key.c.hash, key.c.kind, key.c.record_id, place.label("place")).where(where).subquery()
            capped = select(inner.c.hash, inner.c.kind, inner.c.record_id).where(inner.c.place <= KEY_CAP + 1)
            for value, kind, record_id in self._connection.execute(capped):
                found[value].append((kind, record_id))
        return {value: refs for value, refs in found.items() if len(refs) <= KEY_CAP}

    def _records(self, refs: Iterable[_Ref]) -> dict[_Ref, Record]:
        found: dict[_Ref, Record] = {}
        for kind, ids in _by_kind(refs).items():
            for some in _chunks(ids):
                for row in self._connection.execute(select(entry).where(self._is(kind, some))):
                    about = _about(row.kind, row.record_id)
                    found[(row.kind, row.record_id)] = codec.load_record(self._seal.open_bytes(row.sealed, about=about))
        return found

    def _is(self, kind: str, ids: Sequence[str]) -> ColumnElement[bool]:
        # Equality on kind, then IN: a row-value IN would have SQLite scan the whole install.
        return and_(entry.c.install_id == self._install_id, entry.c.kind == kind, entry.c.record_id.in_(ids))

    def _delete_keys(self, keys: Sequence[_Key]) -> None:
        if keys:
            whole = and_(
                key.c.install_id == bindparam("the_install"),
                key.c.hash == bindparam("the_hash"),
                key.c.kind == bindparam("the_kind"),
                key.c.record_id == bindparam("the_record"),
            )
            names = ("the_hash", "the_kind", "the_record")
            rows = [{"the_install": self._install_id, **dict(zip(names, each, strict=True))} for each in keys]
            self._connection.execute(delete(key).where(whole), rows)


def _by_kind(refs: Iterable[_Ref]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for kind, record_id in sorted(refs):
        found[kind].append(record_id)
    return found


def _about(kind: str, record_id: str) -> str:
    return f"index:{kind}:{record_id}"


def _chunks(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))
