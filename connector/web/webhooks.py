"""Where a HubSpot event enters: verified, parsed, stored in one transaction; then 204, and a worker is woken.

Only a 2xx tells HubSpot that we have a delivery; on anything else it delivers again (10 times over 24 hours). So 204
is said after the commit and never before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog
from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from connector import telemetry
from connector.hubspot import events, signatures
from connector.store import erasures, installs, letters
from connector.store.installs import Install
from connector.web.access import services

log = structlog.get_logger()
webhooks = Blueprint("webhooks", __name__, url_prefix="/webhooks")

SIGNATURE = "X-HubSpot-Signature-v3"
TIMESTAMP = "X-HubSpot-Request-Timestamp"


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a delivery: which installs to ring, how many events were new, which portals are not ours."""

    ring: tuple[str, ...]
    new: int
    dropped: tuple[str, ...]


@webhooks.post("/hubspot")
def hubspot() -> ResponseReturnValue:
    """Take one delivery: 204 stored, 401 not HubSpot's, 400 not understood, 413 too long, 503 come again.

    Items that make no sense are left out and named in the log: sent again they would make no more.
    """
    here = services()
    body, now = _body(here.settings.webhook_max_bytes), here.clock()
    try:
        _verify(body, now)
        delivery = events.parse(body, app_id=here.settings.hubspot_app_id, received_at=now)
        received = _store(delivery, now)
    except signatures.BadSignature as error:
        log.warning("webhook refused", crm="hubspot", reason=str(error))
        return "", 401
    except events.BadBatch as error:
        log.warning("webhook not understood", crm="hubspot", reason=str(error))
        return f"{error}\n", 400, {"Content-Type": "text/plain; charset=utf-8"}
    except SQLAlchemyError as error:
        log.error("webhook not stored", crm="hubspot", error=type(error).__name__)  # noqa: TRY400 - it holds values
        telemetry.report(error)
        return "", 503, {"Retry-After": "30"}
    for install_id in received.ring:
        here.ring(install_id)
    _note(delivery, received)
    return "", 204


def _body(limit: int) -> bytes:
    """Read the raw body. Aborts with 413 when it is longer than `limit`.

    A body in chunks tells no length beforehand, and Werkzeug silently cuts it off at its limit: so ask for one byte
    more than is allowed, and see whether it is there.
    """
    request.max_content_length = limit + 1
    body = request.get_data(cache=False)
    if len(body) > limit:
        abort(413)
    return body


def _verify(body: bytes, now: datetime) -> None:
    """Check the signature against the address we gave HubSpot: what a proxy says about the request is not asked.

    HubSpot signs with the same secret what a user's own browser asks for through `hubspot.fetch`, and adds a query. Its
    deliveries have none, so an address with a query may carry whatever that user wrote.
    """
    if request.query_string:
        raise signatures.BadSignature("the address has a query")
    settings = services().settings
    signatures.verify(
        method=request.method,
        url=f"{settings.public_url}/webhooks/hubspot",
        body=body,
        signature=request.headers.get(SIGNATURE),
        timestamp=request.headers.get(TIMESTAMP),
        secrets=settings.hubspot_secrets,
        now=now,
    )


def _store(delivery: events.Delivery, now: datetime) -> Received:
    """Store what concerns portals that we serve, all or none.

    A paused install keeps its letters for later; a revoked one has withdrawn our right to them. What must be forgotten
    is forgotten in either.
    """
    ring: list[str] = []
    dropped: list[str] = []
    new = 0
    trace = telemetry.traceparent()
    if not delivery.portals:
        return Received((), 0, ())
    with services().database.write() as connection:
        for portal_id, found in delivery.portals.items():
            install = installs.by_tenant(connection, "hubspot", portal_id)
            if install is None or install.status == "revoked":
                dropped.append(portal_id)
            if install is None:
                continue
            erasures.ask(connection, install.id, found.forget, now=now)
            stored = _letters(connection, install, found, now, trace) if install.status != "revoked" else 0
            new += stored
            if stored or found.forget:
                ring.append(install.id)
    return Received(tuple(ring), new, tuple(dropped))


def _letters(connection: Connection, install: Install, found: events.OfPortal, now: datetime, trace: str) -> int:
    """Store the letters of a portal, and which records were merged; return how many letters are new."""
    for each in found.mergers:
        erasures.note_mergers(connection, install.id, each.kind, [(each.old_id, each.new_id)], now=now)
    events = found.meant(install.routes)
    # A delivery may be about several portals and many records: support finds it by the last portal's first.
    telemetry.tag(install=install.id, event=next((each.key for each in events), ""))
    return letters.receive(connection, install.id, events, now=now, trace=trace)


def _note(delivery: events.Delivery, received: Received) -> None:
    """Log the delivery in numbers; echoes are our own changes coming back."""
    arrived = [event for found in delivery.portals.values() for event in (*found.events, *found.of_leads)]
    log.info(
        "webhook",
        crm="hubspot",
        portals=len(delivery.portals),
        events=len(arrived),
        new=received.new,
        echoes=sum(event.ours for event in arrived),
    )
    if delivery.faults:
        log.error("webhook items left out", crm="hubspot", items=len(delivery.faults), first=delivery.faults[:3])
    if received.dropped:
        log.warning("webhook for portals we do not serve", crm="hubspot", portals=list(received.dropped))
