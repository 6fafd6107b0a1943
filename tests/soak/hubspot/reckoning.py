"""The audit of an audit: what the portals hold in the end, read as a stranger, against what people did."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from connector.index import Index
from connector.store import forgetting
from connector.store.installs import Install
from connector.store.schema import metadata
from connector.store.seal import KeyRing
from rules.model import Kind
from tests.soak.hubspot.people import Team, Teams
from tests.soak.hubspot.place import Portals
from tests.soak.hubspot.reading import Audit, Portal
from tests.soak.reckoning import done

ASSIGNED = frozenset({"assigned", "kept"})
MATCHED = "matched"
KEPT: Mapping[Kind, Mapping[str, str]] = {
    "lead": {"email": "email", "company": "company", "country": "country", "last_name": "lastname"},
    "account": {"name": "name", "domain": "domain", "employees": "numberofemployees"},
}
"""What of each record the index must have as the portal has it."""


TOLD = (
    "lead_id",
    "decided_at",
    "outcome",
    "previous_owner_id",
    "assignee_id",
    "match_status",
    "account_id",
    "rule",
    "reason",
)
"""What a story tells of an audit."""


@dataclass
class Reckoning:
    """What was found wrong, as ids; all empty when nothing was lost, nothing done twice and nobody remembered.

    `decided_again` counts contacts with several decisions, `looked_at_again` those of them that nobody had changed.
    """

    contacts: int = 0
    decisions: int = 0
    decided_again: int = 0
    looked_at_again: int = 0
    tasks: int = 0
    linked: int = 0
    erased: int = 0
    webhooks: int = 0
    attempts: int = 0
    faults_answered: int = 0
    most_calls: str = ""
    undecided: list[str] = field(default_factory=list)
    decided_twice: list[str] = field(default_factory=list)
    given_for_nothing: list[str] = field(default_factory=list)
    audited_twice: list[str] = field(default_factory=list)
    wrong_owner: list[str] = field(default_factory=list)
    wrong_company: list[str] = field(default_factory=list)
    too_many_tasks: list[str] = field(default_factory=list)
    too_few_tasks: list[str] = field(default_factory=list)
    told_twice: list[str] = field(default_factory=list)
    not_indexed: list[str] = field(default_factory=list)
    indexed_though_gone: list[str] = field(default_factory=list)
    indexed_otherwise: list[str] = field(default_factory=list)
    remembered: list[str] = field(default_factory=list)
    written_though_erased: list[str] = field(default_factory=list)
    over_the_limit: list[str] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    stories: dict[str, str] = field(default_factory=dict)
    """What is known of the records that something is wrong with, by id: for whoever looks for the cause."""

    @property
    def faults(self) -> dict[str, list[str]]:
        """What is wrong, by what it is."""
        return {name: value for name, value in vars(self).items() if isinstance(value, list) and value}


def reckon(place: Portals, people: Teams) -> Reckoning:
    """Compare every contact that people made, and every record of the index, with the portals."""
    found = Reckoning()
    for install, team in zip(place.installs, people.each, strict=True):
        portal = Portal(place.control, install.tenant_id)
        _check_contacts(found, portal, team)
        _check_index(found, place, install, portal)
        _check_erased(found, place, install, portal, team)
        _tell(found, portal, team)
    _check_calls(found, place)
    return found


def _check_contacts(found: Reckoning, portal: Portal, team: Team) -> None:
    tasks, keys = portal.told(), portal.task_keys()
    for contact_id in filter(portal.contacts.__contains__, team.born):
        found.contacts += 1
        family = team.family(contact_id)
        mine = portal.audits.get(contact_id, [])
        theirs = [portal.audits.get(each, []) for each in family[1:]]
        every = [*mine, *(audit for each in theirs for audit in each)]
        if not every:
            found.undecided.append(contact_id)
            continue
        _check_decisions(found, contact_id, mine, {_holder(each[-1]) for each in theirs if each} | {""})
        if contact_id not in team.moved | team.restored:
            found.looked_at_again += _decisions(mine) > 1
            if _is_given_for_nothing(mine):
                found.given_for_nothing.append(contact_id)
        last = mine or [each[-1] for each in theirs if each]
        _check_owner(found, portal, contact_id, [last[-1]] if mine else last)
        _check_company(found, portal, team, contact_id, every[len(mine) - 1] if mine else None)
        told = _told(every, keys)
        if tasks[contact_id] > told:
            found.too_many_tasks.append(contact_id)
        if tasks[contact_id] < told and len(family) == 1 and contact_id not in team.restored:
            found.too_few_tasks.append(contact_id)
    found.decisions += sum(map(len, portal.audits.values()))
    found.tasks += len(portal.tasks)
    audits = Counter(audit["key"] for each in portal.audits.values() for audit in each)
    found.audited_twice += [key for key, count in audits.items() if count > 1]
    found.told_twice += [key for key, count in keys.items() if count > 1]


def _check_decisions(found: Reckoning, contact_id: str, mine: list[Audit], before: set[str]) -> None:
    """The first decision found the contact as it came; each later one with whom it was given by the one before."""
    found.decided_again += _decisions(mine) > 1
    holders = before
    for audit in mine:
        if str(audit.get("previous_owner_id") or "") not in holders:
            found.decided_twice.append(contact_id)
            break
        holders = {_holder(audit)}


def _check_owner(found: Reckoning, portal: Portal, contact_id: str, last: Iterable[Audit]) -> None:
    """A contact has whom its last decision chose; one that was merged has whom either of the two had."""
    if portal.contacts[contact_id]["properties"].get("hubspot_owner_id", "") not in {_holder(each) for each in last}:
        found.wrong_owner.append(contact_id)


def _check_company(found: Reckoning, portal: Portal, team: Team, contact_id: str, last: Audit | None) -> None:
    """A contact has the company it was matched with, or the one that HubSpot gave it before we could."""
    company = portal.contacts[contact_id]["properties"].get("associatedcompanyid", "")
    matched = str(last.get("account_id") or "") if last and last.get("match_status") == MATCHED else ""
    if not matched or matched in team.restless or company in team.restless:
        return
    found.linked += 1
    races = portal.control.get("portals")
    joined = any(str(each["portalId"]) == portal.number and each["auto_associate"] for each in races)
    if company != matched and not (company and joined):
        found.wrong_company.append(contact_id)


def _holder(audit: Audit) -> str:
    """Return who has the contact after a decision."""
    given = audit.get("assignee_id") if audit.get("outcome") in ASSIGNED else ""
    return str(given or audit.get("previous_owner_id") or "")


def _decisions(audits: Iterable[Audit]) -> int:
    """Return how many of these decided anything: a contact that was deleted before it was read is only noted."""
    return sum(audit.get("outcome") in ASSIGNED for audit in audits)


def _is_given_for_nothing(audits: list[Audit]) -> bool:
    """Whether a decision gave the contact away or told somebody although its match was that of the one before.

    A company that is new or changed may match better: then the contact goes to the owner of that one.
    """
    return any(
        (before["match_status"], before.get("account_id")) == (after["match_status"], after.get("account_id"))
        and {"assign", "task"} & set(_actions(after))
        for before, after in pairwise(audits)
    )


def _told(audits: Iterable[Audit], tasks: Mapping[str, int]) -> int:
    """Return how many tasks these decisions gave and did not take back.

    An audit that named an erased person says no more of its actions.
    """
    return sum(
        _actions(audit).count("task") - _actions(audit).count("withdraw")
        if audit.get("detail")
        else min(tasks.get(audit["key"], 0), 1)
        for audit in audits
    )


def _actions(audit: Audit) -> list[str]:
    """Return what a decision did, by the audit's detail."""
    return done(json.loads(audit.get("detail") or '{"actions": []}'))


def _check_index(found: Reckoning, place: Portals, install: Install, portal: Portal) -> None:
    seal = KeyRing(place.product.world.keys).seal(install.key)
    for kind, names in KEPT.items():
        rows = portal.contacts if kind == "lead" else portal.companies
        with place.database.read() as connection:
            index = Index(connection, install.id, seal)
            known = index.page(kind, size=10_000_000)
            records = index.get(kind, known)
        found.not_indexed += sorted(rows.keys() - set(known))
        found.indexed_though_gone += sorted(set(known) - rows.keys())
        found.indexed_otherwise += [
            each
            for each, record in records.items()
            if each in rows
            and any(
                _plain(record.fields.get(ours)) != _plain(rows[each]["properties"].get(theirs))
                for ours, theirs in names.items()
            )
        ]


def _check_erased(found: Reckoning, place: Portals, install: Install, portal: Portal, team: Team) -> None:
    """People who were erased are in no table of ours, sealed or not, and in nothing that we wrote in the portal."""
    found.erased += len(team.erased)
    seal = KeyRing(place.product.world.keys).seal(install.key)
    with place.database.read() as connection:
        told = repr([connection.execute(select(table)).all() for table in metadata.sorted_tables])
        sealed = forgetting.mentions(connection, install.id, seal, team.erased)
    opened = repr(sealed.others)
    found.remembered += [each for each in team.erased if each in told or each in opened]
    written = portal.written()
    found.written_though_erased += [
        each
        for each, addresses in team.erased.items()
        if each in written or any(address in written for address in addresses)
    ]


def _tell(found: Reckoning, portal: Portal, team: Team) -> None:
    """Keep what the audits of each contact that something is wrong with say, and what people did with it."""
    for contact_id in {each for ids in found.faults.values() for each in ids} & (
        portal.audits.keys() | portal.contacts
    ):
        family = team.family(contact_id)
        audits = [
            " ".join(f"{name}={audit.get(name)}" for name in TOLD if audit.get(name))
            for each in family
            for audit in portal.audits.get(each, [])
        ]
        done = [name for name in ("moved", "restored") if contact_id in getattr(team, name)]
        owner = portal.contacts.get(contact_id, {}).get("properties", {}).get("hubspot_owner_id", "")
        found.stories[contact_id] = "\n".join([f"owner {owner}, people: {done}, was: {family[1:]}", *audits])


def _check_calls(found: Reckoning, place: Portals) -> None:
    """HubSpot counted no call too many, and gave no delivery up."""
    counted = place.control.get("limits")
    found.most_calls = ", ".join(f"{each['kind']} {each['most']}/{each['limit']}" for each in counted)
    found.over_the_limit += [f"{each['portalId']} {each['kind']}" for each in counted for _ in range(each["refused"])]
    found.faults_answered = sum(
        call["status"] == 0 or call["status"] in {423, 429, 477, 502, 503} for call in place.control.get("calls")
    )
    deliveries = place.control.get("deliveries")
    found.webhooks = sum(len(each["events"]) for each in deliveries)
    found.attempts = sum(len(each["attempts"]) for each in deliveries)
    found.given_up += [str(each["id"]) for each in deliveries if each["state"] != "delivered"]


def _plain(value: Any) -> str:
    return str(value).strip() if value is not None else ""
