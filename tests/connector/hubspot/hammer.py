"""A process of its own that calls one portal as fast as its budget lets it: one line of JSON says what came of it."""

from __future__ import annotations

import json
import sys
import time

import redis

from connector.crm import Token
from connector.errors import Later
from connector.hubspot.budget import SharedBudget
from connector.hubspot.wire import Wire


class Given:
    """The token that the command line gave."""

    def __init__(self, url: str, access_token: str) -> None:
        self._token = Token(access_token, url)

    def current(self) -> Token:
        return self._token

    def renew(self, stale: Token) -> Token:
        raise AssertionError(f"the token is good: {stale}")


def main(*arguments: str) -> None:
    """Call the account's details for so many seconds after a line on standard input, through the shared budget."""
    url, token, redis_url, portal_id, pace, seconds = arguments
    connection = redis.Redis.from_url(redis_url)
    budget = SharedBudget(connection, app_id="1", portal_id=portal_id, pace=float(pace))
    wire = Wire(Given(url, token), connect_timeout=5, read_timeout=30, budget=budget)
    connection.ping()
    print("ready", flush=True)
    sys.stdin.readline()
    made, refused, ends = 0, 0, time.monotonic() + float(seconds)
    while time.monotonic() < ends:
        try:
            wire.send("GET", "/account-info/2026-09/details")
            made += 1
        except Later:
            refused += 1
    print(json.dumps({"made": made, "refused": refused}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
