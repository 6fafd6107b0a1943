"""A pool in the form editor: made without a line of text, changed without losing one."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from tests.connector.web.kit import Browser
from tests.connector.web.rule_pages import Book, book, fields, only, words

__all__ = ["book"]


def pressed(alice: Browser, path: str, page: BeautifulSoup, do: str, **boxes: str) -> BeautifulSoup:
    answer = alice.submit(path, **(fields(page, "#editor") | boxes), do=do)
    assert answer.status_code == 200, answer.text[:500]
    return BeautifulSoup(answer.text, "html.parser")


def test_a_pool_is_made_and_published_without_writing_text(alice: Browser, book: Book) -> None:
    path = book.path("/edit/new")
    page = alice.page(f"{path}/pool")
    page = pressed(alice, path, page, "add-member", name="North")
    bob = {"user": "bob@example.com", "weight": "2", "cap": "10 per day", "hours": "Mon-Fri 09:00-17:00"}
    boxes = {f"member-1-{name}": value for name, value in bob.items()}
    page = pressed(alice, path, page, "add-goal", **boxes, **{"member-1-zone": "Europe/Berlin"})
    told = fields(page, "#editor") | {"goal-0-kind": "queue", "goal-0-name": "Inbound"}
    assert alice.submit(path, **told, do="save").status_code == 303
    text = book.row("North", "draft").definition
    assert "    - {user: ana@example.com, weight: 1}\n" in text
    line = "{user: bob@example.com, weight: 2, cap: 10 per day, hours: 'Mon-Fri 09:00-17:00 Europe/Berlin'}"
    assert f"    - {line}\n" in text
    version = fields(alice.page(book.path("/drafts")), 'form[action$="/drafts"]')
    assert alice.submit(book.path("/drafts"), **version).status_code == 303
    assert book.take_in() == ""
    made = book.in_force().pools["North"]
    assert [(each.user, each.weight) for each in made.members] == [("ana@example.com", 1), ("bob@example.com", 2)]
    assert [str(each) for each in made.overflow] == ['queue "Inbound"']


def test_a_member_leaves_a_pool_and_the_rest_of_its_text_stays(alice: Browser, book: Book) -> None:
    path = book.path(f"/edit/{book.row('Desk').id}")
    page = alice.page(path)
    assert [each["value"] for each in page.select("[name$=-user]")] == ["ana@example.com", "bob@example.com"]
    page = pressed(alice, path, page, "drop-member-0")
    assert alice.submit(path, **fields(page, "#editor"), do="save").status_code == 303
    assert book.row("Desk", "draft").definition == "- pool: Desk\n  members:\n    - bob@example.com\n"


def test_what_is_typed_wrong_in_a_box_is_told_and_stays_in_its_box(alice: Browser, book: Book) -> None:
    path = book.path(f"/edit/{book.row('Desk').id}")
    page = pressed(alice, path, alice.page(path), "add-goal", **{"member-0-weight": "heavy"})
    assert fields(page, "#editor")["member-0-weight"] == "heavy"
    assert "The weight" in words(page.select_one("#checked") or page)


HALF_FILLED = [
    ({"member-2-cap": "10 per day"}, "add-member", "member-2-user", "Member 3: who is it?"),
    ({"member-2-weight": "3"}, "add-member", "member-2-user", "Member 3: who is it?"),
    ({"member-0-user": ""}, "", "member-0-user", "Member 1: who is it?"),
    ({"member-1-zone": "Europe/Paris"}, "", "member-1-hours", "Member 2: a time zone needs hours."),
    ({"zone": "Europe/Paris"}, "", "hours", "A time zone needs hours."),
    ({"goal-0-name": "Inbound"}, "add-goal", "goal-0-name", "Target 1: “keep” has no name."),
    ({"goal-0-kind": "pool"}, "add-goal", "goal-0-name", "Target 1: which pool?"),
]
"""What is filled in, which button makes the row, which box is wrong, and what is said at it."""


@pytest.mark.parametrize("half", HALF_FILLED)
def test_a_pool_that_is_half_filled_in_is_not_saved_and_keeps_what_was_typed(
    alice: Browser, book: Book, half: tuple[dict[str, str], str, str, str]
) -> None:
    boxes, button, box, what = half
    path = book.path(f"/edit/{book.row('Desk').id}")
    page = alice.page(path)
    page = pressed(alice, path, page, button) if button else page
    told = fields(page, "#editor") | boxes
    answer = alice.submit(path, **told, do="save")
    assert answer.status_code == 422
    page = BeautifulSoup(answer.text, "html.parser")
    (marked,) = page.select("[aria-invalid=true]")
    assert (marked["name"], marked["aria-describedby"]) == (box, f"{box}-why")
    assert words(only(page, f"#{box}-why")).startswith(what)
    assert words(only(page, f'#boxes [role=alert] a[href="#{box}"]')).startswith(what)
    assert fields(page, "#editor") | {"csrf_token": ""} == told | {"csrf_token": ""}
    assert not [row for row in book.crm.rules() if row.state == "draft"]


def test_a_member_of_whom_nothing_is_said_is_nobody(alice: Browser, book: Book) -> None:
    path = book.path(f"/edit/{book.row('Desk').id}")
    page = pressed(alice, path, alice.page(path), "add-member")
    assert alice.submit(path, **fields(page, "#editor"), do="save").status_code == 303
    assert not [row for row in book.crm.rules() if row.state == "draft"]


def test_a_large_pool_loses_nobody_by_the_form(alice: Browser, book: Book) -> None:
    people = "".join(f"    - rep{number}@example.com\n" for number in range(300))
    text = f"- pool: Desk\n  members:\n{people}"
    path = book.path(f"/edit/{book.row('Desk').id}")
    told = fields(alice.page(f"{path}?as=text"), "#editor") | {"text": text}
    page = pressed(alice, path, alice.page(f"{path}?as=text"), "form", **told)
    told = fields(page, "#editor") | {"member-0-weight": "2"}
    assert alice.submit(path, **told, do="save").status_code == 303
    expected = text.replace("- rep0@example.com", "- {user: rep0@example.com, weight: 2}")
    assert book.row("Desk", "draft").definition == expected


def test_the_form_and_the_text_of_a_pool_are_the_same_pool(alice: Browser, book: Book) -> None:
    path = book.path(f"/edit/{book.row('Desk').id}")
    page = pressed(alice, path, alice.page(path), "text", **{"by": "fewest open leads", "open-leads": "40"})
    text = fields(page, "#editor")["text"]
    assert "  by: fewest open leads\n  open leads: 40\n" in text
    page = pressed(alice, path, page, "form", text=text.replace("40", "30"))
    assert (fields(page, "#editor")["by"], fields(page, "#editor")["open-leads"]) == ("fewest open leads", "30")
    assert alice.submit(path, **fields(page, "#editor"), do="save").status_code == 303
    assert "open leads: 30" in book.row("Desk", "draft").definition
