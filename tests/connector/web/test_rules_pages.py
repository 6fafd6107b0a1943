"""The pages about rules: the list, what can be done with a rule, publishing, and earlier editions."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest
from bs4 import BeautifulSoup

from connector.desk import rulebook
from connector.errors import Later
from connector.store import leases
from connector.store.installs import Install
from connector.store.shelves import StoredShelf
from tests.connector.web.kit import Browser, CheckedCrm, House
from tests.connector.web.rule_pages import Book, book, fields, only, words
from tests.connector.web.test_hubspot_rules import ShelfCrm

__all__ = ["book"]

FULL = {"HX-Request": "true"}


def listed(alice: Browser, book: Book) -> BeautifulSoup:
    """The list as the page's script asks for it."""
    return BeautifulSoup(alice.get(book.path(), headers=FULL).text, "html.parser")


def names(page: BeautifulSoup) -> list[str]:
    return [each.get_text() for each in page.select("ol.rules h3")]


def press(alice: Browser, book: Book, name: str, do: str, *, state: str = "live") -> BeautifulSoup:
    answer = alice.submit(book.path(f"/items/{book.row(name, state).id}"), do=do)
    assert answer.status_code in {303, 422}, answer.text[:500]
    if answer.status_code == 303:
        answer = alice.get(answer.headers["Location"])
    return BeautifulSoup(answer.text, "html.parser")


def test_the_page_shows_what_is_in_force_before_the_crm_is_asked(alice: Browser, book: Book) -> None:
    asked: list[str] = []
    book.crm.before = asked.append
    page = alice.page(book.path())
    assert names(page) == ["Großkunden 株式会社", "Partners", "Everyone else"]
    assert asked == []
    assert "Looking in Salesforce for drafts…" in words(page)
    assert only(page, "#rules")["hx-trigger"] == "load"
    assert not page.select("ol.rules form")


def test_the_whole_list_says_what_each_rule_does_and_which_test_expects_it(alice: Browser, book: Book) -> None:
    page = listed(alice, book)
    first, second, last = page.select("ol.rules > li")
    assert "country in list “DACH”" in words(first)
    assert "employees is at least 5,000" in words(first)
    assert 'Goes to pool "Desk" .' in words(first)
    assert "Rings the new owner." in words(first)
    assert "0 leads in 30 days" in words(first)
    assert "1 test expects it: a partner's lead goes to Bob" in words(second)
    assert "Every lead that comes this far." in words(last)
    assert "Matching" in words(only(page, "#others ~ p"))
    assert "It was edited in Salesforce" in words(page)
    assert [words(each) for each in page.select(".parts-of-rules .kind")] == ["Pool", "List", "Test"]


def test_a_crm_that_does_not_answer_leaves_the_list_as_we_have_it(alice: Browser, book: Book) -> None:
    def silent(_call: str) -> None:
        raise Later("no answer", seconds=30)

    book.crm.before = silent
    page = listed(alice, book)
    assert names(page) == ["Großkunden 株式会社", "Partners", "Everyone else"]
    assert "The CRM does not answer at the moment (no answer)." in words(only(page, ".notice.bad"))
    assert not page.select("ol.rules form")


def test_records_are_asked_for_once_a_minute_and_again_after_a_change(alice: Browser, book: Book) -> None:
    record = book.row("Partners").id
    asked: list[str] = []
    book.crm.before = asked.append
    listed(alice, book)
    listed(alice, book)
    assert asked == ["rules"]
    alice.submit(book.path(f"/items/{record}"), do="up")
    assert asked == ["rules", "rules", "put_rules"]
    assert names(listed(alice, book))[0] == "Partners"
    assert asked == ["rules", "rules", "put_rules", "rules"]


def test_a_rule_is_moved_as_a_draft_and_moved_back_without_one(alice: Browser, book: Book) -> None:
    page = press(alice, book, "Partners", "up")
    assert names(page) == ["Partners", "Großkunden 株式会社", "Everyone else"]
    assert "Draft: moved" in words(page.select("ol.rules > li")[0])
    assert book.live() == ["Großkunden 株式会社", "Partners", "Everyone else"]
    assert "1 draft is not in force yet." in words(page)
    page = press(alice, book, "Partners", "down", state="draft")
    assert names(page) == ["Großkunden 株式会社", "Partners", "Everyone else"]


def test_a_rule_is_moved_to_the_top_by_one_click(alice: Browser, book: Book) -> None:
    page = press(alice, book, "Everyone else", "top")
    assert names(page) == ["Everyone else", "Großkunden 株式会社", "Partners"]
    offered = [[words(each) for each in row.select("button")] for row in page.select("ol.rules > li")]
    assert [["To the top" in each, "Up" in each] for each in offered] == [[False, False], [False, True], [True, True]]
    page = press(alice, book, "Everyone else", "top", state="draft")
    assert "It is the first already." in words(page)


def test_the_first_rule_cannot_be_moved_up(alice: Browser, book: Book) -> None:
    page = press(alice, book, "Großkunden 株式会社", "up")
    assert "It is the first already." in words(page)


def test_a_copy_is_a_draft_right_behind_with_another_name(alice: Browser, book: Book) -> None:
    page = press(alice, book, "Großkunden 株式会社", "duplicate")
    assert names(page)[:2] == ["Großkunden 株式会社", "Großkunden 株式会社 (2)"]
    page = press(alice, book, "Großkunden 株式会社 (2)", "duplicate", state="draft")
    assert names(page)[:3] == ["Großkunden 株式会社", "Großkunden 株式会社 (2)", "Großkunden 株式会社 (2) (2)"]
    page = press(alice, book, "Großkunden 株式会社 (2)", "discard", state="draft")
    assert "The draft is gone." in words(page)
    assert "Großkunden 株式会社 (2)" not in names(page)


def test_it_is_asked_before_a_draft_is_thrown_away_with_its_text_at_hand(alice: Browser, book: Book) -> None:
    press(alice, book, "Großkunden 株式会社", "duplicate")
    page = press(alice, book, "Partners", "up")
    assert not page.select("button[value=discard]")
    for name, told in (("Partners", "What is live stays as it is."), ("Großkunden 株式会社 (2)", "never been live")):
        row = book.row(name, "draft")
        address = str(only(page, f"a[href$='/items/{row.id}/discard']")["href"])
        question = alice.page(address)
        assert f"Discard the draft of {name}?" in words(only(question, "h1"))
        assert told in words(question)
        assert only(question, "pre").get_text() == row.definition
        sent = fields(question, "main form") | {"do": "discard"}
        assert alice.post(str(only(question, "main form")["action"]), data=sent).status_code == 303
        assert alice.get(address).status_code == 303
        assert "There is no" in words(alice.page(book.path())), "no draft of it, or no such rule any more"
    assert book.live() == ["Großkunden 株式会社", "Partners", "Everyone else"]


def test_a_draft_that_was_changed_since_it_was_asked_about_is_not_thrown_away(alice: Browser, book: Book) -> None:
    press(alice, book, "Großkunden 株式会社", "duplicate")
    row = book.row("Großkunden 株式会社 (2)", "draft")
    question = alice.page(book.path(f"/items/{row.id}/discard"))
    text = row.definition.replace("5000", "9000")
    assert alice.submit(book.path(f"/edit/{row.id}"), editor="text", text=text, do="save").status_code == 303
    sent = fields(question, "main form") | {"do": "discard"}
    answer = alice.post(str(only(question, "main form")["action"]), data=sent)
    assert answer.status_code == 422
    assert "Somebody has changed the rules meanwhile." in answer.text
    assert book.row("Großkunden 株式会社 (2)", "draft").definition == text


def test_a_rule_is_switched_off_at_once_and_on_again(alice: Browser, book: Book) -> None:
    book.crm.rule_rows = [row for row in book.crm.rule_rows if row.kind != "test"]
    record = book.row("Partners").id
    question = alice.page(book.path(f"/items/{record}/off"))
    assert "Switch Partners off?" in words(only(question, "h1"))
    page = press(alice, book, "Partners", "off")
    assert book.live() == ["Großkunden 株式会社", "Everyone else"]
    assert book.house.rung[-1] == book.install.id
    assert "Partners" in words(only(page, "#off ~ ul"))
    assert book.take_in() == ""
    assert [rule.name for rule in book.in_force().rules] == ["Großkunden 株式会社", "Everyone else"]
    page = press(alice, book, "Partners", "on", state="draft")
    assert names(page) == ["Großkunden 株式会社", "Partners", "Everyone else"]
    assert book.live() == ["Großkunden 株式会社", "Partners", "Everyone else"]


def test_what_a_test_expects_is_not_switched_off(alice: Browser, book: Book) -> None:
    page = press(alice, book, "Partners", "off")
    assert "Nothing was changed" in words(only(page, "h1"))
    assert "There is no rule “Partners”." in words(page)
    assert len(book.live()) == 3


def test_what_rules_stand_on_is_not_removed(alice: Browser, book: Book) -> None:
    page = press(alice, book, "Desk", "remove")
    assert "There is no pool “Desk”" in words(only(page, "ul.faults"))
    assert book.row("Desk").state == "live"


def test_a_red_test_keeps_a_rule_in_force(alice: Browser, book: Book) -> None:
    test = next(row for row in book.crm.rule_rows if row.kind == "test")
    text = "- test: all go to the desk but partners\n  lead: {source: Partner}\n  expect: {assignee: bob@example.com}\n"
    book.crm.rule_rows = [replace(row, definition=text) if row is test else row for row in book.crm.rule_rows]
    page = press(alice, book, "Partners", "remove")
    assert "Tests of the rules fail, so nothing was changed." in words(page)
    assert "Expected assignee bob@example.com" in words(only(page, "ul.tests"))
    assert "Partners" in book.live()


def test_a_removed_rule_comes_back_with_its_edition(alice: Browser, book: Book) -> None:
    book.crm.rule_rows = [row for row in book.crm.rule_rows if row.kind != "test"]
    book.take_in()
    press(alice, book, "Partners", "remove")
    assert book.take_in() == ""
    assert "Partners" not in [rule.name for rule in book.in_force().rules]
    history = alice.page(book.path("/editions"))
    rows = history.select("tbody tr")
    assert len(rows) == 2
    assert "Alice Adams" in words(rows[0])
    assert "Partners removed" in words(rows[0])
    assert "rule “Partners”" in words(rows[0])
    shown = alice.page(book.path("/editions/1"))
    assert "Added Rule “Partners”" in words(shown)
    assert 'assign: user "bob@example.com"' in [words(each) for each in shown.select(".change ins")]
    answer = alice.submit(book.path("/editions/1"), why="it was needed")
    assert answer.status_code == 303
    for end in ("", "/editions", "/editions/1"):
        assert "Being published by Alice Adams" in words(alice.page(book.path(end)))
    assert book.take_in() == ""
    assert [rule.name for rule in book.in_force().rules] == ["Großkunden 株式会社", "Partners", "Everyone else"]
    history = alice.page(book.path("/editions"))
    assert "back to 1: it was needed" in words(history)
    assert "Being published" not in words(history)
    for end in ("1?to=2", "2?to=1"):
        compared = alice.page(book.path(f"/editions/{end}"))
        assert "from edition 1 to edition 2" in words(only(compared, "#difference"))
        assert "Removed Rule “Partners”" in words(compared)


def test_drafts_are_compared_and_published_with_a_reason(alice: Browser, book: Book) -> None:
    record = book.row("Partners").id
    form = fields(alice.page(book.path(f"/edit/{record}?as=text")), "#editor")
    form["text"] = form["text"].replace("Partner]", "Reseller]")
    assert alice.submit(book.path(f"/edit/{record}"), **form, do="save").status_code == 303
    page = alice.page(book.path("/drafts"))
    change = only(page, ".change")
    assert "Changed Rule “Partners”" in words(change)
    assert only(change, "del").get_text() == "  when: [lead.source is Partner]"
    assert only(change, "ins").get_text() == "  when: [lead.source is Reseller]"
    assert "1 of 1 tests fails." in words(page)
    assert not page.select("#publish")
    press(alice, book, "Partners", "discard", state="draft")
    assert "There are no drafts." in words(alice.page(book.path("/drafts")))
    press(alice, book, "Partners", "up")
    page = alice.page(book.path("/drafts"))
    assert "From place 2 to place 1." in words(page)
    assert "1 test passes." in words(page)
    simulate = only(page, "#leads ~ p a")
    assert "after=drafts" in str(simulate["href"])
    told = fields(page, 'form[action$="/drafts"]') | {"why": "Partners first"}
    answer = alice.submit(book.path("/drafts"), **told)
    assert answer.status_code == 303
    assert book.take_in() == ""
    assert [rule.name for rule in book.in_force().rules][:2] == ["Partners", "Großkunden 株式会社"]
    assert "Alice Adams published it" in words(alice.page(book.path()))
    assert "Partners first" in words(alice.page(book.path()))


def test_drafts_that_somebody_has_changed_since_are_not_published(alice: Browser, book: Book) -> None:
    press(alice, book, "Partners", "up")
    told = fields(alice.page(book.path("/drafts")), 'form[action$="/drafts"]')
    book.crm.rule_rows = [replace(row, definition=row.definition.replace("5000", "9000")) for row in book.crm.rule_rows]
    answer = alice.submit(book.path("/drafts"), **told)
    assert answer.status_code == 422
    assert "Somebody has changed the rules meanwhile." in answer.text
    assert book.live()[0] == "Großkunden 株式会社"


def test_two_people_do_not_write_at_once(alice: Browser, book: Book) -> None:
    with book.house.database.write() as connection:
        leases.take(connection, f"publish:{book.install.id}", "bob", now=book.house.now, seconds=60)
    page = press(alice, book, "Partners", "up")
    assert "Somebody else is changing the rules right now." in words(page)


def test_a_draft_with_a_fault_is_shown_with_its_line_and_not_published(alice: Browser, book: Book) -> None:
    record = book.row("Partners").id
    form = fields(alice.page(book.path(f"/edit/{record}?as=text")), "#editor")
    form["text"] = "- rule: Partners\n  when:\n    - lead.emplyees >= 5\n  assign: keep\n"
    assert alice.submit(book.path(f"/edit/{record}"), **form, do="save").status_code == 303
    faulty = only(listed(alice, book), "ol.rules > li.faulty")
    assert "Line 3:" in words(faulty)
    assert "lead.employees" in words(only(faulty, "ul.faults"))
    page = alice.page(book.path("/drafts"))
    assert "rule “Partners”, line 3:" in words(only(page, "ul.faults"))
    assert not page.select("#publish")
    tests = BeautifulSoup(alice.get(book.path("/tests"), headers=FULL).text, "html.parser")
    assert "The rules have faults" in words(tests)


def test_a_fault_of_records_in_the_crm_is_told_above_the_list(alice: Browser, book: Book) -> None:
    book.crm.rule_rows = [
        replace(row, definition="- rule: Partners\n  assign: nobody\n") if row.name == "Partners" else row
        for row in book.crm.rule_rows
    ]
    assert book.take_in() != ""
    page = listed(alice, book)
    assert "The newest rules in Salesforce are not valid" in words(only(page, ".notice.bad"))
    assert "is not a target" in words(only(page, "li.faulty ul.faults"))


def test_hints_stand_beside_the_rule_they_name(alice: Browser, book: Book) -> None:
    press(alice, book, "Everyone else", "up")
    page = listed(alice, book)
    dead = page.select("ol.rules > li")[2]
    assert "Partners" in words(dead)
    assert "Never right" in words(only(dead, "ul.hints"))


def test_tests_are_run_on_demand(alice: Browser, book: Book) -> None:
    page = alice.page(book.path("/tests"))
    assert "1 test passes." in words(page)
    book.crm.rule_rows = [row for row in book.crm.rule_rows if row.kind != "test"]
    rulebook.forget(book.house, book.install)
    assert "There are no tests yet." in words(alice.page(book.path("/tests")))


def test_an_install_without_rules_says_so(alice: Browser, house: House, acme: Install) -> None:
    house.crms[acme.id] = CheckedCrm(())
    path = f"/installs/{acme.id}/rules"
    page = alice.page(path)
    assert "No rules have been live yet." in words(page)
    page = BeautifulSoup(alice.get(path, headers=FULL).text, "html.parser")
    assert "There are no rules yet" in words(only(page, ".empty"))
    assert "No rules have been live yet." in words(alice.page(f"{path}/editions"))
    assert "There are no drafts." in words(alice.page(f"{path}/drafts"))


def test_what_is_not_there_is_not_shown_and_what_nobody_asks_is_refused(alice: Browser, book: Book) -> None:
    alice.page(book.path("/editions/77"), status=404)
    alice.page(f"/installs/{'0' * 32}/rules", status=404)
    assert alice.submit(book.path("/items/r1"), do="explode").status_code == 400
    answer = alice.submit(book.path("/items/none"), do="up")
    assert "There is no such rule any more." in words(alice.page(answer.headers["Location"]))


@pytest.fixture
def portal(house: House) -> Install:
    """A portal without objects for rules: they stand in our database."""
    made = house.connect("hubspot", "247187887", "Globex", admin="9586504")
    shelf = StoredShelf(house.database, made.id, house.seal(made), house.clock)
    shelf.choose("properties", why="Starter.")
    crm = ShelfCrm(name="hubspot")
    crm.shelf = shelf
    house.crms[made.id] = cast("CheckedCrm", crm)
    return made


def test_a_portal_without_objects_is_edited_the_same_way(anyone: Browser, house: House, portal: Install) -> None:
    anyone.sign_in("hubspot", "247187887", "9586504")
    path = f"/installs/{portal.id}/rules"
    assert "There are no rules yet" in words(anyone.page(path))
    text = "- rule: Alle\n  assign: keep\n"
    answer = anyone.submit(f"{path}/edit/new", editor="text", text=text, do="save")
    assert answer.status_code == 303
    page = anyone.page(path)
    assert "Draft: new" in words(only(page, "ol.rules > li"))
    told = fields(anyone.page(f"{path}/drafts"), 'form[action$="/drafts"]')
    assert anyone.submit(f"{path}/drafts", **told).status_code == 303
    (row,) = rulebook.read(house, portal).rows
    assert (row.name, row.state) == ("Alle", "live")
    StoredShelf(house.database, portal.id, house.seal(portal), house.clock).choose("properties", target="objects")
    answer = anyone.submit(f"{path}/items/{row.id}", do="duplicate")
    assert "being moved to another place" in answer.text
