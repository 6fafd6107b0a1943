"""All operations together: import this, and the blueprint has every one of them."""

from __future__ import annotations

from flask import Flask
from flask_wtf import CSRFProtect

from connector.api import (
    access,
    decisions,
    document,
    install,
    matching,
    people,
    privacy,
    problems,
    reports,
    reviews,
    rule_sets,
    rules,
    runs,
    trying,
)
from connector.api.frame import api

__all__ = [
    "access", "api", "decisions", "document", "install", "matching", "people", "privacy", "reports", "reviews",
    "rule_sets", "rules", "runs", "serve", "trying",
]  # fmt: skip


def serve(app: Flask, csrf: CSRFProtect, public_url: str) -> None:
    """Serve the API from `app`. No cookie counts here, so there is nothing that another site could ride on."""
    app.config[problems.DOCS] = f"{public_url.rstrip('/')}{problems.PREFIX}/v1/docs"
    csrf.exempt(api)
    app.register_blueprint(api)
    problems.explain(app)
