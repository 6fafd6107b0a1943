"""Activity: finding decisions by anything that is known of a lead, and the whole story of one.

Decisions are found for as long as they are kept (DECISION_DAYS); the audits in the CRM go back further.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from connector.desk import log, retelling, typed
from connector.desk.faults import NotThere
from connector.desk.stories import Story, tell
from connector.desk.typed import Wanted
from connector.services import Services
from connector.store import aliases, assignments, decisions, finding, letters, responses, rulesets, timers, unfinished
from connector.store.aliases import Alias
from connector.store.assignments import Assignment
from connector.store.decisions import Stored
from connector.store.installs import Install
from connector.store.letters import Standing
from connector.store.timers import Waiting
from rules.decide import is_merging
from rules.ruleset import RuleSetError, load

__all__ = ["Cursor", "Found", "LeadStory", "Wanted", "find", "lead", "retry", "rule_names", "story"]

PAGE = 25
"""Decisions a page."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: after the decision of this moment and key."""

    moment: datetime
    key: str


@dataclass(frozen=True, slots=True)
class Found:
    """A page of decisions, newest first, and where the next one begins (None: that is all).

    `lead` is the id of the lead that was asked for, if it was one: by its id, or as the only one of a trace or key.
    `letters` are changes of what was asked for that are not answered yet, where nothing was decided about it.
    """

    decisions: tuple[Stored, ...]
    older: Cursor | None
    lead: str = ""
    letters: tuple[Standing, ...] = ()


@dataclass(frozen=True, slots=True)
class LeadStory:
    """All that is known of a lead: its decisions in the order they were made (`stories`), and the one to begin with.

    `became` says which record it is part of now. `waiting` are its timers, `had` who had it; `undone` are the keys of
    the decisions that were taken back.
    """

    lead_id: str
    name: str
    stories: tuple[Story, ...]
    latest: Story
    became: Alias | None
    waiting: tuple[Waiting, ...]
    had: tuple[Assignment, ...]
    undone: frozenset[str]


def find(
    services: Services, install: Install, wanted: Wanted, *, after: Cursor | None = None, limit: int = PAGE
) -> Found:
    """Return the newest decisions that are wanted, a page at a time. Raises Unusable for what cannot be looked for."""
    place = (after.moment, after.key) if after else None
    with services.database.read() as connection:
        sought = typed.sought(connection, install, wanted)
        rows = finding.search(connection, install.id, services.seal(install), sought, limit=limit + 1, after=place)
        standing = () if rows or after else _unanswered(connection, install, wanted.lead or wanted.text, sought.trace)
    shown = rows[:limit]
    last = shown[-1] if len(rows) > limit else None
    leads = sought.leads[:1] or {each.decision.lead.id for each in rows if sought.key or sought.trace}
    return Found(
        tuple(map(retelling.decision, shown)),
        Cursor(last.created_at, last.decision.key) if last else None,
        next(iter(leads)) if len(leads) == 1 else "",
        standing,
    )


def story(services: Services, install: Install, key: str) -> Story:
    """Return the story of one decision. Raises NotThere."""
    with services.database.read() as connection:
        stored = decisions.by_key(connection, install.id, services.seal(install), key)
        if stored is None:
            raise NotThere("There is no such decision here.")
        return _told(connection, install, stored)


def lead(services: Services, install: Install, lead_id: str) -> LeadStory:
    """Return all that is known of a lead, by its id or the address of its page. Raises NotThere."""
    seal = services.seal(install)
    with services.database.read() as connection:
        ids = typed.ids(lead_id)
        found = [each for one in ids for each in decisions.of_lead(connection, install.id, seal, one)]
        became = aliases.of(connection, install.id, "lead", ids)
        alias = next(iter(became.values()), None)
        if not found and alias is not None:
            found = decisions.of_lead(connection, install.id, seal, alias.new_id)
        if not found:
            raise NotThere("No decision about this lead is kept here.")
        made = sorted(found, key=lambda each: (each.created_at, each.decision.key))
        own = {each.decision.lead.id for each in made}
        stories = tuple(_told(connection, install, each) for each in made)
        had = [
            row
            for mode in sorted({each.decision.mode for each in made})
            for rows in assignments.of_leads(connection, install.id, own, mode=mode).values()
            for row in rows
        ]
        waiting = [one for each in sorted(own) for one in timers.of_lead(connection, install.id, each)]
    latest = next((each for each in reversed(stories) if _routes(each.stored)), stories[-1])
    return LeadStory(
        lead_id=latest.decision.lead.id,
        name=latest.name,
        stories=stories,
        latest=latest,
        became=alias,
        waiting=tuple(each for each in waiting if each.state == "waiting"),
        had=tuple(sorted(had, key=lambda row: row.at)),
        undone=frozenset(each.decision.undoes for each in made if each.decision.undoes),
    )


def retry(services: Services, install: Install, key: str, *, by: str) -> int:
    """Try what a parked decision could not do again; what was done stays done. Return how many. Raises NotThere."""
    with services.database.write() as connection:
        if decisions.by_key(connection, install.id, services.seal(install), key) is None:
            raise NotThere("There is no such decision here.")
        count = unfinished.retry_parked(connection, install.id, now=services.clock(), key=key)
    services.ring(install.id)
    log.note(services, install, by=by, did="decision retried", about=key)
    return count


def rule_names(services: Services, install: Install) -> tuple[str, ...]:
    """Return the names of the rules in force, in their order; none when they cannot be read."""
    with services.database.read() as connection:
        live = rulesets.get(connection, install.id, services.seal(install))
    try:
        return tuple(each.name for each in load(live.sources).rules) if live and live.version else ()
    except RuleSetError:
        return ()


def _unanswered(connection: Connection, install: Install, text: str, trace: str) -> tuple[Standing, ...]:
    """Return what waits or stands still of the lead or the trace that was typed, told."""
    records = [] if trace or not typed.is_record(text) else typed.ids(text)
    found = letters.about(connection, install.id, records=records, trace=trace) if records or trace else []
    return tuple(replace(each, letter=retelling.letter(each.letter)) for each in found)


def _told(connection: Connection, install: Install, stored: Stored) -> Story:
    key = stored.decision.key
    awaited = responses.of_decision(connection, install.id, key)
    return tell(retelling.decision(stored), awaited, finding.done_at(connection, install.id, key))


def _routes(stored: Stored) -> bool:
    """Whether a decision says where the lead goes: it does not just tell somebody, or merge records."""
    return not stored.part_of and not is_merging(stored.decision.key)
