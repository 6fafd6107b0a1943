"""What the card of one record says: account, who, why, since when, and what its reader may ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from connector.crm import Crm
from connector.desk import retelling
from connector.errors import Next
from connector.index import Index
from connector.store import asked, assignments, cards, histories, responses
from connector.store.asked import Request
from connector.store.assignments import Assignment, holding
from connector.store.decisions import Stored
from connector.store.histories import History
from connector.store.installs import Install
from connector.store.responses import Awaited
from connector.web import hurry
from connector.web.access import services
from connector.web.signed import Caller
from connector.web.words import iso, record_url
from jobs.requests import UNDO, WRONG_MATCH, WRONG_OWNER
from rules import undo
from rules.labels import is_label
from rules.model import Candidate, Decision, User
from rules.wording.retold import retold
from rules.wording.words import say

LIKELY = ((0.95, "card.likely.very"), (0.8, "card.likely"), (0.5, "card.likely.possible"))
"""Confidence from which on a match is called that; below the last one it is unlikely."""
STATES: Mapping[str, str] = {"waiting": "waiting", "ignored": "excluded", "undone": "excluded", "refused": "unknown"}
"""What the card calls a decision by its outcome; every other one has routed the record."""
PROPOSED = frozenset({"observed", "suggested"})
"""Outcomes that name who would get the record: nobody has got it."""
CLUES = 5
"""Pieces of evidence on a card."""
SPEECHLESS: Mapping[str, Any] = {
    "account": None,
    "confidence": None,
    "confidence_words": "",
    "why": [],
    "runners_up": [],
    "owner": None,
    "proposed": False,
    "rule": "",
    "decided_at": None,
    "since": None,
    "response": {"status": "none", "minutes": None, "due_at": None},
    "decision": "",
    "can": [],
    "pending": None,
    "refused": None,
    "story_url": "",
}
"""A card about which nothing is known."""


@dataclass(frozen=True, slots=True)
class Known:
    """All that our database has about one record. `owner_id` is who had it when it was last read, "" when nobody."""

    install: Install
    lead_id: str
    history: History
    request: Request | None
    held: Assignment | None
    awaited: Awaited | None
    owner_id: str
    coming: bool

    @property
    def last(self) -> Stored | None:
        """The latest decision."""
        return next(iter(self.history.decisions), None)

    def can(self) -> tuple[str, ...]:
        """Return what can be asked for; jobs/requests.py has the last word, with the record read again."""
        if self.last is None or (self.request is not None and self.request.pending):
            return ()
        decision, acts = self.last.decision, self.install.mode != "observe"
        undone = self.history.undone()
        gave = (each.decision for each in self.history.decisions if undo.is_effective(each.decision))
        found = {
            WRONG_MATCH: decision.match.account is not None and decision.outcome != "undone",
            WRONG_OWNER: acts and self.held is not None,
            UNDO: acts and any(each.key not in undone for each in gave),
        }
        return tuple(name for name, holds in found.items() if holds)


def known(connection: Connection, install: Install, lead_id: str) -> Known:
    """Read what we have about a record."""
    seal = services().seal(install)
    history = histories.of_leads(connection, install.id, seal, [lead_id])[lead_id]
    rows = assignments.of_leads(connection, install.id, [lead_id], mode=install.mode).get(lead_id, [])
    last = next(iter(history.decisions), None)
    lead = Index(connection, install.id, seal).get("lead", [lead_id]).get(lead_id)
    return Known(
        install=install,
        lead_id=lead_id,
        history=history,
        request=asked.of_lead(connection, install.id, seal, lead_id),
        held=holding(rows),
        awaited=responses.of_decision(connection, install.id, last.decision.key) if last else None,
        owner_id=(lead.owner_id or "") if lead else "",
        coming=cards.is_coming(connection, install.id, lead_id),
    )


def may_ask(connection: Connection, of: Known, caller: Caller, user: User | None) -> bool:
    """Whether this person may ask for something: whoever has the record, or an administrator of the portal."""
    if user is None:
        return False
    if user.id == of.owner_id or (of.held is not None and user.id == of.held.user_id):
        return True
    return cards.is_admin(connection, of.install.id, caller.user_id, now=services().clock())


def told(of: Known, *, may: bool) -> dict[str, Any]:
    """Return the card as JSON; `may`: its reader may ask for something."""
    if of.last is None:
        return _unknown(of)
    stored, install = of.last, of.install
    decision = stored.decision
    state = "waiting" if stored.state == "intended" else STATES.get(decision.outcome, "routed")
    return {
        **SPEECHLESS,
        **_match(decision, install),
        "state": "unknown" if stored.state == "parked" and of.held is None else state,
        "owner": _owner(decision),
        "proposed": decision.outcome in PROPOSED,
        "rule": decision.route.rule,
        "decided_at": iso(decision.decided_at),
        "since": iso(of.held.at if of.held else decision.decided_at),
        "response": _response(of.awaited),
        "reason": retelling.reason(stored.reason) if stored.state == "parked" else _reason(decision),
        "decision": decision.key,
        "can": list(of.can()) if may else [],
        "pending": _pending(of.request),
        "refused": _refused(of.request),
        "story_url": f"{services().settings.public_url}/installs/{install.id}/decisions/{decision.key}",
    }


def _match(decision: Decision, install: Install) -> dict[str, Any]:
    match = decision.match
    if match.account is None or decision.outcome == "undone":
        return {"why": [_why(decision)] if match.reason and decision.outcome != "undone" else []}
    account, said = match.account, decision.language
    return {
        "account": {
            "id": account.account_id,
            "name": account.name,
            "url": record_url(install, "account", account.account_id),
        },
        "confidence": round(account.confidence, 4),
        "confidence_words": likely(account.confidence),
        "why": _clues(account, said) or [_why(decision)],
        "runners_up": [
            {
                "id": each.account_id,
                "name": each.name,
                "confidence": round(each.confidence, 4),
                "why": next(iter(_clues(each, said)), ""),
            }
            for each in match.runners_up
        ],
    }


def likely(confidence: float) -> str:
    """Return a confidence (0 to 1) in words."""
    return say(next((words for limit, words in LIKELY if confidence >= limit), "card.likely.not"))


def _clues(account: Candidate, said: str) -> list[str]:
    """Return what speaks for an account, the weightiest first; `said` is the language in which it was told."""
    ordered = sorted(account.evidence, key=lambda each: -each.weight)
    found = [each for each in ordered if each.weight > 0][:CLUES]
    return [retold(each.text, f"clue.{each.kind}", "evidence", said=said) for each in found]


def _why(decision: Decision) -> str:
    """Return why this account or none; who decided before the evidence (a review, a rule) is told as it was said."""
    return retold(decision.match.reason, "match", "pair", "tie", said=decision.language)


def _reason(decision: Decision) -> str:
    return retold(decision.route.reason, "reason", "request", "escalation", "undo", said=decision.language)


def _owner(decision: Decision) -> dict[str, str] | None:
    taker = decision.route.assignee
    return {"id": taker.id, "name": taker.name} if taker and decision.outcome != "undone" else None


def _response(awaited: Awaited | None) -> dict[str, Any]:
    if awaited is None:
        return {"status": "none", "minutes": None, "due_at": None}
    return {"status": awaited.status, "minutes": awaited.minutes, "due_at": iso(awaited.due_at)}


def _pending(request: Request | None) -> dict[str, str] | None:
    if request is None or not request.pending:
        return None
    return {"request": request.what, "since": iso(request.asked_at)}


def _refused(request: Request | None) -> dict[str, str] | None:
    """Return why the last request was not done, until another one is."""
    if request is None or request.answered_at is None or not request.refused:
        return None
    return {"request": request.what, "why": retold(request.refused, "request.refused"), "at": iso(request.answered_at)}


def _unknown(of: Known) -> dict[str, Any]:
    """Return the card of a record of which we have no decision: it is new, or only its audits in HubSpot tell."""
    if of.coming:
        return {**SPEECHLESS, "state": "waiting", "reason": say("card.coming")}
    try:
        rows = hurry.ask(services(), of.install, lambda crm: _audits(crm, of.lead_id))
    except Next:
        return {**SPEECHLESS, "state": "unknown", "reason": say("card.forgotten")}
    if not rows:
        return {**SPEECHLESS, "state": "unknown", "reason": say("card.unseen")}
    return _audited(rows[0], of)


def _audits(crm: Crm, lead_id: str) -> tuple[Mapping[str, str], ...]:
    return tuple(row for row in crm.audits(lead_id) if not is_label(row.get("key", "")))


def _audited(row: Mapping[str, str], of: Known) -> dict[str, Any]:
    """Return what an audit record tells; nothing can be asked for, as what it did is not known any more."""
    account_id, assignee = row.get("account_id", ""), row.get("assignee_id", "")
    confidence = _number(row.get("confidence", ""))
    account = {"id": account_id, "name": account_id, "url": record_url(of.install, "account", account_id)}
    return {
        **SPEECHLESS,
        "state": STATES.get(row.get("outcome", ""), "routed"),
        "account": account if account_id else None,
        "confidence": confidence if account_id else None,
        "confidence_words": likely(confidence) if account_id and confidence is not None else "",
        "why": [line for line in row.get("story", "").splitlines() if line.strip()][:CLUES],
        "owner": {"id": assignee, "name": assignee} if assignee else None,
        "proposed": row.get("outcome") in PROPOSED,
        "rule": row.get("rule", ""),
        "decided_at": row.get("decided_at") or None,
        "since": row.get("decided_at") or None,
        "response": {
            "status": row.get("response_status") or "none",
            "minutes": _number(row.get("response_minutes", "")),
            "due_at": row.get("response_due_at") or None,
        },
        "reason": row.get("reason", ""),
    }


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
