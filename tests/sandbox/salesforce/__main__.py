"""``python -m tests.sandbox.salesforce --dir DIR``: a local Salesforce until SIGTERM.

Prints one JSON line when it is ready: ``url``, ``pubsub``, ``ca``, ``client_id``, ``client_secret``, ``org_id``.
"""

from __future__ import annotations

import argparse
import json
import signal
import threading
from pathlib import Path

from tests.sandbox.control import LOOPBACK

from .server import REDIRECT_URIS, start


def main() -> None:
    """Run a sandbox until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m tests.sandbox.salesforce", description=__doc__)
    parser.add_argument("--dir", type=Path, required=True, help="where data, certificates and ports are kept")
    parser.add_argument("--host", default=LOOPBACK, help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="HTTPS port; 0 = the one of last time, or any")
    parser.add_argument("--grpc-port", type=int, default=0, help="Pub/Sub port; 0 = the one of last time, or any")
    parser.add_argument("--redirect-uri", action="append", default=[], help="a registered callback; may be repeated")
    parser.add_argument("--settings", type=json.loads, default={}, help="settings as JSON, e.g. keepalive_seconds")
    given = parser.parse_args()
    uris = tuple(given.redirect_uri) or REDIRECT_URIS
    ports = {"port": given.port, "grpc_port": given.grpc_port}
    sandbox = start(given.dir, host=given.host, **ports, redirect_uris=uris, settings=given.settings)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    print(sandbox.ready(), flush=True)
    ended.wait()
    sandbox.stop()


if __name__ == "__main__":
    main()
