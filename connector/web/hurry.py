"""Asking a CRM while somebody looks at a card: the answer comes soon, or we say that it did not."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from connector.crm import Crm
from connector.errors import Later
from connector.store.installs import Install

if TYPE_CHECKING:
    from connector.services import Services

SECONDS = 2.0
"""A card asks twice at most, and one that shows nothing for five seconds looks broken."""
AT_ONCE = 4
"""CRMs asked at the same time by one process; while all of them hang, nobody else waits longer for that."""
AGAIN = 30.0

FoundT = TypeVar("FoundT")


@cache
def _pool() -> ThreadPoolExecutor:
    """Made at first use, so after the fork."""
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="hurry")


def ask(here: Services, install: Install, question: Callable[[Crm], FoundT]) -> FoundT:
    """Ask an install's CRM. Raises Later when it takes longer than SECONDS, and what the CRM raises."""

    def asked() -> FoundT:
        crm = here.crm(install)
        try:
            return question(crm)
        finally:
            crm.close()

    return run(asked)


def run(question: Callable[[], FoundT]) -> FoundT:
    """Return what `question` returns. Raises Later when it takes longer than SECONDS, and what it raises.

    What came too late goes on until its own timeout; nobody reads what it says.
    """
    coming = _pool().submit(question)
    try:
        return coming.result(SECONDS)
    except TooLate:
        coming.cancel()
        raise Later("It did not answer in time.", seconds=AGAIN) from None
