"""What is wrong with rules is read in the language of who looks: in the editor, on the rules' page and by the API."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from connector.store.installs import Install
from rules.ruleset import RuleSetError, load, split
from rules.ruleset import Source as Text
from rules.wording import catalogue
from rules.wording.told_faults import fault_told
from tests.connector.api.kit import Program, key_of, program
from tests.connector.web.kit import Browser, House
from tests.connector.web.rule_pages import Book, book, fields, only, words

__all__ = ["book"]

HOST = "route.example.com"
VIEWERS = ("fr", "pt_BR")
WRONG = """\
- rule: Partners
  when: [lead.source is Partner, lead.emploees >= 10]
  assign: pool "Nowhere"
"""


def faults(text: str, language: str) -> list[str]:
    """Return what is wrong with a text as somebody reads it who speaks this language."""
    with pytest.raises(RuleSetError) as caught:
        load([Text("r1", text)])
    with catalogue.speaking(language):
        told = [fault_told(each) for each in caught.value.faults]
    return [" ".join(f"{each.message} {each.remedy}".split()) for each in told]


def speaks(viewer: str) -> dict[str, str]:
    return {"Accept-Language": viewer.replace("_", "-")}


@pytest.fixture
def caller(house: House, acme: Install, alice: Browser) -> Program:
    return program(alice.application, key_of(house, acme))


@pytest.mark.parametrize("viewer", VIEWERS)
def test_the_editor_tells_faults_in_the_viewers_language(alice: Browser, book: Book, viewer: str) -> None:
    alice.set_cookie("language", viewer, domain=HOST)
    path = book.path(f"/edit/{book.row('Partners').id}")
    told = fields(alice.page(f"{path}?as=text"), "#editor") | {"text": WRONG}
    page = BeautifulSoup(alice.submit(f"{path}/check", **told).text, "html.parser")
    found = words(page)
    first, _ = faults(WRONG, viewer)
    assert first in found
    assert first not in faults(WRONG, "en")
    assert "There is no" not in found
    assert "lead.employees" in found


@pytest.mark.parametrize("viewer", VIEWERS)
def test_the_list_tells_faults_of_records_and_why_they_are_not_in_force(
    alice: Browser, book: Book, viewer: str
) -> None:
    book.crm.rule_rows = [
        replace(row, definition=WRONG) if row.name == "Partners" else row for row in book.crm.rule_rows
    ]
    assert "There is no field lead.emploees." in book.take_in()
    alice.set_cookie("language", viewer, domain=HOST)
    page = BeautifulSoup(alice.get(book.path(), headers={"HX-Request": "true"}).text, "html.parser")
    first, _ = faults(WRONG, viewer)
    assert first in words(only(page, "li.faulty ul.faults"))
    kept = words(only(page, ".notice pre"))
    assert first in kept
    assert "There is no" not in kept
    assert first in words(alice.page(f"/installs/{book.install.id}"))


@pytest.mark.parametrize("viewer", VIEWERS)
def test_the_api_tells_faults_as_the_request_asks(caller: Program, book: Book, viewer: str) -> None:
    found = caller.ask("POST", "/rules/validate", json={"text": WRONG}, headers=speaks(viewer))
    told = [" ".join(f"{each['message']} {each['remedy']}".split()) for each in found["faults"]]
    assert told == faults(WRONG, viewer)
    assert not set(told) & set(faults(WRONG, "en"))
    refused = caller.ask("PUT", "/rules/text", json={"text": WRONG}, headers=speaks(viewer), status=422)
    assert faults(WRONG, viewer)[0] in [" ".join(each["detail"].split()) for each in refused["errors"]]
    assert caller.ask("POST", "/rules/validate", json={"text": WRONG})["faults"][0]["message"].startswith("There is")


@pytest.mark.parametrize("viewer", VIEWERS)
def test_a_red_test_is_told_in_the_viewers_language(caller: Program, book: Book, viewer: str) -> None:
    text = "\n".join(item.text for item in split(caller.ask("GET", "/rules/text")["text"]))
    red = text.replace("assignee: bob@example.com", "assignee: ana@example.com")
    refused = caller.ask("PUT", "/rules/text", json={"text": red}, headers=speaks(viewer), status=422)
    lines = [each["detail"] for each in refused["errors"]]
    assert any("ana@example.com" in line and "bob@example.com" in line for line in lines)
    assert not any("expected" in line for line in lines)
