"""The web process: webhooks, the OAuth round trip, the console and health, wired into one Flask application."""

from __future__ import annotations

import atexit
import logging
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType

import structlog
from flask import Flask
from flask_wtf import CSRFProtect

from connector import settings as environment
from connector import telemetry
from connector.api import routes as api
from connector.desk import directory
from connector.services import Services
from connector.store import progress
from connector.store.installs import ADMIN_FOR, Install
from connector.web import access, addresses, faults, firststeps, headers, language, limits, nav, requestlog, words
from connector.web.access import EXTENSION
from connector.web.changes import changes
from connector.web.cleanup import cleanup
from connector.web.console import console
from connector.web.decisions import decisions
from connector.web.duplicates import duplicates
from connector.web.health import health
from connector.web.health_pages import support
from connector.web.hubspot_actions import hubspot_actions
from connector.web.hubspot_settings import hubspot_settings
from connector.web.hubspot_ui import hubspot_ui
from connector.web.leave import leave
from connector.web.mapping import mapping
from connector.web.matching import matching
from connector.web.metrics import metrics
from connector.web.mine import mine
from connector.web.people_access import access as people_access
from connector.web.pools import pools
from connector.web.preview import preview
from connector.web.reports import reports
from connector.web.reviews import reviews
from connector.web.rule_editor import rule_editor
from connector.web.rules import rules
from connector.web.runs import runs
from connector.web.settings_pages import settings as settings_pages
from connector.web.simulations import simulation
from connector.web.viewer import viewer
from connector.web.webhooks import webhooks
from oauth import flow

log = structlog.get_logger()

FORM_BYTES = 64 * 1024
"""Largest request body outside webhooks; our longest form is one line."""
ASSET_SECONDS = 365 * 24 * 3600
"""How long browsers keep our static files; their address changes with their content."""

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Web(Flask):
    """Flask, but what an exception says stays out of the log: it may quote the values of a customer's fields."""

    def log_exception(self, exc_info: ExcInfo) -> None:
        """Log where it happened and what kind of fault it was; Sentry has the rest."""
        kind, _, where = exc_info
        frames = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(where)]
        log.error("request failed", error=kind.__name__ if kind else "", trace=faults.trace_id(), frames=frames[-8:])


def create_app(services: Services) -> Flask:
    """Build the web application around services that are open already."""
    settings = services.settings
    app = Web(__name__, root_path=str(Path(__file__).parent / "web"))
    app.config.update(
        SECRET_KEY=settings.session_secrets[0],
        SECRET_KEY_FALLBACKS=list(settings.session_secrets[1:]),
        WTF_CSRF_SECRET_KEY=list(reversed(settings.session_secrets)),  # the last one signs
        # The __Host- prefix makes browsers refuse the cookie from a sibling domain or over http.
        SESSION_COOKIE_NAME="__Host-switchyard" if settings.secure_cookies else "switchyard",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=ADMIN_FOR,  # since the cookie was last signed; connector.web.access is stricter
        MAX_CONTENT_LENGTH=FORM_BYTES,
        SEND_FILE_MAX_AGE_DEFAULT=ASSET_SECONDS,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        # The token is bound to the session; the Referer would have to equal a Host header that proxies rewrite.
        WTF_CSRF_SSL_STRICT=False,
    )
    app.extensions[EXTENSION] = services
    addresses.teach(app)
    csrf = CSRFProtect(app)
    from_hubspot = (webhooks, hubspot_ui, hubspot_settings, hubspot_actions)
    for signed_by_hubspot in from_hubspot:
        csrf.exempt(signed_by_hubspot)
    headers.protect(app, https=settings.secure_cookies)
    requestlog.keep(app)
    faults.explain(app)
    language.teach(app)
    words.teach(app)
    nav.teach(app)
    access.teach(app)
    firststeps.watch(app)
    pages = (
        console,
        decisions,
        reviews,
        duplicates,
        cleanup,
        pools,
        matching,
        runs,
        mapping,
        mine,
        viewer,
        people_access,
        changes,
        settings_pages,
        leave,
        rules,
        rule_editor,
        preview,
        simulation,
        reports,
        support,
    )
    for blueprint in (*from_hubspot, health, metrics, *pages):
        app.register_blueprint(blueprint)
    api.serve(app, csrf, settings.public_url)
    app.register_blueprint(
        flow.blueprint(
            settings=settings,
            database=services.database,
            keyring=services.keyring,
            vault=services.vault,
            clock=services.clock,
            connected=_connected(services),
            member=partial(directory.member, services),
        )
    )
    limits.keep(app, services)
    return app


def _connected(services: Services) -> Callable[[Install, bool], None]:
    """Return what happens once an admin has granted access: what had stopped starts again, and a worker is woken."""

    def connected(install: Install, _new: bool) -> None:  # noqa: FBT001 - the OAuth flow's callback
        now = services.clock()
        with services.database.write() as connection:
            for each in progress.of(connection, install.id):
                if each.state == "failed":
                    progress.start(connection, install.id, each.name, now=now)
        services.ring(install.id)

    return connected


def wsgi() -> Flask:
    """Open this process's services and return its application: ``gunicorn 'connector.app:wsgi()'``.

    Gunicorn calls it in each worker, after the fork, so that no connection is shared between processes.
    """
    settings = environment.load()
    telemetry.start(settings, process="web")
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    services = Services(settings)
    atexit.register(services.close)
    return create_app(services)
