"""What is half filled in on a form of the rules: a box that says nothing until another one is filled in, too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connector.desk.faults import Unusable
from connector.desk.rule_goals import Goal
from rules.parsing.target_reading import NAMED


@dataclass(frozen=True, slots=True)
class Gap:
    """`why` says what to do, and in its `field` at which box: ``when-2-value`` is the value of the third condition.

    `is_lost`: the text of the item would leave out what was typed.
    """

    why: Unusable
    is_lost: bool = True


def of_goals(goals: Sequence[Goal]) -> Iterator[Gap]:
    """Tell targets with a name that they cannot have, and those without the name that they need."""
    for at, goal in enumerate(goals):
        box, number = f"goal-{at}-name", at + 1
        if goal.name.strip() and goal.kind not in NAMED:
            why = Unusable(
                "Target %(number)s: “%(kind)s” has no name. Empty the name, or choose another kind of target.",
                field=box,
                number=number,
                kind=goal.kind,
            )
            yield Gap(why)
        elif goal.kind in NAMED and not goal.name.strip():
            why = Unusable(
                "Target %(number)s: which %(kind)s? Write its name, or choose another kind of target.",
                field=box,
                number=number,
                kind=goal.kind,
            )
            yield Gap(why, is_lost=False)
