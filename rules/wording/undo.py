"""The sentences about taking a decision back."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "story.outcome.undone": "Result: undone. {reason}",
    "undo.reason": "Undone by {by}: {parts}. This takes back the decision of {at} by the rule “{rule}”.",
    "undo.reason.no rule": "Undone by {by}: {parts}. This takes back the decision of {at}.",
    "undo.owner": "owner back to {user}",
    "undo.owner.changed": "the owner was left, it is {user} now",
    "undo.owner.inactive": "the owner was left, {user} is not active any more",
    "undo.link": "link to {account} removed",
    "undo.link.changed": "the account was left, it is another one now",
    "undo.link.gone": "the account was left, it was removed already",
    "undo.stamp": "what we noted on the lead emptied",
    "undo.stamp.before": "what we noted on the lead is that of the decision before",
    "undo.stamp.changed": "what we noted on the lead was left, it is of another decision",
    "undo.task": "the task “{subject}” deleted",
    "undo.task.done": "the task “{subject}” was left, it is completed",
    "undo.task.changed": "the task “{subject}” was left, somebody has changed it",
    "undo.task.gone": "the task “{subject}” was deleted already",
    "undo.withdrawn": "the tasks that were taken back from {user} stay deleted",
    "undo.timers": "its timers stopped",
    "undo.turn": "the turn in the pool {pool} given back",
    "undo.turn.kept": "the turn in the pool {pool} stays, {user} keeps the lead",
    "undo.merge": "what was merged into it restored ({count})",
    "undo.merge.gone": "the record that was kept is gone: it was deleted, or merged into another one since",
    "undo.lead.deleted": "the lead is deleted",
    "undo.lead.converted": "the lead was left, it is converted",
    "undo.renewed": "{reason} By then somebody had changed the lead, so this is what was done: {parts}.",
    "undo.overtaken": "Nothing was undone: the lead was changed before it could be.",
    "action.unassign": "owner emptied",
    "action.unlink": "link to the account removed",
    "action.unstamp": "note on the lead emptied",
    "action.withdraw": "task deleted",
    "action.withdraw.from": "open tasks of {user} taken back ({count})",
}
"""Id -> template with named places; part of rules.wording.words.SENTENCES."""
