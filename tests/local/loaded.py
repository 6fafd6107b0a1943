"""Loads everything that the product's processes and the sandboxes import, for the server that they are forked from."""

from __future__ import annotations

import importlib

from connector.cli import PLACES
from connector.hubspot.client import load_library

OTHERS = (
    "connector.app",
    "connector.gunicorn_hooks",
    "gunicorn.app.wsgiapp",
    "gunicorn.workers.gthread",
    "tests.sandbox.hubspot.server",
    "tests.sandbox.salesforce.server",
)

for name in (*(f"connector.commands.{place.partition('.')[0]}" for place in PLACES.values()), *OTHERS):
    importlib.import_module(name)
load_library()
