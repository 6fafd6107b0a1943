"""The vendors' shapes of seed rows, checked against what the sandboxes' own objects take."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from tests.sandbox.hubspot.standard import Property, standard_properties
from tests.sandbox.salesforce.schema import Schema
from tests.sandbox.salesforce.standard import standard_schema

from . import hubspot, salesforce
from .companies import accounts, load_companies
from .leads import leads
from .people import queues, reps
from .relations import contacts, opportunities

COMPANIES = list(accounts(900))
CONTACTS = list(contacts(COMPANIES[:300], 1))
LEADS = list(leads(COMPANIES, 600))
DEALS = list(opportunities(COMPANIES, 200, today=date(2026, 3, 2)))
SALESFORCE_ROWS = {
    "Account": [salesforce.account(company, "005x", "001x") for company in COMPANIES],
    "Contact": [salesforce.contact(contact, "001x", "005x") for contact in CONTACTS],
    "Lead": [salesforce.lead(lead) for lead in LEADS],
    "Opportunity": [salesforce.opportunity(deal, "001x", "005x") for deal in DEALS],
    "User": [salesforce.user(rep, "005x") for rep in reps()],
    "Group": [salesforce.group(queue) for queue in queues()],
}
HUBSPOT_ROWS = {
    "0-2": [hubspot.company(company, "41629779") for company in COMPANIES],
    "0-1": [hubspot.contact(contact, "41629779") for contact in CONTACTS] + [hubspot.lead(lead) for lead in LEADS],
}


@pytest.fixture(scope="module")
def schema() -> Schema:
    return standard_schema()


@pytest.mark.parametrize("name", SALESFORCE_ROWS)
def test_salesforce_rows_have_writable_fields_within_their_lengths(name: str, schema: Schema) -> None:
    sobject = schema.get(name)
    for row in SALESFORCE_ROWS[name]:
        for key, value in row.items():
            field = sobject.fields[key]
            assert field.createable, key
            assert not field.length or len(str(value)) <= field.length, (key, value)


@pytest.mark.parametrize("name", SALESFORCE_ROWS)
def test_salesforce_picklist_values_are_in_the_lists(name: str, schema: Schema) -> None:
    sobject = schema.get(name)
    for row in SALESFORCE_ROWS[name]:
        for key, value in row.items():
            allowed = {option for option, _ in sobject.fields[key].values}
            assert not allowed or value in allowed, (key, value)


@pytest.mark.parametrize("type_id", HUBSPOT_ROWS)
def test_hubspot_properties_exist_are_writable_and_hold_text_from_their_options(type_id: str) -> None:
    known: dict[str, Property] = standard_properties(type_id)
    for row in HUBSPOT_ROWS[type_id]:
        for name, value in row.items():
            assert isinstance(value, str)
            assert value
            assert not known[name].read_only, name
            assert not known[name].values or value in known[name].values, (name, value)


def test_an_account_carries_name_address_size_and_links() -> None:
    boots = next(company for company in load_companies() if company.name == "Boots")
    row = salesforce.account(boots, "005000000000001AAA", None)
    assert row.pop("Website") in {
        "boots.com",
        "www.boots.com",
        "https://www.boots.com",
        "http://boots.com/",
        "https://boots.com",
    }
    assert row == {
        "Name": "Boots",
        "Phone": "+44 115 950 6111",
        "BillingStreet": "1 Thane Road West",
        "BillingCity": "Nottingham",
        "BillingPostalCode": "NG2 3AA",
        "BillingCountry": "United Kingdom",
        "Industry": "Retail",
        "NumberOfEmployees": 52000,
        "Type": "Customer - Direct",
        "OwnerId": "005000000000001AAA",
    }


def test_a_hubspot_company_tells_customers_by_lifecycle_stage_and_industry_by_option() -> None:
    sap = next(company for company in load_companies() if company.name == "SAP SE")
    row = hubspot.company(sap, "41629779")
    assert row["industry"] == "COMPUTER_SOFTWARE"
    assert row["numberofemployees"] == "107000"
    assert (row["type"], row["lifecyclestage"]) == ("PARTNER", "other")
    assert (row["domain"], row["zip"], row["country"]) == ("sap.com", "69190", "Germany")


def test_a_lead_without_owner_leaves_the_owner_to_the_crm() -> None:
    assert all("OwnerId" not in row for row in SALESFORCE_ROWS["Lead"])
    assert all("hubspot_owner_id" not in hubspot.lead(lead) for lead in LEADS)


@pytest.mark.parametrize(
    ("employees", "option"), [(None, ""), (3, "1-5"), (25, "5-25"), (51, "50-100"), (1000, "500-1000"), (1001, "1000+")]
)
def test_employee_numbers_become_the_contact_s_ranges(employees: int | None, option: str) -> None:
    assert hubspot.employee_range(employees) == option


def test_users_have_unique_names_and_real_time_zones() -> None:
    rows = SALESFORCE_ROWS["User"]
    assert len({row["Username"] for row in rows}) == len(rows)
    assert [row["IsActive"] for row in rows].count(False) == 1
    assert all(ZoneInfo(row["TimeZoneSidKey"]).key for row in rows)


def test_owners_have_other_ids_than_their_users_and_the_one_who_left_is_archived() -> None:
    owners = [hubspot.owner(rep, number) for number, rep in enumerate(reps())]
    assert len({owner["id"] for owner in owners}) == len(owners)
    assert not {owner["id"] for owner in owners} & {str(owner["userIdIncludingInactive"]) for owner in owners}
    assert [(owner["firstName"], owner["userId"]) for owner in owners if owner["archived"]] == [("Kevin", None)]
    assert all(owner["email"].endswith("@example.com") for owner in owners)
