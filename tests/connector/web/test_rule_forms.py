"""The two editors of one rule: what one writes the other shows, nothing is lost, and faults have their lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TypeAlias

import pytest
from bs4 import BeautifulSoup

from connector.desk.rule_starters import STARTERS
from connector.errors import Later
from tests.connector.web.kit import Browser
from tests.connector.web.rule_pages import Book, book, fields, only, words

__all__ = ["book"]

RULE = """\
# who is large
- rule: Großkunden 株式会社
  # both
  when:
    - lead.country in list "DACH"
    - any:
        - lead.employees >= 5000
        - account.employees >= 5000
  wait: {for: account.employees, at most: 10 minutes}
  assign: pool "Desk"   # the desk
  notify: true
"""


@pytest.fixture
def path(book: Book) -> str:
    """The editor of the first rule."""
    book.crm.rule_rows = [
        replace(row, definition=RULE) if row.name.startswith("Groß") else row for row in book.crm.rule_rows
    ]
    return book.path(f"/edit/{book.row('Großkunden 株式会社').id}")


def sent(alice: Browser, path: str, told: dict[str, str], do: str, *, status: int = 200) -> BeautifulSoup:
    answer = alice.submit(path, **told, do=do)
    assert answer.status_code == status, answer.text[:500]
    return BeautifulSoup(answer.text, "html.parser")


def draft(book: Book, name: str = "Großkunden 株式会社") -> str:
    return book.row(name, "draft").definition


def test_the_form_shows_the_rule_and_names_what_it_cannot(alice: Browser, path: str) -> None:
    page = alice.page(path)
    told = fields(page, "#editor")
    assert told["name"] == "Großkunden 株式会社"
    assert (told["when-0-field"], told["when-0-operator"], told["when-0-value"]) == (
        "lead.country", "in", 'list "DACH"',
    )  # fmt: skip
    assert told["when-1-raw"].startswith("any:\n  - lead.employees >= 5000")
    assert (told["goal-0-kind"], told["goal-0-name"], told["notify"]) == ("pool", "Desk", "always")
    assert "The text also says: wait." in words(page)
    assert "account.employees" in {each["value"] for each in page.select("#fields option")}
    assert [each["value"] for each in page.select("#names-pool option")] == ["Desk"]
    assert "Germany" in {each["value"] for each in page.select("#when-0-values option")}
    assert "between" not in {each.get_text() for each in page.select("select[name=when-0-operator] option")}


def test_saving_the_form_as_it_stands_changes_nothing(alice: Browser, book: Book, path: str) -> None:
    answer = alice.submit(path, **fields(alice.page(path), "#editor"), do="save")
    assert answer.status_code == 303
    assert not [row for row in book.crm.rules() if row.state == "draft"]


def test_the_form_changes_only_what_it_was_asked_to(alice: Browser, book: Book, path: str) -> None:
    told = fields(alice.page(path), "#editor")
    told |= {"when-0-operator": "is", "when-0-value": "Österreich", "task": "none", "seen": ""}
    assert alice.submit(path, **told, do="save").status_code == 303
    expected = RULE.replace('lead.country in list "DACH"', "lead.country is Österreich")
    assert draft(book).replace("  task: false\n", "") == expected
    assert "  task: false\n" in draft(book)


def test_rows_are_added_and_dropped_without_saving(alice: Browser, book: Book, path: str) -> None:
    page = sent(alice, path, fields(alice.page(path), "#editor"), "add-when")
    assert len(page.select("[name$=-field]")) == 2
    page = sent(alice, path, fields(page, "#editor"), "add-step")
    page = sent(alice, path, fields(page, "#editor"), "add-goal")
    told = fields(page, "#editor")
    assert told["step-0-after"] == "30 minutes"
    assert told["goal-1-kind"] == "keep"
    told |= {"when-2-value": "A, B", "when-2-field": "lead.title", "step-0-deed": "tell", "step-0-to": "manager"}
    told |= {"step-0-working": "yes"}
    page = sent(alice, path, told, "drop-when-1")
    assert "any:" not in fields(page, "#editor").get("when-1-raw", "")
    assert not [row for row in book.crm.rules() if row.state == "draft"]
    answer = alice.submit(path, **fields(page, "#editor"), do="save")
    assert answer.status_code == 303
    assert "  otherwise:\n    - keep\n" in draft(book)
    assert "  escalate:\n    - after: 30 minutes\n      to: manager\n      clock: working\n" in draft(book)
    assert "any:" not in draft(book)
    assert "wait: {for: account.employees, at most: 10 minutes}" in draft(book)


def test_switching_editors_keeps_what_was_typed(alice: Browser, book: Book, path: str) -> None:
    told = fields(alice.page(path), "#editor") | {"name": "Ganz Große: 大"}
    page = sent(alice, path, told, "text")
    told = fields(page, "#editor")
    assert "- rule: 'Ganz Große: 大'" in told["text"]
    assert "# who is large" in told["text"]
    told["text"] = told["text"].replace("notify: true", "notify: false")
    page = sent(alice, path, told, "form")
    told = fields(page, "#editor")
    assert told["name"] == "Ganz Große: 大"
    assert told["notify"] == "never"
    answer = alice.submit(path, **told, do="save")
    assert answer.status_code == 303
    assert "notify: false" in draft(book)
    assert "Draft: changed" in words(alice.page(answer.headers["Location"]))
    version = fields(alice.page(book.path("/drafts")), 'form[action$="/drafts"]')
    assert alice.submit(book.path("/drafts"), **version).status_code == 303
    assert book.take_in() == ""
    assert book.live()[0] == "Ganz Große: 大"
    assert book.in_force().rules[0].name == "Ganz Große: 大"


Half: TypeAlias = tuple[dict[str, str], list[str], str, str]
LEFT_OUT: list[Half] = [
    ({"when-2-field": " ", "when-2-value": "Germany"}, ["add-when"], "when-2-field", "Condition 3: which field?"),
    ({"when-0-operator": "is empty"}, [], "when-0-value", "Condition 1: “is empty” needs no value."),
    ({"goal-1-kind": "keep", "goal-1-name": "Desk"}, ["add-goal"], "goal-1-name", "Target 2: “keep” has no name."),
    ({"step-0-after": "", "step-0-to": "manager"}, ["add-step"], "step-0-after", "Step 1: after how long?"),
    ({"step-0-after": "", "step-0-deed": "reassign"}, ["add-step"], "step-0-after", "Step 1: after how long?"),
    ({"step-0-after": " ", "step-0-working": "yes"}, ["add-step"], "step-0-after", "Step 1: after how long?"),
    ({"step-0-to": "manager"}, ["add-step"], "step-0-to", "Step 1: nobody is told by it."),
    ({"task": "usual", "subject": "Call them today"}, [], "subject", "No task has these words."),
    ({"task": "none", "due": "30 minutes"}, [], "due", "No task has these words."),
]
"""What stands in boxes and in no text, which buttons make the boxes, which box is wrong, and what is said at it."""
UNFINISHED: list[Half] = [
    ({"when-2-field": "lead.title"}, ["add-when"], "when-2-value", "Condition 3: write the value to compare with"),
    ({"when-0-value": ""}, [], "when-0-value", "Condition 1: write the value to compare with"),
    ({"goal-1-kind": "queue"}, ["add-goal"], "goal-1-name", "Target 2: which queue?"),
]
"""What the text says, and is wrong there."""


def boxes_of(page: BeautifulSoup) -> dict[str, str]:
    """What stands on the form, without its token, which is another on each page."""
    return {name: value for name, value in fields(page, "#editor").items() if name != "csrf_token"}


def filled(alice: Browser, path: str, boxes: dict[str, str], buttons: list[str]) -> dict[str, str]:
    """The form after the buttons, with these boxes filled in."""
    page = alice.page(path)
    for button in buttons:
        page = sent(alice, path, fields(page, "#editor"), button)
    return boxes_of(page) | boxes


def told_at(page: BeautifulSoup, box: str, words_: str) -> None:
    """See that a box is marked as wrong, is described by what to do, and is led to from the notice above."""
    marked = only(page, f"#{box}")
    assert (marked["name"], marked["aria-invalid"]) == (box, "true")
    assert f"{box}-why" in str(marked["aria-describedby"]).split()
    assert words(only(page, f"#{box}-why")).startswith(words_)
    assert words(only(page, f'#boxes [role=alert] a[href="#{box}"]')).startswith(words_)


@pytest.mark.parametrize("half", [*LEFT_OUT, *UNFINISHED])
def test_a_form_that_is_half_filled_in_is_not_saved_and_keeps_what_was_typed(
    alice: Browser, book: Book, path: str, half: Half
) -> None:
    boxes, buttons, box, what = half
    told = filled(alice, path, boxes, buttons)
    page = sent(alice, path, told, "save", status=422)
    assert "Nothing was saved: something is half filled in." in words(only(page, "#boxes [role=alert]"))
    told_at(page, box, what)
    assert len(page.select("[aria-invalid=true]")) == 1
    assert boxes_of(page) == told
    assert only(page, "#editor")["data-guarded"] == "changed"
    assert not [row for row in book.crm.rules() if row.state == "draft"]


@pytest.mark.parametrize("half", LEFT_OUT)
def test_switching_to_the_text_asks_before_it_loses_what_is_half_filled_in(
    alice: Browser, path: str, half: Half
) -> None:
    boxes, buttons, box, what = half
    told = filled(alice, path, boxes, buttons)
    checked = BeautifulSoup(alice.submit(f"{path}/check", **told).text, "html.parser")
    assert words(checked).startswith(what), "it is told beside the form while somebody writes"
    page = sent(alice, path, told, "text")
    assert "The text cannot say all of this yet" in words(only(page, "#editor .notice"))
    told_at(page, box, what)
    still = boxes_of(page)
    assert still == told
    assert only(page, "#editor")["data-guarded"] == "changed"
    page = sent(alice, path, still, str(only(page, "#editor .notice button")["value"]))
    assert page.select("textarea#text")
    assert not page.select("#editor .notice")


def test_what_the_text_can_say_is_no_reason_to_ask(alice: Browser, path: str) -> None:
    page = sent(alice, path, filled(alice, path, {"when-2-field": "lead.title"}, ["add-when"]), "text")
    assert "    - lead.title is\n" in fields(page, "#editor")["text"]


def test_rows_in_which_nothing_stands_are_nothing(alice: Browser, book: Book, path: str) -> None:
    told = filled(alice, path, {"step-0-after": ""}, ["add-when", "add-step"])
    assert told["when-2-field"] == ""
    assert alice.submit(path, **told, do="save").status_code == 303
    assert not [row for row in book.crm.rules() if row.state == "draft"]


def test_a_button_of_a_row_says_nothing_of_what_is_not_written_yet(alice: Browser, path: str) -> None:
    page = sent(alice, path, filled(alice, path, {"when-0-value": ""}, []), "add-step")
    assert not page.select("[aria-invalid]")


def test_a_member_without_an_address_is_asked_about_before_the_text_loses_them(alice: Browser, book: Book) -> None:
    path = book.path(f"/edit/{book.row('Desk').id}")
    page = sent(alice, path, fields(alice.page(path), "#editor"), "add-member")
    page = sent(alice, path, fields(page, "#editor"), "text")
    assert page.select("textarea#text"), "a row in which nothing stands is nothing to lose"
    page = sent(alice, path, fields(page, "#editor"), "form")
    page = sent(alice, path, fields(page, "#editor"), "add-member")
    page = sent(alice, path, fields(page, "#editor") | {"member-2-cap": "10 per day"}, "text")
    assert "The text cannot say all of this yet" in words(only(page, "#editor .notice"))
    assert fields(page, "#editor")["member-2-cap"] == "10 per day"


def test_an_editor_says_whether_it_holds_what_is_saved_nowhere(alice: Browser, book: Book, path: str) -> None:
    def guarded(page: BeautifulSoup) -> str:
        return str(only(page, "#editor")["data-guarded"])

    page = alice.page(path)
    assert guarded(page) == ""
    told = fields(page, "#editor")
    assert guarded(sent(alice, path, told, "text")) == "", "the other editor shows what is saved"
    page = sent(alice, path, told | {"name": "Another"}, "text")
    assert guarded(page) == "changed"
    assert guarded(sent(alice, path, fields(page, "#editor") | {"text": RULE}, "form")) == ""
    assert guarded(sent(alice, path, told | {"name": "Partners"}, "save", status=422)) == "changed"
    new = alice.page(book.path("/edit/new/pool"))
    assert guarded(new) == ""
    assert (
        guarded(sent(alice, book.path("/edit/new"), fields(new, "#editor") | {"name": "X"}, "add-member")) == "changed"
    )


def test_a_text_with_faults_cannot_be_a_form(alice: Browser, path: str) -> None:
    told = fields(alice.page(f"{path}?as=text"), "#editor") | {"text": "- rule: X\n  when: [lead.country is]\n"}
    page = sent(alice, path, told, "form")
    assert page.select("textarea#text")
    assert only(page, "button[value=form]").has_attr("disabled")
    assert "The form is there again when the text has no faults" in words(page)


def test_faults_of_a_form_stay_on_the_form(alice: Browser, path: str) -> None:
    told = fields(alice.page(path), "#editor") | {"goal-0-name": "Nobody"}
    page = sent(alice, path, told, "refresh")
    assert fields(page, "#editor")["goal-0-name"] == "Nobody"
    assert "There is no pool “Nobody”" in words(only(page, "#checked .faults"))
    told["when-0-value"] = ""
    page = sent(alice, path, told, "refresh")
    assert fields(page, "#editor")["when-0-field"] == "lead.country"


def test_a_text_is_checked_while_it_is_written(alice: Browser, path: str) -> None:
    told = fields(alice.page(f"{path}?as=text"), "#editor")
    told["text"] = RULE.replace("lead.employees >= 5000", "lead.emploees >= 5000")
    page = BeautifulSoup(alice.submit(f"{path}/check", **told).text, "html.parser")
    (fault,) = page.select(".faults li")
    assert (fault["data-line"], fault["data-column"]) == ("7", "11")
    assert "lead.employees" in words(fault)
    told["text"] = RULE
    page = BeautifulSoup(alice.submit(f"{path}/check", **told).text, "html.parser")
    assert "No faults." in words(page)
    assert 'Goes to pool "Desk" .' in words(page)
    assert "Waits up to 10 minutes for account.employees." in words(page)


def test_a_draft_is_checked_in_place_of_the_live_one(alice: Browser, book: Book, path: str) -> None:
    told = fields(alice.page(f"{path}?as=text"), "#editor") | {"text": RULE.replace("5000", "7000")}
    assert alice.submit(path, **told, do="save").status_code == 303
    assert "No faults." in words(only(alice.page(path), "#checked"))
    (row,) = [row for row in book.crm.rules() if row.state == "draft"]
    assert "No faults." in words(only(alice.page(book.path(f"/edit/{row.id}")), "#checked"))


def test_what_a_change_does_to_other_items_is_told_with_them(alice: Browser, book: Book) -> None:
    path = book.path(f"/edit/{book.row('Desk').id}")
    told = fields(alice.page(f"{path}?as=text"), "#editor")
    told["text"] = "- pool: Bureau\n  members: [ana@example.com]\n"
    page = BeautifulSoup(alice.submit(f"{path}/check", **told).text, "html.parser")
    others = [words(each) for each in page.select(".other")]
    assert any(each.startswith("rule “Everyone else”, line 2:") for each in others), others


def test_checking_needs_the_forms_token(alice: Browser, path: str) -> None:
    assert alice.post(f"{path}/check", data={"text": RULE}).status_code == 400


def test_who_was_overtaken_keeps_their_text_and_sees_the_other(alice: Browser, book: Book, path: str) -> None:
    told = fields(alice.page(f"{path}?as=text"), "#editor")
    other = RULE.replace("5000", "9000")
    book.crm.rule_rows = [
        replace(row, definition=other) if row.name.startswith("Groß") else row for row in book.crm.rule_rows
    ]
    told["text"] = RULE.replace("5000", "7000")
    page = sent(alice, path, told, "save", status=422)
    assert "Somebody has changed the rules meanwhile." in words(only(page, ".notice.bad"))
    assert ">= 7000" in only(page, "textarea#text").get_text()


@pytest.mark.parametrize("do", ["text", "add-when", "refresh"])
def test_who_was_overtaken_between_two_editors_is_told_too(alice: Browser, book: Book, path: str, do: str) -> None:
    told = fields(alice.page(path), "#editor")
    other = RULE.replace("5000", "9000")
    book.crm.rule_rows = [
        replace(row, definition=other) if row.name.startswith("Groß") else row for row in book.crm.rule_rows
    ]
    book.house.now += timedelta(minutes=2)
    page = sent(alice, path, told, do)
    page = sent(alice, path, fields(page, "#editor"), "save", status=422)
    assert "Somebody has changed the rules meanwhile." in words(only(page, ".notice.bad"))


def test_a_crm_that_does_not_take_a_draft_loses_no_text(alice: Browser, book: Book, path: str) -> None:
    told = fields(alice.page(f"{path}?as=text"), "#editor") | {"text": RULE.replace("5000", "7000")}

    def silent(call: str) -> None:
        if call == "put_rules":
            raise Later("no answer", seconds=30)

    book.crm.before = silent
    page = sent(alice, path, told, "save", status=422)
    assert "The CRM does not answer at the moment" in words(only(page, ".notice.bad"))
    assert ">= 7000" in only(page, "textarea#text").get_text()


@pytest.mark.parametrize("kind", list(STARTERS))
def test_a_new_item_of_each_kind_begins_without_faults_of_its_own(alice: Browser, book: Book, kind: str) -> None:
    page = alice.page(book.path(f"/edit/new/{kind}?as=text"))
    assert only(page, "textarea#text").get_text().removeprefix("\n") == STARTERS[kind]
    assert not page.select("#checked .faults li"), words(only(page, "#checked"))
    answer = alice.submit(book.path("/edit/new"), **fields(page, "#editor"), do="save")
    assert answer.status_code == 303
    (row,) = [row for row in book.crm.rules() if row.state == "draft"]
    assert row.kind == kind


def test_a_new_rule_stands_before_the_one_that_takes_all_that_is_left(alice: Browser, book: Book) -> None:
    told = fields(alice.page(book.path("/edit/new/rule")), "#editor") | {"name": "Neue Regel"}
    assert alice.submit(book.path("/edit/new"), **told, do="save").status_code == 303
    drafted = sorted(book.crm.rules(), key=lambda row: row.position)
    assert [row.name for row in drafted if row.kind == "rule"][-2:] == ["Neue Regel", "Everyone else"]


def test_a_name_that_is_taken_is_refused(alice: Browser, book: Book) -> None:
    text = "- rule: Partners\n  assign: keep\n"
    page = sent(alice, book.path("/edit/new"), {"editor": "text", "text": text}, "save", status=422)
    assert "There is a rule “Partners” already." in words(page)


def test_what_is_no_single_item_is_refused_with_the_remedy(alice: Browser, book: Book) -> None:
    two = "- rule: A\n  assign: keep\n- rule: B\n  assign: keep\n"
    page = sent(alice, book.path("/edit/new"), {"editor": "text", "text": two}, "save", status=422)
    assert "here begins a second" in words(only(page, "#checked"))
    page = sent(alice, book.path("/edit/new"), {"editor": "text", "text": ""}, "save", status=422)
    assert "nothing was changed" in words(only(page, ".notice.bad"))


def test_a_text_of_the_greatest_length_is_taken_and_a_longer_one_told(alice: Browser, book: Book) -> None:
    line = "    - {user: ana@example.com, weight: 1} # 株式会社\n"
    text = "- list: Long\n  values:\n" + "".join(f"    - 株式会社 {number}\n" for number in range(3000))
    answer = alice.submit(book.path("/edit/new"), editor="text", text=text, do="save")
    assert answer.status_code == 303
    page = sent(alice, book.path("/edit/new"), {"editor": "text", "text": text + line * 900}, "save", status=422)
    assert "nothing was changed" in words(only(page, ".notice.bad"))


def test_the_editor_works_without_a_script(alice: Browser, path: str) -> None:
    page = alice.page(f"{path}?as=text")
    box = only(page, "textarea#text")
    assert only(page, "label[for=text]").get_text() == "The text"
    assert box["name"] == "text"
    assert not page.select("[style], style, script:not([src])")


def test_an_item_that_is_gone_leads_back_to_the_list(alice: Browser, book: Book) -> None:
    answer = alice.get(book.path("/edit/gone"))
    assert answer.status_code == 303
    assert "There is no such rule any more." in words(alice.page(answer.headers["Location"]))
    alice.page(book.path("/edit/new/nonsense"), status=404)
