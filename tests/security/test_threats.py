"""The page and the tests say the same: a threat without a test is a wish, a test without a threat is forgotten."""

from __future__ import annotations

import ast
import re

from tests.security.threats import PAGE, ROOT, marked, named, rows


def test_every_threat_names_tests_that_exist() -> None:
    there: dict[str, set[str]] = {}
    for id_, tests in named().items():
        assert tests, id_
        for file, test in tests:
            if file not in there:
                tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
                there[file] = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
            assert test in there[file], (id_, file, test)


def test_every_test_that_is_marked_with_a_threat_stands_in_the_page() -> None:
    found = list(marked())
    assert len(found) > 10
    told = named()
    assert [(id_, test) for id_, test in found if test not in told.get(id_, set())] == []


def test_every_threat_says_what_stops_it_by_a_file_that_exists_and_what_is_left() -> None:
    for id_, cells in rows().items():
        who, stops, left, _ = cells
        files = re.findall(r"`([\w/-]+\.(?:py|lock|html))`", stops)
        assert len(who) > 20, id_
        assert files, id_
        assert left, id_
        assert all((ROOT / each).is_file() for each in files), (id_, files)


def test_the_ids_are_in_order_and_each_is_a_number_that_stays() -> None:
    ids = list(rows())
    assert ids == sorted(ids)
    assert len(ids) >= 30
    assert "never used again" in PAGE.read_text(encoding="utf-8")
