"""What an org knows about accounts beside their own fields: opportunities, contacts, the latest activity, the parent.

All of it is asked in one composite call for up to IDS accounts: its queries count as one call. Sources: REST API guide
"Composite" (five queries a call); SOQL guide "GROUP BY" (an aggregate has no second page, so its rows must fit one).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from simple_salesforce.format import format_soql

from connector.crm import (
    CONTACTS,
    LAST_ACTIVITY,
    LAST_LOST,
    LOST_OPPORTUNITIES,
    OPEN_OPPORTUNITIES,
    OPPORTUNITY,
    PARENT_OWNER,
    Memo,
)
from connector.salesforce import soql
from connector.salesforce.answers import StaleSchema
from connector.salesforce.describe import ObjectShape, Shapes
from connector.salesforce.fields import is_id, moment
from connector.salesforce.session import Session
from rules.model import Value

IDS = 400
"""Accounts of one call: their ids are 11 kB of a query's URL. [U] That the 16,384 bytes of a URL are the limit of a
subrequest's too."""
FIELDS: Mapping[str, str] = {
    "id": "Id",
    "name": "Name",
    "stage": "StageName",
    "amount": "Amount",
    "close_date": "CloseDate",
    "owner_id": "OwnerId",
}
"""Part of ``opportunity.*`` -> field of the opportunity."""
LINKS = frozenset({"AccountId", "IsClosed"})
"""Fields without which nothing can be said about an account's open opportunities."""
LOST_LINKS = frozenset({"IsWon", "CloseDate"})
"""Fields beside LINKS without which nothing can be said about its lost ones."""

_LOST = frozenset({LOST_OPPORTUNITIES, LAST_LOST})
_OF_OPPORTUNITIES = _LOST | {OPEN_OPPORTUNITIES, OPPORTUNITY}
_ACTIVITY = "LastActivityDate"
_PARENT, _OF_PARENT = "Parent", ("Parent.OwnerId", "Parent.IsDeleted")
_ACCOUNTS = "accounts"
_HIDDEN = "salesforce.history.hidden"
_HIDDEN_SECONDS = 3600.0
_Rows = Mapping[str, list[dict[str, Any]]]
_Found = dict[str, dict[str, Value]]


class History:
    """Asks one org. What the connected user may not see is left out of the answers."""

    def __init__(self, session: Session, shapes: Shapes, memo: Memo) -> None:
        self._session = session
        self._shapes = shapes
        self._memo = memo

    def of(self, ids: Collection[str], wanted: frozenset[str]) -> _Found:
        """Return what is `wanted` of accounts, by the id asked for; see :meth:`connector.crm.Crm.account_history`.

        Raises Later, Revoked or Refused. When an object or a field has gone since we looked, looks again, once.
        """
        asked = list(dict.fromkeys(one for one in ids if is_id("account", one)))
        if not asked or not wanted:
            return {}
        try:
            return self._of(asked, wanted)
        except StaleSchema:
            self.forget()
        return self._of(asked, wanted)

    def forget(self) -> None:
        """Drop what is remembered of the objects, because it may have changed."""
        self._memo.forget(_HIDDEN)
        for sobject in ("Account", "Contact", "Opportunity"):
            self._shapes.forget(sobject)

    def opportunities(self) -> ObjectShape | None:
        """Return what opportunities look like; None when the connected user cannot see which are open.

        That there are none to see is remembered like a describe, or it would be asked with every call.
        """
        if self._memo.get(_HIDDEN) is not None:
            return None
        shape = self._shapes.get("Opportunity")
        if shape is not None and shape.fields.keys() >= LINKS:
            return shape
        self._memo.put(_HIDDEN, value=True, seconds=_HIDDEN_SECONDS)
        return None

    def _of(self, ids: Sequence[str], wanted: frozenset[str]) -> _Found:
        """Ask for parts of the ids, as the org's objects are known to look."""
        deals = self.opportunities() if wanted & _OF_OPPORTUNITIES else None
        fields = [api for api in FIELDS.values() if deals and api in deals.fields] if OPPORTUNITY in wanted else []
        own = [_ACTIVITY] if LAST_ACTIVITY in wanted and self._sees("Account", _ACTIVITY) else []
        own += _OF_PARENT if PARENT_OWNER in wanted and self._sees("Account", "ParentId") else ()
        lost = bool(deals and wanted & _LOST and deals.fields.keys() >= LOST_LINKS)
        people = CONTACTS in wanted and self._sees("Contact", "AccountId")
        found: _Found = {}
        for start in range(0, len(ids), IDS):
            part = ids[start : start + IDS]
            queries = {_ACCOUNTS: soql.accounts(part, own, fields)}
            if OPEN_OPPORTUNITIES in wanted and deals:
                queries[OPEN_OPPORTUNITIES] = soql.open_opportunities(part)
            if lost:
                queries[LOST_OPPORTUNITIES] = lost_opportunities(part)
            if people:
                queries[CONTACTS] = soql.contacts(part)
            found.update(_histories(part, self._session.queries(queries), wanted))
        return found

    def _sees(self, sobject: str, field: str) -> bool:
        """Whether the connected user can see a field."""
        shape = self._shapes.get(sobject)
        return shape is not None and field in shape.fields


def lost_opportunities(account_ids: Sequence[str]) -> str:
    """Return the query of how many lost opportunities accounts have, and of their latest close date; none: no row."""
    return format_soql(
        f"SELECT AccountId, COUNT(Id) {soql.COUNTED}, MAX(CloseDate) {soql.LATEST} FROM Opportunity "  # noqa: S608
        "WHERE AccountId IN {} AND IsClosed = true AND IsWon = false GROUP BY AccountId",
        list(account_ids),
    )


def _histories(ids: Iterable[str], rows: _Rows, wanted: frozenset[str]) -> _Found:
    """Put the rows of the queries together, by the ids asked for (an id may have 15 of its 18 characters)."""
    counts = {
        name: {str(row["AccountId"])[:15]: int(row[soql.COUNTED]) for row in rows[name]}
        for name in (OPEN_OPPORTUNITIES, LOST_OPPORTUNITIES, CONTACTS)
        if name in rows and name in wanted
    }
    dates = {str(row["AccountId"])[:15]: moment(row[soql.LATEST]) for row in rows.get(LOST_OPPORTUNITIES, ())}
    accounts = {str(row["Id"])[:15]: row for row in rows[_ACCOUNTS]}
    found: _Found = {}
    for one in ids:
        short = one[:15]
        if short not in accounts:
            continue
        history: dict[str, Value] = {name: known.get(short, 0) for name, known in counts.items()}
        if LAST_LOST in wanted and LOST_OPPORTUNITIES in rows:
            history[LAST_LOST] = dates.get(short)
        if _ACTIVITY in accounts[short]:
            history[LAST_ACTIVITY] = moment(accounts[short][_ACTIVITY])
        # [U] Whether the link is emptied when the parent goes to the recycle bin.
        if (parent := accounts[short].get(_PARENT)) and not parent["IsDeleted"]:
            history[PARENT_OWNER] = str(parent["OwnerId"])
        found[one] = history | _opportunity(accounts[short])
    return found


def _opportunity(account: Mapping[str, Any]) -> dict[str, Value]:
    """Return the account's open opportunity in flat keys; none when it has none."""
    rows = (account.get(soql.OPPORTUNITIES) or {}).get("records") or ()
    values: dict[str, Value] = {}
    for row in rows[:1]:
        for name, api in FIELDS.items():
            value = moment(row.get(api)) if name == "close_date" else row.get(api)
            if value not in (None, ""):
                values[f"{OPPORTUNITY}.{name}"] = value
    return values
