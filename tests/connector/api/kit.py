"""A program that calls the API: a test client with a key of an install."""

from __future__ import annotations

import threading
from collections.abc import Collection
from typing import Any, cast

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from connector.desk import keys
from connector.store.installs import Install
from tests.connector.web.kit import PUBLIC_URL, House

PREFIX = "/api/v1"


class Program(FlaskClient):
    """Speaks to the API with one key; it has no cookies."""

    token = ""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("base_url", PUBLIC_URL)
        headers = dict(kwargs.pop("headers", None) or {})
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        return super().open(*args, headers=headers, **kwargs)

    def ask(self, method: str, path: str, *, status: int = 200, **more: Any) -> Any:
        """Call an operation; return its JSON. The status must be the one that is wanted."""
        answer = self.open(PREFIX + path, method=method, **more)
        assert answer.status_code == status, (method, path, answer.status_code, answer.text[:500])
        return answer.json if answer.is_json or "json" in answer.content_type else answer.text


def program(app: Flask, token: str = "") -> Program:
    """A program with this key."""
    before, app.test_client_class = app.test_client_class, Program
    client = cast("Program", app.test_client(use_cookies=False))
    app.test_client_class = before
    client.token = token
    return client


def key_of(house: House, install: Install, scopes: Collection[str] = keys.SCOPES) -> str:
    """A new key of an install."""
    issued = keys.issue(house, install, name="A program", scopes=scopes, by="005000000000001AAA", expires=None)
    return issued.token


class Serving:
    """A server of an application, as long as the block runs."""

    def __init__(self, app: Flask) -> None:
        self.server = make_server("127.0.0.1", 0, app, threaded=True)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self) -> str:
        self.thread.start()
        return f"http://127.0.0.1:{self.server.port}"

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
