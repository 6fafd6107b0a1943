"""What people do in the CRM's own user interface, on order: create, edit, delete, convert, merge."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .conversion import convert_lead, merge_records, own_id
from .errors import SalesforceError
from .ids import to18
from .org import ADMIN_USER, CONVERT_ORIGIN, UNASSIGNED
from .records import Actor, Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .org import Org


class Acts:
    """Everything that a person at the screen can do; the changes carry no API origin unless one is given."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def actor(self, *, user: str | None = None, origin: str = "", assign: bool = False) -> Actor:
        """The person who acts: by username or id, the administrator when nobody is named."""
        row = self._org.user_by_name(user or ADMIN_USER)
        user_id = row["Id"] if row else to18(user)
        if user_id is None:
            raise SalesforceError("NOT_FOUND", f"no user {user}")
        return Actor(user_id, origin, auto_assign=assign, trusted=True)

    def create(
        self,
        name: str,
        rows: Sequence[dict[str, Any]],
        *,
        assign: bool | None = None,
        user: str | None = None,
        origin: str = "",
    ) -> list[str]:
        """Make records in one transaction; without `assign` the assignment rule runs for rows that name no owner."""
        sobject = self._org.schema.get(name)
        made = []
        with self._org.records.unit(self.actor(user=user, origin=origin)):
            for row in rows:
                ruled = not row.get("OwnerId") if assign is None else assign
                made.append(self._org.records.create(sobject, row, self.actor(user=user, origin=origin, assign=ruled)))
        return made

    def update(
        self,
        name: str,
        rows: Sequence[dict[str, Any]],
        *,
        assign: bool = False,
        user: str | None = None,
        origin: str = "",
    ) -> list[str]:
        """Edit records in one transaction; every row names its Id."""
        sobject = self._org.schema.get(name)
        actor = self.actor(user=user, origin=origin, assign=assign)
        ids = [own_id(sobject, row.get("Id") or row.get("id")) for row in rows]
        with self._org.records.unit(actor):
            for record_id, row in zip(ids, rows, strict=True):
                values = {key: value for key, value in row.items() if key.lower() != "id"}
                self._org.records.update(sobject, record_id, values, actor)
        return ids

    def delete(
        self, name: str, ids: Sequence[str], *, undo: bool = False, user: str | None = None, origin: str = ""
    ) -> list[str]:
        """Delete records, or with `undo` take them out of the recycle bin."""
        sobject = self._org.schema.get(name)
        actor = self.actor(user=user, origin=origin)
        full = [own_id(sobject, item) for item in ids]
        act = self._org.records.undelete if undo else self._org.records.delete
        with self._org.records.unit(actor):
            for record_id in full:
                act(sobject, record_id, actor)
        return full

    def purge(self, name: str, ids: Sequence[str]) -> None:
        """Empty the recycle bin of some records: nobody can take them out any more."""
        sobject = self._org.schema.get(name)
        with self._org.store.write() as connection:
            for record_id in (own_id(sobject, item) for item in ids):
                sql = f'DELETE FROM "{sobject.name}" WHERE Id = ? AND IsDeleted = 1'  # noqa: S608 - of the schema
                connection.execute(sql, (record_id,))

    def convert(self, lead_id: str, *, account_id: str | None = None, user: str | None = None) -> dict[str, str | None]:
        """Convert a lead into an account (unless given), a contact and an opportunity."""
        return convert_lead(self._org, lead_id, self.actor(user=user, origin=CONVERT_ORIGIN), account_id=account_id)

    def merge(
        self, name: str, master_id: str, merged_ids: Sequence[str], values: dict[str, Any], *, user: str | None = None
    ) -> str:
        """Merge up to two records into a master."""
        actor = self.actor(user=user, origin=CONVERT_ORIGIN)
        merge_records(self._org, name, master_id, merged_ids, values=values, actor=actor)
        return own_id(self._org.schema.get(name), master_id)

    def refuse(self, **order: Any) -> None:
        """Order that the next matching writes fail with an error code."""
        self._org.records.refusals.append(Refusal(**order))

    def rename_values(self, name: str, field: str, renamed: dict[str, str]) -> None:
        """Rename values of a picklist, as an admin does; existing rows keep what they have."""
        sobject = self._org.schema.get(name)
        item = sobject.fields[field]
        values = tuple((renamed.get(value, value), renamed.get(value, label)) for value, label in item.values)
        sobject.add(replace(item, values=values, default=renamed.get(str(item.default), item.default)))

    def assignment_owner(self, owner: str | None) -> str:
        """The owner that the assignment rule gives: an id, a queue's name, or the queue of unassigned leads."""
        row = self._org.store.one('SELECT Id FROM "Group" WHERE Id = ? OR Name = ?', (owner or "", owner or UNASSIGNED))
        return str(row["Id"]) if row else str(to18(owner))
