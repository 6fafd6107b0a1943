"""The audit of pools: turns, shares, caps, by what the audits in the CRM say and what our database has counted."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import lcm

from tests.chaos.evidence import Audit, Tenant
from tests.chaos.findings import Findings

UNIT = lcm(*range(1, 31))
"""One lead as the rotation counts it: every number up to 30 divides it."""
WEIGHTS = {"Europe": (1, 1, 2), "New business": (1, 1, 3), "Asia Pacific": (1, 1, 1), "Latin America": (1, 1)}
"""Each pool -> the weights of its members, smallest first."""
LAPSING = "Asia Pacific"
"""The pool that takes a lead from whoever does nothing with it: those are passed over when it gives it on."""
CAP = ("Latin America", 12)
"""The pool with a cap, and how many leads it gives each member within an hour of the clock."""
COUNTERS = ("got", "due", "entitled")
HOUR = len("2026-11-23T07")


def judge(found: Findings, tenant: Tenant) -> None:
    """How many leads of each pool everybody got, by the CRM's audits, is what the rotation has counted, to the lead."""
    taken: dict[str, list[Audit]] = defaultdict(list)
    for audit in sorted(tenant.audits, key=lambda audit: audit.decided_at):
        if audit.turn and audit.pool and not audit.is_timers:
            taken[audit.pool].append(audit)
    back = set()
    for row in tenant.ours["assignment"]:
        if row["credit"] == "given":
            back.add(row["decision_key"])
            if row["ending"] not in {"merged", "replaced", "rejected", "undone"}:
                found.note("turn given back for nothing", row["decision_key"])
        elif row["credit"] == "due":
            found.note("turn not given back", row["decision_key"])
    for row in tenant.ours["rotation"]:
        name, turns = str(row["pool"]), taken[str(row["pool"])]
        kept = [each for each in turns if each.key not in back]
        # Who is at their cap is owed what goes back of theirs until they can take leads again.
        owed = sum(_moves(each) for each in turns if each.key in back) if name == CAP[0] else 0
        _standing(found, f"{tenant.name}: {name}", _state(row["state"]), kept, owed)
    for name in set(taken) - {row["pool"] for row in tenant.ours["rotation"]}:
        found.note("rotation lost", f"{tenant.name}: {name}")
    for name, turns in taken.items():
        _shares(found, name, turns)
        _passed_over(found, tenant, name, turns)
    _given_again(found, tenant)
    _caps(found, tenant, [each for each in taken[CAP[0]] if each.key not in back])


def _moves(turn: Audit) -> int:
    """Return by how much a turn that goes back moves dues, all that gain by it together."""
    return sum(max(0, row["got"] * UNIT - row["entitled"]) for row in turn.added.values())


def _standing(
    found: Findings, name: str, state: Mapping[str, Mapping[str, int]], kept: Sequence[Audit], owed: int
) -> None:
    """Nobody has another count than the turns add up to that did not go back, and no due is out of bounds.

    `owed` is by how much turns that went back may have moved dues beyond what turns alone can.
    """
    found.numbers["turns"] += len(kept)
    for member in state.keys() | {each.turn for each in kept}:
        row, received = state.get(member, {}), sum(each.turn == member for each in kept)
        if row.get("got", 0) != received:
            found.note("rotation not exact", f"{name}, {member}: counted {row.get('got', 0)}, received {received}")
        added = {what: sum(each.added.get(member, {}).get(what, 0) for each in kept) for what in COUNTERS}
        if added != {what: row.get(what, 0) for what in COUNTERS}:
            found.note("share not exact", f"{name}, {member}: {row}, its turns add up to {added}")
        if row.get("entitled", 0) - row.get("got", 0) * UNIT != row.get("due", 0):
            found.note("rotation does not add up", f"{name}, {member}: {row}")
        if abs(row.get("due", 0)) > Fraction(3, 2) * (len(state) - 1) * UNIT + owed:
            found.note("rotation out of bounds", f"{name}, {member}: {row}")
    if sum(each.get("due", 0) for each in state.values()):
        found.note("rotation does not add up", f"{name}: {state}")


def _shares(found: Findings, pool: str, turns: Sequence[Audit]) -> None:
    """Each turn is shared by the weights of those who could take the lead, and paid by who took it."""
    weights = WEIGHTS[pool]
    full = [Fraction(weight * UNIT, sum(weights)) for weight in weights]
    whole = [each for each in turns if sorted(Fraction(row["entitled"]) for row in each.added.values()) == full]
    weight = {member: row["entitled"] for member, row in whole[0].added.items()} if whole else {}
    for each in turns:
        shares = {member: row["entitled"] for member, row in each.added.items() if row["entitled"]}
        total = sum(weight.get(member, 0) for member in shares)
        right = {member: Fraction(weight.get(member, 0) * UNIT, total) for member in shares} if total else {}
        paid = {member: row["got"] for member, row in each.added.items() if row["got"]}
        if len(shares) < len(weights) and not weight:
            right = {
                member: Fraction(share) for member, share in shares.items()
            }  # never did all take part, so nobody can tell whose weight is whose
        if shares != right or sum(shares.values()) != UNIT or paid != {each.turn: 1} or each.turn not in shares:
            found.note("turn shared wrongly", f"{each.key}: {each.added}")


def _passed_over(found: Findings, tenant: Tenant, pool: str, turns: Sequence[Audit]) -> None:
    """Who had no share of a turn had a reason: they had let that lead lapse, or were at their cap."""
    lapsed = tenant.lapsed()
    hours = Counter((each.turn, each.decided_at[:HOUR]) for each in turns)
    everybody = {member for each in turns for member in each.added}
    for each in turns:
        out = everybody - {member for member, row in each.added.items() if row["entitled"]}
        if pool == LAPSING:
            out -= lapsed.get(tenant.root(each.lead_id), set())
        elif pool == CAP[0]:
            out -= {member for member in out if hours[member, each.decided_at[:HOUR]] >= CAP[1]}
        if out:
            found.note("passed over for nothing", f"{each.key}: {sorted(out)}")


def _given_again(found: Findings, tenant: Tenant) -> None:
    """Whoever let a lead lapse never gets that lead again by a rule; rows are in the order in which it was given."""
    lapsed: set[tuple[object, object]] = set()
    for row in tenant.ours["assignment"]:
        who = (row["lead_id"], row["user_id"])
        if who in lapsed:
            found.note("given again to who let it lapse", row["decision_key"])
        if row["ending"] == "timed out":
            lapsed.add(who)


def _state(value: object) -> dict[str, dict[str, int]]:
    """Return a pool's counters: SQLite hands JSON over as text, PostgreSQL as what it is."""
    found: dict[str, dict[str, int]] = json.loads(value) if isinstance(value, str) else value  # type: ignore[assignment]
    return found


def _caps(found: Findings, tenant: Tenant, kept: Sequence[Audit]) -> None:
    for (member, hour), count in Counter((each.turn, each.decided_at[:HOUR]) for each in kept).items():
        if count > CAP[1]:
            found.note("over the cap", f"{tenant.name}: {member} {hour}: {count}")
