"""Who calls from inside HubSpot: a portal and its user, as HubSpot's signature vouches for them.

Cards and the settings page call by ``hubspot.fetch``: HubSpot adds ``portalId``, ``userId`` and ``appId`` to the
address and signs it. Whoever writes the page may put a query of their own before that, so each of these must stand
there once. A call of a workflow has no query and names its portal in the body; an address with a query may carry
whatever a user wrote there, and is not believed. The `language` that a page asks for is a hint about words, no more.
"""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, NoReturn

import structlog
from flask import Blueprint, abort, g, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from connector import telemetry
from connector.errors import Next
from connector.hubspot import signatures
from connector.store.installs import Install
from connector.store.seal import Unreadable
from connector.web.access import services
from rules.wording import catalogue
from rules.wording.words import say

log = structlog.get_logger()

SIGNATURE = "X-HubSpot-Signature-v3"
TIMESTAMP = "X-HubSpot-Request-Timestamp"
OLD_SIGNATURE, OLD_VERSION = "X-HubSpot-Signature", "X-HubSpot-Signature-Version"
ID = re.compile(r"[0-9]{1,20}", re.ASCII)
CONTACTS, LEADS = "0-1", "0-136"
PROBLEM = "application/problem+json"
UNAUTHORIZED, UNAVAILABLE, SERVER = 401, 503, 500
TITLES = frozenset({400, 401, 403, 404, 409, 413, 422, 500, 503})
"""Statuses that have a title of their own, as ``page.title.404``; all others are titled as not understood."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody at a page of HubSpot: the install of their portal, and the id they sign in with there."""

    install: Install
    user_id: str


def caller() -> Caller:
    """Return who calls from a card or the settings page. Aborts with 401, 400 or 404 (the portal is not ours)."""
    _verify(request.query_string)
    app_id = services().settings.hubspot_app_id
    if one("appId") != app_id:
        refuse(401, "The request was signed for another app.")
    return Caller(install_of(one("portalId")), one("userId"))


def workflow() -> dict[str, Any]:
    """Return what a workflow of HubSpot sends; its portal stands there. Aborts with 401 or 400.

    [U] HubSpot's page on custom actions tells of signature v2, its changelog that v3 comes with every request: v3 is
    asked for where it is there, else v2. That has no time; an execution sent again is the letter that it was.
    """
    if request.query_string:
        refuse(401, "The address of this action has no query.")
    if SIGNATURE not in request.headers and request.headers.get(OLD_VERSION) == "v2":
        _verify_old()
    else:
        _verify(b"")
    return body()


def install_of(portal_id: str) -> Install:
    """Return the install of a portal. Aborts with 404 for every portal that we do not serve, whatever the reason."""
    found = services().install_of("hubspot", portal_id)
    if found is None:
        refuse(404, say("page.unknown"))
    return found


def routed(install: Install) -> str:
    """Return HubSpot's id of the type of the records that are routed in a portal."""
    return CONTACTS if install.routes == "contacts" else LEADS


def only(install: Install) -> str:
    """Return the sentence that no other records are routed."""
    return say("card.contacts only" if routed(install) == CONTACTS else "card.leads only")


def one(name: str) -> str:
    """Return an id from the query that stands there just once. Aborts with 400."""
    given = request.args.getlist(name)
    if len(given) != 1 or not ID.fullmatch(given[0]):
        refuse(400, f"The address must name one {name}.")
    return given[0]


def body() -> dict[str, Any]:
    """Return the JSON object of the request. Aborts with 400."""
    try:
        found = json.loads(request.get_data())
    except (ValueError, RecursionError):
        refuse(400, "The body is not JSON.")
    if not isinstance(found, dict):
        refuse(400, "The body is not a JSON object.")
    return found


def refuse(status: int, detail: str) -> NoReturn:
    """Answer with a problem: `detail` is a sentence for the person at the card."""
    abort(status, description=detail)


def problem(status: int, detail: str, **more: Any) -> ResponseReturnValue:
    """Return a problem (RFC 9457) with further members beside title, detail and status."""
    known = status if status in TITLES else 400
    answer = jsonify(title=say(f"page.title.{known}"), detail=detail, status=status, **more)
    answer.mimetype = PROBLEM
    return answer, status


def explain(blueprint: Blueprint) -> None:
    """Answer in the language that is asked for (``language=de``), and every error as ``application/problem+json``.

    A language that we do not speak is English. What only a programmer can meet (400, 401) is English but for its title.
    """
    blueprint.before_request(_speak)
    blueprint.teardown_request(_hush)
    blueprint.register_error_handler(HTTPException, _problem)
    blueprint.register_error_handler(Next, _crm)
    blueprint.register_error_handler(SQLAlchemyError, _store)
    blueprint.register_error_handler(Unreadable, _sealed)


def _speak() -> None:
    g.spoken = ExitStack()
    g.spoken.enter_context(catalogue.speaking(catalogue.chosen(request.args.get("language", ""))))


def _hush(_error: BaseException | None) -> None:
    if spoken := g.pop("spoken", None):
        spoken.close()


def _verify(query: bytes) -> None:
    settings = services().settings
    address = f"{settings.public_url}{request.path}"
    if query:
        address += f"?{query.decode('latin-1')}"
    try:
        signatures.verify(
            method=request.method,
            url=address,
            body=request.get_data(),
            signature=request.headers.get(SIGNATURE),
            timestamp=request.headers.get(TIMESTAMP),
            secrets=settings.hubspot_secrets,
            now=services().clock(),
        )
    except signatures.BadSignature as error:
        _unsigned(error)


def _verify_old() -> None:
    settings = services().settings
    try:
        signatures.verify_v2(
            method=request.method,
            url=f"{settings.public_url}{request.path}",
            body=request.get_data(),
            signature=request.headers.get(OLD_SIGNATURE),
            secrets=settings.hubspot_secrets,
        )
    except signatures.BadSignature as error:
        _unsigned(error)


def _unsigned(error: signatures.BadSignature) -> NoReturn:
    log.warning("call refused", crm="hubspot", reason=str(error))
    refuse(UNAUTHORIZED, "The request does not carry a fresh signature of HubSpot's.")


def _problem(error: HTTPException) -> ResponseReturnValue:
    status = error.code or SERVER
    known = status in TITLES and status != SERVER
    return problem(status, error.description if known and error.description else say("page.later"))


def _crm(error: Next) -> ResponseReturnValue:
    """What must be asked of HubSpot cannot be asked now: the sentence says why, without values of fields."""
    return problem(UNAVAILABLE, say("page.silent", error=error))


def _store(error: SQLAlchemyError) -> ResponseReturnValue:
    log.error("call not stored", crm="hubspot", error=type(error).__name__)
    telemetry.report(error)
    return problem(UNAVAILABLE, say("page.not stored"))


def _sealed(error: Unreadable) -> ResponseReturnValue:
    log.error("unreadable", reason=str(error))
    return problem(UNAVAILABLE, say("page.sealed"))
