"""What HubSpot's cards call: the cards of records and companies, and requests.

Every call is signed by HubSpot (connector/web/signed.py) and sees the one portal that the signature names. Nothing is
done in the request itself: what people ask for is stored with a letter, and a worker does it (docs/decisions/0018).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from connector import telemetry
from connector.hubspot.fields import CONTACT_ID
from connector.store import asked, cards, decisions, letters
from connector.store.asked import Request
from connector.store.assignments import Assignment
from connector.store.installs import Install
from connector.web import hubspot_card, hubspot_people, signed
from connector.web.access import services
from connector.web.hubspot_card import Known
from connector.web.hubspot_people import serving
from connector.web.signed import refuse
from connector.web.story import lead_name
from connector.web.words import iso
from jobs.past import account_hash
from jobs.requests import UNDO, WRONG_MATCH, WRONG_OWNER
from rules.model import Decision, Event, User
from rules.wording.words import say

log = structlog.get_logger()
hubspot_ui = Blueprint("hubspot_ui", __name__, url_prefix="/hubspot")
signed.explain(hubspot_ui)

LEADS_SHOWN = 25
"""Leads on the card of a company, the latest."""
NOTE_LENGTH = 1000
"""Characters that people may write with a request; the audit has them."""
REQUESTS = (WRONG_MATCH, WRONG_OWNER, UNDO)
_KEY = re.compile(r"[!-~]{1,120}", re.ASCII)


@hubspot_ui.get("/cards/record")
def record() -> ResponseReturnValue:
    """Return the card of a record: `objectTypeId` and `objectId` say which."""
    asks = serving(signed.caller())
    lead_id = signed.one("objectId")
    if request.args.get("objectTypeId", "") != signed.routed(asks.install):
        return {**hubspot_card.SPEECHLESS, "state": "unknown", "reason": signed.only(asks.install)}
    user = hubspot_people.reader(asks)
    with services().database.read() as connection:
        known = hubspot_card.known(connection, asks.install, lead_id)
        may = hubspot_card.may_ask(connection, known, asks, user)
    return hubspot_card.told(known, may=may)


@hubspot_ui.post("/cards/request")
def ask() -> ResponseReturnValue:
    """Take down what somebody asks for: 202; 403 when it is not theirs to ask, 409 when it cannot be done now, or 503.

    The same request about the same decision, sent once more, is answered as it was and changes nothing.
    """
    asks = serving(signed.caller())
    wish = _wish(signed.body(), asks.install)
    user = hubspot_people.user(asks)
    here, install = services(), asks.install
    with here.database.write() as connection:
        known = hubspot_card.known(connection, install, wish.lead_id)
        if user is None or not hubspot_card.may_ask(connection, known, asks, user):
            refuse(403, say("card.not theirs"))
        if not _is_repeated(known.request, wish, user):
            _take_down(connection, known, wish, user)
    here.ring(install.id)
    log.info("requested", install=install.id, decision=wish.decision, what=wish.what, by=asks.user_id)
    return {"status": "accepted", "message": say("card.sent" if install.status == "active" else "card.rests")}, 202


@hubspot_ui.get("/cards/company")
def company() -> ResponseReturnValue:
    """Return the card of a company (`objectId`): the leads of it that somebody has by us, the latest first.

    `proposed`: in this mode nobody gets a lead; the owners are those who would.
    """
    install = serving(signed.caller()).install
    here = services()
    seal = here.seal(install)
    account = account_hash(seal, signed.one("objectId"))
    with here.database.read() as connection:
        rows, total = cards.leads_of_account(connection, install.id, account, mode=install.mode, limit=LEADS_SHOWN)
        stored = decisions.by_keys(connection, install.id, seal, [each.decision_key for each in rows])
    found = [(each, stored[each.decision_key].decision) for each in rows if each.decision_key in stored]
    leads = [
        {
            "id": row.lead_id,
            "type": _type(row, made, install),
            "name": lead_name(made.lead),
            "owner": _name(made.route.assignee, row.user_id),
            "decided_at": iso(made.decided_at),
            "confidence": round(made.match.confidence, 4),
            "duplicate_of": _duplicate(row, made, install),
        }
        for row, made in found
    ]
    return {"leads": leads, "total": total, "proposed": install.mode != "act"}


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a card sent: which lead, which decision was on the card, what is asked for, and what the person wrote."""

    lead_id: str
    decision: str
    what: str
    note: str


def _wish(sent: dict[str, Any], install: Install) -> _Wish:
    """Read the body of a request. Aborts with 400, or 409 when it is about a record that is not routed."""
    object_id, decision, what = sent.get("objectId"), sent.get("decision"), sent.get("request")
    if isinstance(object_id, int) and not isinstance(object_id, bool):
        object_id = str(object_id)
    if not isinstance(object_id, str) or not signed.ID.fullmatch(object_id):
        refuse(400, "objectId is missing or not an id.")
    if not isinstance(decision, str) or not _KEY.fullmatch(decision):
        refuse(400, "decision is missing or not a key.")
    if what not in REQUESTS:
        refuse(400, f"request is one of {', '.join(REQUESTS)}.")
    if sent.get("objectTypeId") != signed.routed(install):
        refuse(409, signed.only(install))
    return _Wish(object_id, decision, str(what), _note(sent.get("note", "")))


def _note(given: Any) -> str:
    """Return what a person wrote, in one line. Aborts with 400."""
    if not isinstance(given, str) or len(given) > NOTE_LENGTH:
        refuse(400, f"note is a text of {NOTE_LENGTH} characters at most.")
    return " ".join("".join(each if each.isprintable() else " " for each in given).split())


def _take_down(connection: Connection, known: Known, wish: _Wish, user: User) -> None:
    """Store a request with the letter that has it heard. Aborts with 409 when it cannot be done now."""
    now, install = services().clock(), known.install
    if known.request is not None and known.request.pending:
        refuse(409, say("card.pending"))
    last = known.last.decision if known.last else None
    if last is None or last.key != wish.decision:
        refuse(409, say("card.older"))
    if wish.what not in known.can():
        refuse(409, say("card.nothing"))
    request_ = Request(wish.lead_id, wish.what, user.id, wish.decision, now, note=wish.note)
    if not asked.put(connection, install.id, services().seal(install), request_):
        refuse(409, say("card.faster"))
    # Not before the change that the last decision has seen: the drain passes over older letters.
    at = max(now, last.lead.modified_at or now)
    event = Event(
        f"asked:{wish.what}:{wish.decision}:{now.isoformat()}", "lead", wish.lead_id, "updated", at, ("request",)
    )
    letters.receive(connection, install.id, [event], now=now, trace=telemetry.traceparent())


def _is_repeated(before: Request | None, wish: _Wish, user: User) -> bool:
    """Whether this very request was taken down before, and is not refused."""
    if before is None or before.refused:
        return False
    return (before.what, before.decision, before.user_id) == (wish.what, wish.decision, user.id)


def _type(row: Assignment, made: Decision, install: Install) -> str:
    """Return HubSpot's id of the type that a lead was of when it was decided about: the portal may route others by now.

    A HubSpot lead is read with its contact, a contact has none.
    """
    if install.routes == "contacts" and install.routes_since is None:
        return signed.CONTACTS
    if made.lead.fields.get(CONTACT_ID):
        return signed.LEADS
    is_of_now = install.routes_since is None or row.at >= install.routes_since
    return signed.routed(install) if is_of_now else signed.CONTACTS


def _duplicate(row: Assignment, made: Decision, install: Install) -> dict[str, str] | None:
    """Return the older record of the same person, by its id: its name is not known here."""
    verdict = made.duplicate
    if verdict.status != "same" or not verdict.of_id:
        return None
    type_ = signed.CONTACTS if verdict.of_kind == "contact" else _type(row, made, install)
    return {"id": verdict.of_id, "type": type_, "name": verdict.of_id}


def _name(user: User | None, user_id: str) -> str:
    return user.name if user is not None and user.id == user_id else user_id
