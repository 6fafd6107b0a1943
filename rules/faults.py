"""What is wrong with a rule set: every fault names record, line, column and remedy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST_TOLD = 500
"""A fault quotes what is wrong, and that may be a whole record: message and remedy end after so many characters."""

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""What no database and no CRM can store: NUL, and half of a pair of surrogates. No rule may hold it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake in one record's text; `line` and `column` count from 1 within that text."""

    record: str
    line: int
    column: int
    message: str
    remedy: str = ""

    def __post_init__(self) -> None:
        for name in ("message", "remedy"):
            told = getattr(self, name)
            if len(told) > LONGEST_TOLD:
                object.__setattr__(self, name, told[: LONGEST_TOLD - 1] + "…")

    def __str__(self) -> str:
        """Return the fault as one sentence for people."""
        where = f"{self.record}, line {self.line}, column {self.column}" if self.record else f"line {self.line}"
        return f"{where}: {self.message}" + (f" {self.remedy}" if self.remedy else "")


class RuleFault(ValueError):  # noqa: N818 - "fault" is our word for it everywhere
    """A line of rule text that cannot be understood; `remedy` says what to write instead."""

    def __init__(self, message: str, *, line: int = 1, column: int = 1, remedy: str = "") -> None:
        super().__init__(f"line {line}, column {column}: {message}" + (f" {remedy}" if remedy else ""))
        self.message = message
        self.line = line
        self.column = column
        self.remedy = remedy

    def within(self, record: str) -> Fault:
        """Return it as a fault of that record."""
        return Fault(record, self.line, self.column, self.message, self.remedy)


class RuleSetError(ValueError):
    """A rule set that must not go live, with all its faults in the order of the records."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))
