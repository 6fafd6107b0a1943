"""The keys that sign what browsers and programs bring back: the session, its forms, cursors, an address typed here."""

from __future__ import annotations

from flask import current_app


def keys() -> list[str]:
    """Return the application's signing keys, as itsdangerous wants them: the last signs, each is believed."""
    older = current_app.config.get("SECRET_KEY_FALLBACKS") or ()
    return [*reversed(older), str(current_app.config["SECRET_KEY"])]
