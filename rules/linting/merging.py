"""What is odd about a policy of merging: nothing that stops a wrong merge, parts that can do nothing."""

from __future__ import annotations

from collections.abc import Collection

from rules.fields import CONTACT, LEAD
from rules.linting.finding import Finding, heading, several
from rules.linting.study import Study
from rules.merging.policy import ADDRESS, MergePolicy, own_name
from rules.wording.words import say

__all__ = ["fields_nobody_has", "merging"]

_SAFE = 0.99
"""Below, one merge in a hundred may join two people, and an undo cannot give back everything."""
_MIXED = "lead with contact"


def merging(study: Study) -> None:
    """Note what is odd about the policy of merging, if there is one."""
    policy = study.ruleset.duplicates
    if policy is None:
        return
    record = heading("duplicates", policy.name)
    if policy.mode == "act" and not policy.unless:
        message = say("lint.merge.blockers")
        remedy = say("lint.merge.blockers.remedy")
        study.say("merge-without-blockers", "warning", record, message, remedy)
    if policy.mode == "act" and policy.merge < _SAFE:
        message = say("lint.merge.early", least=f"{policy.merge:.4g}", count=round(1 / (1 - policy.merge)))
        study.say("merge-too-early", "warning", record, message, say("lint.merge.early.remedy"))
    if policy.convert != "never" and _MIXED not in policy.objects:
        message = say("lint.merge.idle", objects=_MIXED)
        study.say("merge-idle", "note", record, message, say("lint.merge.idle.remedy", objects=_MIXED))
    if policy.mode == "act" and "account with account" in policy.objects:
        message = say("lint.merge.accounts")
        study.say("merge-accounts", "note", record, message, say("lint.merge.accounts.remedy"))


def fields_nobody_has(policy: MergePolicy, known: Collection[str]) -> tuple[Finding, ...]:
    """Return a finding for the fields that the policy names and no record has.

    `known` are the API names that leads and contacts have in this CRM, in any case.
    """
    there = {own_name(name) for name in known} | LEAD.keys() | CONTACT.keys() | {ADDRESS}
    gone = sorted(name for name in policy.reads if own_name(name) not in there)
    if not gone:
        return ()
    message = say("lint.merge.field", fields=several(gone))
    remedy = say("lint.merge.field.remedy")
    return (Finding("merge-unknown-field", "warning", heading("duplicates", policy.name), message, remedy),)
