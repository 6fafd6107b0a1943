"""Associations between records, kept in both directions.

Rules: only one primary, and writing it brings the plain association along; a lead whose last primary association goes
is deleted; a contact's ``associatedcompanyid`` follows its primary company, ``hs_parent_company_id`` the parent.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.sandbox.hubspot.links import HUBSPOT, PARENT_COMPANY, LinkType, LinkTypes

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from tests.sandbox.hubspot.events import Actor
    from tests.sandbox.hubspot.hub import Hub

LEAD = "0-136"
LEAD_PRIMARIES = (578, 580)


class End(NamedTuple):
    """One end of an association: object type id and record id."""

    type: str
    id: int


class Writing(NamedTuple):
    """A change under way: its transaction, portal, and who makes it (nobody = no events)."""

    tx: sqlite3.Connection
    portal: int
    actor: Actor | None


class Associations:
    """Writes and reads associations; the callers have checked that the records exist."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.types = LinkTypes(hub.store)

    def link(self, portal: int, left: End, right: End, links: Sequence[LinkType], actor: Actor | None) -> None:
        """Associate two records with every given kind (each must go from `left` to `right`); no actor, no events."""
        with self._hub.store.write() as tx:
            writing = Writing(tx, portal, actor)
            for link in links:
                if link.swap:
                    back = self.types.get(portal, right.type, left.type, link.category, link.inverse)
                    self._one(writing, right, left, back)
                else:
                    self._one(writing, left, right, link)
        self._recalculate(left, right)

    def _one(self, writing: Writing, left: End, right: End, link: LinkType) -> None:
        tx, portal, _ = writing
        if link.primary:
            others = tx.execute(
                "SELECT to_id FROM assoc "
                "WHERE from_id = ? AND to_type = ? AND category = ? AND type_id = ? AND to_id != ?",
                (left.id, right.type, link.category, link.id, right.id),
            ).fetchall()
            for (other,) in others:
                self._drop(writing, left, End(right.type, other), link)
                self._recalculate(End(right.type, other))
            plain = self.types.get(portal, left.type, right.type, HUBSPOT, link.plain)
            self._one(writing, left, right, plain)
        for near, far, type_id in ((left, right, link.id), (right, left, link.inverse)):
            added = tx.execute(
                "INSERT OR IGNORE INTO assoc VALUES(?, ?, ?, ?, ?, ?)",
                (near.id, far.type, far.id, link.category, type_id, near.type),
            ).rowcount
            if added:
                self._tell(writing, near, far, replace(link, id=type_id), removed=False)

    def unlink(self, portal: int, left: End, right: End, actor: Actor, links: Sequence[LinkType] | None = None) -> None:
        """Remove the given kinds, or every association between two records."""
        with self._hub.store.write() as tx:
            had = {end: self._primaries(tx, end) for end in (left, right) if end.type == LEAD}
            kinds = links
            if kinds is None:
                rows = tx.execute(
                    "SELECT category, type_id FROM assoc WHERE from_id = ? AND to_type = ? AND to_id = ?",
                    (left.id, right.type, right.id),
                ).fetchall()
                kinds = [self.types.get(portal, left.type, right.type, category, key) for category, key in rows]
            for link in kinds:
                self._drop(Writing(tx, portal, actor), left, right, link)
            for end, before in had.items():
                if before and not self._primaries(tx, end):
                    self._hub.records.archive(portal, end.type, end.id, actor)
        self._recalculate(left, right)

    def _drop(self, writing: Writing, left: End, right: End, link: LinkType) -> None:
        tx, portal, _ = writing
        where = "DELETE FROM assoc WHERE from_id = ? AND to_type = ? AND to_id = ? AND category = ? AND type_id = ?"
        if tx.execute(where, (left.id, right.type, right.id, link.category, link.id)).rowcount:
            self._tell(writing, left, right, link, removed=True)
        # 608 and 578 share the inverse 609: it stays while one of them does.
        kept = tx.execute(
            "SELECT type_id FROM assoc WHERE from_id = ? AND to_type = ? AND to_id = ? AND category = ?",
            (left.id, right.type, right.id, link.category),
        ).fetchall()
        inverses = {self.types.get(portal, left.type, right.type, link.category, key).inverse for (key,) in kept}
        if link.inverse not in inverses:
            if tx.execute(where, (right.id, left.type, left.id, link.category, link.inverse)).rowcount:
                self._tell(writing, right, left, replace(link, id=link.inverse), removed=True)
            # Dropped from the other side, both kinds that have this inverse go.
            for twin in self.types.between(portal, right.type, left.type):
                if twin.inverse == link.id and twin.category == link.category:
                    tx.execute(where, (right.id, left.type, left.id, twin.category, twin.id))

    def _tell(self, writing: Writing, near: End, far: End, link: LinkType, *, removed: bool) -> None:
        if writing.actor is None:
            return
        self._hub.events.happened(
            "associationChange",
            writing.portal,
            near.type,
            near.id,
            writing.actor,
            associationTypeId=link.id,
            associationCategory=link.category,
            fromObjectId=near.id,
            toObjectId=far.id,
            fromObjectTypeId=near.type,
            toObjectTypeId=far.type,
            associationRemoved=removed,
            isPrimaryAssociation=bool(link.plain),
        )

    @staticmethod
    def _primaries(tx: sqlite3.Connection, lead: End) -> int:
        row = tx.execute(
            "SELECT count(*) FROM assoc WHERE from_id = ? AND category = ? AND type_id IN (?, ?)",
            (lead.id, HUBSPOT, *LEAD_PRIMARIES),
        ).fetchone()
        return int(row[0])

    def read(self, from_ids: Iterable[int], to_type: str) -> dict[int, dict[int, list[tuple[str, int]]]]:
        """Return {from id: {to id: [(category, type id)]}} for records that are not archived."""
        wanted = list(from_ids)
        found: dict[int, dict[int, list[tuple[str, int]]]] = {}
        marks = ",".join("?" * len(wanted))
        rows = self._hub.store.read().execute(
            f"SELECT a.from_id, a.to_id, a.category, a.type_id FROM assoc a JOIN records r ON r.id = a.to_id "  # noqa: S608
            f"WHERE a.from_id IN ({marks}) AND a.to_type = ? AND r.archived = 0 "
            "ORDER BY a.from_id, a.to_id, a.category, a.type_id",
            (*wanted, to_type),
        )
        for left, right, category, type_id in rows:
            found.setdefault(left, {}).setdefault(right, []).append((category, type_id))
        return found

    def of_record(self, record: int) -> list[tuple[str, int, str, int]]:
        """Return (to type, to id, category, type id) of every association of one record, archived ends too."""
        rows = self._hub.store.read().execute(
            "SELECT to_type, to_id, category, type_id FROM assoc WHERE from_id = ? ORDER BY to_type, to_id, type_id",
            (record,),
        )
        return [(kind, other, category, type_id) for kind, other, category, type_id in rows]

    def move(self, portal: int, type_id: str, old: int, new: int, *, keep_primary: bool) -> None:
        """Give the associations of a merged record to the record it became; a second primary becomes plain."""
        with self._hub.store.write() as tx:
            for to_type, to_id, category, key in self.of_record(old):
                link = self.types.get(portal, type_id, to_type, category, key)
                if link.primary and not keep_primary:
                    link = self.types.get(portal, type_id, to_type, HUBSPOT, link.plain)
                pairs = ((new, type_id, to_id, to_type, link.id), (to_id, to_type, new, type_id, link.inverse))
                if link.swap and not keep_primary:
                    taken = tx.execute(
                        "SELECT 1 FROM assoc "
                        "WHERE from_id = ? AND to_type = ? AND type_id = ? AND category = ? AND to_id != ?",
                        (to_id, type_id, link.inverse, category, old),
                    ).fetchone()
                    pairs = () if taken else pairs  # type: ignore[assignment]
                tx.executemany(
                    "INSERT OR IGNORE INTO assoc VALUES(?, ?, ?, ?, ?, ?)",
                    [
                        (near, far_type, far, category, kind, near_type)
                        for near, near_type, far, far_type, kind in pairs
                    ],
                )
            # Only a lead's own side tells which contact or company is its primary one.
            tx.executemany(
                "INSERT OR IGNORE INTO assoc SELECT from_id, to_type, ?, category, type_id, from_type FROM assoc "
                "WHERE from_id = ? AND to_type = ? AND to_id = ?",
                [(new, lead, type_id, old) for kind, lead, _, _ in self.of_record(old) if kind == LEAD],
            )
            self.clear(old)

    def clear(self, record: int) -> None:
        """Remove every association of a record that is gone for good."""
        with self._hub.store.write() as tx:
            for _, other, _, _ in self.of_record(record):
                tx.execute("DELETE FROM assoc WHERE from_id = ? AND to_id = ?", (other, record))
            tx.execute("DELETE FROM assoc WHERE from_id = ?", (record,))

    def recalculate_around(self, record: int) -> None:
        """Bring the calculated properties of a record and its neighbours up to date, after it went or came back."""
        links = self._hub.store.read().execute(
            "SELECT DISTINCT from_type, to_type, to_id FROM assoc WHERE from_id = ?", (record,)
        )
        for from_type, to_type, to_id in links.fetchall():
            self._recalculate(End(from_type, record), End(to_type, to_id))

    def _recalculate(self, *ends: End) -> None:
        for end in ends:
            if end.type == "0-1":
                self._calculate(end, "associatedcompanyid", 1)
            elif end.type == "0-2":
                self._calculate(end, "hs_parent_company_id", PARENT_COMPANY)

    def _calculate(self, end: End, name: str, type_id: int) -> None:
        row = (
            self._hub.store.read()
            .execute(
                "SELECT a.to_id FROM assoc a JOIN records r ON r.id = a.to_id "
                "WHERE a.from_id = ? AND a.to_type = '0-2' AND a.category = ? AND a.type_id = ? AND r.archived = 0",
                (end.id, HUBSPOT, type_id),
            )
            .fetchone()
        )
        self._hub.records.calculate(end.id, {name: str(row[0]) if row else ""})


def association_body(link: LinkType) -> dict[str, Any]:
    """Return a kind as association reads and label lists show it."""
    return {"category": link.category, "typeId": link.id, "label": link.label}
