"""Where viewers choose the language and the time zone that pages are told in; nobody needs to be signed in for it."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from connector.web.access import services
from connector.web.language import LANGUAGE, LANGUAGES, ZONE, known_zone, zones

viewer = Blueprint("viewer", __name__, url_prefix="/view")

KEPT_SECONDS = 365 * 24 * 3600


@viewer.get("")
def choices() -> ResponseReturnValue:
    """Show both choices, for those whom the select at the foot of the page is not enough."""
    return render_template("viewer.html", zones=zones(), back=_inside(request.args.get("back", "/")))


@viewer.post("")
def choose() -> ResponseReturnValue:
    """Keep the language, the zone or both, and go back to where the viewer was."""
    language, zone = request.form.get(LANGUAGE), request.form.get(ZONE)
    if language is not None and language not in LANGUAGES:
        abort(400)
    if zone and known_zone(zone) is None:
        abort(400)
    answer = redirect(_inside(request.form.get("back", "/")), 303)
    if language is not None:
        _keep(answer, LANGUAGE, language)
    if zone is not None:
        _keep(answer, ZONE, zone)  # empty: the browser's own again
    return answer


def _inside(path: str) -> str:
    """Return a path of this site, or the front page: a form may not send anybody elsewhere."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if plain else "/"


def _keep(answer: Response, name: str, value: str) -> None:
    secure = services().settings.secure_cookies
    answer.set_cookie(name, value, max_age=KEPT_SECONDS, secure=secure, httponly=True, samesite="Lax")
