"""All tables together: import this, and the metadata is complete."""

from __future__ import annotations

from connector.store import (
    cursors,
    decisions,
    installs,
    leases,
    letters,
    memos,
    postings,
    progress,
    reviews,
    rotation,
    rulesets,
    tokens,
)
from connector.store.base import metadata

__all__ = [
    "cursors",
    "decisions",
    "installs",
    "leases",
    "letters",
    "memos",
    "metadata",
    "postings",
    "progress",
    "reviews",
    "rotation",
    "rulesets",
    "tokens",
]
