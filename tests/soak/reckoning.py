"""The audit of an audit: what the org holds in the end, read as a stranger, against what people did."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.index import Index
from connector.store.seal import KeyRing
from rules.model import Kind
from tests.soak.people import People
from tests.soak.place import Place

TOLD = frozenset({"assigned", "kept"})
KEPT: Mapping[Kind, tuple[str, Mapping[str, str]]] = {
    "lead": ("Lead", {"email": "Email", "company": "Company", "country": "Country", "last_name": "LastName"}),
    "contact": ("Contact", {"email": "Email", "last_name": "LastName", "account_id": "AccountId"}),
    "account": ("Account", {"name": "Name", "website": "Website", "employees": "NumberOfEmployees"}),
}
"""What of each record the index must have as the org has it."""


@dataclass
class Reckoning:
    """What was found wrong, as ids; all empty when nothing was lost and nothing done twice."""

    leads: int = 0
    audits: int = 0
    decisions: int = 0
    unaudited: list[str] = field(default_factory=list)
    decided_twice: list[str] = field(default_factory=list)
    wrong_owner: list[str] = field(default_factory=list)
    too_many_tasks: list[str] = field(default_factory=list)
    too_few_tasks: list[str] = field(default_factory=list)
    too_many_bells: list[str] = field(default_factory=list)
    not_indexed: list[str] = field(default_factory=list)
    indexed_though_gone: list[str] = field(default_factory=list)
    indexed_otherwise: list[str] = field(default_factory=list)

    @property
    def faults(self) -> dict[str, list[str]]:
        """What is wrong, by what it is."""
        return {name: value for name, value in vars(self).items() if isinstance(value, list) and value}


def reckon(place: Place, people: People) -> Reckoning:
    """Compare every lead that people made, and every record of the index, with the org."""
    found = Reckoning()
    rows = {row["Id"]: row for row in place.eye.rows("Lead") if not row["IsDeleted"]}
    audits: dict[str, list[dict[str, Any]]] = {}
    for row in place.eye.rows("Routing_Audit__c"):
        audits.setdefault(row["Record_Id__c"], []).append(row)
    tasks = Counter(row["WhoId"] for row in place.eye.rows("Task") if not row["IsDeleted"])
    bells = place.eye.notifications()
    families = _families(people)
    found.audits = sum(map(len, audits.values()))
    for lead_id in filter(rows.__contains__, people.born):
        found.leads += 1
        mine = sorted(audits.get(lead_id, ()), key=lambda row: (row["Decided_At__c"], row["Name"]))
        _check_decisions(found, lead_id, mine, people.queue)
        if lead_id not in people.converted:
            _check_owner(found, rows[lead_id], mine)
            told = _told(row for each in families.get(lead_id, [lead_id]) for row in audits.get(each, ()))
            _check_tasks(found, lead_id, told, tasks[lead_id], bells[lead_id], merged=lead_id in families)
    _check_index(found, place)
    return found


def _check_decisions(found: Reckoning, lead_id: str, mine: list[dict[str, Any]], queue: str) -> None:
    """The first decision found the lead as it came, with the queue; each later one with whom it was given before."""
    found.decisions += len(mine)
    if not mine:
        found.unaudited.append(lead_id)
    holder = queue
    for row in mine:
        if row["Previous_Owner__c"] != holder:
            found.decided_twice.append(lead_id)
            break
        holder = _holder(row)


def _check_owner(found: Reckoning, lead: dict[str, Any], mine: list[dict[str, Any]]) -> None:
    if mine and lead["OwnerId"] != _holder(mine[-1]):
        found.wrong_owner.append(lead["Id"])


def _holder(row: dict[str, Any]) -> str:
    """Return who has the lead after a decision."""
    return str(row["Assignee__c"] if row["Outcome__c"] in TOLD and row["Assignee__c"] else row["Previous_Owner__c"])


def _check_tasks(found: Reckoning, lead_id: str, told: Counter[str], tasks: int, bells: int, *, merged: bool) -> None:
    """As many tasks as decisions gave and did not take back: one for whoever has the lead.

    A merge moves tasks to the lead that stays, but for those refused because the other had just gone. A bell may be
    missing, as it is not rung again when in doubt.
    """
    wanted = told["task"] - told["withdraw"]
    if tasks > wanted:
        found.too_many_tasks.append(lead_id)
    if tasks < wanted and not merged:
        found.too_few_tasks.append(lead_id)
    if bells > told["notify"]:
        found.too_many_bells.append(lead_id)


def _check_index(found: Reckoning, place: Place) -> None:
    seal = KeyRing(place.product.world.keys).seal(place.install.key)
    for kind, (sobject, names) in KEPT.items():
        rows = {row["Id"]: row for row in place.eye.rows(sobject) if not row["IsDeleted"]}
        with place.database.read() as connection:
            index = Index(connection, place.install.id, seal)
            known = index.page(kind, size=10_000_000)
            records = index.get(kind, known)
        found.not_indexed += sorted(rows.keys() - set(known))
        found.indexed_though_gone += sorted(set(known) - rows.keys())
        found.indexed_otherwise += [
            each
            for each, record in records.items()
            if each in rows
            and any(_plain(record.fields.get(ours)) != _plain(rows[each][api]) for ours, api in names.items())
        ]


def _families(people: People) -> dict[str, list[str]]:
    """Return the leads that went into each lead that was merged with others, itself included."""
    found: dict[str, list[str]] = {}
    for gone in people.merged:
        master = gone
        while master in people.merged:
            master = people.merged[master]
        found.setdefault(master, [master]).append(gone)
    return found


def _told(rows: Iterable[dict[str, Any]]) -> Counter[str]:
    """Return how often decisions did each thing, by their audits."""
    return Counter(name for row in rows for name in done(json.loads(row["Detail__c"])))


def done(detail: Mapping[str, Any]) -> list[str]:
    """Return what a decision did by its detail; what takes tasks back stands there once for each."""
    refused = {name for name, state, *_ in detail.get("results", ()) if state == "refused"}
    return [
        action["do"]
        for action in detail["actions"]
        if action["do"] not in refused or action["do"] == "task"
        for _ in action.get("tasks", (1,))
    ]


def _plain(value: object) -> str:
    return str(value).strip() if value is not None else ""
