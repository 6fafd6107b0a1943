"""The pages that a person sees while installing the app."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from flask import Response

if TYPE_CHECKING:
    from tests.sandbox.hubspot.hub import Hub

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font:16px system-ui;max-width:42rem;margin:4rem auto;padding:0 1rem}}label{{display:block;margin:.4rem 0}}
button{{font:inherit;padding:.5rem 1.5rem;margin-right:1rem}}</style></head>
<body><h1>{title}</h1>{content}</body></html>
"""


def authorize_page(hub: Hub, asked: dict[str, str], portal: int | None) -> Response:
    """Ask which account to connect, as whom, and whether to allow; the form posts to the same path.

    Fields: ``account`` = ``<portal id>:<user id>``, ``decision`` = ``allow`` or ``deny``, and the request's own.
    """
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in asked.items() if value
    )
    choices: list[str] = []
    for account in hub.portals.all():
        if portal not in (None, account.id):
            continue
        for user, email, admin in hub.portals.users(account.id):
            role = "super admin" if admin else "user"
            checked = "" if choices else " checked"
            choices.append(
                f'<label><input type="radio" name="account" value="{account.id}:{user}"{checked}> '
                f"{escape(account.name)} ({account.id}) as {escape(email)}, {role}</label>"
            )
    scopes = "".join(f"<li>{escape(scope)}</li>" for scope in asked["scope"].split())
    content = (
        f"<p>{escape(hub.manifest.name)} wants access to:</p><ul>{scopes}</ul>"
        f'<form method="post">{hidden}<fieldset><legend>Account</legend>{"".join(choices)}</fieldset>'
        '<p><button name="decision" value="allow">Connect app</button>'
        '<button name="decision" value="deny">Cancel</button></p></form>'
    )
    return Response(PAGE.format(title="Connect app to HubSpot", content=content), content_type="text/html")


def error_page(message: str) -> Response:
    """Say why the install cannot go on."""
    page = PAGE.format(title="The app could not be connected", content=f"<p>{escape(message)}</p>")
    return Response(page, status=400, content_type="text/html")
