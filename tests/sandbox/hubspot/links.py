"""The kinds of association: HubSpot's own type ids, and the ones a portal defines.

Sources: the associate-records guide for the numbers given there; 13/14/449/450 (company and contact hierarchies) from
the same guide's older list; 82, 88, 189, 191, 193, 201, 646 and 854 are the inverses [U].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.sandbox.hubspot.cache import Cache
from tests.sandbox.hubspot.errors import ApiError
from tests.sandbox.hubspot.standard import STANDARD_TYPES

if TYPE_CHECKING:
    from tests.sandbox.hubspot.store import Store

HUBSPOT, USER = "HUBSPOT_DEFINED", "USER_DEFINED"


@dataclass(frozen=True)
class LinkType:
    """One direction of a kind of association. `plain`: the unlabelled type that a primary one brings along.

    `swap`: the same fact is kept by the other direction, which is the one that can hold only one (2 is kept by 1).
    """

    from_type: str
    to_type: str
    id: int
    inverse: int
    category: str = HUBSPOT
    label: str | None = None
    name: str = ""
    plain: int = 0
    swap: bool = False

    @property
    def primary(self) -> bool:
        """Tell whether at most one record can be linked so."""
        return bool(self.plain) and not self.swap


def _pair(left: str, right: str, there: int, back: int) -> list[LinkType]:
    return [LinkType(left, right, there, back), LinkType(right, left, back, there)]


STANDARD_LINKS = [
    LinkType("0-1", "0-2", 1, 2, label="Primary", plain=279),
    LinkType("0-2", "0-1", 2, 1, label="Primary", plain=280, swap=True),
    *_pair("0-1", "0-2", 279, 280),
    LinkType("0-3", "0-2", 5, 6, label="Primary", plain=341),
    LinkType("0-2", "0-3", 6, 5, label="Primary", plain=342, swap=True),
    *_pair("0-3", "0-2", 341, 342),
    *_pair("0-3", "0-1", 3, 4),
    *_pair("0-27", "0-3", 216, 215),
    *_pair("0-46", "0-3", 214, 213),
    LinkType("0-136", "0-1", 578, 609, label="Primary", plain=608),
    *_pair("0-136", "0-1", 608, 609),
    LinkType("0-136", "0-2", 580, 611, label="Primary", plain=610),
    *_pair("0-136", "0-2", 610, 611),
    *_pair("0-27", "0-1", 204, 203),
    *_pair("0-27", "0-2", 192, 191),
    *_pair("0-27", "0-136", 647, 646),
    *_pair("0-48", "0-1", 194, 193),
    *_pair("0-48", "0-2", 182, 181),
    *_pair("0-47", "0-1", 200, 199),
    *_pair("0-47", "0-2", 188, 187),
    *_pair("0-49", "0-1", 198, 197),
    *_pair("0-49", "0-2", 186, 185),
    *_pair("0-18", "0-1", 81, 82),
    *_pair("0-18", "0-2", 87, 88),
    *_pair("0-46", "0-1", 202, 201),
    *_pair("0-46", "0-2", 190, 189),
    *_pair("0-46", "0-136", 855, 854),
    LinkType("0-2", "0-2", 450, 450),
    LinkType("0-2", "0-2", 13, 14, label="Child Company"),
    LinkType("0-2", "0-2", 14, 13, label="Parent Company"),
    LinkType("0-1", "0-1", 449, 449),
]
PARENT_COMPANY = 14


class LinkTypes:
    """All kinds of association of a portal, cached."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._own: Cache[int, list[LinkType]] = Cache(store)
        self._by_key = {(link.from_type, link.to_type, HUBSPOT, link.id): link for link in STANDARD_LINKS}

    def between(self, portal: int, from_type: str, to_type: str) -> list[LinkType]:
        """Return the kinds from one object type to another, HubSpot's first."""
        every = [*STANDARD_LINKS, *self._portal(portal)]
        return [link for link in every if (link.from_type, link.to_type) == (from_type, to_type)]

    def get(self, portal: int, from_type: str, to_type: str, category: str, type_id: int) -> LinkType:
        """Return one kind; 400 when that direction has no such type."""
        found = self._by_key.get((from_type, to_type, category, type_id))
        if found is None:
            own = (link for link in self._portal(portal) if link.category == category)
            found = next((k for k in own if (k.id, k.from_type, k.to_type) == (type_id, from_type, to_type)), None)
        if found is None:
            message = f"{category} association type {type_id} doesn't exist from {from_type} to {to_type}"
            raise ApiError(400, message, detail=[{"message": message, "code": "INVALID_ASSOCIATION_TYPE"}])
        return found

    def default(self, portal: int, from_type: str, to_type: str) -> LinkType:
        """Return the unlabelled kind between two object types; 400 when they cannot be associated."""
        for link in self.between(portal, from_type, to_type):
            if link.label is None:
                return link
        raise ApiError(400, f"No default association between {from_type} and {to_type}")

    def define(
        self, portal: int, pair: tuple[str, str], name: str, labels: tuple[str | None, str | None]
    ) -> list[LinkType]:
        """Make a portal's own kind in both directions and return the two; type ids are the portal's own."""
        left, right = pair
        there = self._store.allocate("label")
        back = there if left == right and labels[0] == labels[1] else self._store.allocate("label")
        rows = [
            (portal, left, right, there, name, labels[0], back),
            (portal, right, left, back, name, labels[1], there),
        ]
        with self._store.write() as tx:
            tx.executemany("INSERT OR REPLACE INTO labels VALUES(?, ?, ?, ?, ?, ?, ?)", rows)
        self._own.forget(portal)
        return [self.get(portal, left, right, USER, there), self.get(portal, right, left, USER, back)]

    def undefine(self, portal: int, type_ids: list[int]) -> None:
        """Drop kinds that the portal defined."""
        with self._store.write() as tx:
            tx.executemany("DELETE FROM labels WHERE portal = ? AND type_id = ?", [(portal, key) for key in type_ids])
        self._own.forget(portal)

    def of_object(self, portal: int, type_id: str) -> list[LinkType]:
        """Return the portal's own kinds that touch an object type."""
        return [link for link in self._portal(portal) if type_id in (link.from_type, link.to_type)]

    def _portal(self, portal: int) -> list[LinkType]:
        return self._own.get(portal, lambda: self._read(portal))

    def _read(self, portal: int) -> list[LinkType]:
        rows = self._store.read().execute(
            "SELECT from_type, to_type, type_id, inverse, label, name FROM labels WHERE portal = ? ORDER BY type_id",
            (portal,),
        )
        return [LinkType(left, right, there, back, USER, label, name) for left, right, there, back, label, name in rows]


def noun(type_id: str) -> str:
    """Return the upper-case name that error messages use for an object type."""
    kind = STANDARD_TYPES.get(type_id)
    return kind.singular.upper() if kind else type_id
