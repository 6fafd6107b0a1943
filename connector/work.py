"""One decision on its way through a CRM's steps, and what became of it: the words that jobs and adapters share.

Part of the protocol of connector/crm.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from rules.actions import TaskState
from rules.model import AuditEntry, Decision

LOCKED = "Somebody else is writing this record"
"""How the detail of an effect begins that was put off because somebody holds the record, or the account it is of."""
CHANGED = "The lead was changed meanwhile"
"""The detail of an effect that was put off because of that: the lead is read again before the next attempt."""


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of performing: `actions` are the ledger keys it settles, `batch` how many decisions a call may hold."""

    name: str
    actions: frozenset[str]
    batch: int


@dataclass(frozen=True, slots=True)
class Work:
    """One decision on its way through the steps.

    `entry` is the audit row as known so far. `pending` are the ledger keys still to be settled, `uncertain` those of
    them that were begun by an earlier attempt: look for their effect in the CRM before repeating it. A CRM that can
    refuses to change the owner of a lead that somebody has changed since `unchanged_since`, with CHANGED for a detail.
    """

    decision: Decision
    entry: AuditEntry
    pending: frozenset[str]
    uncertain: frozenset[str] = frozenset()
    unchanged_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What became of one (decision, action). `ref` is the id of what was made; `seconds` goes with ``later``.

    ``later`` with `applied` False: the CRM answered that it did nothing. Otherwise it may have happened, and the next
    attempt finds the action among the `uncertain` ones.
    ``already``: the effect was found done. ``refused``: will never work, `detail` says why in the CRM's words.
    ``unknown``: it may or may not have happened and must not be repeated (a notification).
    """

    decision_key: str
    action: str
    status: Literal["done", "already", "refused", "unknown", "later"]
    ref: str = ""
    detail: str = ""
    seconds: float = 0.0
    applied: bool = True


@dataclass(frozen=True, slots=True)
class Made:
    """A decision that made a task; `ref` is the id the CRM gave it, empty when we never learned it."""

    decision: Decision
    ref: str = ""


@dataclass(frozen=True, slots=True)
class TaskNow:
    """A task of ours as it is now; `ref` is its id, empty when it is gone."""

    state: TaskState
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A record on which a request could not be refused, and why; `seconds`: try again after that long, 0: never."""

    record_id: str
    why: str
    seconds: float = 0.0
