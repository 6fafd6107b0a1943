"""Error pages in plain words; what a machine asked for gets the words without the page."""

from __future__ import annotations

import uuid

import structlog
from flask import Flask, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from connector import telemetry
from connector.store.seal import Unreadable
from connector.web.access import asked_by_htmx

log = structlog.get_logger()

PAGES = frozenset({400, 403, 404, 405, 413, 429, 500, 503})
"""Statuses that have their own words in templates/fault.html; others are told by their kind."""
SERVER, UNAVAILABLE = 500, 503


def explain(app: Flask) -> None:
    """Answer every error of `app` with a page that says what happened and what to do next."""
    app.register_error_handler(HTTPException, _page)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(Unreadable, _sealed)


def trace_id() -> str:
    """Return the id under which this request's fault is in the logs and in Sentry."""
    if "trace_id" not in g:
        g.trace_id = telemetry.trace_id(telemetry.traceparent()) or uuid.uuid4().hex
    return str(g.trace_id)


def _page(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    status = error.code or SERVER
    if request.path.startswith(("/webhooks/", "/health/")) or asked_by_htmx():
        return f"{error.name}\n", status, {"Content-Type": "text/plain; charset=utf-8", **_headers(error)}
    return _render(status), status, _headers(error)


def _stale_form(error: CSRFError) -> ResponseReturnValue:
    status = error.code or 400
    return _render(status, cause="stale"), status


def _sealed(error: Unreadable) -> ResponseReturnValue:
    """No master key opens an install's data: the operator must act, the person at the browser cannot."""
    log.error("unreadable", reason=str(error))
    return _render(UNAVAILABLE, cause="keys"), UNAVAILABLE


def _render(status: int, *, cause: str = "") -> str:
    g.fault = status
    known = status if status in PAGES else (400 if status < SERVER else SERVER)
    trace = trace_id() if status == SERVER else ""
    return render_template("fault.html", known=known, cause=cause, trace=trace)


def _headers(error: HTTPException) -> dict[str, str]:
    """Keep what the status needs: Allow with 405, Retry-After with 429 and 503."""
    kept = {"Allow", "Retry-After"}
    return {name: value for name, value in error.get_headers(request.environ) if name in kept}
