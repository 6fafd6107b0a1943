"""The speed of rules is measured by a command; here it only runs, small."""

from __future__ import annotations

import json

from tests.bench.test_bench import run


def test_the_speed_of_rules_is_told_for_two_rule_sets_with_the_growth_between_them() -> None:
    told = json.loads(run("rules", "--rules", "60", "--rows", "200", "--leads", "50").splitlines()[-1])
    assert [row["rules"] for row in told["rows"]] == [50, 60]
    assert all(row["rows"] == 200 for row in told["rows"])
    assert all(row["leads_per_s"] > 0 and row["territory_us"] > 0 and row["load_s"] >= 0 for row in told["rows"])
    assert told["growth"] > 0
