"""One log line a request: method, route, status, milliseconds. Never a query string, a body or an id in a path."""

from __future__ import annotations

import time

import structlog
from flask import Flask, Response, g, request

log = structlog.get_logger()

QUIET = frozenset({"static", "health.live", "health.ready"})
"""Asked every few seconds by machines: worth a line only when they fail."""
FAILED = 500


def keep(app: Flask) -> None:
    """Log every request of `app`."""

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def write(response: Response) -> Response:
        quiet = request.endpoint in QUIET and response.status_code < FAILED
        (log.debug if quiet else log.info)(
            "request",
            method=request.method,
            route=request.url_rule.rule if request.url_rule else "unknown",
            status=response.status_code,
            ms=round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
        )
        return response
