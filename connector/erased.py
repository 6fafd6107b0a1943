"""Who must be forgotten, and what is left of them in the CRM: the words that store, jobs and adapters share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Left:
    """What we wrote in the CRM about people who must be forgotten, by its ids; `keys` are those of decisions.

    `leads` are the people, `audits` and `tasks` are about them. `others` are audits and
    `told` tasks about other leads that name them.
    """

    leads: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    audits: frozenset[str] = frozenset()
    tasks: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()

    def __or__(self, more: Left) -> Left:
        """Return both together."""
        names = ("leads", "keys", "audits", "tasks", "others", "told")
        return Left(**{name: getattr(self, name) | getattr(more, name) for name in names})
