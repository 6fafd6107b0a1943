"""A local Sentry: it speaks envelopes over HTTP and keeps what it is sent."""

from __future__ import annotations

import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Ingest(ThreadingHTTPServer):
    """A Sentry that keeps what it is sent, and a CRM that keeps the headers of its calls.

    Not Flask, which Sentry watches in this process: each delivery would be a request to report.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.items: list[tuple[str, dict[str, Any]]] = []
        self.headers: list[dict[str, str]] = []
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.dsn = self.url.replace("http://", "http://key@") + "/1"
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def kept(self, kind: str) -> list[dict[str, Any]]:
        """Return the events or transactions that have come so far."""
        return [body for each, body in list(self.items) if each == kind]

    def stop(self) -> None:
        """Take no more."""
        self.shutdown()
        self.thread.join()
        self.server_close()


class Answer(BaseHTTPRequestHandler):
    """One call."""

    server: Ingest
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Take an envelope: a header line, then a header and a body line for each item."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        plain = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
        lines = [json.loads(line) for line in plain.splitlines()[1:] if line]
        self.server.items += [(head["type"], body) for head, body in zip(lines[::2], lines[1::2], strict=True)]
        self.answer()

    def do_GET(self) -> None:
        """Note the headers."""
        self.server.headers.append(dict(self.headers))
        self.answer()

    def answer(self) -> None:
        """Say that it was taken."""
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""
