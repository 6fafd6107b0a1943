"""Rate limits, counted per portal (this sandbox has one app).

An OAuth app may make 110 calls in 10 seconds per account, search excluded. Search has 5 a second for the whole account.
The association endpoints have 100 (Free, Starter) or 150 (Professional, Enterprise) in 10 seconds and 500,000 a day.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from tests.sandbox.hubspot.errors import ApiError

KINDS = ("general", "search", "associations", "associations_daily")


@dataclass
class Window:
    """At most `limit` calls (None = any number) in the last `seconds`.

    `most` is the largest number of calls that ever were in it, `refused` how many were one too many.
    """

    limit: int | None
    seconds: float
    policy: str
    message: str
    taken: deque[float] = field(default_factory=deque)
    most: int = 0
    refused: int = 0

    def take(self, now: float) -> int | None:
        """Count a call; returns how many are left (a large number without a limit), None when it is one too many."""
        while self.taken and self.taken[0] <= now - self.seconds:
            self.taken.popleft()
        if self.limit is None:
            return 1_000_000
        if len(self.taken) >= self.limit:
            self.refused += 1
            return None
        self.taken.append(now)
        self.most = max(self.most, len(self.taken))
        return self.limit - len(self.taken)


def _fresh(kind: str, tier: str) -> Window:
    ten, second, daily = "You have reached your ten_secondly_rolling limit.", "secondly", "daily"
    if kind == "general":
        return Window(110, 10, "TEN_SECONDLY_ROLLING", ten)
    if kind == "search":
        return Window(5, 1, "SECONDLY", f"You have reached your {second} limit.")
    if kind == "associations":
        return Window(100 if tier in {"free", "starter"} else 150, 10, "TEN_SECONDLY_ROLLING", ten)
    return Window(500_000, 86_400, "DAILY", f"You have reached your {daily} limit.")


class Limits:
    """The windows of every portal. Orders: a number, or None to lift a limit; they hold for portals to come, too."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[tuple[int, str], Window] = {}
        self._orders: dict[tuple[int | None, str], int | None] = {}
        self._pace = 1.0

    def hurry(self, pace: float) -> None:
        """Make every window `pace` times as long, so that a test of them takes seconds; counting starts anew."""
        with self._lock:
            self._pace = pace
            self._windows.clear()

    def order(self, values: dict[str, int | None], portal: int | None = None) -> None:
        """Set limits by kind, for one portal or for all; counting starts anew."""
        unknown = set(values) - set(KINDS)
        if unknown:
            message = f"no such limit: {sorted(unknown)}; there are {KINDS}"
            raise ValueError(message)
        with self._lock:
            self._orders.update({(portal, kind): limit for kind, limit in values.items()})
            self._windows.clear()

    def take(self, portal: int, tier: str, kind: str) -> dict[str, str]:
        """Count one call; returns the headers to answer with. Raises the 429."""
        kinds = (kind, "associations_daily") if kind == "associations" else (kind,)
        headers: dict[str, str] = {}
        with self._lock:
            for name in kinds:
                window = self._window(portal, tier, name)
                left = window.take(time.monotonic())
                if left is None:
                    raise _too_many(window)
                if name == "general" and window.limit is not None:
                    headers = _headers(window, left)
        return headers

    def counted(self) -> list[dict[str, Any]]:
        """Return what every window has seen since it was opened."""
        with self._lock:
            return [
                {"portalId": portal, "kind": kind, "limit": one.limit, "most": one.most, "refused": one.refused}
                for (portal, kind), one in sorted(self._windows.items())
            ]

    def _window(self, portal: int, tier: str, kind: str) -> Window:
        window = self._windows.get((portal, kind))
        if window is None:
            window = self._windows[portal, kind] = _fresh(kind, tier)
            window.seconds *= self._pace
            for who in (None, portal):
                if (who, kind) in self._orders:
                    window.limit = self._orders[who, kind]
        return window


def _headers(window: Window, left: int) -> dict[str, str]:
    return {
        "X-HubSpot-RateLimit-Max": str(window.limit),
        "X-HubSpot-RateLimit-Remaining": str(left),
        "X-HubSpot-RateLimit-Interval-Milliseconds": str(int(window.seconds * 1000)),
    }


def _too_many(window: Window) -> ApiError:
    extra: dict[str, Any] = {"errorType": "RATE_LIMIT", "policyName": window.policy}
    error = ApiError(429, window.message, category="RATE_LIMITS", extra=extra)
    error.extra["requestId"] = error.body()["correlationId"]
    return error
