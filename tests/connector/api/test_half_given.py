"""What is given to the API and would count for nothing is refused with what to do, as on the pages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connector.api.kit import Program
from tests.connector.web.rule_pages import RULES, Book, book

__all__ = ["book"]

TEXT = "- rule: A\n  assign: keep\n"


@pytest.mark.parametrize(
    "half",
    [
        ("/simulations", {"after": "live", "text": TEXT}, "/text", "These rules would take no part"),
        ("/preview", {"fields": {"country": "FR"}, "text": TEXT}, "/text", "This text would take no part"),
        ("/preview", {"fields": {"country": "FR", "lead.country": "DE"}}, "/fields", "the same field"),
        ("/matching/draft", {"accept": 0.95, "why": "Few answers"}, "/why", "A draft keeps no reason"),
    ],
)
def test_what_would_count_for_nothing_is_refused(
    caller: Program, book: Book, half: tuple[str, dict[str, Any], str, str]
) -> None:
    path, body, pointer, why = half
    told = caller.ask("POST", path, status=422, json=body, headers={"If-Match": "*"} if "matching" in path else {})
    assert why in told["detail"]
    assert [each["pointer"] for each in told["errors"]] == [pointer]
    assert not [row for row in book.crm.rules() if row.state == "draft"]


def test_the_same_is_taken_where_it_counts(caller: Program, book: Book) -> None:
    assert book.crm.rules()
    caller.ask("POST", "/simulations", status=201, json={"after": "text", "text": RULES})
    found = caller.ask("POST", "/preview", json={"fields": {"country": "FR"}, "rules": "text", "text": TEXT})
    assert found["rule"] == "A"
