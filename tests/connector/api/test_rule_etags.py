"""Drafts over the API: nobody throws away what somebody else has written meanwhile."""

from __future__ import annotations

import pytest

from jobs.publish import is_draft
from tests.connector.api.kit import PREFIX, Program
from tests.connector.web.rule_pages import Book, book

__all__ = ["book"]

TEXT = "- rule: Partners\n  when: [lead.source is Partner]\n  assign: keep\n"
OTHER = TEXT.replace("Partner]", "Reseller]")
STALE = '"0123456789abcdef"'


def drafted(caller: Program, book: Book, text: str) -> tuple[str, str]:
    """Draft a text for the rule Partners; return the record of the draft, and the ETag of its text."""
    answer = caller.open(f"{PREFIX}/rules/{book.row('Partners').id}", method="PUT", json={"text": text})
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    return str(answer.json["id"]), answer.headers["ETag"]


def drafts(book: Book) -> list[str]:
    return [row.definition for row in book.crm.rules() if row.name == "Partners" and is_draft(row)]


def test_a_draft_that_somebody_else_has_changed_is_not_discarded(caller: Program, book: Book) -> None:
    record, seen = drafted(caller, book, TEXT)
    drafted(caller, book, OTHER)
    told = caller.ask("POST", f"/rules/{record}/discard", status=412, headers={"If-Match": seen})
    assert told["detail"].startswith("Somebody has changed the rules meanwhile.")
    assert drafts(book) == [OTHER]
    now = caller.open(f"{PREFIX}/rules/{record}").headers["ETag"]
    caller.ask("POST", f"/rules/{record}/discard", status=204, headers={"If-Match": now})
    assert drafts(book) == []
    assert caller.ask("GET", f"/rules/{book.row('Partners').id}")["text"] != OTHER


@pytest.mark.parametrize("headers", [{}, {"If-Match": "*"}])
def test_whoever_takes_any_draft_discards_it_as_it_is(caller: Program, book: Book, headers: dict[str, str]) -> None:
    record, _seen = drafted(caller, book, TEXT)
    drafted(caller, book, OTHER)
    caller.ask("POST", f"/rules/{record}/discard", status=204, headers=headers)
    assert drafts(book) == []


def test_removing_a_draft_or_what_is_off_needs_the_rules_that_were_seen_too(caller: Program, book: Book) -> None:
    record, _seen = drafted(caller, book, TEXT)
    caller.ask("DELETE", f"/rules/{record}", status=412, headers={"If-Match": STALE})
    assert drafts(book) == [TEXT]
    now = caller.open(f"{PREFIX}/rules?ask=true").headers["ETag"]
    caller.ask("DELETE", f"/rules/{record}", status=204, headers={"If-Match": now})
    assert drafts(book) == []
    book.crm.rule_rows = [row for row in book.crm.rule_rows if row.kind != "test"]
    record = str(book.row("Partners").id)
    caller.ask("POST", f"/rules/{record}/off", status=204)
    caller.ask("DELETE", f"/rules/{record}", status=412, headers={"If-Match": STALE})
    assert [row["state"] for row in caller.ask("GET", "/rules?ask=true")["off"]] == ["off"]
