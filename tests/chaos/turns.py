"""The audit of pools: turns, shares, caps, by what the audits in the CRM say and what our database has counted."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from fractions import Fraction
from math import lcm

from tests.chaos.evidence import Tenant
from tests.chaos.findings import Findings

UNIT = lcm(*range(1, 31))
"""One lead as the rotation counts it: every number up to 30 divides it."""
WEIGHTS = {"Europe": (1, 1, 2), "New business": (1, 1, 3)}
"""Pools in which everybody can take every lead -> the weights of their members."""
CAP = ("Latin America", 12)
"""The pool with a cap, and how many leads it gives each member within an hour of the clock."""


def judge(found: Findings, tenant: Tenant) -> None:
    """How many leads of each pool everybody got, by the CRM's audits, is what the rotation has counted, to the lead."""
    taken: dict[str, Counter[str]] = defaultdict(Counter)
    for audit in tenant.audits:
        if audit.turn and audit.pool and not audit.is_timers:
            taken[audit.pool][audit.turn] += 1
    back: dict[str, Counter[str]] = defaultdict(Counter)
    for row in tenant.ours["assignment"]:
        if row["credit"] == "given":
            back[row["lane"]][row["user_id"]] += 1
            if row["ending"] not in {"merged", "replaced", "rejected", "undone"}:
                found.note("turn given back for nothing", row["decision_key"])
        elif row["credit"] == "due":
            found.note("turn not given back", row["decision_key"])
    for row in tenant.ours["rotation"]:
        _pool(found, f"{tenant.name}: {row['pool']}", row, taken[row["pool"]], back[row["pool"]])
    missing = set(taken) - {row["pool"] for row in tenant.ours["rotation"]}
    for pool in missing:
        found.note("rotation lost", f"{tenant.name}: {pool}")
    _caps(found, tenant)


def _pool(found: Findings, name: str, row: Mapping[str, object], taken: Counter[str], back: Counter[str]) -> None:
    state = _state(row["state"])
    for member, count in taken.items():
        got = state.get(member, {}).get("got", 0)
        if got != count - back[member]:
            found.note("rotation not exact", f"{name}, {member}: counted {got}, received {count}, back {back[member]}")
    given = sum(each["got"] for each in state.values())
    found.numbers["turns"] += given
    if sum(each["due"] for each in state.values()) or any(
        each["entitled"] - each["got"] * UNIT != each["due"] for each in state.values()
    ):
        found.note("rotation does not add up", f"{name}: {state}")
    weights = WEIGHTS.get(str(row["pool"]))
    if weights:
        shares = sorted(Fraction(each["entitled"], UNIT) for each in state.values())
        if shares != sorted(Fraction(given * weight, sum(weights)) for weight in weights):
            found.note("share not exact", f"{name}: {shares}")
    if any(abs(each["due"]) > Fraction(3, 2) * (len(state) - 1) * UNIT for each in state.values()):
        found.note("rotation out of bounds", f"{name}: {state}")


def _state(value: object) -> dict[str, dict[str, int]]:
    """Return a pool's counters: SQLite hands JSON over as text, PostgreSQL as what it is."""
    found: dict[str, dict[str, int]] = json.loads(value) if isinstance(value, str) else value  # type: ignore[assignment]
    return found


def _caps(found: Findings, tenant: Tenant) -> None:
    pool, most = CAP
    back = {row["decision_key"] for row in tenant.ours["assignment"] if row["credit"] == "given"}
    hours = Counter(
        (audit.turn, audit.decided_at[:13])
        for audit in tenant.audits
        if audit.turn and audit.pool == pool and not audit.is_timers and audit.key not in back
    )
    for (member, hour), count in hours.items():
        if count > most:
            found.note("over the cap", f"{tenant.name}: {member} {hour}: {count}")
