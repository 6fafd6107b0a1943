"""Write docs/openapi.json, the OpenAPI document of the API: `make openapi-document`."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Flask
from flask_wtf import CSRFProtect

from connector.api.document import document
from connector.api.routes import serve

PLACE = Path(__file__).resolve().parents[1] / "docs" / "openapi.json"


def text() -> str:
    """Return the document as it stands in the file."""
    app = Flask("document")
    serve(app, CSRFProtect(app), "https://switchyard.example")
    with app.test_request_context("/"):
        return json.dumps(document(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PLACE.write_text(text(), encoding="utf-8")
