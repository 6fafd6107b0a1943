"""What is there in the end: the stores of both local CRMs and our database, read as a stranger would.

Nothing here is the product's code: rows of the CRMs come through their control planes, rows of ours by plain SQL, and
what an audit says of itself is its own JSON.
"""

from __future__ import annotations

import html
import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests.local.world import Control

Row = Mapping[str, Any]
REF = re.compile(r"Switchyard ref: ([^\s<]+)")
"""How a task in HubSpot names the decision that made it."""
OURS = ("letter", "decision", "ledger", "timer", "rotation", "assignment", "progress", "erasure", "response")
SALESFORCE_ID = re.compile(r"(00Q|001|003)[0-9A-Za-z]{12,15}")
HUBSPOT_ID = re.compile(r"[0-9]+")


@dataclass(frozen=True)
class Lead:
    """A lead as it is, or was: `into` is the record that it went into when it was merged."""

    id: str
    owner: str
    country: str
    alive: bool
    converted: bool = False
    into: str = ""


@dataclass(frozen=True)
class Audit:
    """One audit record. `done` are its actions but for those refused; `turn` whose turn of `pool` it took.

    Each task that was taken back is an action of its own. `added` is what that turn added to the counters of each
    member; `match` how sure its account is, and which; `asks` are the records of which a person is asked whether they
    are one.
    """

    key: str
    lead_id: str
    outcome: str
    previous: str
    assignee: str
    rule: str
    pool: str
    decided_at: str
    place: str
    done: tuple[str, ...]
    turn: str
    added: Mapping[str, Mapping[str, int]]
    timers: int
    merged: Mapping[str, str]
    match: tuple[str, str]
    asks: frozenset[str] = frozenset()

    @property
    def holder(self) -> str:
        """Who has the lead after this decision."""
        return (self.assignee if self.outcome in {"assigned", "kept"} else "") or self.previous

    @property
    def inputs(self) -> str:
        """What the decision was made from, as its key says it: two of one lead that say the same were made twice."""
        return self.key.rpartition("-")[2]

    @property
    def is_timers(self) -> bool:
        """Whether a timer told somebody by it."""
        return bool(re.search(r"-t[0-9]+$", self.key))


@dataclass(frozen=True)
class Known:
    """What people remember of one CRM: the leads they made, how often each was changed, and who came again as whom.

    `accounts` are those that they changed, each as often as it says. `before` are those that were there, with an owner,
    before anybody worked: they are nobody's to route.
    """

    born: Collection[str]
    changed: Mapping[str, int]
    twins: Mapping[str, str]
    accounts: Mapping[str, int]
    restored: Collection[str] = ()
    before: Collection[str] = ()


@dataclass
class Tenant:
    """One CRM and what our database holds of it, by table."""

    name: str
    install_id: str
    leads: dict[str, Lead]
    audits: list[Audit]
    tasks: Counter[str]
    task_keys: Counter[str]
    bells: Counter[str]
    users: frozenset[str]
    first_holder: str
    id_pattern: re.Pattern[str]
    ours: dict[str, list[Row]] = field(default_factory=dict)

    def root(self, lead_id: str) -> str:
        """Return the record that a lead is part of by now."""
        while (lead := self.leads.get(lead_id)) and lead.into:
            lead_id = lead.into
        return lead_id

    def lapsed(self) -> Mapping[str, set[str]]:
        """Return who let which lead lapse, by the record that it is part of by now."""
        found: dict[str, set[str]] = defaultdict(set)
        for row in self.ours["assignment"]:
            if row["ending"] == "timed out":
                found[self.root(row["lead_id"])].add(row["user_id"])
        return found


def of_salesforce(control: Control, install_id: str) -> Tenant:
    """Read an org."""
    rows = control.get("rows/Lead")
    leads = {
        row["Id"]: Lead(
            row["Id"], row["OwnerId"], row["Country"] or "", not row["IsDeleted"], bool(row["IsConverted"]),
            row["MasterRecordId"] or "",
        )
        for row in rows
    }  # fmt: skip
    audits = [
        _audit(
            {name.removesuffix("__c").lower(): value for name, value in row.items()},
            lead_id=row["Record_Id__c"], previous=row["Previous_Owner__c"], assignee=row["Assignee__c"],
            place=row["Name"],
        )
        for row in control.get("rows/Routing_Audit__c")
        if not row["IsDeleted"]
    ]  # fmt: skip
    groups = control.get("rows/Group")
    tasks = Counter(row["WhoId"] for row in control.get("rows/Task") if not row["IsDeleted"])
    bells = Counter(row["target"] for row in control.get("notifications"))
    users = frozenset(row["Id"] for row in (*control.get("rows/User"), *groups))
    queue = next(row["Id"] for row in groups if row["Name"] == "Unassigned Leads")
    pattern = SALESFORCE_ID
    return Tenant("salesforce", install_id, leads, audits, tasks, Counter(), bells, users, queue, pattern)


def of_hubspot(control: Control, install_id: str, portal: str) -> Tenant:
    """Read a portal that keeps its audits in custom objects."""
    leads: dict[str, Lead] = {}
    for archived in ("true", "false"):
        for row in control.get("rows/contacts", portalId=portal, archived=archived):
            values = row["properties"]
            owner, country = values.get("hubspot_owner_id", ""), values.get("country", "")
            leads[row["id"]] = Lead(row["id"], owner, country, archived == "false")
            for old in filter(None, (values.get("hs_merged_object_ids") or "").split(";")):
                if old != row["id"]:
                    leads[old] = Lead(old, "", "", alive=False, into=row["id"])
    audits = [
        _audit(
            row["properties"] | {"place": row["id"]},
            lead_id=row["properties"].get("lead_id", ""),
            previous=row["properties"].get("previous_owner_id", ""),
            assignee=row["properties"].get("assignee_id", ""),
            place=row["id"].zfill(20),
        )
        for row in control.get(f"rows/p{portal}_routing_audit", portalId=portal)
        if row["properties"].get("outcome")
    ]
    tasks, keys = Counter[str](), Counter[str]()
    for row in control.get("rows/tasks", portalId=portal):
        tasks.update(str(each["toObjectId"]) for each in row["associations"] if each["toObjectType"] == "0-1")
        keys.update(html.unescape(each) for each in REF.findall(row["properties"].get("hs_task_body") or "")[-1:])
    users = frozenset(str(row["id"]) for row in control.get("rows/owners", portalId=portal))
    return Tenant(f"hubspot {portal}", install_id, leads, audits, tasks, keys, Counter(), users, "", HUBSPOT_ID)


def add_ours(tenants: Sequence[Tenant], url: str) -> list[Row]:
    """Read what our database holds of each tenant, by plain SQL; return the rows that belong to nobody we know.

    Assignments are in the order in which they were given: PostgreSQL hands rows over in any.
    """
    made = make_url(url)
    if made.drivername in {"postgresql", "postgres"}:
        made = made.set(drivername="postgresql+psycopg")
    engine, strangers = create_engine(made), list[Row]()
    by_id = {each.install_id: each for each in tenants}
    with engine.connect() as connection:
        for table in OURS:
            for each in tenants:
                each.ours[table] = []
            found = connection.execute(text(f"SELECT * FROM {table}")).mappings()  # noqa: S608 - our own names
            for row in sorted(found, key=lambda row: row["id"]) if table == "assignment" else found:
                owner = by_id.get(str(row["install_id"]))
                (owner.ours[table] if owner else strangers).append(dict(row))
    engine.dispose()
    return strangers


def asked(told: Sequence[str]) -> frozenset[str]:
    """Return the records of a plan to merge that waits for a person; none of one that is carried out."""
    if not any("a person is asked" in each for each in told):
        return frozenset()
    return frozenset(re.findall(r"\(lead (\w+)\)", " ".join(told[1:3])))


def _audit(row: Row, *, lead_id: str, previous: str, assignee: str, place: str) -> Audit:
    detail = json.loads(row.get("detail") or "{}")
    refused = {name for name, state, *_ in detail.get("results", ()) if state in {"refused", "unknown"}}
    done = tuple(
        each["do"]
        for each in detail.get("actions", ())
        if each["do"] not in refused
        for _ in each.get("tasks", (each["do"],))  # what takes tasks back counts once for each
    )
    match = detail.get("match") or {}
    merges = [ref for name, state, ref, *_ in detail.get("results", ()) if name == "merge" and state != "refused"]
    return Audit(
        key=row["decision_key"],
        lead_id=lead_id,
        outcome=row["outcome"],
        previous=previous or "",
        assignee=assignee or "",
        rule=row.get("rule") or "",
        pool=row.get("pool") or "",
        decided_at=row["decided_at"],
        place=place,
        done=() if row["outcome"] == "refused" and refused & {"assign", "snapshot"} else done,
        turn=str((detail.get("turn") or {}).get("member") or ""),
        added=_added(detail.get("turn") or {}),
        timers=len(detail.get("timers") or ()),
        merged=_moved(merges[0]) if merges else {},
        match=(match.get("status") or "", (match.get("account") or {}).get("id") or ""),
        asks=asked(detail.get("merging") or ()),
    )


def _added(turn: Row) -> Mapping[str, Mapping[str, int]]:
    """Return what a turn added to each member's counters, without those of caps' windows."""
    before, after = turn.get("before") or {}, turn.get("after") or {}
    return {
        member: {name: row[name] - before.get(member, {}).get(name, 0) for name in ("got", "due", "entitled")}
        for member, row in after.items()
    }


def _moved(ref: str) -> Mapping[str, str]:
    """Return loser -> survivor of a merge, as its audit says what became of it."""
    try:
        told = json.loads(ref)
    except ValueError:
        return {}
    now: Mapping[str, str] = told.get("now", {})
    return now
