"""What an examination found: one line for each thing, with what to do, and where the runbook tells more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

State: TypeAlias = Literal["ok", "warning", "problem"]
STATES: tuple[State, ...] = ("ok", "warning", "problem")
"""From good to bad; the place of the worst is the exit code of `switchyard doctor`."""
RUNBOOK = "docs/runbook.md"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    `part` names it in a word or two, `text` says how it is, `remedy` what to do ("" when nothing is), `section` where
    the runbook tells of it, `install` the install it is about ("" for everybody's).
    """

    part: str
    state: State
    text: str
    remedy: str = ""
    section: str = ""
    install: str = ""

    def told(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self) | {"runbook": f"{RUNBOOK}#{self.section.lower()}" if self.section else ""}


def worst(found: Iterable[Finding]) -> State:
    """Return the worst state of all; ``ok`` of none."""
    return STATES[max((STATES.index(each.state) for each in found), default=0)]
