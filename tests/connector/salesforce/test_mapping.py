"""Names of ours and the fields of an org: what the customer chose, what fits, what is hidden, what few orgs have.

The org of this file has features and fields that others lack, so it is one of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connector.errors import Refused
from connector.fieldtable import FieldUse
from connector.salesforce.gateway import SalesforceCrm
from connector.salesforce.mapping import find, replaced, table
from rules.field_names import changed_names
from rules.model import Kind
from rules.wording import catalogue
from tests.connector.salesforce.conftest import INTEGRATION, LocalOrg
from tests.connector.salesforce.rich import org, rich
from tests.connector.salesforce.signed_in import Memory
from tests.connector.salesforce.test_listening import Listener

__all__ = ["org", "rich"]


@pytest.fixture
def crm(org: LocalOrg) -> Iterator[SalesforceCrm]:
    org.reset()
    opened = org.crm()
    yield opened
    opened.close()


def use(crm: SalesforceCrm, name: str, api: str = "") -> FieldUse:
    kind: Kind = "account" if name.startswith("account.") else "contact" if name.startswith("contact.") else "lead"
    found = crm.fields(kind, {name: api} if api else {})
    return next(each for each in found.uses if each.name == name)


def read(crm: SalesforceCrm, kind: Kind, record_id: str) -> dict[str, Any]:
    return dict(crm.read(kind, [record_id])[record_id].fields)


def test_a_name_is_read_from_the_field_that_the_customer_chose(org: LocalOrg, crm: SalesforceCrm) -> None:
    (lead,) = org.leads(1, Product_Line__c="Pumps", acme__Score__c=81.5, Region__c="EMEA")
    (account,) = org.load("Account", [{"Name": "Big", "NumberOfEmployees": 3, "Employees_Global__c": 5000}])
    assert "product" not in read(crm, "lead", lead)
    names = {"lead.product": "product_line__C", "lead.score": "Score__c", "account.employees": "Employees_Global__c"}
    crm.use_fields(names)
    found = read(crm, "lead", lead)
    assert (found["product"], found["score"]) == ("Pumps", 81.5)
    assert read(crm, "account", account)["employees"] == 5000
    page = crm.scan("account", after=None)
    assert next(each for each in page.records if each.id == account).fields["employees"] == 5000


def test_a_rule_that_reads_a_mapped_name_as_a_custom_field_gets_the_mapped_one(
    org: LocalOrg, crm: SalesforceCrm
) -> None:
    (lead,) = org.leads(1, Region__c="EMEA", Product_Line__c="Pumps")
    crm.use_fields({"lead.region": "Region__c"})
    found = crm.read("lead", [lead], extra=["region", "Product_Line__c", "region__c"])[lead].fields
    assert (found["region"], found["Product_Line__c"], found["region__c"]) == ("EMEA", "Pumps", "EMEA")


def test_a_mapped_field_that_vanishes_falls_back_to_the_usual_one(org: LocalOrg, crm: SalesforceCrm) -> None:
    org.control("POST", "fields", {"sobject": "Account", "lines": ["Gone__c int(8)"]})
    (account,) = org.load("Account", [{"Name": "Big", "NumberOfEmployees": 3, "Gone__c": 5000}])
    crm.use_fields({"account.employees": "Gone__c"})
    assert read(crm, "account", account)["employees"] == 5000
    org.control("POST", "fields", {"sobject": "Account", "drop": "Gone__c"})
    assert read(crm, "account", account)["employees"] == 3
    told = use(crm, "account.employees", "Gone__c")
    assert (told.state, told.used and told.used.name) == ("missing", "NumberOfEmployees")
    assert "hidden from them, or it is not there. NumberOfEmployees is read instead." in told.trouble


def test_why_a_field_is_not_read_is_told_in_the_viewers_language(org: LocalOrg, crm: SalesforceCrm) -> None:
    with catalogue.speaking("de"):
        told, wrong = use(crm, "account.employees", "Gone__c"), use(crm, "lead.score", "Product_Line__c")
        assert told.trouble == (
            "Der verbundene Benutzer sieht kein Feld Gone__c: Es ist vor ihm verborgen oder nicht da. "
            "Stattdessen wird NumberOfEmployees gelesen."
        )
        assert "Visible für das Profil dieses Benutzers anhaken" in told.remedy
        assert "und lead.score braucht eine Zahl, Währung oder Prozent" in wrong.why
        assert use(crm, "lead.industry").used.type == "Auswahlliste"  # type: ignore[union-attr]


def test_a_hidden_field_stops_no_lead_and_the_way_to_show_it_is_told(org: LocalOrg, crm: SalesforceCrm) -> None:
    (lead,) = org.leads(1, Region__c="EMEA", Industry="Banking")
    crm.use_fields({"lead.region": "Region__c"})
    assert read(crm, "lead", lead)["region"] == "EMEA"
    org.control("POST", "permissions", {"user": INTEGRATION, "hide": ["Lead.Region__c", "Lead.Industry"]})
    try:
        found = read(crm, "lead", lead)
        assert "region" not in found
        assert found["last_name"] == "Lead 0"
        chosen, standard = use(crm, "lead.region", "Region__c"), use(crm, "lead.industry")
    finally:
        org.control("POST", "permissions", {"user": INTEGRATION, "show": ["Lead.Region__c", "Lead.Industry"]})
    assert chosen.state == "missing"
    assert "Setup > Object Manager > Lead > Fields & Relationships > Region__c" in chosen.remedy
    assert "Set Field-Level Security" in chosen.remedy
    assert (standard.state, standard.used) == ("hidden", None)
    assert use(crm, "lead.industry").state == "fine"


@pytest.mark.parametrize(
    ("name", "api", "words"),
    [
        ("account.employees", "Industry", "Industry is of the type picklist, and account.employees needs a number"),
        (
            "lead.score",
            "Region__c",
            "Region__c is of the type text, and lead.score needs a number, currency or percent",
        ),
        ("lead.region", "Born__c", "Born__c is of the type date, and lead.region needs text or a picklist"),
        ("account.type", "Parent_Region__c", "is of the type lookup, and account.type needs text"),
        ("lead.language", "Address", "is of the type address"),
    ],
)
def test_a_field_of_the_wrong_type_is_named_with_what_is_needed(
    crm: SalesforceCrm, name: str, api: str, words: str
) -> None:
    told = use(crm, name, api)
    assert told.state == "wrong type"
    assert words in told.why


def test_a_field_of_the_wrong_type_is_not_read(org: LocalOrg, crm: SalesforceCrm) -> None:
    (account,) = org.load("Account", [{"Name": "Big", "NumberOfEmployees": 3, "Industry": "Banking"}])
    crm.use_fields({"account.employees": "Industry"})
    assert read(crm, "account", account)["employees"] == 3


def test_choices_are_told_with_values_and_labels_and_whether_they_are_all(crm: SalesforceCrm) -> None:
    offered = crm.fields("lead", {})
    product, industry = offered.find("PRODUCT_LINE__C"), offered.find("Industry")
    assert product is not None
    assert industry is not None
    assert (dict(product.values), product.restricted) == ({"Motors": "Motors", "Pumps": "Pumps"}, True)
    assert (product.label, product.type) == ("Product Line", "picklist")
    assert "Banking" in industry.values
    assert not industry.restricted


def test_a_person_account_is_a_person_and_no_company(org: LocalOrg, crm: SalesforceCrm) -> None:
    made = org.control(
        "POST", "person", {"FirstName": "Acme", "LastName": "Industries", "PersonEmail": "acme@corp.example",
                           "Website": "corp.example"},
    )  # fmt: skip
    account, contact = read(crm, "account", made["account"]), read(crm, "contact", made["contact"])
    assert (account["person"], account["name"]) == (True, "Acme Industries")
    assert not {"website", "domain"} & account.keys()
    assert (contact["person"], contact["email"], contact["account_id"]) == (True, "acme@corp.example", made["account"])
    (company,) = org.load("Account", [{"Name": "Acme Industries", "Website": "acme.example"}])
    found = read(crm, "account", company)
    assert (found["person"], found["website"]) == (False, "acme.example")
    assert any("Person accounts are on" in note for note in crm.fields("account", {}).notes)


def test_amounts_are_told_in_the_corporate_currency(org: LocalOrg, crm: SalesforceCrm) -> None:
    rows = [
        {"Name": "Paris", "AnnualRevenue": 1_000_000, "CurrencyIsoCode": "EUR"},
        {"Name": "Boston", "AnnualRevenue": 1_000_000, "CurrencyIsoCode": "USD"},
        {"Name": "Kyoto", "AnnualRevenue": 1_000_000, "CurrencyIsoCode": "JPY"},
    ]
    ids = org.load("Account", rows)
    crm.use_fields({})
    found = crm.read("account", ids)
    assert [found[each].fields["revenue"] for each in ids] == [1_000_000.0, 800_000.0, 6_250.0]
    assert [found[each].fields["currency"] for each in ids] == ["EUR", "USD", "JPY"]
    assert all(isinstance(found[each].fields["revenue"], float) for each in ids)
    assert (
        "Several currencies are on: amounts are compared in the corporate currency, EUR."
        in crm.fields("account", {}).notes
    )


def test_rates_are_asked_for_once_and_remembered_over_connections(org: LocalOrg) -> None:
    memo, tokens = Memory(), org.sign_in()
    ids = org.load("Account", [{"Name": "Paris", "AnnualRevenue": 5, "CurrencyIsoCode": "EUR"}])
    first, second = org.crm(tokens, memo), org.crm(tokens, memo)
    first.read("account", ids)
    first.read("account", ids)
    assert first.calls == 4
    second.read("account", ids)
    assert second.calls == 1


def test_amounts_without_a_rate_count_as_empty(org: LocalOrg) -> None:
    (lead,) = org.leads(1, AnnualRevenue=5_000_000, CurrencyIsoCode="USD", Company="Muster")
    crm = org.crm()
    org.fault("query.*CurrencyType", status=400, body=[{"errorCode": "INVALID_TYPE", "message": "not supported"}])
    try:
        found = read(crm, "lead", lead)
        assert "revenue" not in found
        assert (found["currency"], found["company"]) == ("USD", "Muster")
        assert any("cannot be read: amounts count as empty" in note for note in crm.fields("lead", {}).notes)
    finally:
        org.reset()
        crm.close()


def test_codes_of_states_and_countries_come_before_their_labels(org: LocalOrg, crm: SalesforceCrm) -> None:
    coded, bare = org.create(
        "Lead",
        {"LastName": "A", "Company": "M", "State": "Kalifornien", "StateCode": "CA", "Country": "Vereinigte Staaten",
         "CountryCode": "US"},
        {"LastName": "B", "Company": "M", "Country": "France"},
    )  # fmt: skip
    found = crm.read("lead", [coded, bare])
    assert (found[coded].fields["state"], found[coded].fields["country"]) == ("CA", "US")
    assert found[bare].fields["country"] == "France"
    (account,) = org.load("Account", [{"Name": "X", "BillingCountry": "Deutschland", "BillingCountryCode": "DE"}])
    assert read(crm, "account", account)["country"] == "DE"
    assert any("CountryCode" in note for note in crm.fields("lead", {}).notes)


def test_of_three_hundred_custom_fields_only_those_that_are_asked_for_are_read(org: LocalOrg) -> None:
    lines = [f"Custom_{number}__c string(255)" for number in range(300)]
    org.control("POST", "fields", {"sobject": "Contact", "lines": lines})
    crm = org.crm()
    made = org.load("Contact", [{"LastName": "Wide", "Custom_7__c": "seven", "Custom_8__c": "eight"}])
    crm.use_fields({"contact.title": "Custom_8__c"})
    org.reset()
    found = crm.read("contact", made, extra=["Custom_7__c"])[made[0]].fields
    assert (found["Custom_7__c"], found["title"]) == ("seven", "eight")
    page = crm.scan("contact", extra=[line.split()[0] for line in lines])
    assert any(each.fields.get("Custom_8__c") == "eight" for each in page.records)
    crm.close()


def test_an_object_that_is_not_there_is_refused_in_words(org: LocalOrg) -> None:
    with pytest.raises(Refused, match="acme__Routing_Rule__c is hidden from the connected user"):
        org.crm(salesforce_namespace="acme").fields("rule", {})


def test_events_of_such_an_org_tell_what_changed_by_our_names(org: LocalOrg) -> None:
    (lead,) = org.leads(1, Product_Line__c="Motors")
    org.control("POST", "settings", {"keepalive_seconds": 0.1})
    listener = Listener(org, org.sign_in())
    try:
        listener.ready()
        change = {"Id": lead, "Product_Line__c": "Pumps", "CountryCode": "DE", "StateCode": "BY"}
        org.control("POST", "update", {"sobject": "Lead", "rows": [change]})
        changed = listener.about(lead).changed
        assert {"Product_Line__c", "country", "state"} <= set(changed)
        assert "product" in changed_names(changed, {"lead.product": "Product_Line__c"})
        made = org.control("POST", "person", {"LastName": "Muster", "PersonEmail": "ana@muster.example"})
        assert listener.about(made["account"]).change == "created"
        assert listener.about(made["contact"]).kind == "contact"
    finally:
        listener.close()
        org.control("POST", "settings", {"keepalive_seconds": 270.0})


LOWER = {name.lower(): name for name in ("Score__c", "acme__Score__c", "acme__Size__c", "a__Both__c", "b__Both__c")}


@pytest.mark.parametrize(
    ("wanted", "namespace", "found"),
    [
        ("SCORE__C", "", "Score__c"),
        ("Score__c", "acme", "Score__c"),
        ("acme__score__c", "", "acme__Score__c"),
        ("Size__c", "", "acme__Size__c"),
        ("Both__c", "", None),
        ("Both__c", "b", "b__Both__c"),
        ("Nope__c", "", None),
    ],
)
def test_a_field_is_found_in_any_case_and_without_the_prefix_of_its_package(
    wanted: str, namespace: str, found: str | None
) -> None:
    assert find(wanted, LOWER, namespace) == found


def test_only_what_is_there_and_fits_replaces_the_usual_field() -> None:
    types = {"A__c": "double", "B__c": "string"}
    lower = {name.lower(): name for name in types}
    names = {"lead.score": "a__c", "lead.region": "A__c", "lead.product": "B__c", "account.region": "B__c"}
    assert replaced("lead", names, types, lower) == {"score": "A__c", "product": "B__c"}


def test_an_inactive_choice_is_no_value() -> None:
    values = [{"value": "a", "label": "A", "active": True}, {"value": "b", "label": "B", "active": False}]
    body = {"name": "Lead", "fields": [{"name": "Industry", "type": "picklist", "picklistValues": values}]}
    (industry,) = table("lead", body, {}).offered
    assert dict(industry.values) == {"a": "A"}
