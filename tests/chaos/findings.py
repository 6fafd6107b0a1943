"""What an audit finds: numbers, and what is wrong with which records."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field


@dataclass
class Findings:
    """What was found: numbers, what is wrong by name as ids, and what is known of each of those."""

    numbers: Counter[str] = field(default_factory=Counter)
    faults: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    stories: dict[str, str] = field(default_factory=dict)

    def note(self, fault: str, what: object) -> None:
        """Note something wrong."""
        self.faults[fault].append(str(what))
