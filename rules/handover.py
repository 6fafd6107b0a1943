"""Whoever loses a lead by a decision of ours loses what we gave them to do about it, as far as nobody has touched it.

Of a lead that a person gave to somebody else, or that a merge gave another owner, no task is taken back.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from rules.actions import Assign, Notify, Task, Withdraw
from rules.model import Decision


def loser(decision: Decision) -> str:
    """Return who loses the lead by a decision, "" when nobody does: only in ``act`` anything is taken from anybody."""
    gives = any(isinstance(each, Assign) for each in decision.actions)
    return decision.lead.owner_id or "" if gives and (decision.mode, decision.outcome) == ("act", "assigned") else ""


def is_for(made: Decision, user_id: str) -> bool:
    """Tell whether what a decision gave somebody to do is for that user."""
    told = {each.owner_id if isinstance(each, Task) else each.user_id for each in _orders(made)}
    return made.mode == "act" and told == {user_id}


def taking_back(decision: Decision, tasks: Collection[str]) -> Decision:
    """Return a decision that takes back just these tasks: their ids in the CRM, none for nothing."""
    others = tuple(each for each in decision.actions if not isinstance(each, Withdraw))
    return replace(decision, actions=(*others, Withdraw(tuple(tasks))) if tasks else others)


def _orders(made: Decision) -> list[Task | Notify]:
    return [each for each in made.actions if isinstance(each, Task | Notify)]
