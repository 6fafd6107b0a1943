"""The action of HubSpot's workflows "Route with Switchyard": the record of the workflow is routed like a new one.

HubSpot calls at its own pace and once more after an error, so an execution is answered as soon as its letter is stored.
What came of it stands on the record (our properties) and in its audit. [U] That an execution may be blocked until a
callback ends it is not verified, nor whether it is signed by v3 or by v2: both are taken (:func:`signed.workflow`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import structlog
from flask import Blueprint
from flask.typing import ResponseReturnValue

from connector import telemetry
from connector.store import letters
from connector.web import signed
from connector.web.access import services
from connector.web.signed import refuse
from rules.model import Event
from rules.wording.words import say

log = structlog.get_logger()
hubspot_actions = Blueprint("hubspot_actions", __name__, url_prefix="/hubspot/actions")
signed.explain(hubspot_actions)

ROUTED: Mapping[str, str] = {
    "CONTACT": signed.CONTACTS,
    signed.CONTACTS: signed.CONTACTS,
    "LEAD": signed.LEADS,
    signed.LEADS: signed.LEADS,
}
"""How an execution may name the type of its record, and that type's id. [U] ``LEAD``, by analogy with ``CONTACT``."""
QUEUED = "queued"
CALLBACK_LENGTH = 500
"""Longest callback id that is taken; HubSpot's are about thirty characters."""


@hubspot_actions.post("/route")
def route() -> ResponseReturnValue:
    """Have a workflow's record routed: 200 with the output fields, 4xx when it will never work, 503 come again.

    The letter says that the record is new: it is routed when we have not decided about it, or it has changed since. So
    an execution that HubSpot repeats routes once.
    """
    sent = signed.workflow()
    install = signed.install_of(_id(_part(sent, "origin"), "portalId"))
    if install.status == "revoked":
        refuse(404, say("page.withdrawn"))
    about = _part(sent, "object")
    if ROUTED.get(str(about.get("objectType"))) != signed.routed(install):
        refuse(400, f"{signed.only(install)} Use this action in a workflow of these.")
    here, record_id = services(), _id(about, "objectId")
    now = here.clock()
    event = Event(_key(sent.get("callbackId"), record_id), "lead", record_id, "created", now)
    with here.database.write() as connection:
        new = letters.receive(connection, install.id, [event], now=now, trace=telemetry.traceparent())
    if new:
        here.ring(install.id)
    log.info("workflow asks", install=install.id, new=new)
    return {"outputFields": {"outcome": QUEUED, "owner": "", "rule": "", "account": ""}}


def _key(callback_id: Any, record_id: str) -> str:
    """Name the execution: every attempt of HubSpot's has the same callback id. Aborts with 400."""
    if not isinstance(callback_id, str) or not 0 < len(callback_id) <= CALLBACK_LENGTH:
        refuse(400, "callbackId is missing or not an id.")
    name = hashlib.sha256(callback_id.encode("utf-8", "surrogatepass")).hexdigest()
    return f"workflow:{record_id}:{name}"


def _part(sent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = sent.get(name)
    if not isinstance(found, dict):
        refuse(400, f"{name} is missing or not an object.")
    return found


def _id(part: Mapping[str, Any], name: str) -> str:
    """Return an id, which HubSpot sends as a number or as text. Aborts with 400."""
    value = part.get(name)
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not signed.ID.fullmatch(text):
        refuse(400, f"{name} is missing or not an id.")
    return text
