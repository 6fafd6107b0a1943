"""What HubSpot's cards and settings page call: the cards of records and companies, requests, settings.

Every call is signed by HubSpot (connector/web/signed.py) and sees the one portal that the signature names. Nothing is
done in the request itself: what people ask for is stored with a letter, and a worker does it (docs/decisions/0018).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, cast

import structlog
from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from connector import telemetry
from connector.errors import Next
from connector.store import asked, cards, decisions, installs, letters
from connector.store.asked import Request
from connector.store.installs import Install
from connector.web import directory, hubspot_card, hubspot_settings, hurry, signed
from connector.web.access import services
from connector.web.console import MODES
from connector.web.hubspot_card import Known
from connector.web.signed import Caller, refuse
from connector.web.story import lead_name
from connector.web.words import iso
from jobs.past import account_hash
from jobs.requests import UNDO, WRONG_MATCH, WRONG_OWNER
from rules.model import Decision, Event, Mode, User

log = structlog.get_logger()
hubspot_ui = Blueprint("hubspot_ui", __name__, url_prefix="/hubspot")
signed.explain(hubspot_ui)

LEADS_SHOWN = 25
"""Leads on the card of a company, the latest."""
NOTE_LENGTH = 1000
"""Characters that people may write with a request; the audit has them."""
REQUESTS = (WRONG_MATCH, WRONG_OWNER, UNDO)
SENT = "Your request was sent. It is carried out in a few seconds."
RESTS = "Your request was taken down. It is carried out when Switchyard works again in this portal."
_KEY = re.compile(r"[!-~]{1,120}", re.ASCII)


@hubspot_ui.get("/cards/record")
def record() -> ResponseReturnValue:
    """Return the card of a record: `objectTypeId` and `objectId` say which."""
    asks = _serving(signed.caller())
    lead_id = signed.one("objectId")
    if request.args.get("objectTypeId", "") != signed.routed(asks.install):
        return {**hubspot_card.SPEECHLESS, "state": "unknown", "reason": signed.only(asks.install)}
    user = _reader(asks)
    with services().database.read() as connection:
        known = hubspot_card.known(connection, asks.install, lead_id)
        may = hubspot_card.may_ask(connection, known, asks, user)
    return hubspot_card.told(known, may=may)


@hubspot_ui.post("/cards/request")
def ask() -> ResponseReturnValue:
    """Take down what somebody asks for: 202; 403 when it is not theirs to ask, 409 when it cannot be done now, or 503.

    The same request about the same decision, sent once more, is answered as it was and changes nothing.
    """
    asks = _serving(signed.caller())
    wish = _wish(signed.body(), asks.install)
    user = _user(asks)
    here, install = services(), asks.install
    with here.database.write() as connection:
        known = hubspot_card.known(connection, install, wish.lead_id)
        if user is None or not hubspot_card.may_ask(connection, known, asks, user):
            refuse(403, "Only the owner of this record or an administrator of Switchyard can ask for this.")
        if not _is_repeated(known.request, wish, user):
            _take_down(connection, known, wish, user)
    here.ring(install.id)
    log.info("requested", install=install.id, decision=wish.decision, what=wish.what, by=asks.user_id)
    return {"status": "accepted", "message": SENT if install.status == "active" else RESTS}, 202


@hubspot_ui.get("/cards/company")
def company() -> ResponseReturnValue:
    """Return the card of a company (`objectId`): the leads of it that somebody has by us, the latest first."""
    install = _serving(signed.caller()).install
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
            "name": lead_name(made.lead),
            "owner": _name(made.route.assignee, row.user_id),
            "decided_at": iso(made.decided_at),
            "confidence": round(made.match.confidence, 4),
            "duplicate_of": _duplicate(made),
        }
        for row, made in found
    ]
    return {"leads": leads, "total": total}


@hubspot_ui.get("/settings")
def settings() -> ResponseReturnValue:
    """Return what the settings page shows."""
    asks = signed.caller()
    return hubspot_settings.told(asks.install, may_change=_is_admin(asks))


@hubspot_ui.put("/settings/mode")
def set_mode() -> ResponseReturnValue:
    """Switch the mode (`mode`); only an administrator may, as the console knows them."""
    asks = _serving(signed.caller())
    mode = signed.body().get("mode")
    if mode not in MODES:
        refuse(400, f"The mode is one of {', '.join(MODES)}.")
    if not _is_admin(asks):
        refuse(403, "Sign in to the console of Switchyard as an administrator of this portal, then try again.")
    with services().database.write() as connection:
        installs.set_mode(connection, asks.install.id, cast("Mode", mode))
    log.info("mode set", install=asks.install.id, mode=mode, before=asks.install.mode, by=asks.user_id)
    return {"mode": mode}


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
        refuse(409, "Somebody has asked for something on this record already. Wait until that is done.")
    last = known.last.decision if known.last else None
    if last is None or last.key != wish.decision:
        refuse(409, "Switchyard has decided about this record again since. Look at it once more.")
    if wish.what not in known.can():
        refuse(409, "There is nothing of this decision that could be changed in that way.")
    request_ = Request(wish.lead_id, wish.what, user.id, wish.decision, now, note=wish.note)
    if not asked.put(connection, install.id, services().seal(install), request_):
        refuse(409, "Somebody else was faster. Look at the record once more.")
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


def _serving(asks: Caller) -> Caller:
    """Return the caller. Aborts with 404 when their portal has withdrawn our right to what we know of it."""
    if asks.install.status == "revoked":
        refuse(404, "Switchyard is not connected to this portal any more.")
    return asks


def _user(asks: Caller) -> User | None:
    """Return who calls as a user that can own records, None when there is none. Raises what the CRM raises."""
    here, install = services(), asks.install
    return hurry.run(lambda: directory.member(here, install, asks.user_id))


def _reader(asks: Caller) -> User | None:
    """Return who looks at a card, as :func:`_user` does; None also when nobody says so now."""
    try:
        return _user(asks)
    except Next as error:
        log.warning("nobody says who asks", install=asks.install.id, reason=str(error))
        return None


def _is_admin(asks: Caller) -> bool:
    with services().database.read() as connection:
        return cards.is_admin(connection, asks.install.id, asks.user_id, now=services().clock())


def _duplicate(made: Decision) -> dict[str, str] | None:
    """Return the older record of the same person, by its id: its name is not known here."""
    verdict = made.duplicate
    return {"id": verdict.of_id, "name": verdict.of_id} if verdict.status == "same" and verdict.of_id else None


def _name(user: User | None, user_id: str) -> str:
    return user.name if user is not None and user.id == user_id else user_id
