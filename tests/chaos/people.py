"""Who works in both CRMs at once: they know nothing of what the product merges, and find records gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from random import Random
from typing import Any

import requests

from tests.soak.hubspot import people as hubspot
from tests.soak.people import People

MOST = 8
"""Records that one person changes at once at most: few, so that much happens between two troubles."""
MOST_TIMES = 4
"""How often somebody comes again: whoever comes more often than the rules allow is asked about, not merged."""
GONE = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)
"""What the local CRMs say of a record that is not there any more."""
ORG_SHARES = {
    "create leads": 46, "come again": 12, "note on leads": 8, "move leads": 14, "delete leads": 4, "merge leads": 5,
    "convert leads": 3, "change accounts": 4, "publish rules": 4,
}  # fmt: skip
PORTAL_SHARES = {
    "create contacts": 46, "come again": 10, "note on contacts": 8, "move contacts": 14, "delete contacts": 4,
    "restore contacts": 1, "merge contacts": 5, "associate contacts": 4, "change companies": 4, "publish rules": 4,
}  # fmt: skip
EDITED = "Everyone else"
"""The rule that people publish anew: another due time, so that whom it gives leads to stays the same."""


class Sellers(People):
    """Everybody who works in the org.

    `twins` are leads of persons who came again, with the first one of each; `changed` counts their changes of a lead,
    `accounts` those of an account.
    """

    shares: Mapping[str, int] = ORG_SHARES
    most = MOST

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._written: dict[str, dict[str, Any]] = {}
        self.twins: dict[str, str] = {}
        self._persons: dict[str, str] = {}
        self.changed: Counter[str] = Counter()
        self.accounts: Counter[str] = Counter()

    def act(self) -> int:
        """Do one thing; what turns out to be gone is not done."""
        return _tolerant(super().act, self._look_again)

    def delete_many(self, count: int) -> None:
        """Delete leads in one transaction; one of them may be gone by then, and so nothing is deleted."""

        def delete() -> int:
            self._look_again()
            super(Sellers, self).delete_many(count)
            return count

        _tolerant(delete, self._look_again)

    def _look_again(self) -> None:
        rows = self._control.get("rows/Lead")
        there = {row["Id"] for row in rows if not row["IsDeleted"] and not row["IsConverted"]}
        self.alive = [each for each in self.born if each in there]

    def _create_leads(self, count: int) -> int:
        self._make(self.rows(count))
        return count

    def _make(self, rows: list[dict[str, Any]]) -> list[str]:
        ids = [str(each) for each in self._order("create", "Lead", rows=rows)["ids"]]
        self.note_born(ids)
        self._written |= dict(zip(ids, rows, strict=True))
        return ids

    def _update(self, sobject: str, ids: list[str], values: Callable[[int], dict[str, Any]]) -> int:
        (self.changed if sobject == "Lead" else self.accounts).update(ids)
        return super()._update(sobject, ids, values)

    def _come_again(self, count: int) -> int:
        """Somebody fills in the same form once more."""
        known = [each for each in self._some(self.alive, count) if _is_known(self._written.get(each, {}))]
        again = _again(known, self._persons)
        if again:
            made = self._make([dict(self._written[each]) for each in again])
            self.twins |= dict(zip(made, again, strict=True))
            self._persons |= {new: self._persons.get(old, old) for new, old in zip(made, again, strict=True)}
        return len(again)

    def do_the_seldom(self) -> None:
        """Do one of each thing that is done seldom, and by which the product does what it does seldom."""
        for act in (lambda: self._create_leads(2), lambda: self._come_again(2), lambda: self._publish_rules(1)):
            self.done["seldom"] += _tolerant(act, self._look_again)

    def _publish_rules(self, _count: int) -> int:
        rule = next(row for row in self._control.get("rows/Routing_Rule__c") if row["Name"] == EDITED)
        text = _edited(str(rule["Definition__c"]), self._random)
        self._control.post(
            "update", {"sobject": "Routing_Rule__c", "rows": [{"Id": rule["Id"], "Definition__c": text}]}
        )
        return 1


class Callers(hubspot.Team):
    """Everybody who works in a portal."""

    shares: Mapping[str, int] = PORTAL_SHARES
    most = MOST

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._written: dict[str, dict[str, str]] = {}
        self.before = frozenset(str(row["id"]) for row in self.control.get("rows/contacts", portalId=self.portal))
        self.twins: dict[str, str] = {}
        self._persons: dict[str, str] = {}
        self.changed: Counter[str] = Counter()
        self.accounts: Counter[str] = Counter()

    def act(self) -> int:
        """Do one thing; what turns out to be gone is not done."""
        return _tolerant(super().act, self._look_again)

    def _look_again(self) -> None:
        """Find who is there, also those whom the product or others made of several."""
        rows = self.control.get("rows/contacts", portalId=self.portal)
        for row in rows:
            was = str(row["properties"].get("hs_merged_object_ids") or "").split(";")
            if any(each in self.born for each in was):
                self.born[str(row["id"])] = None
                for each in was:
                    self._emails.setdefault(str(row["id"]), set()).update(self._emails.get(each, set()))
        there = {str(row["id"]) for row in rows}
        self.alive = [each for each in self.born if each in there]

    def _born_by(self, what: str, count: int, **order: Any) -> list[str]:
        self._latest: list[dict[str, str]] = []
        ids = super()._born_by(what, count, **order)
        self._written |= dict(zip(ids, self._latest, strict=True))
        return ids

    def _row(self) -> dict[str, str]:
        row = super()._row()
        self._latest.append(row)
        return row

    def _update(self, name: str, ids: list[str], values: Callable[[], dict[str, str]]) -> int:
        (self.changed if name == "contacts" else self.accounts).update(ids)
        return super()._update(name, ids, values)

    def _come_again(self, count: int) -> int:
        """Somebody calls whose address is written down later: HubSpot has one contact per address."""
        known = [each for each in self._some(self.alive, count) if _is_called(self._written.get(each, {}))]
        again = _again(known, self._persons)
        for each in again:
            row = {name: value for name, value in self._written[each].items() if name != "email"}
            (made,) = self._order("create", "contacts", rows=[{"properties": row}])["ids"]
            self.born[str(made)] = None
            self.alive.append(str(made))
            self._emails[str(made)] = set()
            self._written[str(made)] = row
            self.twins[str(made)] = each
            self._persons[str(made)] = self._persons.get(each, each)
        return len(again)

    def do_the_seldom(self) -> None:
        """Do one of each thing that is done seldom, and by which the product does what it does seldom."""
        for act in (lambda: self._create_contacts(2), lambda: self._come_again(2), lambda: self._publish_rules(1)):
            self.done["seldom"] += _tolerant(act, self._look_again)

    def _publish_rules(self, _count: int) -> int:
        name = f"p{self.portal}_routing_rule"
        rows = self.control.get(f"rows/{name}", portalId=self.portal)
        rule = next(row for row in rows if row["properties"]["rule_name"] == EDITED)
        text = _edited(rule["properties"]["definition"], self._random)
        self._order("update", name, id=rule["id"], properties={"definition": text})
        return 1


def _tolerant(act: Callable[[], int], look_again: Callable[[], None]) -> int:
    """Do something; when a record of it was gone, find out what is still there."""
    try:
        return act()
    except requests.HTTPError as error:
        if error.response is None or error.response.status_code not in GONE:
            raise
        look_again()
        return 0


def _again(leads: Iterable[str], persons: Mapping[str, str]) -> list[str]:
    """Return those of some leads whose person may come once more; `persons`: the first lead of who came again."""
    times = Counter(persons.values())
    found: list[str] = []
    for each in leads:
        first = persons.get(each, each)
        times[first] += 1
        if times[first] <= MOST_TIMES:
            found.append(each)
    return found


def _edited(text: str, random: Random) -> str:
    """Return a rule with another due time."""
    head, _, tail = text.partition("due: ")
    _, unit, rest = tail.partition(" hours")
    return f"{head}due: {random.randint(2, 9)}{unit}{rest}"


def _is_known(row: Mapping[str, Any]) -> bool:
    """Whether a lead says enough for the next one of that person to be surely the same."""
    return all(row.get(name) for name in ("FirstName", "LastName", "Email", "Company"))


def _is_called(row: Mapping[str, str]) -> bool:
    return all(row.get(name) for name in ("firstname", "lastname", "company", "phone", "email"))


class Everybody:
    """Who works in the org and who works in the portal, taking turns by chance."""

    def __init__(self, sellers: Sellers, callers: Callers, *, seed: int) -> None:
        self.sellers, self.callers = sellers, callers
        self._random = Random(f"everybody:{seed}")

    @property
    def done(self) -> Counter[str]:
        """How many records were changed, by what was done; each time anew."""
        return self.sellers.done + self.callers.done

    def act(self) -> int:
        """Have one of them do something; return to how many records."""
        return self._random.choice((self.sellers, self.callers)).act()
