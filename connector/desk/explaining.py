"""From whatever a supporter has in hand (a lead, its page, an event, a decision, a trace) to what was decided."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection

from connector.desk import typed
from connector.services import Services
from connector.store import aliases, codec, decisions, finding, letters
from connector.store.decisions import Stored
from connector.store.installs import Install
from connector.store.ledger import Entry
from connector.store.letters import Standing
from connector.telemetry import trace_id
from rules import explain as words
from rules.outcomes import ActionResult
from rules.wording import catalogue, retelling

_WORDS = re.compile(r"[A-Za-z0-9]+")
MOST = 25
"""Decisions that are told by an e-mail address or a domain, the newest: they are the page of one lead, or of few."""


def about(services: Services, install: Install, what: str) -> list[Stored]:
    """Return the decisions that this is about, newest first; none when nothing is known of it.

    `what` is a lead's id or the address of its page; its e-mail address, or ``@acme.com`` for all of a domain (the
    newest MOST); a decision's key; the id of an event, as Sentry's tag and the log have it; or the 32 hex digits of a
    trace, or a whole sentry-trace header. Raises Unusable for what is no e-mail address.
    """
    text, seal = what.strip(), services.seal(install)
    with services.database.read() as connection:
        if trace := typed.trace_of(text):
            return decisions.of_trace(connection, install.id, seal, trace)
        if "@" in text and "/" not in text:
            sought = typed.sought(connection, install, typed.Wanted(text=text))
            return finding.search(connection, install.id, seal, sought, limit=MOST)
        if (one := decisions.by_key(connection, install.id, seal, text)) is not None:
            return [one]
        found = _of_leads(connection, services, install, typed.ids(text))
        # The id of an event ends with that of its record in Salesforce, and holds it in HubSpot.
        for part in reversed(_WORDS.findall(text)) if not found and "/" not in text[:8] else ():
            found = found or _of_leads(connection, services, install, typed.ids(part))
        return found


def unanswered(services: Services, install: Install, what: str) -> list[Standing]:
    """Return the changes of a lead, of a trace or by an event's id that are not answered yet, oldest first."""
    text = what.strip()
    with services.database.read() as connection:
        if trace := typed.trace_of(text):
            return letters.about(connection, install.id, trace=trace)
        return letters.about(connection, install.id, records=typed.ids(text), event=text)


def told(services: Services, install: Install, stored: Stored) -> dict[str, Any]:
    """Return a decision as JSON values, with its story in English and where its trace is in Sentry."""
    with catalogue.speaking(catalogue.ENGLISH):
        made = retelling.told(stored.decision)
    pattern = services.settings.sentry_trace_url
    trace = trace_id(stored.trace) or made.trace_id
    return {
        "install": install.id,
        "decision": codec.plain(stored.decision),
        "state": stored.state,
        "reason": stored.reason,
        "created_at": stored.created_at.isoformat(),
        "settled_at": stored.settled_at.isoformat() if stored.settled_at else None,
        "actions": {name: codec.plain(entry) for name, entry in stored.ledger.items()},
        "story": words.story(made, results=_results(stored)),
        "page": f"{services.settings.public_url.rstrip('/')}/installs/{install.id}/decisions/{made.key}",
        "trace": trace,
        "trace_url": pattern.replace("{trace}", trace) if pattern and trace.isalnum() else "",
    }


def left(install: Install, standing: Standing) -> dict[str, Any]:
    """Return a change that is not answered yet as JSON values; no field of the record is among them."""
    letter = standing.letter
    return {
        "install": install.id,
        "change": letter.event.change,
        "kind": letter.event.kind,
        "record": letter.event.record_id,
        "event": letter.event.key,
        "state": standing.state,
        "reason": letter.reason,
        "attempts": letter.attempts,
        "received_at": letter.received_at.isoformat(),
        "not_before": standing.not_before.isoformat(),
        "trace": trace_id(letter.trace),
    }


def _results(stored: Stored) -> list[ActionResult]:
    """Return what became of each action; what is not written down of one that is not settled is still to be done."""
    left = Entry("done") if stored.state == "settled" else Entry("begun")
    found = [(each.key, stored.ledger.get(each.key, left)) for each in stored.decision.actions]
    return [
        ActionResult(key, "open" if entry.state == "begun" else entry.state, entry.ref, entry.detail)
        for key, entry in found
    ]


def _of_leads(connection: Connection, services: Services, install: Install, ids: list[str]) -> list[Stored]:
    """Return the decisions about a lead, under the id that it has now if it was merged."""
    seal = services.seal(install)
    ids = [*ids, *(each.new_id for each in aliases.of(connection, install.id, "lead", ids).values())]
    return [each for one in dict.fromkeys(ids) for each in decisions.of_lead(connection, install.id, seal, one)]
