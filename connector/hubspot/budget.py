"""One budget of calls per portal, shared by all our workers: nobody calls before it is our turn.

HubSpot counts the calls of an app and account in rolling windows and refuses the rest with 429, which would stop the
portal for everybody. So each call first asks Redis for its moment: a list of the moments given out says when the next
one is free. It is one step in Redis, by Redis's own clock, because workers run on several hosts. Why no library does
it: docs/decisions/0017.

Limits: HubSpot's pages "Usage details" (110 in ten seconds per app and account, search excluded), "Search the CRM"
(five a second per account, shared by all its apps) and "Associate records" (100 or 150 in ten seconds).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, cast

import redis
import structlog

from connector import urgency
from connector.errors import Later

log = structlog.get_logger()

LONGEST_WAIT = 15.0
"""Seconds a call waits for its moment at most; beyond that the work is better put off."""
PATIENT_SHARE = 0.8
"""Part of a limit for work that can wait: a new lead finds a fifth of it free at any time."""
WITHOUT_REDIS = 30.0
"""Seconds until Redis is tried again after it did not answer; meanwhile the headers of HubSpot's answers decide."""


@dataclass(frozen=True, slots=True)
class Lane:
    """What HubSpot counts together: at most `calls` in any `seconds`."""

    name: str
    calls: int
    seconds: float


# A call may take longer to arrive than the one before it. So a few calls, and a part of the window, are left over.
GENERAL = Lane("general", 106, 10.3)
SEARCH = Lane("search", 5, 1.15)
ASSOCIATIONS = Lane("associations", 96, 10.3)
"""Free and Starter portals may make 100; nothing that we are told says which subscription a portal has."""


def lane(path: str) -> Lane:
    """Return where a call to this dated path counts."""
    plain = path.partition("?")[0]
    if plain.endswith("/search"):
        return SEARCH
    return ASSOCIATIONS if "/associations/" in plain else GENERAL


class Budget(Protocol):
    """What the wire asks before each call."""

    def take(self, path: str) -> bool:
        """Wait for the moment of a call; False when nobody keeps count. Raises Later when it is too far away."""
        ...

    def hold(self, path: str, seconds: float) -> None:
        """HubSpot has refused a call all the same: nobody of ours makes one like it for so long."""
        ...


class Uncounted:
    """The budget of a process without Redis: HubSpot's own headers are all there is."""

    def take(self, path: str) -> bool:
        """Let every call through."""
        _ = path
        return False

    def hold(self, path: str, seconds: float) -> None:
        """Nobody else would hear of it; the install rests by what the answer said (jobs/policy.py)."""
        _ = path, seconds


_SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local calls, window, most, step = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local at = now
local before = step > 0 and redis.call('GET', KEYS[3])
if before then at = math.max(at, tonumber(before) + step) end
local newest = redis.call('LINDEX', KEYS[1], 0)
if newest then at = math.max(at, tonumber(newest)) end
local full = redis.call('LINDEX', KEYS[1], calls - 1)
if full then at = math.max(at, tonumber(full) + window) end
local held = redis.call('GET', KEYS[2])
if held then at = math.max(at, tonumber(held)) end
local wait = at - now
if wait > most or (step > 0 and wait > 2 * step) then return {0, wait} end
if step > 0 then redis.call('SET', KEYS[3], at, 'PX', wait + window) end
redis.call('LPUSH', KEYS[1], at)
redis.call('LTRIM', KEYS[1], 0, tonumber(ARGV[5]) - 1)
redis.call('PEXPIRE', KEYS[1], wait + window)
return {1, wait}
"""
_HOLD = """
local time = redis.call('TIME')
local until_ = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[1])
local held = redis.call('GET', KEYS[1])
if not held or tonumber(held) < until_ then redis.call('SET', KEYS[1], until_, 'PX', ARGV[1]) end
"""


class SharedBudget:
    """The budget of one portal in Redis. `pace` shrinks the windows (tests); `sleep` waits for a moment's coming.

    Who is in a hurry takes the next free moment, also one to come, and keeps it. Whoever can wait calls at even steps,
    and only while PATIENT_SHARE of the limit is not used: all calls at once and then a long wait would hold up the
    drain that makes them, and the new leads behind it.
    """

    def __init__(
        self,
        connection: redis.Redis,
        *,
        app_id: str,
        portal_id: str,
        pace: float = 1.0,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection = connection
        self._name = f"switchyard:hubspot:{{{app_id}:{portal_id}}}"
        self._pace = pace
        self._sleep = sleep
        self._clock = clock
        self._away_until = 0.0

    def take(self, path: str) -> bool:
        """Wait for the moment of a call; False when Redis is away. Raises Later when it is too far away."""
        if self._clock() < self._away_until:
            return False
        counted = lane(path)
        ends = self._clock() + LONGEST_WAIT
        while True:
            try:
                granted, wait = self._ask(counted)
            except redis.RedisError as error:
                self._away_until = self._clock() + WITHOUT_REDIS
                log.warning("calls are not counted together", error=type(error).__name__)
                return False
            if not granted and self._clock() + wait > ends:
                raise Later("Our own calls to HubSpot are at its limit", seconds=wait, applied=False)
            if wait:
                self._sleep(wait)
            if granted:
                return True

    def hold(self, path: str, seconds: float) -> None:
        """Have all our workers make no call of this lane for so long; at most what HubSpot counts together."""
        counted = lane(path)
        milliseconds = int(min(seconds, counted.seconds) * self._pace * 1000)
        try:
            self._connection.eval(_HOLD, 1, self._key(counted, "held"), milliseconds)
        except redis.RedisError as error:
            log.warning("calls are not held together", error=type(error).__name__)

    def _ask(self, counted: Lane) -> tuple[bool, float]:
        """Ask for a moment: whether it is ours, and the seconds until it comes (else until it is worth asking)."""
        patient = urgency.can_wait()
        calls = max(1, int(counted.calls * PATIENT_SHARE)) if patient else counted.calls
        window, most = int(counted.seconds * self._pace * 1000), int(LONGEST_WAIT * 1000)
        step = max(1, window // calls) if patient else 0
        keys = [self._key(counted, name) for name in ("given", "held", "patient")]
        found = self._connection.eval(_SCRIPT, 3, *keys, calls, window, most, step, counted.calls)
        granted, wait = cast("list[Any]", found)
        return bool(granted), int(wait) / 1000

    def _key(self, counted: Lane, what: str) -> str:
        return f"{self._name}:{counted.name}:{what}"
