"""What can come of a lead, of a match, of an action: the words that stand in audits and reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Mode: TypeAlias = Literal["observe", "suggest", "act"]
MatchStatus: TypeAlias = Literal["matched", "review", "none"]
DuplicateStatus: TypeAlias = Literal["same", "unsure", "different"]
Outcome: TypeAlias = Literal[
    "assigned", "suggested", "observed", "kept", "waiting", "reminded", "escalated", "ignored", "refused", "undone",
    "merged",
]  # fmt: skip
ResponseStatus: TypeAlias = Literal["none", "waiting", "in_time", "late", "never"]
"""Whether somebody worked on a lead by the time its task was due (see rules/response.py)."""


@dataclass(frozen=True, slots=True)
class ActionResult:
    """What became of an action: done, already (found done), refused (in the CRM's words), unknown, or open: not yet."""

    action: str
    status: Literal["planned", "open", "done", "already", "refused", "unknown"]
    ref: str = ""
    detail: str = ""
