"""Replay of what was decided: found in our store, else in the CRM's audit, and made again with the rules of then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connector.crm import Crm
from connector.store import decisions, editions, rulesets
from jobs.preview import Looking
from rules import decision_keys, detail
from rules.model import Decision
from rules.replay import Replay, replay
from rules.ruleset import RuleSet, RuleSetError, load
from rules.undo import ROUTING_NOTHING

NOT_KEPT = "Neither we nor the CRM know a decision of that key, or of a lead of that id."


@dataclass(frozen=True, slots=True)
class Found:
    """A decision that was replayed: where it was found (``store`` or ``crm``), and what came of it.

    `then` is None when nothing of it can be read; `replay.gone` says why.
    """

    key: str
    where: str
    then: Decision | None
    replay: Replay


def replayed(look: Looking, named: str) -> Found:
    """Make the decision of this key again, or the last one about the lead of this id. Raises the CRM's errors."""
    then = _stored(look, named)
    if then is not None:
        return Found(then.key, "store", then, _again(look, then))
    return _of_audit(look, look.crm, named)


def _stored(look: Looking, named: str) -> Decision | None:
    with look.read() as connection:
        one = decisions.by_key(connection, look.install.id, look.seal, named)
        if one is None:
            some = decisions.of_lead(connection, look.install.id, look.seal, named)
            one = next((each for each in some if each.decision.outcome not in ROUTING_NOTHING), None)
    return one.decision if one else None


def _of_audit(look: Looking, crm: Crm, named: str) -> Found:
    """Look in the CRM's audit: under the lead of this id, or the one that the key begins with."""
    lead_id = decision_keys.lead_id(named)
    rows = [row for row in crm.audits(lead_id) if _is_meant(row, named, lead_id)]
    if not rows:
        return Found(named, "", None, Replay(gone=(NOT_KEPT,)))
    key = rows[0].get("key", named)
    try:
        then = detail.read(rows[0].get("detail", ""), look.users())
    except detail.Unreadable as error:
        return Found(key, "crm", None, Replay(gone=(str(error),)))
    return Found(key, "crm", then, _again(look, then))


def _is_meant(row: Mapping[str, str], named: str, lead_id: str) -> bool:
    return row.get("key") == named or (lead_id == named and row.get("outcome") not in ROUTING_NOTHING)


def _again(look: Looking, then: Decision) -> Replay:
    return replay(then, rules_of(look, then.ruleset_version), look.users())


def rules_of(look: Looking, version: str) -> RuleSet | None:
    """Return the rule set of a version, as it was made live or as it is live now; None when it is not kept."""
    with look.read() as connection:
        edition = editions.by_version(connection, look.install.id, look.seal, version)
        live = rulesets.get(connection, look.install.id, look.seal)
    sources = edition.sources if edition else live.sources if live and live.version == version else None
    if sources is None:
        return None
    try:
        return load(sources)
    except RuleSetError:
        return None
