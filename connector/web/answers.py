"""What the queues of questions share: taking the last answer back, with what was said of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from flask import flash

from connector.desk.faults import DeskError
from connector.services import Services
from connector.store.installs import Install
from connector.web.access import me, services
from connector.web.language import said


class Undo(Protocol):
    """Takes back what somebody said last; returns of how many questions."""

    def __call__(self, services: Services, install: Install, *, by: str, name: str = "") -> int:
        """Raises NotThere when there is nothing, Overtaken when somebody else was faster."""


def take_back(install: Install, undo: Undo, told: Callable[[int], str]) -> None:
    """Take back what the person signed in said last, and tell them: `told` makes the sentence of how many."""
    person = me()
    try:
        count = undo(services(), install, by=person.user_id, name=person.name)
    except DeskError as error:
        flash(said(error), "bad")
    else:
        flash(told(count))
