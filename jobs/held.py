"""Leads that wait, asked about again because rules or people are not what they waited by; a page at a time.

The rules changed, somebody paused or takes leads again, a user was changed: what a lead waits for may be another thing
now, or come at another time. Each gets a letter behind what happens live; one that still waits is not audited again.
"""

from __future__ import annotations

from connector.store import letters, progress, timers
from connector.store.progress import Progress
from jobs import routing
from jobs.shift import Shift

PAGE = 500
"""Leads a page: their letters are stored in some milliseconds."""


def page(shift: Shift, work: Progress) -> None:
    """Post letters about the next leads that wait, and note where to go on."""
    install_id, now = shift.install.id, shift.tools.clock()
    with shift.write() as connection:
        found = timers.asking_page(connection, install_id, after=work.after or "", limit=PAGE)
        events = [routing.awaited(each, now=now) for each in found]
        letters.receive(connection, install_id, events, now=now, priority=letters.BACKFILL)
        done, is_last = work.done + len(found), len(found) < PAGE
        values = {"state": "done", "total": done} if is_last else {"state": "running", "after": found[-1]}
        progress.advance(
            connection, install_id, work.name, now=now, done=done, started_at=work.started_at or now, **values
        )
