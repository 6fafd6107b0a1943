"""Run the local HubSpot until it is told to stop (SIGTERM or Ctrl-C)."""

from __future__ import annotations

import argparse
import json
import signal
import threading
from pathlib import Path

from tests.sandbox.control import LOOPBACK
from tests.sandbox.hubspot import start
from tests.sandbox.hubspot.manifest import PROJECT


def main() -> None:
    """Start, print one JSON line when ready, wait, stop."""
    parser = argparse.ArgumentParser(prog="python -m tests.sandbox.hubspot", description=__doc__)
    parser.add_argument("--dir", type=Path, required=True, help="where the state is kept")
    parser.add_argument("--host", default=LOOPBACK, help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="0 = the port of the last run, or a free one")
    parser.add_argument("--webhook-url", help="where webhooks are sent")
    parser.add_argument("--public-webhook-url", help="the URL that is signed, when a proxy stands between")
    parser.add_argument("--redirect-uri", action="append", default=[], help="one more registered redirect URL")
    parser.add_argument("--manifest", type=Path, default=PROJECT, help="the developer-platform project")
    parser.add_argument("--search-lag", type=float, default=0.0, help="seconds until search sees a write")
    parser.add_argument("--expires-in", type=int, default=1800, help="life of an access token in seconds")
    parser.add_argument("--retry-scale", type=float, help="factor on the hours between webhook retries")
    given = parser.parse_args()
    stopped = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.set())
    sandbox = start(
        given.dir,
        host=given.host,
        port=given.port,
        webhook_url=given.webhook_url,
        public_webhook_url=given.public_webhook_url,
        redirect_uris=given.redirect_uri,
        manifest=given.manifest,
        search_lag=given.search_lag,
        expires_in=given.expires_in,
        retry_scale=given.retry_scale,
    )
    ready = {
        "url": sandbox.url,
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "app_id": sandbox.app_id,
    }
    print(json.dumps(ready), flush=True)
    stopped.wait()
    sandbox.stop()


if __name__ == "__main__":
    main()
