"""The page Fields: which field stands behind each name, why one does not, and choosing another one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from structlog.testing import capture_logs

from connector.desk import log
from connector.errors import Later, Refused
from connector.fieldtable import CrmField, FieldTable
from connector.rows import RuleRow
from connector.store import rulesets
from connector.store.installs import Install
from rules.model import Kind
from rules.ruleset import Source, load
from tests.connector.salesforce.conftest import LocalOrg
from tests.connector.salesforce.rich import org, rich
from tests.connector.web.kit import Browser, CheckedCrm, House
from tests.fakes import FakeCrm

__all__ = ["org", "rich"]

RULE = '- rule: Pumps\n  when: [lead.product is Pumps, lead.industry is Bankin]\n  assign: user "ana@example.com"\n'
LEAD = (
    CrmField("Product_Line__c", "Product <line>", "picklist", "text", {"Pumps": "Pumps"}, restricted=True),
    CrmField("Score__c", "Score", "number", "number"),
    CrmField("Industry", "Industry", "picklist", "text", {"Banking": "Banking"}),
)


class Desk(FakeCrm):
    """A CRM that shows its fields, or raises."""

    answer_fields: Exception | None = None

    def fields(self, kind: Kind, names: Mapping[str, str]) -> FieldTable:
        if self.answer_fields:
            raise self.answer_fields
        return super().fields(kind, names)


@pytest.fixture
def crm(house: House, acme: Install) -> Desk:
    made = Desk(rule_rows=[RuleRow("Pumps", "rule", 10, RULE, id="r1")], offered={"lead": LEAD})
    house.crms[acme.id] = cast("CheckedCrm", made)
    return made


def open_page(alice: Browser, install: Install) -> BeautifulSoup:
    return alice.page(f"/installs/{install.id}/fields")


def row(page: BeautifulSoup, name: str) -> list[str]:
    """Return the cells of a name's row, its box as what stands in it."""
    box = page.select_one(f'input[name="{name}"]')
    assert box is not None
    line = box.find_parent("tr")
    assert line is not None
    return [each.get_text(" ", strip=True) for each in line.select("th, td")]


def box(page: BeautifulSoup, name: str) -> dict[str, Any]:
    found = page.select_one(f'input[name="{name}"]')
    assert found is not None
    return dict(found.attrs)


def save(alice: Browser, install: Install, **fields: str) -> tuple[int, BeautifulSoup]:
    sent = {name.replace("_", ".", 1): api for name, api in fields.items()}
    answer = alice.submit(f"/installs/{install.id}/fields", **sent)
    if answer.status_code == 303:
        assert answer.location == f"/installs/{install.id}/fields"
        return 303, open_page(alice, install)
    return answer.status_code, BeautifulSoup(answer.text, "html.parser")


def mapping_of(crm: FakeCrm) -> str:
    return next((each.definition for each in crm.rules() if each.kind == "fields" and each.state == "live"), "")


def test_each_name_is_shown_with_its_field_its_type_and_its_state(alice: Browser, acme: Install, crm: Desk) -> None:
    page = open_page(alice, acme)
    assert row(page, "lead.industry")[:4] == ["Industry lead.industry", "Industry Industry", "picklist", "Read"]
    assert row(page, "lead.employees")[:4] == ["Number of employees lead.employees", "none", "", "No field"]
    assert box(page, "lead.score")["list"] == "lead-number"
    offered = [str(each["value"]) for each in page.select("datalist#lead-text option")]
    assert offered == ["Product_Line__c", "Industry"]
    assert page.select_one("datalist#lead-number option").get_text() == "Score"  # type: ignore[union-attr]
    assert "Product <line>" in page.text
    assert not page.select("table:has(input[name^='contact.'])"), "a kind without fields is not shown"


def test_a_choice_is_checked_published_and_told(house: House, alice: Browser, acme: Install, crm: Desk) -> None:
    with capture_logs() as said:
        status, page = save(alice, acme, lead_product="product_line__c", lead_score="Score__c")
    assert status == 303
    assert mapping_of(crm) == "- fields:\n    lead.product: Product_Line__c\n    lead.score: Score__c\n"
    assert house.rung == [acme.id]
    assert "Saved. The fields are part of your rules" in page.text
    assert "not in force yet" in page.text
    assert row(page, "lead.product")[1:4] == ["Product <line> Product_Line__c", "picklist", "Chosen"]
    assert box(page, "lead.product")["value"] == "Product_Line__c"
    (line,) = (each for each in said if each["event"] == "changed")
    assert (line["did"], log.listed(house, acme).changes[0].about) == ("fields", "lead.product, lead.score")
    status, page = save(alice, acme, lead_product="", lead_score="Score__c")
    assert mapping_of(crm) == "- fields:\n    lead.score: Score__c\n"


def test_what_is_in_force_already_says_nothing_of_waiting(
    house: House, alice: Browser, acme: Install, crm: Desk
) -> None:
    save(alice, acme, lead_product="Product_Line__c")
    sources = [Source(each.name, each.definition) for each in crm.rules()]
    with house.database.write() as connection:
        version = load(sources).version
        rulesets.put(connection, acme.id, house.seal(acme), sources=sources, version=version, now=house.now)
    assert "not in force yet" not in open_page(alice, acme).text
    status, page = save(alice, acme, lead_product="Product_Line__c")
    assert (status, "Nothing was changed: that is what there is." in page.text) == (303, True)
    assert house.rung == [acme.id]


def test_a_field_that_does_not_fit_is_told_at_its_box_and_nothing_is_saved(
    house: House, alice: Browser, acme: Install, crm: Desk
) -> None:
    status, page = save(alice, acme, lead_score="Product_Line__c", lead_product="<b>", lead_region="Score__c")
    assert status == 422
    assert "Nothing was saved" in page.select_one(".notice.bad").get_text()  # type: ignore[union-attr]
    links = {str(each["href"]): each.get_text() for each in page.select(".notice.bad a")}
    assert links == {"#lead-product": "Lead: Product", "#lead-score": "Lead: Score", "#lead-region": "Lead: Region"}
    typed = box(page, "lead.score")
    assert (typed["value"], typed["aria-invalid"], typed["aria-describedby"]) == (
        "Product_Line__c", "true", "lead-score-why",
    )  # fmt: skip
    assert page.select_one("#lead-score-why").get_text() == "Product_Line__c: wrong type. Choose another field."  # type: ignore[union-attr]
    assert "“<b>” is not the API name of a field." in page.select_one("#lead-product-why").get_text()  # type: ignore[union-attr]
    assert "aria-invalid" not in box(page, "lead.industry")
    assert mapping_of(crm) == ""
    assert house.rung == []


def test_a_field_that_has_vanished_is_told_with_what_to_do(alice: Browser, acme: Install, crm: Desk) -> None:
    save(alice, acme, lead_product="Product_Line__c")
    crm.offered = {"lead": LEAD[1:]}
    page = open_page(alice, acme)
    assert row(page, "lead.product")[1:4] == ["none", "", "Not there"]
    assert [each.get_text(strip=True) for each in page.select("tr.why")] == [
        "Product_Line__c: missing. Choose another field."
    ]


def test_values_that_no_record_has_are_listed(alice: Browser, acme: Install, crm: Desk) -> None:
    page = open_page(alice, acme)
    assert "lead.industry: no record has the value “Bankin” in Industry" in page.text
    assert "Did you mean “Banking”?" in page.text
    crm.rule_rows = [RuleRow("Pumps", "rule", 10, RULE.replace("Bankin]", "Banking]"), id="r1")]
    assert "Values that no record has" not in open_page(alice, acme).text


def test_a_broken_record_is_shown_and_not_written_over(alice: Browser, acme: Install, crm: Desk) -> None:
    crm.rule_rows = [*crm.rules(), RuleRow("fields", "fields", 20, "- fields:\n    lead.id: X\n", id="r2")]
    page = open_page(alice, acme)
    assert "lead.id cannot be another field" in page.text
    assert "disabled" in box(page, "lead.score")
    status, page = save(alice, acme, lead_score="Score__c")
    assert (status, "lead.id cannot be another field" in page.text) == (422, True)
    assert mapping_of(crm) == "- fields:\n    lead.id: X\n"


def test_rules_that_would_not_hold_take_no_choice(alice: Browser, acme: Install, crm: Desk) -> None:
    crm.rule_rows = [*crm.rules(), RuleRow("X", "rule", 20, "- rule: X\n  assign: pool Nobody\n", id="r2")]
    status, page = save(alice, acme, lead_score="Score__c")
    assert status == 422
    assert "the rules would not hold with these fields" in page.text
    red = "- test: T\n  lead: {product: Fans}\n  expect: {rule: Pumps}\n"
    crm.rule_rows = [crm.rules()[0], RuleRow("T", "test", 20, red, id="r3")]
    status, page = save(alice, acme, lead_score="Score__c")
    assert (status, "Nothing was saved" in page.text) == (422, True)


@pytest.mark.parametrize("error", [Later("Busy.", seconds=30), Refused("No fields for you.")])
def test_a_crm_that_does_not_answer_is_named_and_nothing_breaks(
    alice: Browser, acme: Install, crm: Desk, error: Exception
) -> None:
    crm.answer_fields = error
    assert f"does not say just now which fields it has: {error}" in open_page(alice, acme).text
    status, page = save(alice, acme, lead_score="Score__c")
    assert (status, f"Nothing was saved. {error}" in page.text) == (422, True)


def test_a_crm_that_shows_no_fields_leads_to_the_permission_check(alice: Browser, acme: Install, crm: Desk) -> None:
    crm.offered = {}
    page = open_page(alice, acme)
    assert "shows the connected user no fields at all" in page.text
    assert page.select_one(f"a[href='/installs/{acme.id}/check']")


def test_only_my_fields_are_mine(alice: Browser, anyone: Browser, house: House, crm: Desk) -> None:
    other = house.connect("salesforce", "00D000000000002AAA", "Other", admin="005000000000009AAA")
    assert alice.get(f"/installs/{other.id}/fields").status_code == 404
    assert alice.submit(f"/installs/{other.id}/fields", **{"lead.score": "Score__c"}).status_code == 404
    assert anyone.get(f"/installs/{other.id}/fields").status_code == 303
    assert mapping_of(crm) == ""


def test_a_save_without_a_token_is_refused(alice: Browser, acme: Install, crm: Desk) -> None:
    answer = alice.post(f"/installs/{acme.id}/fields", data={"lead.score": "Score__c"})
    assert answer.status_code == 400
    assert mapping_of(crm) == ""


def test_the_page_of_an_install_leads_here(alice: Browser, acme: Install, crm: Desk) -> None:
    links = [str(each["href"]) for each in alice.page(f"/installs/{acme.id}").select("nav.places a")]
    assert f"/installs/{acme.id}/fields" in links


@pytest.fixture
def real(house: House, acme: Install, org: LocalOrg, app: Flask, tmp_path: Path) -> Iterator[LocalOrg]:
    """The same page over a local Salesforce with its package."""
    _ = app, tmp_path
    org.reset()
    opened = org.crm()
    house.crms[acme.id] = cast("CheckedCrm", opened)
    yield org
    opened.close()


def test_an_admin_chooses_fields_of_a_real_org(real: LocalOrg, house: House, alice: Browser, acme: Install) -> None:
    page = open_page(alice, acme)
    assert row(page, "account.employees")[1:4] == ["Number Of Employees NumberOfEmployees", "number", "Read"]
    assert "Person accounts are on" in page.text
    assert "Several currencies are on" in page.text
    assert "State and country picklists are on" in page.text
    status, page = save(alice, acme, account_employees="Industry", lead_product="Product_Line__c")
    assert status == 422
    told = page.select_one("#account-employees-why")
    assert told is not None
    assert "Industry is of the type picklist, and account.employees needs a number" in told.get_text()
    assert "is read instead" not in told.get_text()
    status, page = save(alice, acme, account_employees="employees_global__c", lead_product="Product_Line__c")
    assert status == 303
    (kept,) = (each for each in real.rows("Routing_Rule__c") if each["Kind__c"] == "fields")
    lines = kept["Definition__c"].split("\n")
    assert lines == ["- fields:", "    lead.product: Product_Line__c", "    account.employees: Employees_Global__c"]
    assert row(page, "account.employees")[1:4] == [
        "Employees (Global) Employees_Global__c", "number", "Chosen",
    ]  # fmt: skip
    assert house.rung == [acme.id]


def test_what_is_ours_on_the_page_is_in_the_viewers_language(
    house: House, alice: Browser, acme: Install, crm: Desk
) -> None:
    alice.set_cookie("language", "de", domain="route.example.com")
    page = alice.page(f"/installs/{acme.id}/fields")
    labels = {str(each["for"]): each.get_text() for each in page.select("th label")}
    assert labels["lead-postal_code"] == "Postleitzahl"
    assert labels["lead-employees"] == "Mitarbeiterzahl"
