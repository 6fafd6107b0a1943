"""Long work, a page at a time: which goes first, and what does a page of it."""

from __future__ import annotations

from collections.abc import Callable

from connector.store import cleanups, timers
from connector.store.progress import Progress
from jobs import (
    backfill,
    cleanup,
    cleanup_labels,
    cleanup_merges,
    contacts,
    expiry,
    held,
    massmatch,
    move,
    responses,
    simulation,
    simulation_line,
    standings,
    undo,
)
from jobs.shift import Shift

SOON_DONE = frozenset({standings.NAME, responses.NAME, timers.ASK_ALL, cleanup_labels.ANSWERS})
"""What no scan holds up: standings, answers to leads, the letters to leads that wait, and what people accepted."""


def place(name: str) -> tuple[bool, bool, bool, str]:
    """Return by what long work is ordered. A person waits for an undo; no scan holds up what is soon done.

    That is SOON_DONE. What goes by the index waits for it: a mass match, a clean-up, a simulation, suggestions.
    """
    by_index = name in massmatch.NAMES or name.startswith((cleanups.PREFIX, cleanups.SUGGESTS, simulation.PREFIX))
    return not name.startswith(undo.PREFIX), name not in SOON_DONE, by_index, name


def page(name: str) -> Callable[[Shift, Progress], None]:
    """Return what does a page of a piece of long work."""
    if name.startswith(undo.PREFIX):
        return undo.page
    if name.startswith(cleanups.PREFIX):
        return cleanup.page
    if name.startswith(simulation.PREFIX):
        return simulation_line.page
    if name in massmatch.NAMES:
        return massmatch.page
    return _PAGES.get(name, backfill.page)


_PAGES: dict[str, Callable[[Shift, Progress], None]] = {
    standings.NAME: standings.page,
    responses.NAME: responses.page,
    timers.ASK_ALL: held.page,
    move.NAME: move.page,
    cleanup_labels.ANSWERS: cleanup_merges.answers,
    contacts.NAME: contacts.page,
    expiry.NAME: expiry.page,
}
