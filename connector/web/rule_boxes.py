"""The form editor's boxes: read from what a browser sends, with the buttons that add one or take one away."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from connector.desk.rule_forms import USUAL, Form, Goal, Row, StepRow

MOST_BOXES = 250
"""Rows of one kind that are read: more than any rule may have."""
_DROP = re.compile(r"drop-(when|goal|step)-(\d{1,3})")
_T = TypeVar("_T")


def form(told: MultiDict[str, str]) -> Form:
    """Return the form as it was filled in; what is empty stays, so that nobody's row is lost while they write."""
    return Form(
        name=told.get("name", ""),
        when=_rows(told, "when", lambda at: Row(_of(told, at, "field"), _of(told, at, "operator"),
                                                _of(told, at, "value"), _of(told, at, "raw"))),
        goals=_rows(told, "goal", lambda at: Goal(_of(told, at, "kind"), _of(told, at, "name"))),
        task=told.get("task", USUAL),
        subject=told.get("subject", ""),
        body=told.get("body", "").replace("\r\n", "\n"),
        due=told.get("due", ""),
        notify=told.get("notify", USUAL),
        steps=_rows(told, "step", lambda at: StepRow(_of(told, at, "after"), _of(told, at, "deed"),
                                                     _of(told, at, "to"), _of(told, at, "working") == "yes")),
    )  # fmt: skip


def pressed(found: Form, do: str) -> Form:
    """Return the form after a button: ``add-when``, ``drop-goal-2`` and the like; others change nothing."""
    if do == "add-when":
        return replace(found, when=(*found.when, Row("lead.country")))
    if do == "add-goal":
        return replace(found, goals=(*found.goals, Goal("keep")))
    if do == "add-step":
        return replace(found, steps=(*found.steps, StepRow("30 minutes")))
    drop = _DROP.fullmatch(do)
    if not drop:
        return found
    number = int(drop[2])
    if drop[1] == "when":
        return replace(found, when=_without(found.when, number))
    if drop[1] == "goal":
        return replace(found, goals=_without(found.goals, number))
    return replace(found, steps=_without(found.steps, number))


def _rows(told: MultiDict[str, str], what: str, read: Callable[[str], _T]) -> tuple[_T, ...]:
    count = min(told.get(f"{what}s", 0, type=int), MOST_BOXES)
    return tuple(read(f"{what}-{number}") for number in range(count))


def _of(told: MultiDict[str, str], at: str, box: str) -> str:
    return told.get(f"{at}-{box}", "").replace("\r\n", "\n")


def _without(rows: tuple[_T, ...], number: int) -> tuple[_T, ...]:
    return tuple(each for place, each in enumerate(rows) if place != number)
