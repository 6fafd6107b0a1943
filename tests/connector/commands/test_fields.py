"""`switchyard fields`: which fields stand behind the names, and choosing others."""

from __future__ import annotations

import re
from typing import Any

import pytest
from rich.console import Console

from connector.commands import fields as fields_cli
from connector.errors import Revoked
from connector.fieldtable import CrmField
from connector.rows import RuleRow
from connector.services import Services
from tests.connector.test_cli import WIDE, connect, environ, run, services
from tests.fakes import FakeCrm

__all__ = ["environ", "services"]

OFFERED: dict[Any, tuple[CrmField, ...]] = {
    "lead": (
        CrmField("Product_Line__c", "Product\x1b[31m", "picklist", "text", {"Pumps": "Pumps"}, restricted=True),
        CrmField("Score__c", "Score", "number", "number"),
    ),
    "account": (CrmField("employees", "Employees", "number", "number"),),
}
RULE = "- rule: R\n  when: [lead.product is Fans]\n  assign: user ana@example.com\n"


@pytest.fixture
def crm(services: Services, monkeypatch: pytest.MonkeyPatch) -> FakeCrm:
    monkeypatch.setattr(fields_cli, "out", lambda: Console(width=WIDE))
    fake = FakeCrm(offered=OFFERED, rule_rows=[RuleRow("R", "rule", 10, RULE, id="r1")])
    monkeypatch.setattr(Services, "crm", lambda _self, _install: fake)
    monkeypatch.setattr(Services, "ring", lambda _self, _install_id: None)
    connect(services, "Acme")
    return fake


def mapping_of(crm: FakeCrm) -> str:
    return next((each.definition for each in crm.rules() if each.kind == "fields" and each.state == "live"), "")


def cells(output: str, name: str) -> list[str]:
    line = next(each for each in output.splitlines() if f" {name} " in each)
    return [cell.strip() for cell in line.strip("│┃ ").split("│")]


def test_a_field_is_chosen_listed_and_given_back(crm: FakeCrm) -> None:
    assert cells(run("fields", "list").output, "account.employees") == [
        "account.employees", "employees", "Employees", "number", "read",
    ]  # fmt: skip
    result = run("fields", "set", "lead.product", "product_line__c")
    assert result.output == "lead.product is read from product_line__c in Acme within seconds.\n"
    assert mapping_of(crm) == "- fields:\n    lead.product: Product_Line__c\n"
    listed = run("fields", "list").output
    assert cells(listed, "lead.product")[1:] == ["Product_Line__c", "Product[31m", "picklist", "read, chosen"]
    assert "\x1b" not in listed
    assert "lead.score" not in listed
    assert cells(run("fields", "list", "--all").output, "lead.score") == ["lead.score", "", "", "", "no field"]
    assert "the usual field is read in Acme" in run("fields", "unset", "lead.product").output
    assert mapping_of(crm) == ""
    assert run("fields", "unset", "lead.product").output == "Nothing was changed: it is so already.\n"


def test_what_is_wrong_is_told_below_the_table_with_what_to_do(crm: FakeCrm) -> None:
    run("fields", "set", "lead.product", "Product_Line__c")
    said = re.sub(r"\s+", " ", run("fields", "list").output)
    assert 'warning [unknown value] rule "R": lead.product: no record has the value “Fans”' in said
    crm.offered = {"lead": OFFERED["lead"][1:]}
    said = re.sub(r"\s+", " ", run("fields", "list").output)
    assert "lead.product: Product_Line__c: missing. Choose another field." in said
    crm.rule_rows = [RuleRow("fields", "fields", 10, "- fields:\n    lead.id: X\n", id="r1")]
    assert "lead.id cannot be another field" in run("fields", "list").output


@pytest.mark.parametrize(
    ("name", "field", "words"),
    [
        ("lead.score", "Product_Line__c", "lead.score: Product_Line__c: wrong type. Choose another field."),
        ("lead.score", "Nope__c", "lead.score: Nope__c: missing."),
        ("lead.score", "a b", "“a b” is not the API name of a field."),
        ("lead.scoer", "Score__c", "lead.scoer: This is no name that can stand for another field."),
        ("contact.title", "Title__c", "contact.title: Title__c: missing."),
    ],
)
def test_what_cannot_be_is_a_sentence_and_changes_nothing(crm: FakeCrm, name: str, field: str, words: str) -> None:
    result = run("fields", "set", name, field)
    assert result.exit_code == 1
    assert "Nothing was changed." in result.output
    assert words in re.sub(r"\s+", " ", result.output)
    assert mapping_of(crm) == ""


def test_red_tests_stop_a_choice(crm: FakeCrm) -> None:
    red = "- test: T\n  lead: {product: Pumps}\n  expect: {rule: R}\n"
    crm.rule_rows = [*crm.rules(), RuleRow("T", "test", 20, red, id="r2")]
    result = run("fields", "set", "lead.score", "Score__c")
    assert (result.exit_code, mapping_of(crm)) == (1, "")


def test_a_crm_that_does_not_let_us_in_is_a_sentence(crm: FakeCrm) -> None:
    def refuse(_call: str) -> None:
        raise Revoked("The app was removed.")

    crm.before = refuse
    for words in (("list",), ("set", "lead.score", "Score__c"), ("unset", "lead.score")):
        result = run("fields", *words)
        assert (result.exit_code, "The app was removed." in result.output) == (1, True)
