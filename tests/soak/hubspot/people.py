"""People at work in a portal: they create, change, delete, restore, merge and erase, and know what must come of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from tests.local.world import Control
from tests.sandbox.seed import hubspot
from tests.sandbox.seed.leads import leads
from tests.sandbox.seed.model import Company

MOST = 30
"""Records that one person changes at once at most."""
SHARES = {
    "create contacts": 46, "note on contacts": 12, "move contacts": 10, "delete contacts": 6, "restore contacts": 3,
    "merge contacts": 4, "erase contacts": 2, "associate contacts": 3,
    "create companies": 5, "change companies": 6, "delete companies": 2, "restore companies": 1, "merge companies": 1,
}  # fmt: skip
COUNTRIES = ("Germany", "Brazil", "United States", "Japan", "France", "Mexico", "Spain", "Australia")
STATUSES = ("NEW", "OPEN", "IN_PROGRESS")
PLAIN = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]


class Team:
    """Everybody who works in one portal. The same seed makes the same changes.

    `born` are all contacts that were nobody's, `alive` those that are still there; `merged` tells which record an old
    id became, `erased` the e-mail addresses of people who must be forgotten, by id. `restless` are companies that were
    ever deleted or merged, `moved` contacts in which somebody changed what rules read.
    """

    shares: Mapping[str, int] = SHARES
    most: int = MOST

    def __init__(self, control: Control, portal: str, companies: Sequence[Company], *, seed: str) -> None:
        self.control, self.portal = control, portal
        self._random = Random(f"soak:{seed}")
        self._companies = companies
        self._source = leads(companies, 10_000_000, seed=self._random.randrange(1000))
        self._acts: dict[str, Callable[[int], int]] = {
            each: getattr(self, f"_{each.replace(' ', '_')}") for each in self.shares
        }
        known = [row["properties"].get("email") for row in control.get("rows/contacts", portalId=portal)]
        self._addresses = {str(each).lower() for each in known if each}
        self._hosts = [str(row["id"]) for row in control.get("rows/companies", portalId=portal)]
        self._newcomers: list[str] = []
        self._bin: dict[str, list[str]] = {"contacts": [], "companies": []}
        self._emails: dict[str, set[str]] = {}
        self.may_erase = True
        self.born: dict[str, None] = {}
        self.alive: list[str] = []
        self.merged: dict[str, str] = {}
        self.moved: set[str] = set()
        self.restored: set[str] = set()
        self.erased: dict[str, set[str]] = {}
        self.restless: set[str] = set()
        self.done: Counter[str] = Counter()

    def act(self) -> int:
        """Do one thing to a few records; return to how many."""
        what = self._random.choices(list(self.shares), list(self.shares.values()))[0]
        if what == "erase contacts" and not self.may_erase:
            what = "note on contacts"
        count = self._acts[what](self._random.randint(1, self.most))
        self.done[what] += count
        return count

    def create_many(self, count: int) -> list[str]:
        """Create contacts in one transaction."""
        self.done["create contacts"] += count
        return self._born_by("create", count)

    def import_in_silence(self, count: int) -> list[str]:
        """Have contacts appear of which no event tells."""
        self.done["create contacts"] += count
        return self._born_by("load", count, silent=True)

    def _born_by(self, what: str, count: int, **order: Any) -> list[str]:
        rows = [{"properties": self._row()} for _ in range(count)]
        ids = [str(each) for each in self._order(what, "contacts", rows=rows, **order)["ids"]]
        self.born |= dict.fromkeys(ids)
        self.alive += ids
        for each, row in zip(ids, rows, strict=True):
            self._emails[each] = {row["properties"].get("email", "").lower()} - {""}
        return ids

    def _row(self) -> dict[str, str]:
        """Return the next person of the source whose address nobody has: HubSpot has one contact per address."""
        while True:
            row = hubspot.lead(next(self._source))
            address = row.get("email", "").lower()
            if not address or address not in self._addresses:
                self._addresses.add(address)
                return row

    def _create_contacts(self, count: int) -> int:
        self._born_by("create", count)
        return count

    def _note_on_contacts(self, count: int) -> int:
        """Write what no rule reads."""
        return self._update("contacts", self._some(self.alive, count), lambda: {"hs_lead_status": self._of(STATUSES)})

    def _move_contacts(self, count: int) -> int:
        """Write what rules read."""
        ids = self._some(self.alive, count)
        self.moved |= set(ids)
        return self._update("contacts", ids, lambda: {"country": self._of(COUNTRIES), "state": ""})

    def _delete_contacts(self, count: int) -> int:
        return self._delete("contacts", self._take(self.alive, count))

    def _restore_contacts(self, count: int) -> int:
        back = self._restore("contacts", count)
        self.alive += back
        self.restored |= set(back)
        return len(back)

    def _merge_contacts(self, count: int) -> int:
        done = 0
        for _ in range(max(1, count // 10)):
            pair = self._take(self.alive, 2)
            if len(pair) < 2:
                self.alive += pair
                break
            new = self._merge("contacts", pair)
            self.born[new] = None
            self.alive.append(new)
            self.merged |= dict.fromkeys(pair, new)
            self._emails[new] = self._emails[pair[0]] | self._emails[pair[1]]
            done += len(pair)
        return done

    def erase_many(self, count: int) -> None:
        """Have people erased for their privacy, some of whom were made a moment ago."""
        self.done["erase contacts"] += self._erase(self._take(self.alive, count) + self._newest(count))

    def _newest(self, count: int) -> list[str]:
        found = self.create_many(count)
        for each in found:
            self.alive.remove(each)
        return found

    def _erase_contacts(self, count: int) -> int:
        return self._erase(self._take(self.alive, max(1, count // 5)))

    def _erase(self, ids: list[str]) -> int:
        for each in ids:
            self._order("gdpr-delete", "contacts", id=each)
            self.erased |= {member: self._emails[member] for member in self.family(each)}
        return len(ids)

    def _associate_contacts(self, count: int) -> int:
        """Tie contacts to companies without making them primary: HubSpot tells of it from both sides."""
        ids = self._some(self.alive, max(1, count // 3))
        for each in ids:
            order = {"from": "contacts", "fromId": each, "to": "companies", "toId": self._of(self._hosts)}
            self.control.post("associate", {"portalId": int(self.portal), **order, "types": PLAIN})
        return len(ids)

    def _create_companies(self, count: int) -> int:
        rows = [
            {
                "properties": hubspot.company(self._of(self._companies))
                | {"name": f"Newcomer {self.done.total()} {number}"}
            }
            for number in range(count)
        ]
        self._newcomers += [str(each) for each in self._order("create", "companies", rows=rows)["ids"]]
        return count

    def _change_companies(self, count: int) -> int:
        ids = self._some(self._hosts + self._newcomers, count)
        return self._update("companies", ids, lambda: {"numberofemployees": str(self._random.randint(1, 9000))})

    def _delete_companies(self, count: int) -> int:
        ids = self._take(self._newcomers, count)
        self.restless |= set(ids)
        return self._delete("companies", ids)

    def _restore_companies(self, count: int) -> int:
        back = self._restore("companies", count)
        self._newcomers += back
        return len(back)

    def _merge_companies(self, _count: int) -> int:
        pair = self._take(self._newcomers, 2)
        if len(pair) < 2:
            self._newcomers += pair
            return 0
        self.restless |= set(pair)
        self._newcomers.append(self._merge("companies", pair))
        return len(pair)

    def family(self, contact_id: str) -> list[str]:
        """Return the ids that became this contact, itself included."""
        parents = [old for old, new in self.merged.items() if new == contact_id]
        return [contact_id, *(each for parent in parents for each in self.family(parent))]

    def _update(self, name: str, ids: list[str], values: Callable[[], dict[str, str]]) -> int:
        for each in ids:
            self._order("update", name, id=each, properties=values())
        return len(ids)

    def _delete(self, name: str, ids: list[str]) -> int:
        for each in ids:
            self._order("delete", name, id=each)
        self._bin[name] += ids
        return len(ids)

    def _restore(self, name: str, count: int) -> list[str]:
        back = self._take(self._bin[name], count)
        for each in back:
            self._order("restore", name, id=each)
        return back

    def _merge(self, name: str, pair: Sequence[str]) -> str:
        return str(self._order("merge", name, primary=pair[0], other=pair[1])["id"])

    def _of(self, among: Sequence[Any]) -> Any:
        return self._random.choice(among)

    def _some(self, among: list[str], count: int) -> list[str]:
        return self._random.sample(among, min(count, len(among)))

    def _take(self, among: list[str], count: int) -> list[str]:
        """Choose some, and take them out."""
        chosen = self._some(among, count)
        for each in chosen:
            among.remove(each)
        return chosen

    def _order(self, what: str, name: str, **order: Any) -> Any:
        return self.control.post(what, {"portalId": int(self.portal), "object": name, **order})


class Teams:
    """Everybody who works in any of the portals, taking turns by chance."""

    def __init__(self, teams: Sequence[Team], *, seed: int) -> None:
        self.each = tuple(teams)
        self._random = Random(f"teams:{seed}")

    @property
    def done(self) -> Counter[str]:
        """How many records were changed, by what was done; each time anew."""
        return sum((each.done for each in self.each), Counter[str]())

    def act(self) -> int:
        """Have one of them do something; return to how many records."""
        return self._random.choice(self.each).act()
