"""From whatever a supporter has in hand (a lead, its page, an event, a decision, a trace) to what was decided."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection

from connector.desk import typed
from connector.services import Services
from connector.store import aliases, codec, decisions
from connector.store.decisions import Stored
from connector.store.installs import Install
from connector.telemetry import trace_id
from rules import explain as words

_TRACE = re.compile(r"[0-9a-f]{32}")
_WORDS = re.compile(r"[A-Za-z0-9]+")


def about(services: Services, install: Install, what: str) -> list[Stored]:
    """Return the decisions that this is about, newest first; none when nothing is known of it.

    `what` is a lead's id or the address of its page; a decision's key; the id of an event, as Sentry's tag and the log
    have it; or the 32 hex digits of a trace, or a whole sentry-trace header.
    """
    text, seal = what.strip(), services.seal(install)
    with services.database.read() as connection:
        if trace := trace_id(text) or (text if _TRACE.fullmatch(text) else ""):
            return decisions.of_trace(connection, install.id, seal, trace)
        if (one := decisions.by_key(connection, install.id, seal, text)) is not None:
            return [one]
        found = _of_leads(connection, services, install, typed.ids(text))
        # The id of an event ends with that of its record in Salesforce, and holds it in HubSpot.
        for part in reversed(_WORDS.findall(text)) if not found and "/" not in text[:8] else ():
            found = found or _of_leads(connection, services, install, typed.ids(part))
        return found


def told(services: Services, install: Install, stored: Stored) -> dict[str, Any]:
    """Return a decision as JSON values, with its story in words and where its trace is in Sentry."""
    made = stored.decision
    pattern = services.settings.sentry_trace_url
    trace = trace_id(stored.trace) or made.trace_id
    return {
        "install": install.id,
        "decision": codec.plain(made),
        "state": stored.state,
        "reason": stored.reason,
        "created_at": stored.created_at.isoformat(),
        "settled_at": stored.settled_at.isoformat() if stored.settled_at else None,
        "actions": {name: codec.plain(entry) for name, entry in stored.ledger.items()},
        "story": words.story(made),
        "trace": trace,
        "trace_url": pattern.replace("{trace}", trace) if pattern and trace.isalnum() else "",
    }


def _of_leads(connection: Connection, services: Services, install: Install, ids: list[str]) -> list[Stored]:
    """Return the decisions about a lead, under the id that it has now if it was merged."""
    seal = services.seal(install)
    ids = [*ids, *(each.new_id for each in aliases.of(connection, install.id, "lead", ids).values())]
    return [each for one in dict.fromkeys(ids) for each in decisions.of_lead(connection, install.id, seal, one)]
