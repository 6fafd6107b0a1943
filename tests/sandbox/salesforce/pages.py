"""The two pages a person sees: choose a user and allow or deny, and the error page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, render_template_string

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FRAME = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 12vh auto; padding: 0 1rem; color: #181818 }
select, button { font: inherit; padding: .5rem .75rem; width: 100%; box-sizing: border-box; margin-top: .5rem }
</style></head><body><main>
<h1>{{ title }}</h1>
"""
_AUTHORIZE = (
    _FRAME
    + """
<p>Switchyard is asking to:</p>
<ul>{% for scope in scopes %}<li>{{ scope }}</li>{% endfor %}</ul>
<form method="post" action="/services/oauth2/authorize">
{% for name, value in hidden.items() %}<input type="hidden" name="{{ name }}" value="{{ value }}">
{% endfor %}<label for="username">Sign in as</label>
<select id="username" name="username">
{% for user in users %}<option value="{{ user }}"{% if user == hint %} selected{% endif %}>{{ user }}</option>
{% endfor %}</select>
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</form></main></body></html>
"""
)
_ERROR = _FRAME + "<p>error={{ error }}&amp;error_description={{ description }}</p></main></body></html>"
_SCOPE_TEXTS = {
    "api": "Access and manage your data",
    "refresh_token": "Perform requests at any time",
    "offline_access": "Perform requests at any time",
    "id": "Access your basic information",
    "full": "Full access",
    "openid": "Access your unique identifier",
}


def authorize_page(users: Sequence[str], request: Mapping[str, str], scope: str) -> Response:
    """The page that asks who signs in and whether to allow; its form posts the request's own parameters back."""
    hidden = {name: value for name, value in request.items() if name not in {"username", "decision", "login_hint"}}
    scopes = [_SCOPE_TEXTS.get(name, name) for name in scope.split()]
    html = render_template_string(
        _AUTHORIZE, title="Allow access?", users=users, hidden=hidden, hint=request.get("login_hint"), scopes=scopes
    )
    return Response(html, mimetype="text/html")


def error_page(error: str, description: str) -> Response:
    """The page for errors that must not be sent to the redirect_uri."""
    html = render_template_string(_ERROR, title="Something is not right", error=error, description=description)
    return Response(html, status=400, mimetype="text/html")
