"""Undoes that are about to be performed are planned anew: a person may have changed the lead since they were planned.

Between planning and performing lie milliseconds, or hours when the CRM was away. What somebody did meanwhile stays, as
it would have stayed had the undo been asked for afterwards. What the undo has written itself, before a worker died,
counts as not written yet.
"""

from __future__ import annotations

from dataclasses import replace

import structlog

from connector.store import decisions, unfinished
from connector.store.decisions import Stored
from jobs import rulebook
from jobs.shift import Shift
from jobs.takeback import Plan, Scope, plans
from rules import undo as rules
from rules.actions import Answer, Unmerge
from rules.model import Route
from rules.ruleset import RuleSet
from rules.wording.said import strung
from rules.wording.words import say

log = structlog.get_logger()


def renewed(shift: Shift, stored: list[Stored]) -> list[Stored]:
    """Return the decisions, the undoes among them without what must not go back any more.

    One read of their leads and one of their tasks; nothing is asked when there are none.
    """
    undoes = {
        each.decision.undoes: each
        for each in stored
        # What was begun to be brought back is finished: half of it may be there.
        if each.decision.outcome == "undone" and Unmerge.key not in each.ledger
    }
    if not undoes:
        return stored
    install_id, keys = shift.install.id, [each.decision.key for each in undoes.values()]
    with shift.read() as connection:
        made = decisions.by_keys(connection, install_id, shift.seal, list(undoes))
        newer = unfinished.superseded(connection, install_id, keys)
    users = {user.id: user for user in rulebook.directory(shift)}
    tools = shift.tools
    scope = Scope(tools.database, shift.install, shift.seal, shift.crm, users, RuleSet(), tools.settings)
    planned = plans(scope, list(made.values()), undoes, asked=tools.clock())
    found = {plan.stored.decision.key: plan for plan in planned}
    for key, undo in undoes.items():
        if undo.decision.key in newer:
            found.pop(key, None)
    new = {undo.decision.key: _renewed(undo, found.get(key)) for key, undo in undoes.items()}
    changed = [new[undo.decision.key].decision for undo in undoes.values() if new[undo.decision.key] is not undo]
    if changed:
        with shift.write() as connection:
            for decision in changed:
                unfinished.amend(connection, install_id, shift.seal, decision)
    for decision in changed:
        log.info("planned anew", install=install_id, decision=decision.key, actions=len(decision.actions))
    return [new.get(each.decision.key, each) for each in stored]


def _renewed(stored: Stored, plan: Plan | None) -> Stored:
    """Return an undo as it is to be done by a new plan; without one, or when nothing goes back, it is only told."""
    decision = stored.decision
    if plan is None or plan.found is None:
        overtaken = rules.overtaken(decision)
        return stored if overtaken == decision else replace(stored, decision=overtaken)
    wanted = {each.key for each in decision.actions}
    answers = (each for each in decision.actions if isinstance(each, Answer))
    actions = (*(each for each in plan.found.actions if each.key in wanted), *answers)
    if actions == decision.actions:
        return stored
    holder = plan.found.holder
    told = strung("; ", (*plan.found.back, *plan.found.left))
    reason = say("undo.renewed", reason=decision.route.reason, parts=told)
    route = Route("", "keep" if holder is None else "undo", holder, reason)
    lead = replace(decision.lead, owner_id=plan.lead.owner_id) if plan.lead else decision.lead
    return replace(stored, decision=replace(decision, lead=lead, actions=actions, route=route))
