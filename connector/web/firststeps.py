"""Notes which of the first steps somebody has taken, by the pages they opened and the questions they asked there."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, Response, request

from connector.desk import home
from connector.desk.home import Step
from connector.desk.roles import Part
from connector.web.access import seen, services, who

OK_BELOW = 400
OPENED: Mapping[str, tuple[Step, Part]] = {"rules.listing": ("rules", "rules")}
"""Endpoints that need only be opened, the step each of them is, and the part that must be theirs to look at."""
ASKED: Mapping[str, tuple[Step, Part]] = {"preview": ("preview", "rules"), "simulation": ("simulate", "rules")}
"""Blueprints in which something must have been asked: a form sent, or a page opened with what was typed."""


def watch(app: Flask) -> None:
    """Note the first steps that people take in `app`."""

    @app.after_request
    def note(response: Response) -> Response:
        install_id = (request.view_args or {}).get("install_id")
        step = _step()
        if install_id and step and response.status_code < OK_BELOW and who() is not None:
            name, part = step
            home.took(services(), seen(install_id, part), name)
        return response


def _step() -> tuple[Step, Part] | None:
    if request.method == "GET" and (step := OPENED.get(request.endpoint or "")):
        return step
    return ASKED.get(request.blueprint or "") if request.method == "POST" or request.args else None
