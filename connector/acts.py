"""What people do with a lead after a decision, and when: the words in which a CRM tells it.

Part of the protocol of connector/crm.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias, get_args

from rules.model import ResponseStatus

Act: TypeAlias = Literal["gone", "converted", "owner changed", "task done", "status changed", "activity logged"]
"""What somebody did with a lead; ``gone``: it was deleted or merged away."""
ACTS: tuple[Act, ...] = get_args(Act)
"""The acts, those first that end a lead's story or move it to somebody else."""
ANSWERS: frozenset[Act] = frozenset({"converted", "task done", "status changed", "activity logged"})
"""Acts by which a lead is worked on."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What a decision left behind on a lead, to compare with what is there later.

    `since` is when we were done (aware). `owner_id` and `status` are the lead's from then on, empty when it had none.
    `task_ref` is the id of the task that was made, empty without one.
    """

    since: datetime
    owner_id: str
    status: str
    task_ref: str


@dataclass(frozen=True, slots=True)
class Acted:
    """What was done with a lead: the weightiest `act`, and when somebody first worked on it (aware).

    `at` is None when nobody has (it only went to somebody else, or is gone), or where the CRM does not tell when.
    """

    act: Act
    at: datetime | None = None


def summed_up(acts: Mapping[Act, datetime | None]) -> Acted | None:
    """Return what to tell of several acts with their times: the first in the order of ACTS; None without any."""
    act = next((each for each in ACTS if each in acts), None)
    times = [at for each, at in acts.items() if at is not None and each in ANSWERS]
    return Acted(act, min(times, default=None)) if act else None


@dataclass(frozen=True, slots=True)
class ResponseRow:
    """What an audit record is to say of the answer to its lead; `ref` is the record's id, empty when we never knew.

    `minutes` count from the decision. Without an answer neither they nor `responded_at` are known. A CRM in which leads
    themselves are reported on writes it on the lead too, where `lead_id` says which that is.
    """

    key: str
    ref: str
    status: ResponseStatus
    responded_at: datetime | None = None
    minutes: float | None = None
    lead_id: str = ""
