"""How many leads rules decide a second, how that grows with the rules, and what a territory costs; in one run."""

from __future__ import annotations

import gc
import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from rich.console import Console
from rich.table import Table

from jobs.worker import COLLECT_AFTER
from rules import fields
from rules.decide import Scene, conclude, decide
from rules.model import Basis, Decision, Match, Record, Standing, User, Verdict
from rules.ruleset import RuleSet, Source, load, split
from tests.bench import rule_material

FEW = 50
"""The smaller of the two rule sets: growth is told from it to the larger one."""
ROUNDS = 5
"""Both are measured in turn, so that a busy moment of the machine does not count for one of them alone."""
TERRITORY = "The world"
EVER = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOW = EVER + timedelta(seconds=2)
NOBODY, NO_DUPLICATE = Match("none"), Verdict("different")
Way: TypeAlias = Callable[[Record, Scene, Mapping[str, Standing]], Decision]


@dataclass(frozen=True)
class Row:
    """The figures of one rule set, by the time that one core was at it, from the median round.

    `lead_us` is a lead through the whole door, for which nobody in the CRM is alike; `rules_us` is the part after match
    and duplicate, as simulations and replays have it; `territory_us` is of that the part of finding a row.
    """

    rules: int
    rows: int
    load_s: float
    leads_per_s: int
    lead_us: float
    rules_us: float
    territory_us: float


def run(rules: int, rows: int, leads: int) -> int:
    """Measure at FEW rules and at `rules`, and print a table and, as the last line, JSON."""
    gc.set_threshold(*COLLECT_AFTER)
    users = {f"U{number:03}": User(f"U{number:03}", each, each) for number, each in enumerate(rule_material.PEOPLE)}
    asked = rule_material.leads(leads)
    sets = [_loaded(min(FEW, rules), rows), _loaded(rules, rows)]
    scenes = [Scene(ruleset, users, "act") for ruleset, _ in sets]
    ways = [(scene, way) for scene in scenes for way in (_whole, _alone)]
    spent: list[list[float]] = [[] for _ in ways]
    for scene, way in ways:
        _seconds(way, scene, asked[:200])
    for start in range(ROUNDS):
        some = asked[start::ROUNDS]
        for (scene, way), times in zip(ways, spent, strict=True):
            times.append(_seconds(way, scene, some) / len(some))
    costs = [statistics.median(times) * 1e6 for times in spent]
    found = [
        Row(
            len(ruleset.rules), rows, round(load_s, 2), round(1e6 / costs[2 * at]), round(costs[2 * at], 1),
            round(costs[2 * at + 1], 1), round(_territory(ruleset, asked), 1),
        )
        for at, (ruleset, load_s) in enumerate(sets)
    ]  # fmt: skip
    growth = found[1].lead_us / found[0].lead_us
    _print(found, growth)
    print(json.dumps({"growth": round(growth, 2), "rows": [asdict(row) for row in found]}))
    return 0


def _loaded(rules: int, rows: int) -> tuple[RuleSet, float]:
    text = rule_material.rule_set(rules, rows)
    begun = time.process_time()
    ruleset = load([Source(f"{item.kind} {item.name}", item.text) for item in split(text)])
    return ruleset, time.process_time() - begun


def _seconds(way: Way, scene: Scene, leads: Sequence[Record]) -> float:
    """Decide about leads one after the other, each turn of a rotation after the other."""
    rotation: dict[str, Standing] = {}
    begun = time.process_time()
    for lead in leads:
        if turn := way(lead, scene, rotation).route.turn:
            rotation[turn.pool] = turn.after
    return time.process_time() - begun


def _whole(lead: Record, scene: Scene, rotation: Mapping[str, Standing]) -> Decision:
    return decide(
        lead,
        scene=scene,
        accounts=(),
        duplicates=(),
        ranking=(),
        rotation=rotation,
        received_at=EVER,
        now=NOW,
    )


def _alone(lead: Record, scene: Scene, rotation: Mapping[str, Standing]) -> Decision:
    return conclude(
        lead,
        scene=scene,
        match=NOBODY,
        duplicate=NO_DUPLICATE,
        basis=Basis(rotation=rotation),
        received_at=EVER,
        now=NOW,
    )


def _territory(ruleset: RuleSet, leads: Sequence[Record]) -> float:
    """Return the microseconds in which the territory finds the row of a lead, what it reads of it included."""
    territory = ruleset.territories[TERRITORY]
    facts = [fields.facts(lead, account=None, match=NOBODY, duplicate=NO_DUPLICATE, event={}) for lead in leads]
    territory.find(facts[0])
    begun = time.process_time()
    for each in facts:
        territory.find(each)
    return (time.process_time() - begun) / len(facts) * 1e6


def _print(rows: Sequence[Row], growth: float) -> None:
    table = Table("rules", "rows", "load", "leads a second", "a lead", "of it rules", "of it the territory")
    for row in rows:
        table.add_row(
            f"{row.rules:,}", f"{row.rows:,}", f"{row.load_s:.2f} s", f"{row.leads_per_s:,}", f"{row.lead_us:,.0f} µs",
            f"{row.rules_us:,.0f} µs", f"{row.territory_us:,.0f} µs",
        )  # fmt: skip
    Console().print(table)
    Console().print(f"A lead costs {growth:.2f} times as much with {rows[1].rules:,} rules as with {rows[0].rules:,}.")
