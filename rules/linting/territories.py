"""Rows of territories that can never win, and holes between the ranges of rows that are alike otherwise."""

from __future__ import annotations

import math
from collections import defaultdict

from rules.linting.finding import heading, several
from rules.linting.pools import reached
from rules.linting.regions import EVERYTHING, projection
from rules.linting.study import Study
from rules.linting.texts import TextAxis
from rules.parts import Target
from rules.territories.cells import Cell
from rules.territories.territories import Row, Territory
from rules.wording.words import say

__all__ = ["territories"]

_MOST_TOLD = 20


def territories(study: Study) -> None:
    """Note rows that never win, and holes in the ranges of a column."""
    for territory in study.ruleset.territories.values():
        record = heading("territory", territory.name)
        _shadowed(study, territory, record)
        _unreached(study, territory, record)
        for column in range(len(territory.columns)):
            if territory.columns[column].kind == "number":
                _holes(study, territory, column, record)


def _shadowed(study: Study, territory: Territory, record: str) -> None:
    for row, earlier in territory.shadowed()[:_MOST_TOLD]:
        message = say("lint.row.dead", line=row.line, row=row, earlier=earlier.line)
        study.say("dead-row", "error", record, message, say("lint.row.dead.remedy"))


def _unreached(study: Study, territory: Territory, record: str) -> None:
    """Note rows for countries from which no lead comes here: the rules that assign to it ask for others."""
    here = Target("territory", territory.name)
    senders = [claim for claim in (*study.living, *study.unknown) if here in reached(study, claim)]
    region = tuple(box for claim in senders for box in claim.region or (EVERYTHING,))
    told = 0
    for at, column in enumerate(territory.columns):
        axis = study.ground.axes.get(column.field)
        if column.kind != "country" or not isinstance(axis, TextAxis) or not region:
            continue
        cells = projection(region, column.field, study.ground.full)
        for row in territory.rows:
            codes = [key.removeprefix("@") for key in row.cells[at].keys if key.startswith("@")]
            wanted = [1 << axis.index[f"\0{code}"] if f"\0{code}" in axis.index else axis.others for code in codes]
            if wanted and not any(cells & each for each in wanted) and told < _MOST_TOLD:
                told += 1
                message = say("lint.row.unreached", line=row.line, row=row)
                study.say("dead-row", "error", record, message, say("lint.row.unreached.remedy"))


def _holes(study: Study, territory: Territory, column: int, record: str) -> None:
    alike: dict[tuple[Cell, ...], list[Row]] = defaultdict(list)
    for row in territory.rows:
        alike[row.cells[:column] + row.cells[column + 1 :]].append(row)
    severity = "note" if territory.otherwise else "warning"
    told = 0
    for rest, rows in alike.items():
        if any(not row.cells[column].filled for row in rows):
            continue
        for low, high in _between([row.cells[column] for row in rows]):
            key = ", ".join(cell.written for cell in rest if cell.filled) or say("lint.any lead")
            field = territory.columns[column].header
            lines = several(f"{row.line}" for row in rows)
            message = say("lint.row.hole", key=key, field=field, low=f"{low:g}", high=f"{high:g}", lines=lines)
            study.say("gap", severity, record, message, say("lint.row.hole.remedy"))
            told += 1
            if told >= _MOST_TOLD:
                return


def _between(cells: list[Cell]) -> list[tuple[float, float]]:
    """Return the holes between ranges of numbers, without those that no whole number lies in."""
    spans = sorted((each.low, each.high) for cell in cells for each in cell.ranges if not each.group)
    spans += sorted((_number(key),) * 2 for cell in cells for key in cell.keys if key.startswith("#"))
    found = []
    reached = -math.inf
    for low, high in sorted(spans):
        if math.isfinite(reached) and math.ceil(low) - math.floor(reached) > 1:
            found.append((reached, low))
        reached = max(reached, high)
    return found


def _number(key: str) -> float:
    try:
        return float(key.removeprefix("#"))
    except ValueError:
        return math.inf
