"""Fills a portal fast, past the API: no events, no rate limits, only the checks that keep the data sound."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.sandbox.hubspot.associations import End
from tests.sandbox.hubspot.errors import ApiError
from tests.sandbox.hubspot.records import closing
from tests.sandbox.hubspot.store import now_ms
from tests.sandbox.hubspot.values import moment_ms, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.sandbox.hubspot.hub import Hub
    from tests.sandbox.hubspot.standard import ObjectType

CHUNK = 5_000
Row = dict[str, Any]
INSERT = "INSERT INTO records VALUES(?, ?, ?, ?, ?, ?, 0)"


class Loader:
    """Loads records and owners of one portal and object type in big transactions."""

    def __init__(self, hub: Hub, portal: int) -> None:
        self._hub = hub
        self._portal = portal

    def owners(self, rows: Iterable[Row]) -> dict[str, Any]:
        """Load owners; missing fields are made up from the id. A deactivated one has no ``userId``."""
        made = []
        for row in rows:
            given = dict(row.get("properties", row))
            owner = int(given.get("id") or self._hub.store.allocate("record"))
            user = int(given.get("userId") or 9_000_000 + owner % 1_000_000)
            archived = bool(given.get("archived", False))
            body = {
                "id": str(owner),
                "email": given.get("email", f"owner{owner}@example.com"),
                "type": given.get("type", "PERSON"),
                "firstName": given.get("firstName", "Owner"),
                "lastName": given.get("lastName", str(owner)),
                "userId": None if archived else user,
                "userIdIncludingInactive": user,
                "createdAt": "2026-01-02T08:00:00.000Z",
                "updatedAt": "2026-01-02T08:00:00.000Z",
                "archived": archived,
                "teams": given.get("teams", []),
                "salesSeat": bool(given.get("salesSeat", True)),
            }
            made.append((owner, body))
        self._hub.portals.put_owners(self._portal, made)
        return {"ids": [str(owner) for owner, _ in made], "count": len(made)}

    def records(self, kind: ObjectType, rows: Iterable[Row]) -> dict[str, Any]:
        """Load records; returns their ids in order, and by ``externalKey`` where given."""
        ids: list[str] = []
        keys: dict[str, str] = {}
        for chunk in _chunks(rows):
            with self._hub.store.write() as tx:
                first = self._hub.store.allocate("record", len(chunk))
                numbers = range(first, first + len(chunk))
                tx.executemany(INSERT, self._records(kind, chunk, first))
                self._claim(kind, chunk, first)
                named = [
                    (self._portal, str(row["externalKey"]), n)
                    for row, n in zip(chunk, numbers, strict=True)
                    if "externalKey" in row
                ]
                tx.executemany("INSERT OR REPLACE INTO keys VALUES(?, ?, ?)", named)
                self._link(kind, chunk, first)
            ids += map(str, numbers)
            keys |= {key: str(number) for _, key, number in named}
        return {"ids": ids, "keys": keys, "count": len(ids)}

    def _records(self, kind: ObjectType, chunk: list[Row], first: int) -> Iterator[tuple[Any, ...]]:
        known = self._hub.properties.of(self._portal, kind.id)
        now = now_ms()
        for number, row in enumerate(chunk, start=first):
            props = {name: text_of(value) for name, value in row["properties"].items() if value not in (None, "")}
            unknown = props.keys() - known.keys()
            if unknown:
                raise ApiError(400, f"Property {min(unknown)!r} does not exist on {kind.singular}")
            props.pop("hs_object_id", None)
            created = moment_ms(props.pop(kind.created, str(now)))
            updated = moment_ms(props.pop(kind.updated, str(max(created, now))))
            if kind.id == "0-1" and "email" in props:
                props["email"] = props["email"].strip().lower()
                props["hs_email_domain"] = props["email"].partition("@")[2]
            if kind.id == "0-3":
                props = closing(props)
            yield number, self._portal, kind.id, json.dumps(props), created, updated

    def _claim(self, kind: ObjectType, chunk: list[Row], first: int) -> None:
        known = self._hub.properties.of(self._portal, kind.id)
        unique = [name for name, prop in known.items() if prop.unique]
        taken = [
            (self._portal, kind.id, name, text_of(row["properties"][name]).strip().lower(), number)
            for number, row in enumerate(chunk, start=first)
            for name in unique
            if row["properties"].get(name)
        ]
        with self._hub.store.write() as tx:
            before = tx.total_changes
            tx.executemany("INSERT OR IGNORE INTO uniques VALUES(?, ?, ?, ?, ?)", taken)
            if tx.total_changes - before != len(taken):
                raise ApiError(409, "Two of the loaded rows have the same unique value, or one exists already.")

    def _link(self, kind: ObjectType, chunk: list[Row], first: int) -> None:
        for number, row in enumerate(chunk, start=first):
            for one in row.get("associations") or ():
                self._one(kind, number, one)

    def _one(self, kind: ObjectType, number: int, one: dict[str, Any]) -> None:
        store = self._hub.store.read()
        to = one["to"]
        if "externalKey" in to:
            key = (self._portal, str(to["externalKey"]))
            row = store.execute("SELECT id FROM keys WHERE portal = ? AND key = ?", key).fetchone()
        else:
            row = (int(to["id"]),)
        found = (
            row
            and store.execute("SELECT type FROM records WHERE id = ? AND portal = ?", (row[0], self._portal)).fetchone()
        )
        if not found:
            raise ApiError(400, f"Associated object {to} does not exist.")
        far = found[0]
        types = self._hub.associations.types
        links = [
            types.get(self._portal, kind.id, far, str(t["associationCategory"]), int(t["associationTypeId"]))
            for t in one.get("types") or ()
        ] or [types.default(self._portal, kind.id, far)]
        self._hub.associations.link(self._portal, End(kind.id, number), End(far, row[0]), links, None)


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
