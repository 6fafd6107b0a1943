"""Records: finding, creating, changing and deleting them, whoever asks for it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.sandbox.hubspot.addresses import swapped
from tests.sandbox.hubspot.associations import LEAD, End
from tests.sandbox.hubspot.checks import Checks
from tests.sandbox.hubspot.errors import ApiError, not_found
from tests.sandbox.hubspot.links import HUBSPOT
from tests.sandbox.hubspot.standard import DATED_STAGES, LOST, WON
from tests.sandbox.hubspot.store import now_ms

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.sandbox.hubspot.events import Actor
    from tests.sandbox.hubspot.hub import Hub
    from tests.sandbox.hubspot.standard import ObjectType

COLUMNS = "id, portal, type, props, created, updated, archived"
# (to id, [(category, type id)]): the `associations` of a creation.
Inline = tuple[int, list[tuple[str, int]]]


@dataclass(frozen=True)
class Record:
    """One record as stored. Times in Unix ms; `archived` is 0 while it lives."""

    id: int
    portal: int
    type: str
    props: dict[str, str]
    created: int
    updated: int
    archived: int = 0


def from_row(row: Sequence[Any]) -> Record:
    """Read a row of COLUMNS."""
    return Record(row[0], row[1], row[2], json.loads(row[3]), row[4], row[5], row[6])


def closing(props: dict[str, str]) -> dict[str, str]:
    """Return a deal's properties with what its stage says: is it closed, won, lost?"""
    stage = props.get("dealstage")
    flags = {"hs_is_closed": stage in {WON, LOST}, "hs_is_closed_won": stage == WON, "hs_is_closed_lost": stage == LOST}
    return props | {name: "true" if value else "false" for name, value in flags.items()}


class Records:
    """The records of every portal. Writing methods join the caller's transaction when there is one."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._store = hub.store
        self._checks = Checks(hub)

    def many(self, portal: int, type_id: str, ids: Iterable[int], *, archived: bool = False) -> dict[int, Record]:
        """Return records by id; missing ones are absent."""
        wanted = list(ids)
        marks = ",".join("?" * len(wanted))
        rows = self._store.read().execute(
            f"SELECT {COLUMNS} FROM records WHERE id IN ({marks}) AND portal = ? AND type = ? AND (archived != 0) = ?",  # noqa: S608
            (*wanted, portal, type_id, archived),
        )
        return {row[0]: from_row(row) for row in rows}

    def find(
        self, portal: int, type_id: str, idents: Sequence[str], id_property: str | None = None, *, merged: bool = True
    ) -> dict[str, Record]:
        """Look up living records by id or by a unique property; `merged` follows ids that were merged away."""
        known = self._hub.properties.of(portal, type_id)
        if id_property and id_property != "hs_object_id":
            if id_property not in known or not known[id_property].unique:
                raise ApiError(400, f"Property {id_property!r} is not a unique property and cannot be an idProperty.")
            places = self._store.read()
            ids = {}
            for ident in idents:
                row = places.execute(
                    "SELECT id FROM uniques WHERE portal = ? AND type = ? AND name = ? AND value = ?",
                    (portal, type_id, id_property, ident.strip().lower()),
                ).fetchone()
                if row:
                    ids[ident] = row[0]
        else:
            # More digits than a 64-bit number holds can be no id.
            ids = {ident: int(ident) for ident in idents if ident.isascii() and ident.isdigit() and len(ident) < 19}
            ids = {ident: self.current(number) for ident, number in ids.items()} if merged else ids
        found = self.many(portal, type_id, ids.values())
        return {ident: found[number] for ident, number in ids.items() if number in found}

    def current(self, number: int) -> int:
        """Return the id that a merged id stands for now (or the id itself)."""
        row = self._store.read().execute("SELECT new FROM merged WHERE old = ?", (number,)).fetchone()
        return int(row[0]) if row else number

    def create(
        self,
        portal: int,
        kind: ObjectType,
        properties: dict[str, Any],
        actor: Actor,
        *,
        links: Sequence[Inline] = (),
        ruled: bool = False,
    ) -> Record:
        """Create a record. `ruled`: the portal's admin rules apply (2026-09 does so, the app's older paths do not)."""
        props = {k: v for k, v in self._checks.values(portal, kind, properties, creating=True).items() if v != ""}
        self._checks.complete(portal, kind, props, {}, creating=True, ruled=ruled)
        if kind.id == LEAD and not any((HUBSPOT, 578) in types for _, types in links):
            raise ApiError(400, "A lead must be associated with a primary contact (association type 578).")
        now = now_ms()
        with self._store.write() as tx:
            record = Record(self._store.allocate("record"), portal, kind.id, props, now, now)
            self._checks.claim(record, props)
            tx.execute(
                "INSERT INTO records VALUES(?, ?, ?, ?, ?, ?, 0)",
                (record.id, portal, kind.id, json.dumps(self._derived(record, props)), now, now),
            )
            self.shadow(None, record)
            self._hub.events.happened("creation", portal, kind.id, record.id, actor)
            self._hub.events.changed(portal, kind.id, record.id, actor, props)
            for other, types in links:
                self._link_inline(record, other, types, actor)
        self._hub.joining.consider(record, props)
        return self.many(portal, kind.id, [record.id])[record.id]

    def _link_inline(self, record: Record, other: int, types: list[tuple[str, int]], actor: Actor) -> None:
        row = (
            self._store.read()
            .execute("SELECT type FROM records WHERE id = ? AND portal = ? AND archived = 0", (other, record.portal))
            .fetchone()
        )
        if row is None:
            raise ApiError(400, f"Associated object {other} does not exist.", context={"ids": [str(other)]})
        near, far = End(record.type, record.id), End(row[0], other)
        kinds = [self._hub.associations.types.get(record.portal, near.type, far.type, *key) for key in types]
        self._hub.associations.link(record.portal, near, far, kinds, actor)

    def update(
        self, record: Record, kind: ObjectType, properties: dict[str, Any], actor: Actor, *, ruled: bool = False
    ) -> Record:
        """Change a record's properties; empty text clears one. What stays the same causes no event.

        What others wrote since the record was read stays; 404 when it is gone by now.
        """
        with self._store.write():
            saved, changed = self._change(self.again(record), kind, properties, actor, ruled=ruled)
        self._hub.joining.consider(saved, changed)
        return saved

    def again(self, record: Record) -> Record:
        """Read a record again inside the open transaction (404 when it is gone), which nobody else can change now."""
        found = self.many(record.portal, record.type, [record.id]).get(record.id)
        if found is None:
            raise not_found([str(record.id)])
        return found

    def _change(
        self, record: Record, kind: ObjectType, properties: dict[str, Any], actor: Actor, *, ruled: bool
    ) -> tuple[Record, dict[str, str]]:
        checked = self._checks.values(record.portal, kind, properties, creating=False)
        checked = self._checks.forward_only(kind, checked, record.props)
        changed = {name: value for name, value in checked.items() if record.props.get(name, "") != value}
        self._checks.complete(record.portal, kind, record.props | checked, record.props, creating=False, ruled=ruled)
        if not changed:
            return record, changed
        self._checks.claim(record, changed)
        after = {name: value for name, value in (record.props | changed).items() if value != ""}
        with self._store.write() as tx:
            after = swapped(tx, record, after)
        saved = self._save(record, self._derived(record, after, changed))
        self._hub.events.changed(record.portal, record.type, record.id, actor, changed)
        return saved, changed

    def calculate(self, number: int, values: dict[str, str]) -> None:
        """Store what the CRM itself works out; no event tells of it."""
        row = self._store.read().execute(f"SELECT {COLUMNS} FROM records WHERE id = ?", (number,)).fetchone()  # noqa: S608
        if row is None:
            return
        record = from_row(row)
        after = {name: value for name, value in (record.props | values).items() if value != ""}
        if after != record.props:
            self._save(record, after)

    def archive(self, portal: int, type_id: str, number: int, actor: Actor) -> None:
        """Move a record to the recycle bin; its unique values become free. Nothing happens to a missing one."""
        with self._store.write() as tx:
            record = self.many(portal, type_id, [number]).get(number)
            if record is None:
                return
            tx.execute("DELETE FROM uniques WHERE id = ?", (number,))
            self._save(record, record.props, archived=now_ms())
            self._hub.associations.recalculate_around(number)
            self._hub.events.happened("deletion", portal, type_id, number, actor)

    def restore(self, portal: int, type_id: str, number: int, actor: Actor) -> None:
        """Bring a record back from the recycle bin (a user can, an app cannot)."""
        record = self.many(portal, type_id, [number], archived=True).get(number)
        if record is None:
            raise not_found([str(number)])
        with self._store.write():
            self._checks.claim(record, record.props)
            self._save(record, record.props, archived=0)
            self._hub.associations.recalculate_around(number)
            self._hub.events.happened("restore", portal, type_id, number, actor)

    def forget(self, portal: int, type_id: str, number: int, actor: Actor) -> None:
        """Delete a contact for good (privacy): no restore; both events are sent, in any order."""
        with self._store.write() as tx:
            self._hub.associations.clear(number)
            for table, column in (("records", "id"), ("uniques", "id"), ("shadows", "id")):
                tx.execute(f"DELETE FROM {table} WHERE {column} = ?", (number,))  # noqa: S608
            self._hub.events.happened("privacyDeletion", portal, type_id, number, actor)
            self._hub.events.happened("deletion", portal, type_id, number, actor)

    def _derived(self, record: Record, props: dict[str, str], changed: dict[str, str] | None = None) -> dict[str, str]:
        changed = props if changed is None else changed
        derived = dict(props)
        if "hubspot_owner_id" in changed:
            derived["hubspot_owner_assigneddate"] = self._checks.moment()
        if record.type == "0-1":
            _, _, domain = derived.get("email", "").partition("@")
            derived.pop("hs_email_domain", None)
            if domain:
                derived["hs_email_domain"] = domain
            if (stage := changed.get("lifecyclestage")) in DATED_STAGES:
                derived[f"hs_v2_date_entered_{stage}"] = self._checks.moment()
        return closing(derived) if record.type == "0-3" else derived

    def _save(self, record: Record, props: dict[str, str], *, archived: int | None = None) -> Record:
        after = replace(
            record, props=props, updated=now_ms(), archived=record.archived if archived is None else archived
        )
        with self._store.write() as tx:
            self.shadow(record, after)
            tx.execute(
                "UPDATE records SET props = ?, updated = ?, archived = ? WHERE id = ?",
                (json.dumps(props), after.updated, after.archived, record.id),
            )
        return after

    def shadow(self, before: Record | None, after: Record) -> None:
        """Keep what search still sees of a record until the index has caught up."""
        lag = self._hub.settings.search_lag
        if lag > 0:
            seen = before or after
            until = after.updated + int(lag * 1000)
            key = (seen.id, seen.portal, seen.type, until, before is not None)
            state = (json.dumps(seen.props), seen.created, seen.updated, seen.archived)
            with self._store.write() as tx:
                tx.execute("DELETE FROM shadows WHERE until < ?", (after.updated - 60_000,))
                tx.execute("INSERT INTO shadows VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)", (*key, *state))
