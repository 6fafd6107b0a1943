"""What is found in a rule while it is written: drafts of others count, and so does who is a user of the CRM."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

from bs4 import BeautifulSoup

from connector.store.memos import StoredMemo
from jobs.rulebook import DIRECTORY
from tests.connector.web.kit import Browser
from tests.connector.web.rule_pages import PEOPLE, Book, book, fields, only, words

__all__ = ["book"]

POOL = "- pool: Bureau\n  members: [ana@example.com]\n"
RULE = '- rule: For the bureau\n  when: [lead.source is Fair]\n  assign: pool "Bureau"\n'
TYPO = '- rule: Partners of Bob\n  when: [lead.source is Fair]\n  assign: user "bbo@example.com"\n'


def checked(alice: Browser, book: Book, text: str) -> str:
    """What stands beside the text of a new rule."""
    told = fields(alice.page(book.path("/edit/new/rule?as=text")), "#editor") | {"text": text}
    return words(BeautifulSoup(alice.submit(book.path("/edit/new/check"), **told).text, "html.parser"))


def know_everybody(book: Book) -> None:
    """Keep the list of users as a worker does."""
    memo = StoredMemo(book.house.database, book.install.id, book.house.seal(book.install), book.house.clock)
    people = [asdict(PEOPLE[0]), asdict(PEOPLE[1]) | {"active": False}, asdict(PEOPLE[2])]
    memo.put(DIRECTORY, people, seconds=3600)


def test_a_pool_that_is_only_drafted_is_known_to_who_writes_for_longer_than_a_minute(
    alice: Browser, book: Book
) -> None:
    assert alice.submit(book.path("/edit/new"), editor="text", text=POOL, do="save").status_code == 303
    told = fields(alice.page(book.path("/edit/new/rule?as=text")), "#editor") | {"text": RULE}
    book.house.now += timedelta(minutes=20)
    asked: list[str] = []
    book.crm.before = asked.append
    page = BeautifulSoup(alice.submit(book.path("/edit/new/check"), **told).text, "html.parser")
    assert "No faults." in words(page)
    assert asked == []


def test_a_new_rule_is_offered_what_was_just_drafted(alice: Browser, book: Book) -> None:
    assert alice.submit(book.path("/edit/new"), editor="text", text=POOL, do="save").status_code == 303
    page = alice.page(book.path("/edit/new/rule"))
    assert "Bureau" in [str(each["value"]) for each in page.select("#names-pool option")]


def test_other_rules_that_are_in_force_since_count_instead_of_what_was_read(alice: Browser, book: Book) -> None:
    assert alice.submit(book.path("/edit/new"), editor="text", text=POOL, do="save").status_code == 303
    book.crm.rule_rows = [row for row in book.crm.rules() if row.kind not in {"rule", "test"} or row.name == "Partners"]
    assert book.take_in() == ""
    book.house.now += timedelta(minutes=20)
    text = "- rule: Everyone else\n  assign: keep\n"
    assert "No faults." in checked(alice, book, text)


def test_an_address_that_nobody_has_is_told_while_it_is_written(alice: Browser, book: Book) -> None:
    know_everybody(book)
    assert "bbo@example.com is not a user of the CRM, and gets no lead." in checked(alice, book, TYPO)


def test_who_became_inactive_is_told_beside_their_rule_and_before_it_is_published(alice: Browser, book: Book) -> None:
    know_everybody(book)
    full = {"HX-Request": "true"}
    page = BeautifulSoup(alice.get(book.path(), headers=full).text, "html.parser")
    wanted = "Bob Burns (bob@example.com) is inactive in the CRM, and gets no lead."
    (partners,) = [each for each in page.select("ol.rules > li") if "Partners" in words(only(each, "h3"))]
    assert wanted in words(only(partners, "ul.hints"))
    assert alice.submit(book.path("/edit/new"), editor="text", text=POOL, do="save").status_code == 303
    assert wanted in words(alice.page(book.path("/drafts")))


def test_nobody_is_doubted_while_the_crm_has_not_said_who_its_users_are(alice: Browser, book: Book) -> None:
    memo = StoredMemo(book.house.database, book.install.id, book.house.seal(book.install), book.house.clock)
    memo.forget(DIRECTORY)
    assert "is not a user" not in checked(alice, book, TYPO)


def test_a_pool_that_was_just_drafted_stands_among_the_pools(alice: Browser, book: Book) -> None:
    assert alice.submit(book.path("/edit/new"), editor="text", text=POOL, do="save").status_code == 303
    assert "Bureau" in words(only(alice.page(f"/installs/{book.install.id}/pools"), "main"))
