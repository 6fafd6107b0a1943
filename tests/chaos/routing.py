"""The audit of who got which lead: each has one decision that is right for it as it is now, and whoever that says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise

from tests.chaos.evidence import Audit, Known, Lead, Tenant
from tests.chaos.findings import Findings
from tests.sandbox.seed.vocabulary import country_name

EMEA = "GB IE FR DE ES IT PT NL BE CH AT SE NO DK FI PL TR IL ZA NG KE"
LATIN_AMERICA = "BR MX AR CL CO PE UY"
ASIA_PACIFIC = "JP KR CN SG ID IN AU NZ"
REGIONS = {"Europe": EMEA, "Latin America": LATIN_AMERICA, "Asia Pacific": ASIA_PACIFIC}
ELSEWHERE = frozenset({"Account owner", "Everyone else"})
LAPSING, LAPSES = "Asia Pacific", 3
"""The rule that takes a lead from whoever does nothing with it, and how many people are in its pool."""
ROUTED = frozenset({"assigned", "kept", "waiting"})


def judge(
    found: Findings,
    tenant: Tenant,
    known: Known,
    families: Mapping[str, list[str]],
    audits: Mapping[str, list[Audit]],
) -> None:
    fired = Counter(row["lead_id"] for row in tenant.ours["timer"] if row["state"] == "fired" and asks(row["kind"]))
    lapsed = tenant.lapsed()
    for root, family in families.items():
        lead = tenant.leads.get(root)
        if lead is None or not lead.alive or lead.converted or not any(each in known.born for each in family):
            continue
        found.numbers["leads"] += 1
        every = [audit for each in family for audit in audits.get(each, ())]
        routed = [each for each in every if each.outcome in ROUTED and not each.is_timers]
        if not routed:
            # Who turned out to be somebody we know is made one with them, and that is the decision.
            if not (any(each in known.before for each in family) and any(each.outcome == "merged" for each in every)):
                found.note("lead without a decision", root)
            continue
        mine = audits.get(root, [])
        if len(family) == 1:
            _chain(found, root, tenant.first_holder, mine)
            _last(found, lead, routed[-1], lapsed.get(root, ()))
            _repeated(found, root, routed, fired[root])
            _matched_anew(found, root, routed, known)
            if root not in known.restored:
                _often(found, root, routed, known.changed.get(root, 0) + fired[root])
            if lead.owner != mine[-1].holder:
                found.note("wrong owner", root)
        elif lead.owner not in {audits[each][-1].holder for each in family if audits.get(each)}:
            found.note("wrong owner", root)
        _told(found, tenant, family, every)


def asks(kind: str) -> bool:
    """Whether a timer of this kind has the rules asked again."""
    return kind not in {"remind", "tell"}


def _chain(found: Findings, lead_id: str, holder: str, mine: Iterable[Audit]) -> None:
    """The first decision found the lead as it came; each later one with whom the one before it gave it to."""
    for each in mine:
        if each.previous != holder:
            found.note("decided twice", lead_id)
            return
        holder = each.holder


def _last(found: Findings, lead: Lead, last: Audit, lapsed: Collection[str]) -> None:
    """The last decision is the one for the last change: its rule is that of the country which the lead has now."""
    if last.outcome == "assigned" and last.rule not in _rules_for(lead.country, len(lapsed)):
        found.note("not decided for its last change", lead.id)


def _rules_for(country: str, lapsed: int) -> Collection[str]:
    """Return what the rules say; `lapsed` is how many have let the lead lapse: they never get it again.

    When those are all of the pool, the next rule that holds gives it to somebody.
    """
    for rule, codes in REGIONS.items():
        if country in {country_name(code) for code in codes.split()}:
            return ELSEWHERE if rule == LAPSING and lapsed >= LAPSES else {rule}
    return ELSEWHERE


def _repeated(found: Findings, lead_id: str, routed: Sequence[Audit], allowed: int) -> None:
    """Nothing is decided twice from one and the same reading and match, unless a timer said so."""
    again = sum((one.inputs, one.match) == (next_.inputs, next_.match) for one, next_ in pairwise(routed))
    if again > allowed:
        found.note("decided twice for one change", lead_id)


def _often(found: Findings, lead_id: str, routed: Sequence[Audit], changes: int) -> None:
    """No more decisions than changes: of the lead by people, by a timer, or of the account that it belongs to."""
    matched_anew = sum(one.inputs == next_.inputs and one.match != next_.match for one, next_ in pairwise(routed))
    if len(routed) > 1 + changes + matched_anew:
        found.note("decided more often than it changed", lead_id)


def _matched_anew(found: Findings, lead_id: str, routed: Sequence[Audit], known: Known) -> None:
    """A lead that says the same has another match only when accounts were changed.

    Not only the two that it was matched with: a rival that was renamed leaves, and words become rarer or more common.
    """
    for one, after in pairwise(routed):
        if one.inputs == after.inputs and one.match != after.match:
            found.numbers["matched anew"] += 1
            if not known.accounts:
                found.note("matched anew for nothing", lead_id)


def _told(found: Findings, tenant: Tenant, family: Sequence[str], every: Sequence[Audit]) -> None:
    """As many tasks as decisions gave and did not take back; a merge may lose some.

    A bell may be missing when its outcome is unknown.
    """
    told = Counter(action for audit in every for action in audit.done)
    tasks = sum(tenant.tasks[each] for each in family)
    found.numbers["tasks"] += tasks
    wanted = told["task"] - told["withdraw"]
    if tasks > wanted:
        found.note("too many tasks", family[0])
    if tasks < wanted and len(family) == 1:
        found.note("too few tasks", family[0])
    bells = sum(tenant.bells[each] for each in family)
    found.numbers["notifications"] += bells
    if tenant.name != "salesforce":
        return
    if bells > told["notify"]:
        found.note("too many notifications", family[0])
    keys = {audit.key for audit in every}
    rung = sum(
        row["decision_key"] in keys and row["state"] == "done"
        for row in tenant.ours["ledger"]
        if row["action"] == "notify"
    )
    if bells < rung:
        found.note("too few notifications", family[0])
