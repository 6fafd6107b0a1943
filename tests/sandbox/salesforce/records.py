"""The one way in which records change: rules are checked, system fields kept, and change events made at commit."""
# ruff: noqa: S608 - table and column names come from the schema, values are always parameters

from __future__ import annotations

import contextlib
import re
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import checks
from .activities import ACTIVITIES, date_last_activity, roll_up
from .clock import millis, now, stamp
from .errors import SalesforceError
from .events import Change, Commit, build_events
from .integrity import check_links, check_unique, released_links
from .people import PERMISSION_OBJECTS
from .store import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from .bus import Bus
    from .people import People
    from .schema import Schema, Sobject
    from .settings import Settings
    from .store import Store

_CASCADES = {
    "Account": (("Contact", "AccountId"), ("Opportunity", "AccountId")),
    "Contact": (("Task", "WhoId"), ("Event", "WhoId")),
    "Lead": (("Task", "WhoId"), ("Event", "WhoId")),
}


@dataclass(frozen=True)
class Actor:
    """Who writes, and how: `origin` is the changeOrigin of the events; `trusted` writes system fields too."""

    user_id: str
    origin: str = ""
    api: bool = False
    auto_assign: bool = True
    trusted: bool = False


@dataclass
class Refusal:
    """An order: the next `times` writes of `sobject` whose values contain `where` are refused with `code`.

    Without `sobject` any write is. `fields` are those it is about, `status` the HTTP status where it is not the usual
    one, `body` a whole answer.
    """

    code: str
    sobject: str = ""
    message: str = "refused by order"
    times: int = 1
    where: dict[str, Any] = field(default_factory=dict)
    fields: list[str] = field(default_factory=list)
    status: int | None = None
    body: Any = None

    def matches(self, sobject: str, values: Mapping[str, Any]) -> bool:
        """Whether a write of these values is meant."""
        return self.sobject in {"", sobject} and all(values.get(name) == value for name, value in self.where.items())

    def error(self) -> SalesforceError:
        """What the write is answered with."""
        return SalesforceError(self.code, self.message, fields=tuple(self.fields), status=self.status, shape=self.body)


LOCK_TEXT = "unable to obtain exclusive access to this record or 1 records: {}"


class Unit:
    """One transaction as Salesforce sees it: its changes share a transactionKey and a moment."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment
        self.key = str(uuid.uuid4())
        self.changes: list[Change] = []


class Records:
    """Creates, changes and deletes records."""

    def __init__(self, store: Store, schema: Schema, settings: Settings, people: People, bus: Bus) -> None:
        self.store = store
        self.schema = schema
        self.settings = settings
        self.people = people
        self.bus = bus
        self.refusals: list[Refusal] = []
        self.locks: dict[str, int] = {}  # record id -> HTTP status of whoever wants to write it or a row that names it
        self.lock_hits: list[str] = []  # the locked id of each such write
        self._unit: Unit | None = None

    @contextlib.contextmanager
    def unit(self, actor: Actor) -> Iterator[Unit]:
        """A transaction. Inside another one it joins it: its changes count only when it ends well."""
        with self.store.write():
            outer = self._unit
            mine = self._unit = Unit(outer.moment if outer else now())
            try:
                yield mine
                if outer is None:
                    self.publish(mine, actor)
                else:
                    outer.changes += mine.changes
            finally:
                self._unit = outer

    def publish(self, unit: Unit, actor: Actor) -> None:
        """Make the change events of a finished transaction."""
        heard = [change for change in unit.changes if self.bus.selected(change.sobject.name)]
        if not heard:
            return
        commit = Commit(
            unit.key, millis(stamp(unit.moment)), self.store.numbers("commit")[0] + 10**12, actor.user_id, actor.origin
        )
        events = build_events(
            heard,
            commit,
            merge_limit=self.settings.merge_limit,
            overflow_limit=self.settings.overflow_limit,
            enriching=self.bus.enriching(),
        )
        self.bus.append(events)

    def create(self, sobject: Sobject, given: Mapping[str, Any], actor: Actor) -> str:
        """Make a record; returns its id."""
        self._permit(sobject, "Create", actor)
        values = checks.read_values(sobject, given, creating=True, trusted=actor.trusted)
        with self.unit(actor) as unit:
            self._refuse(sobject, values)
            row = {item.name: item.default for item in sobject.stored()} | values
            row["Id"] = self.store.new_ids(sobject)[0]
            self._stamp(sobject, row, unit, actor, creating=True)
            self._own(sobject, row, actor)
            derive(self.store, sobject, row)
            check_links(self, sobject, row, [n for n in row if row[n] is not None], trusted=actor.trusted)
            check_unique(self.store, sobject, row, values)
            self.store.insert(sobject, [row])
            unit.changes.append(Change(sobject, "CREATE", row["Id"], (), row))
            self._after_write(sobject, row)
        return str(row["Id"])

    def update(self, sobject: Sobject, record_id: str, given: Mapping[str, Any], actor: Actor) -> None:
        """Change a record. INVALID_CROSS_REFERENCE_KEY (404) for an unknown id, ENTITY_IS_DELETED for a deleted one."""
        self._permit(sobject, "Edit", actor)
        values = checks.read_values(sobject, given, creating=False, trusted=actor.trusted)
        with self.unit(actor) as unit:
            before = self._living(sobject, record_id)
            self._refuse(sobject, before | values)
            if before.get("IsConverted") and not actor.trusted:
                raise SalesforceError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
            row = before | values
            if self._reassigns(sobject, actor):
                row["OwnerId"] = self.settings.assignment_owner
            elif sobject.find("OwnerId") and row["OwnerId"] is None:
                row["OwnerId"] = before["OwnerId"]
            derive(self.store, sobject, row)
            changed = [name for name in row if row[name] != before[name]]
            check_links(self, sobject, row, changed, trusted=actor.trusted)
            check_unique(self.store, sobject, row, changed)
            self._write(sobject, before, row, unit, actor)

    def _write(self, sobject: Sobject, before: dict[str, Any], row: dict[str, Any], unit: Unit, actor: Actor) -> None:
        self._stamp(sobject, row, unit, actor, creating=False)
        changed = tuple(name for name in row if row[name] != before[name])
        if not changed:
            return  # the same write again within one moment
        self.store.update(sobject, row["Id"], {name: row[name] for name in changed})
        unit.changes.append(Change(sobject, "UPDATE", row["Id"], changed, row, {n: before[n] for n in changed}))
        self._after_write(sobject, row, before)

    def delete(self, sobject: Sobject, record_id: str, actor: Actor) -> None:
        """Delete a record: the row stays with IsDeleted, its children go too and lookups to it are emptied."""
        self._permit(sobject, "Delete", actor)
        with self.unit(actor) as unit:
            before = self._living(sobject, record_id)
            self._refuse(sobject, before)
            if "IsDeleted" not in sobject.fields:
                with self.store.write() as connection:
                    connection.execute(f"DELETE FROM {quoted(sobject.name)} WHERE Id = ?", (before["Id"],))
            else:
                row = before | {"IsDeleted": 1}
                self._stamp(sobject, row, unit, actor, creating=False)
                self.store.update(sobject, row["Id"], {n: row[n] for n in row if row[n] != before[n]})
                unit.changes.append(Change(sobject, "DELETE", row["Id"], (), row))
                self._release(sobject, row["Id"], actor)
            self._after_write(sobject, before)

    def undelete(self, sobject: Sobject, record_id: str, actor: Actor) -> None:
        """Take a record out of the recycle bin."""
        with self.unit(actor) as unit:
            before = self.store.row(sobject, record_id)
            if before is None or not before.get("IsDeleted"):
                raise SalesforceError("UNDELETE_FAILED", "Entity is not in the recycle bin")
            row = (
                before | {"IsDeleted": 0, "MasterRecordId": None}
                if "MasterRecordId" in before
                else before | {"IsDeleted": 0}
            )
            self._stamp(sobject, row, unit, actor, creating=False)
            self.store.update(sobject, row["Id"], {n: row[n] for n in row if row[n] != before[n]})
            unit.changes.append(Change(sobject, "UNDELETE", row["Id"], (), row))
            self._after_write(sobject, row)

    def find_external(self, sobject: Sobject, name: str, value: str) -> list[str]:
        """The ids of the living records with this external id. NOT_FOUND when the field is no external id."""
        item = sobject.find(name)
        if item is None or not (item.external_id or item.name == "Id"):
            raise SalesforceError(
                "NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {name}"
            )
        living = " AND IsDeleted = 0" if "IsDeleted" in sobject.fields else ""
        sql = f"SELECT Id FROM {quoted(sobject.name)} WHERE {quoted(item.name)} = ?{living}"
        return [row["Id"] for row in self.store.all(sql, (value,))]

    def upsert(
        self, sobject: Sobject, name: str, value: str, given: Mapping[str, Any], actor: Actor
    ) -> tuple[str, bool]:
        """Update the record with this external id, or create it; returns the id and whether it was created.

        Several records with the id answer 300 with the list of their URLs.
        """
        with self.unit(actor):
            found = self.find_external(sobject, name, value)
            item = sobject.find(name)
            if item is None or len(found) > 1:
                urls = [f"/services/data/v66.0/sobjects/{sobject.name}/{one}" for one in found]
                raise SalesforceError("MULTIPLE_CHOICES", "several records", status=300, shape=urls)
            rest = {key: what for key, what in given.items() if key.lower() != item.name.lower()}
            if found:
                self.update(sobject, found[0], rest, actor)
                return found[0], False
            if item.name == "Id":
                raise SalesforceError("NOT_FOUND", "The requested resource does not exist")
            return self.create(sobject, {**rest, item.name: value}, actor), True

    def _living(self, sobject: Sobject, record_id: str) -> dict[str, Any]:
        row = self.store.row(sobject, record_id)
        if row is None:
            raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", status=404)
        if row.get("IsDeleted"):
            raise SalesforceError("ENTITY_IS_DELETED", "entity is deleted")
        return row

    def _permit(self, sobject: Sobject, verb: str, actor: Actor) -> None:
        if not actor.api:
            return
        if sobject.read_only or not self.people.allows(actor.user_id, sobject.name, verb):
            code = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" if verb == "Create" else "INSUFFICIENT_ACCESS_OR_READONLY"
            raise SalesforceError(code, f"insufficient access rights on {sobject.name}: {verb}")

    def _refuse(self, sobject: Sobject, values: Mapping[str, Any]) -> None:
        for refusal in self.refusals:
            if refusal.matches(sobject.name, values):
                refusal.times -= 1
                if refusal.times <= 0:
                    self.refusals.remove(refusal)
                raise refusal.error()
        for locked in self.locks.keys() & {value for value in values.values() if isinstance(value, str)}:
            self.lock_hits.append(locked)
            raise SalesforceError("UNABLE_TO_LOCK_ROW", LOCK_TEXT.format(locked[:15]), status=self.locks[locked])

    def _stamp(self, sobject: Sobject, row: dict[str, Any], unit: Unit, actor: Actor, *, creating: bool) -> None:
        moment = stamp(unit.moment)
        # REST shows whole seconds for these; SystemModstamp alone orders changes within one.
        system = {"LastModifiedDate": moment, "SystemModstamp": moment, "LastModifiedById": actor.user_id}
        if creating:
            system |= {"CreatedDate": moment, "CreatedById": actor.user_id}
            system = {name: row.get(name) or value for name, value in system.items()} if actor.trusted else system
        row.update({name: value for name, value in system.items() if name in row})
        if sobject.name == "Task":  # the time of the save that closed it; empty again when it is opened anew
            row["CompletedDateTime"] = (row["CompletedDateTime"] or moment) if row["Status"] == "Completed" else None
        if creating and (auto := next((f for f in sobject.fields.values() if f.auto_number), None)):
            number = self.store.numbers(f"auto {sobject.name}")[0]
            row[auto.name] = re.sub(r"\{(0+)\}", lambda m: f"{number:0{len(m[1])}d}", auto.auto_number)

    def _own(self, sobject: Sobject, row: dict[str, Any], actor: Actor) -> None:
        if "OwnerId" not in row or sobject.name == "Group":
            return
        if self._reassigns(sobject, actor):
            row["OwnerId"] = self.settings.assignment_owner
        row["OwnerId"] = row["OwnerId"] or actor.user_id

    def _reassigns(self, sobject: Sobject, actor: Actor) -> bool:
        return sobject.name == "Lead" and actor.auto_assign and self.settings.assignment_active

    def _release(self, sobject: Sobject, record_id: str, actor: Actor) -> None:
        with self.store.write() as connection:
            for child, name in released_links(self.schema, sobject):
                link = quoted(name)
                connection.execute(f"UPDATE {quoted(child.name)} SET {link} = NULL WHERE {link} = ?", (record_id,))
        system = Actor(actor.user_id, actor.origin)
        for child_name, name in _CASCADES.get(sobject.name, ()):
            sql = f"SELECT Id FROM {quoted(child_name)} WHERE {quoted(name)} = ? AND IsDeleted = 0"
            for row in self.store.all(sql, (record_id,)):
                self.delete(self.schema.get(child_name), row["Id"], system)

    def _after_write(self, sobject: Sobject, row: dict[str, Any], before: dict[str, Any] | None = None) -> None:
        if sobject.name in ACTIVITIES:
            date_last_activity(self.store, self.schema, row, before)
        if sobject.name == "User":
            held = "SELECT 1 FROM PermissionSetAssignment WHERE AssigneeId = ?"
            if self.store.one(held, (row["Id"],)) is None:
                self.people.assign_profile(row["Id"], row["ProfileId"])
        if sobject.name in PERMISSION_OBJECTS:
            self.people.forget()


def derive(store: Store, sobject: Sobject, row: dict[str, Any]) -> None:
    """Fill the fields that follow from others."""
    if sobject.name in ACTIVITIES:
        roll_up(store, row)
    if sobject.parts("Name"):
        row["Name"] = " ".join(part for part in (row.get("FirstName"), row.get("LastName")) if part)
    if sobject.name == "Task":
        row["IsClosed"] = int(row["Status"] == "Completed")
    if sobject.name == "Opportunity":
        row["IsClosed"] = int(str(row["StageName"]).startswith("Closed"))
        row["IsWon"] = int(row["StageName"] == "Closed Won")
