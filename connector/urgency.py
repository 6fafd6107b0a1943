"""Who is in a hurry: a new lead or a person is; work that only catches up leaves calls for them.

It goes along with the work that is being done, like a trace, so that no call has to be told.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

_patient: ContextVar[bool] = ContextVar("patient", default=False)


@contextlib.contextmanager
def patient(is_patient: bool) -> Iterator[None]:  # noqa: FBT001 - it is the value
    """Say of the block whether its work can wait."""
    before = _patient.set(is_patient)
    try:
        yield
    finally:
        _patient.reset(before)


def can_wait() -> bool:
    """Whether the work being done now can wait."""
    return _patient.get()
