"""People at work in an org: they create, change, delete, merge and convert, and remember what must come of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from tests.local.world import Control
from tests.sandbox.seed import salesforce
from tests.sandbox.seed.leads import leads
from tests.sandbox.seed.model import Company

MOST = 30
"""Records that one person changes at once at most."""
SHARES = {
    "create leads": 46, "note on leads": 14, "move leads": 10, "delete leads": 6, "merge leads": 4, "convert leads": 1,
    "create accounts": 5, "change accounts": 6, "delete accounts": 2, "merge accounts": 1,
    "create contacts": 4, "delete contacts": 1,
}  # fmt: skip
COUNTRIES = ("Germany", "Brazil", "United States", "Japan", "France", "Mexico", "Spain", "Australia")


class People:
    """Everybody who works in the org. The same seed makes the same changes.

    `born` are all leads they made, `alive` those that are still there and not converted; `merged` tells where leads
    went. `done` counts changed records by what was done.
    """

    shares: Mapping[str, int] = SHARES
    most: int = MOST

    def __init__(self, control: Control, companies: tuple[Company, ...], *, seed: int) -> None:
        self._control = control
        self._random = Random(f"soak:{seed}")
        self._companies = companies
        self._source = leads(companies, 10_000_000, seed=seed)
        self._acts: dict[str, Callable[[int], int]] = {
            each: getattr(self, f"_{each.replace(' ', '_')}") for each in self.shares
        }
        rows = control.get("rows/Account")
        self._hosts = [str(row["Id"]) for row in rows]
        self._accounts: list[str] = []
        self._contacts: list[str] = []
        self.queue = next(row["Id"] for row in control.get("rows/Group") if row["Name"] == "Unassigned Leads")
        self.born: dict[str, None] = {}
        self.alive: list[str] = []
        self.merged: dict[str, str] = {}
        self.converted: set[str] = set()
        self.done: Counter[str] = Counter()

    @property
    def changes(self) -> int:
        """How many records were changed so far."""
        return self.done.total()

    def act(self) -> int:
        """Do one thing to a few records; return to how many."""
        what = self._random.choices(list(self.shares), list(self.shares.values()))[0]
        count = self._acts[what](self._random.randint(1, self.most))
        self.done[what] += count
        return count

    def rows(self, count: int) -> list[dict[str, Any]]:
        """Return the next leads of the source, as rows."""
        return [salesforce.lead(next(self._source)) for _ in range(count)]

    def note_born(self, ids: list[str]) -> None:
        """Remember leads that somebody else made."""
        self.born |= dict.fromkeys(ids)
        self.alive += ids

    def create_many(self, count: int) -> list[str]:
        """Create leads in one transaction."""
        ids = [str(each) for each in self._order("create", "Lead", rows=self.rows(count))["ids"]]
        self.note_born(ids)
        self.done["create leads"] += count
        return ids

    def delete_many(self, count: int) -> None:
        """Delete leads in one transaction."""
        self.done["delete leads"] += self._delete_leads(count)

    def import_in_silence(self, count: int) -> list[str]:
        """Have leads appear of which no event tells."""
        rows = [row | {"OwnerId": self.queue} for row in self.rows(count)]
        ids = [str(each) for each in self._order("load", "Lead", rows=rows, silent=True)["ids"]]
        self.note_born(ids)
        self.done["create leads"] += count
        return ids

    def _create_leads(self, count: int) -> int:
        self.note_born([str(each) for each in self._order("create", "Lead", rows=self.rows(count))["ids"]])
        return count

    def _note_on_leads(self, count: int) -> int:
        """Write what no rule reads."""
        words = [f"Called at {self._random.randint(8, 18)}" for _ in range(count)]
        return self._update("Lead", self._some(self.alive, count), lambda n: {"Description": words[n]})

    def _move_leads(self, count: int) -> int:
        """Write what rules read."""
        return self._update(
            "Lead", self._some(self.alive, count), lambda _n: {"Country": self._random.choice(COUNTRIES), "State": None}
        )

    def _delete_leads(self, count: int) -> int:
        ids = self._take(self.alive, count)
        if ids:
            self._order("delete", "Lead", ids=ids)
        return len(ids)

    def _merge_leads(self, count: int) -> int:
        done = 0
        for _ in range(max(1, count // 10)):
            ids = self._take(self.alive, 2)
            if len(ids) == 2:
                self._order("merge", "Lead", masterId=ids[0], mergedIds=ids[1:])
                self.alive.append(ids[0])
                self.merged[ids[1]] = ids[0]
                done += 2
        return done

    def _convert_leads(self, _count: int) -> int:
        ids = self._take(self.alive, 1)
        for each in ids:
            self._control.post("convert", {"leadId": each})
            self.converted.add(each)
        return len(ids)

    def _create_accounts(self, count: int) -> int:
        rows = [
            salesforce.account(self._random.choice(self._companies)) | {"Name": f"Newcomer {self.changes} {number}"}
            for number in range(count)
        ]
        self._accounts += self._order("create", "Account", rows=rows)["ids"]
        return count

    def _change_accounts(self, count: int) -> int:
        ids = self._some(self._hosts + self._accounts, count)
        return self._update("Account", ids, lambda _n: {"NumberOfEmployees": self._random.randint(1, 9000)})

    def _delete_accounts(self, count: int) -> int:
        ids = self._take(self._accounts, count)
        if ids:
            self._order("delete", "Account", ids=ids)
        return len(ids)

    def _merge_accounts(self, _count: int) -> int:
        ids = self._take(self._accounts, 2)
        if len(ids) == 2:
            self._order("merge", "Account", masterId=ids[0], mergedIds=ids[1:])
        self._accounts += ids[:1]
        return len(ids)

    def _create_contacts(self, count: int) -> int:
        rows = [
            {
                "AccountId": self._random.choice(self._hosts),
                "FirstName": lead.get("FirstName"),
                "LastName": lead["LastName"],
                "Email": lead.get("Email"),
            }
            for lead in self.rows(count)
        ]
        self._contacts += self._order("create", "Contact", rows=rows)["ids"]
        return count

    def _delete_contacts(self, count: int) -> int:
        ids = self._take(self._contacts, count)
        if ids:
            self._order("delete", "Contact", ids=ids)
        return len(ids)

    def _update(self, sobject: str, ids: list[str], values: Callable[[int], dict[str, Any]]) -> int:
        if ids:
            self._order("update", sobject, rows=[{"Id": each, **values(n)} for n, each in enumerate(ids)])
        return len(ids)

    def _some(self, among: list[str], count: int) -> list[str]:
        return self._random.sample(among, min(count, len(among)))

    def _take(self, among: list[str], count: int) -> list[str]:
        """Choose some, and take them out."""
        chosen = self._some(among, count)
        for each in chosen:
            among.remove(each)
        return chosen

    def _order(self, what: str, sobject: str, **order: Any) -> Any:
        return self._control.post(what, {"sobject": sobject, **order})
