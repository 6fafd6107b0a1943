"""Where a HubSpot event enters: verified, parsed, stored in one transaction; then 204, and a worker is woken.

Only a 2xx tells HubSpot that we have a delivery; on anything else it delivers again (10 times over 24 hours). So 204
is said after the commit and never before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from connector import telemetry
from connector.hubspot import events
from connector.store import installs, letters
from connector.web.access import services
from rules.model import Event

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
    """Take one delivery: 204 stored, 401 not HubSpot's, 400 not understood, 413 too long, 503 come again."""
    here = services()
    body, now = _body(here.settings.webhook_max_bytes), here.clock()
    try:
        _verify(body, now)
        batch = events.parse(body, app_id=here.settings.hubspot_app_id, received_at=now)
        received = _store(batch, now)
    except events.BadSignature as error:
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
    _note(batch, received)
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
        raise events.BadSignature("the address has a query")
    settings = services().settings
    events.verify(
        method=request.method,
        url=f"{settings.public_url}/webhooks/hubspot",
        body=body,
        signature=request.headers.get(SIGNATURE),
        timestamp=request.headers.get(TIMESTAMP),
        secret=settings.hubspot_client_secret.get_secret_value(),
        now=now,
    )


def _store(batch: Mapping[str, Sequence[Event]], now: datetime) -> Received:
    """Store the letters of every portal we serve, all or none.

    A paused install keeps its letters for later; a revoked one has withdrawn our right to them.
    """
    ring: list[str] = []
    dropped: list[str] = []
    new = 0
    trace = telemetry.traceparent()
    with services().database.write() as connection:
        for portal_id, of_portal in batch.items():
            install = installs.by_tenant(connection, "hubspot", portal_id)
            if install is None or install.status == "revoked":
                dropped.append(portal_id)
                continue
            stored = letters.receive(connection, install.id, of_portal, now=now, trace=trace)
            new += stored
            if stored:
                ring.append(install.id)
    return Received(tuple(ring), new, tuple(dropped))


def _note(batch: Mapping[str, Sequence[Event]], received: Received) -> None:
    """Log the delivery in numbers; echoes are our own changes coming back."""
    arrived = [event for of_portal in batch.values() for event in of_portal]
    log.info(
        "webhook",
        crm="hubspot",
        portals=len(batch),
        events=len(arrived),
        new=received.new,
        echoes=sum(event.ours for event in arrived),
    )
    if received.dropped:
        log.warning("webhook for portals we do not serve", crm="hubspot", portals=list(received.dropped))
