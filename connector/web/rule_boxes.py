"""The form editor's boxes: read from what a browser sends, with the buttons that add one or take one away."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from connector.desk.rule_forms import USUAL, Form, Row, StepRow
from connector.desk.rule_goals import Goal
from rules.limits import MOST_MEMBERS

MOST_BOXES = 2 * MOST_MEMBERS
"""Rows of one kind that are read: twice as many as the largest pool may have, so that none goes without a word."""
_DROP = re.compile(r"drop-(when|goal|step)-(\d{1,4})")
_T = TypeVar("_T")


def form(told: MultiDict[str, str]) -> Form:
    """Return the form as it was filled in; what is empty stays, so that nobody's row is lost while they write."""
    return Form(
        name=told.get("name", ""),
        when=rows(told, "when", lambda at: Row(of(told, at, "field"), of(told, at, "operator"),
                                                of(told, at, "value"), of(told, at, "raw"))),
        goals=rows(told, "goal", lambda at: goal(told, at)),
        task=told.get("task", USUAL),
        subject=told.get("subject", ""),
        body=told.get("body", "").replace("\r\n", "\n"),
        due=told.get("due", ""),
        notify=told.get("notify", USUAL),
        steps=rows(told, "step", lambda at: StepRow(of(told, at, "after"), of(told, at, "deed"),
                                                     of(told, at, "to"), of(told, at, "working") == "yes")),
    )  # fmt: skip


def pressed(found: Form, do: str) -> Form:
    """Return the form after a button: ``add-when``, ``drop-goal-2`` and the like; others change nothing."""
    if do == "add-when":
        return replace(found, when=(*found.when, Row()))
    if do == "add-goal":
        return replace(found, goals=(*found.goals, Goal("keep")))
    if do == "add-step":
        return replace(found, steps=(*found.steps, StepRow("30 minutes")))
    drop = _DROP.fullmatch(do)
    if not drop:
        return found
    number = int(drop[2])
    if drop[1] == "when":
        return replace(found, when=without(found.when, number))
    if drop[1] == "goal":
        return replace(found, goals=without(found.goals, number))
    return replace(found, steps=without(found.steps, number))


def goal(told: MultiDict[str, str], at: str) -> Goal:
    """Return the target whose boxes begin with `at`."""
    return Goal(of(told, at, "kind"), of(told, at, "name"))


def rows(told: MultiDict[str, str], what: str, read: Callable[[str], _T]) -> tuple[_T, ...]:
    """Return the rows of a kind, as many as the form says; `read` gets how the names of a row's boxes begin."""
    count = min(told.get(f"{what}s", 0, type=int), MOST_BOXES)
    return tuple(read(f"{what}-{number}") for number in range(count))


def of(told: MultiDict[str, str], at: str, box: str) -> str:
    """Return what one box of a row says."""
    return told.get(f"{at}-{box}", "").replace("\r\n", "\n")


def without(found: tuple[_T, ...], number: int) -> tuple[_T, ...]:
    """Return rows without one of them."""
    return tuple(each for place, each in enumerate(found) if place != number)
