from __future__ import annotations

import json
from itertools import islice

import pytest

from tests.bench import people, persons
from tests.bench.people_training import fitted, record_of, surest


def test_the_same_seed_makes_the_same_people_and_another_seed_others() -> None:
    one, again, other = (list(islice(people.records(60, seed), 80)) for seed in (1, 1, 2))
    assert one == again
    assert one != other
    assert {row["kind"] for row in one} == {"lead", "contact"}
    assert all(record_of(row).fields for row in one)


def test_most_pairs_are_found_and_none_is_merged_wrongly_among_a_few_hundred_people() -> None:
    rows = list(people.records(400, 5))
    row = persons.ours(rows, {each["id"]: each["truth"] for each in rows})
    assert row.merge_precision == 1.0
    assert row.recall > 0.75
    assert row.merge_recall is not None
    assert row.merge_recall > 0.5


def test_a_peer_that_cannot_run_takes_no_figure_of_ours_with_it(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert persons.run(60, ["nobody"]) == 1
    told = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert [row["name"] for row in told["rows"]] == ["switchyard"]
    assert "No module named" in told["missing"]["nobody"]


def test_scores_are_made_log_odds_and_the_sure_ones_are_found() -> None:
    scored = [(2.0, number % 10 != 0) for number in range(1000)] + [(6.0, number % 500 != 0) for number in range(4000)]
    slope, shift = fitted(scored)
    assert abs(slope * 2 + shift - 2.197) < 0.05
    assert abs(slope * 6 + shift - 6.2126) < 0.3
    assert surest([(7.0, True)] * 5000) == 7.0
    assert surest([(7.0, True)] * 3000 + [(5.0, True)] * 1000 + [(4.0, False)] * 50) <= 5.0
