"""A process of its own that calls one portal as fast as its budget lets it: one line of JSON says what came of it."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import redis

from connector.crm import Token
from connector.errors import Later
from connector.hubspot.budget import Lane, SharedBudget
from connector.hubspot.wire import Wire

PATIENCE = 60.0
"""Seconds after which a machine is too slow to use up the budget."""


class Watched(SharedBudget):
    """A budget that notes the moment of each call: between which two times it is, and what the budget had it wait."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.moments: list[tuple[float, float, float]] = []

    def _ask(self, counted: Lane) -> tuple[bool, float]:
        asked = time.time()
        granted, wait = super()._ask(counted)
        if granted:
            self.moments.append((asked + wait, time.time() + wait, wait))
        return granted, wait


class Given:
    """The token that the command line gave."""

    def __init__(self, url: str, access_token: str) -> None:
        self._token = Token(access_token, url)

    def current(self) -> Token:
        return self._token

    def renew(self, stale: Token) -> Token:
        raise AssertionError(f"the token is good: {stale}")


def main(*arguments: str) -> None:
    """Call the account's details after a line on standard input, through the shared budget.

    For so many seconds, and on a slow machine until the budget was used up once.
    """
    url, token, redis_url, portal_id, pace, seconds = arguments
    connection = redis.Redis.from_url(redis_url)
    budget = Watched(connection, app_id="1", portal_id=portal_id, pace=float(pace))
    wire = Wire(Given(url, token), connect_timeout=5, read_timeout=30, budget=budget)
    connection.ping()
    print("ready", flush=True)
    sys.stdin.readline()
    refused, began = 0, time.monotonic()
    ends, gives_up = began + float(seconds), began + PATIENCE
    while (now := time.monotonic()) < ends or (now < gives_up and not any(wait for _, _, wait in budget.moments)):
        try:
            wire.send("GET", "/account-info/2026-09/details")
        except Later:
            refused += 1
    print(json.dumps({"refused": refused, "moments": budget.moments}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
