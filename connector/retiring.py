"""Rule records that are no longer live: kept as drafts of nobody's, by a mark that an edit makes void. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from connector.rows import RuleRow

RETIRED = "retired"


def retired(row: RuleRow) -> RuleRow:
    """Return the record as it is when it is live no more."""
    return replace(row, state="draft", error="", version=mark(row))


def mark(row: RuleRow) -> str:
    """Return what we write as the version of a retired record: an edit makes it somebody's draft again."""
    text = " ".join(row.definition.split())
    return f"{RETIRED} {hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()[:12]}"
