"""All tables together: import this, and the metadata is complete."""

from __future__ import annotations

from connector.store import (
    assignments,
    cursors,
    decisions,
    editions,
    installs,
    leases,
    ledger,
    letters,
    memos,
    pauses,
    postings,
    progress,
    responses,
    reviews,
    rotation,
    rulesets,
    streams,
    timers,
    tokens,
    usage,
)
from connector.store.base import metadata

__all__ = [
    "assignments",
    "cursors",
    "decisions",
    "editions",
    "installs",
    "leases",
    "ledger",
    "letters",
    "memos",
    "metadata",
    "pauses",
    "postings",
    "progress",
    "responses",
    "reviews",
    "rotation",
    "rulesets",
    "streams",
    "timers",
    "tokens",
    "usage",
]
