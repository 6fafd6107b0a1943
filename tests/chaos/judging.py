"""The audit of a chaos: what must hold of each lead, task, merge, turn, timer and letter, whatever went wrong."""

from __future__ import annotations

import pickle
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.chaos import routing, turns
from tests.chaos.evidence import Audit, Known, Tenant
from tests.chaos.findings import Findings

LATE_SECONDS = 120
"""How long a timer may have been due."""


@dataclass(frozen=True)
class Case:
    """All that a judgement is made from: each tenant with what people remember of it, rows of nobody, the time."""

    tenants: Sequence[tuple[Tenant, Known]]
    strangers: Sequence[object]
    now: float

    def keep(self, file: Path) -> None:
        """Write it down, so that it can be judged again."""
        file.write_bytes(pickle.dumps(self))

    @staticmethod
    def kept(file: Path) -> Case:
        """Return what was written down by the same version of this code."""
        found: Case = pickle.loads(file.read_bytes())  # noqa: S301 - we have written it
        return found


def judge(tenants: Sequence[tuple[Tenant, Known]], strangers: Sequence[object], now: float) -> Findings:
    """Judge every tenant by its own evidence; `now` is the time by the product's clock, Unix seconds."""
    found = Findings()
    for _ in strangers:
        found.note("row of nobody", _)
    for tenant, known in tenants:
        families = _families(tenant)
        audits = _by_lead(tenant)
        routing.judge(found, tenant, known, families, audits)
        _merges(found, tenant, known)
        _decisions(found, tenant)
        _work(found, tenant, now)
        turns.judge(found, tenant)
        _tenancy(found, tenant)
        _tell(found, tenant, families, audits)
    return found


def _families(tenant: Tenant) -> dict[str, list[str]]:
    """Return the leads that are part of each lead by now, itself first."""
    found: dict[str, list[str]] = {each.id: [each.id] for each in tenant.leads.values() if not each.into}
    for each in tenant.leads.values():
        if each.into:
            found.setdefault(tenant.root(each.id), [tenant.root(each.id)]).append(each.id)
    return found


def _by_lead(tenant: Tenant) -> dict[str, list[Audit]]:
    """Return the audits of each lead in the order in which the CRM got them."""
    found: dict[str, list[Audit]] = defaultdict(list)
    for each in sorted(tenant.audits, key=lambda audit: audit.place):
        found[each.lead_id].append(each)
    return found


def _merges(found: Findings, tenant: Tenant, known: Known) -> None:
    losers = Counter[str]()
    for audit in tenant.audits:
        if audit.outcome != "merged":
            continue
        found.numbers["merges"] += 1
        for loser, survivor in audit.merged.items():
            if loser == survivor:
                continue
            losers[loser] += 1
            if loser in tenant.leads and tenant.leads[loser].alive:
                found.note("merged and still there", loser)
            elif tenant.root(loser) != tenant.root(survivor):
                found.note("merged into another one", loser)
    for each in (each for each, count in losers.items() if count > 1):
        found.note("merged twice", each)
    asked: dict[str, set[str]] = defaultdict(set)
    for audit in tenant.audits:
        asked[audit.lead_id] |= audit.asks
    for twin, first in known.twins.items():
        if {twin, first} < asked[twin]:
            # A third one is called the same, and not surely the same person: then somebody is asked about all three.
            found.numbers["twins that a person is asked about"] += 1
            continue
        both = (tenant.leads.get(twin), tenant.leads.get(first))
        if not (known.changed.get(twin) or known.changed.get(first)) and all(
            each is not None and each.alive and not each.converted for each in both
        ):
            found.note("one person still twice", twin)


def _decisions(found: Findings, tenant: Tenant) -> None:
    """Each decision of ours has one audit in the CRM, and each audit there one decision here."""
    keys = Counter(each.key for each in tenant.audits)
    found.numbers["decisions"] += len(keys)
    for key in (key for key, count in keys.items() if count > 1):
        found.note("audited twice", key)
    states = {row["key"]: row for row in tenant.ours["decision"]}
    for key, row in states.items():
        if row["state"] == "settled" and key not in keys:
            found.note("settled without an audit", key)
        if row["state"] == "intended":
            found.note("decision left open", key)
        if row["state"] == "parked":
            found.numbers[f"parked: {str(row['reason'])[:60]}"] += 1
            if not str(row["reason"]).strip():
                found.note("parked without a reason", key)
    for key in keys.keys() - states.keys():
        found.note("audit of no decision", key)
    for key, count in tenant.task_keys.items():
        if count > 1:
            found.note("told twice", key)


def _work(found: Findings, tenant: Tenant, now: float) -> None:
    """Every letter is settled, or parked with a reason; no timer is lost or late."""
    for row in tenant.ours["letter"]:
        if row["state"] != "parked":
            found.note("letter left", f"{row['kind']} {row['record_id']}: {row['reason']}")
        elif not str(row["reason"]).strip():
            found.note("parked without a reason", row["event_key"])
        else:
            found.numbers[f"letter parked: {str(row['reason'])[:60]}"] += 1
    for row in tenant.ours["progress"]:
        if row["state"] not in {"done", "cancelled"}:
            found.note("work left", f"{row['name']}: {row['state']} {row['reason']}")
    timers = Counter(row["decision_key"] for row in tenant.ours["timer"])
    keys = {each.key for each in tenant.audits}
    for row in tenant.ours["timer"]:
        found.numbers[f"timers {row['state']}"] += 1
        name = f"{row['decision_key']} {row['kind']}"
        if row["state"] == "waiting" and row["due_at"] / 1e6 < now - LATE_SECONDS:
            found.note("timer late", name)
        if row["state"] == "stopped" and not row["reason"]:
            found.note("timer stopped without a reason", name)
        if (
            row["state"] == "fired"
            and not routing.asks(row["kind"])
            and f"{row['decision_key']}-t{row['step']}" not in keys
        ):
            found.note("timer fired and nobody told", name)
    for audit in tenant.audits:
        if audit.outcome == "assigned" and not audit.is_timers and audit.timers > timers[audit.key]:
            found.note("timer lost", audit.key)


def _tenancy(found: Findings, tenant: Tenant) -> None:
    """What stands here of a tenant names only its records, and what stands in its CRM only its people."""
    for table, column in (("letter", "record_id"), ("decision", "lead_id"), ("timer", "lead_id")):
        for row in tenant.ours[table]:
            if not tenant.id_pattern.fullmatch(str(row[column])):
                found.note("of another tenant", f"{table}: {row[column]}")
    for audit in tenant.audits:
        strange = {audit.assignee, audit.previous} - {""} - tenant.users
        if strange or audit.lead_id not in tenant.leads:
            found.note("of another tenant", f"audit {audit.key}: {strange or audit.lead_id}")


def _tell(
    found: Findings, tenant: Tenant, families: Mapping[str, list[str]], audits: Mapping[str, list[Audit]]
) -> None:
    """Keep what is known of each lead that something is wrong with."""
    wrong = " ".join(each for ids in found.faults.values() for each in ids)
    for root, family in families.items():
        if not any(each in wrong for each in family):
            continue
        lines = [f"{tenant.name} {root}: {tenant.leads.get(root)}, family {family[1:]}, tasks {tenant.tasks[root]}"]
        for each in family:
            lines += [
                f"  {one.key} {one.decided_at} {one.outcome} {one.rule!r} {one.previous}->{one.assignee} {one.done}"
                for one in audits.get(each, ())
            ]
            for table in ("decision", "timer", "assignment"):
                lines += [f"  {table}: {_short(row)}" for row in tenant.ours[table] if row["lead_id"] == each]
        found.stories[root] = "\n".join(lines)


def _short(row: Mapping[str, object]) -> str:
    hidden: Callable[[str], bool] = {"sealed", "install_id", "trace", "account", "letters"}.__contains__
    return " ".join(f"{name}={value}" for name, value in row.items() if not hidden(name))
