"""The sentences about who takes a lead, who could not, what is waited for, and what happens when nobody acts."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    # Who gets it, and why.
    "reason.parent owner": "Your rule “{rule}” gives {leads} to the owner of the account's parent; {user} owns the "
    "parent of {account}.",
    "reason.contact owner": "Your rule “{rule}” gives {leads} to the owner of the contact they are known as; that is "
    "{user}.",
    "reason.opportunity owner": "Your rule “{rule}” gives {leads} to the owner of the open opportunity; {user} owns "
    "{opportunity}.",
    "reason.previous assignee": "Your rule “{rule}” gives {leads} to whoever had them before; that is {user}.",
    "reason.pool.fewest": "Your rule “{rule}” gives {leads} to the pool {pool}; {user} had the fewest open leads.",
    "reason.pool.fit": "Your rule “{rule}” gives {leads} to the pool {pool}; {user}'s skills fit best.",
    "reason.pool.account": "Your rule “{rule}” gives {leads} to the pool {pool}; {user} of that pool has a lead of the "
    "same account.",
    "reason.pool.held": "Your rule “{rule}” gives {leads} to the pool {pool}, but {why}; so the lead waits until "
    "{until}.",
    "reason.territory": "Your rule “{rule}” gives {leads} by the row “{row}” of the territory {territory}; {taken}.",
    "reason.waits": "Your rule “{rule}” waits for {fields}, until {until} at the latest.",
    "reason.over.pool": "Your rule “{rule}” gives {leads} to the pool {pool}, where all who are at work are at their "
    "cap, and nobody else takes them; {user} is least over it.",
    "reason.over.person": "Your rule “{rule}” gives {leads} to {user}, and nobody else takes them. So they go there "
    "all the same, though {why}.",
    "reason.away": "Your rule “{rule}” holds, but {why}, and nobody else takes the lead. So it waits; the rules are "
    "asked again at {until}.",
    "reason.away.until": "Your rule “{rule}” holds, but {why}, and nobody else takes the lead. So it waits until "
    "{until}, when the first is back.",
    "instead.parent owner": "So the lead goes to {user}, who owns the parent of {account}.",
    "instead.contact owner": "So the lead goes to {user}, who owns the contact it is known as.",
    "instead.opportunity owner": "So the lead goes to {user}, who owns {opportunity}.",
    "instead.previous assignee": "So the lead goes to {user}, who had it before.",
    "instead.pool.fewest": "So the lead goes to the pool {pool}; {user} had the fewest open leads.",
    "instead.pool.fit": "So the lead goes to the pool {pool}; {user}'s skills fit best.",
    "instead.pool.account": "So the lead goes to the pool {pool}; {user} of it has a lead of the same account.",
    "instead.pool.held": "So it would go to the pool {pool}, but {why}; it waits until {until}.",
    "instead.territory": "So the lead goes by the row “{row}” of the territory {territory}; {taken}.",
    "taken.account owner": "that is {user}, who owns {account}",
    "taken.parent owner": "that is {user}, who owns the parent of {account}",
    "taken.contact owner": "that is {user}, who owns the contact it is known as",
    "taken.duplicate owner": "that is {user}, who owns the earlier {kind}",
    "taken.opportunity owner": "that is {user}, who owns {opportunity}",
    "taken.previous assignee": "that is {user}, who had it before",
    "taken.user": "that is {user}",
    "taken.queue": "that is the queue {user}",
    "taken.keep": "that is the owner it has",
    "taken.pool": "it was {user}'s turn in the pool {pool}",
    "taken.pool.stays": "{user} of the pool {pool} has it already",
    "taken.pool.fewest": "{user} had the fewest open leads in the pool {pool}",
    "taken.pool.fit": "{user}'s skills fit best in the pool {pool}",
    "taken.pool.account": "{user} of the pool {pool} has a lead of the same account",
    "taken.pool.held": "that is the pool {pool}, but {why}, so it waits until {until}",
    # Why a target cannot take it.
    "refusal.no parent": "no owner of a parent of {account} is known",
    "refusal.no contact": "this person is not known as a contact for certain",
    "refusal.no opportunity": "no owner of an open opportunity is known",
    "refusal.no previous": "nobody has had this lead before",
    "refusal.gone": "whoever had it before is not among the users",
    "refusal.no row": "no row of the territory {territory} fits",
    "refusal.given up": "{user} has had this lead and must not get it again now",
    "refusal.paused": "{user} takes no leads at the moment",
    "refusal.paused.until": "{user} takes no leads until {until}",
    "refusal.closed": "{user} is {why}",
    "refusal.full": "{user} may not take more leads now ({why})",
    # The story.
    "story.outcome.waiting": "Result: it waits; the owner stays ({user}). {reason}",
    "story.refused": "      not to the {target}: {why}",
    "story.passed": "      not to {user}: {why}",
    "story.got": "Turn: {user} in the pool {pool}.",
    "story.got.share": "Turn: {user} in the pool {pool}; {got} received by now, {entitled} due by weight.",
    "story.timer.ask": "Then: the rules are asked again at {due}, or as soon as the lead changes.",
    "story.timer.remind": "Then: if nobody has acted by {due}, {user} is reminded.",
    "story.timer.tell": "Then: if nobody has acted by {due}, {to} is told.",
    "story.timer.reassign": "Then: if nobody has acted by {due}, it goes to somebody else.",
    "story.timer.return": "Then: if nobody has acted by {due}, it is routed anew without {user}.",
    "story.timer.idle": "Then: if nobody has worked on it by {due}, the rules are asked again.",
    "manager": "the manager of {user}",
    # Why whoever gets it is not told.
    "untold.task.rule": "No task: your rule “{rule}” says so.",
    "untold.task.install": "No task: your settings say so, and your rule “{rule}” leaves it open.",
    "untold.bell.rule": "No notification: your rule “{rule}” says so.",
    "untold.bell.install": "No notification: your settings say so, and your rule “{rule}” leaves it open.",
    "untold.bell.hours.rule": "No notification: {user} is not at work ({why}), and your rule “{rule}” rings nobody "
    "then.",
    "untold.bell.hours.install": "No notification: {user} is not at work ({why}), and your settings ring nobody then.",
    "untold.queue": "Nobody is told: {user} is a queue.",
    "untold.reminder.notification": "No task: your settings say that people are reminded by a notification alone.",
    "untold.reminder.task": "No notification: your settings say that people are reminded by a task alone.",
    "untold.merge.task": "No task: your settings say so.",
    "untold.merge.notify": "No notification: your settings say so.",
    # When nobody has acted.
    "escalation.remind": "Nobody has acted for {span}; {user} is reminded.",
    "escalation.tell": "Nobody has acted for {span}; {to} is told.",
    "escalation.no manager": "Nobody has acted for {span}, but {user} has no manager who could be told.",
    "escalation.no user": "Nobody has acted for {span}, but there is no user {to} who could be told.",
    "escalation.inactive": "Nobody has acted for {span}, but {to}, who should be told, is not active.",
    "escalation.title.remind": "Still waiting for you: {lead}",
    "escalation.title.tell": "Nobody has acted yet: {lead}",
    "escalation.holder": "{user} has the lead. {reason}",
    "span.minutes": "{count} minutes",
    "span.minute": "1 minute",
    "span.hours": "{count} hours",
    "span.hour": "1 hour",
    "span.days": "{count} days",
    "span.day": "1 day",
    "story.outcome.reminded": "Result: {reason}",
    "story.outcome.escalated": "Result: {reason}",
}
"""Id -> template with named places; part of rules.wording.words.SENTENCES."""
