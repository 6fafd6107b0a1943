"""The retry policy, all of it: what becomes of work after an error.

=============  =====================================================================================================
``Ignored``    the letters are done, the reason is logged
``Later``      the CRM is busy or away: the same work again after the seconds it named, not counted as a failure
``Revoked``    the install stops and its admin is told; letters wait for a new grant
``Refused``    parked with the reason, shown in the console, tried again by a click
anything else  a fault of ours: reported, tried again with growing pauses, parked after PARK_AFTER_ATTEMPTS
=============  =====================================================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from connector.errors import Later
from connector.store import leases, usage

FIRST_PAUSE = 30.0
"""Seconds before the first retry of a fault of ours: long enough for a deploy or a restart to pass."""
LONGEST_PAUSE = 6 * 3600.0
"""Seconds between the last retries: a bug is mended in hours, not seconds."""
LONGEST_LOCK = 300.0
"""Seconds between two attempts at a record that stays locked."""
PAUSE_HOLDER = "crm"


@dataclass(frozen=True, slots=True)
class Quiet:
    """The CRM asked for quiet: why, as a sentence without field values, and until when."""

    reason: str
    until: datetime


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after so many failures: 30 s, doubling, at most 6 hours."""
    return timedelta(seconds=min(FIRST_PAUSE * 2**attempts, LONGEST_PAUSE))


def wait(seconds: float, *, age: timedelta) -> timedelta:
    """Return how long one decision waits that the CRM put off by `seconds`; longer the older it is, up to 5 minutes.

    A lock lasts a moment, or as long as somebody's import: asking every five seconds for an hour helps nobody.
    """
    return timedelta(seconds=max(seconds, min(age.total_seconds() / 4, LONGEST_LOCK))) if seconds else timedelta()


def pause_install(connection: Connection, install_id: str, error: Later, *, now: datetime) -> None:
    """The CRM asked for quiet: nobody drains this install until then. A longer quiet time is never shortened."""
    name = _pause(install_id)
    ends = leases.ends(connection, name)
    if ends is None or ends < now + timedelta(seconds=error.seconds):
        leases.take(connection, name, PAUSE_HOLDER, now=now, seconds=error.seconds)
        usage.quiet(connection, install_id, str(error))


def paused(connection: Connection, install_id: str, *, now: datetime) -> bool:
    """Whether the CRM's quiet time is still running."""
    return leases.held(connection, _pause(install_id), now=now)


def quiet(connection: Connection, install_id: str, *, now: datetime) -> Quiet | None:
    """Return why the CRM asked for quiet and until when, while that time is still running."""
    ends = leases.ends(connection, _pause(install_id))
    if ends is None or ends < now:
        return None
    return Quiet(usage.why_quiet(connection, install_id), ends)


def _pause(install_id: str) -> str:
    return f"pause:{install_id}"
