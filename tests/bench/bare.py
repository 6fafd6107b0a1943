"""The least that any server of HubSpot's webhooks does: check the signature, insert one row, answer 204."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from flask import Flask, request
from flask.typing import ResponseReturnValue

from connector.hubspot.signatures import verify
from connector.store.base import Database


def wsgi() -> Flask:
    """Return the application; BARE_DATABASE, BARE_URL and BARE_SECRET say what it works with."""
    app, database = Flask("bare"), Database(os.environ["BARE_DATABASE"])
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, body TEXT NOT NULL)")

    @app.post("/webhooks/hubspot")
    def take() -> ResponseReturnValue:
        body = request.get_data()
        verify(
            method="POST",
            url=os.environ["BARE_URL"],
            body=body,
            signature=request.headers.get("X-HubSpot-Signature-v3"),
            timestamp=request.headers.get("X-HubSpot-Request-Timestamp"),
            secrets=(os.environ["BARE_SECRET"],),
            now=datetime.now(UTC),
        )
        with database.write() as connection:
            connection.exec_driver_sql("INSERT INTO bare (body) VALUES (?)", (body.decode(),))
        return "", 204

    return app
