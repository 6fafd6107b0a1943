"""The fields that have a name of ours are known by the CRMs' names too; and what follows from other fields."""

from __future__ import annotations

import pytest

from connector.hubspot import fields as hubspot
from connector.hubspot import history as deals
from connector.salesforce import fields as salesforce
from connector.salesforce import history as opportunities
from rules.api_names import API_NAMES
from rules.fields import ALIASES, CANONICAL, canonical, facts, is_custom
from rules.matching import preferences
from rules.model import Candidate, Match, Record, Value, Verdict
from rules.wording import templates
from tests.rules.make import account, lead, ruleset

OURS = {"switchyard_decision", salesforce.LEAD_LINK, salesforce.LEAD_STAMP["decision"]}
SCOPES = ("lead", "account", "contact")


def read_from_salesforce() -> set[tuple[str, str]]:
    told = {(f"{kind}.{name}", api) for kind in SCOPES for name, api in salesforce.FIELDS[kind].items()}  # type: ignore[index]
    told |= {(f"opportunity.{name}", api) for name, api in opportunities.FIELDS.items()}
    of_all = {"owner_id": salesforce.OWNER, "created_at": salesforce.CREATED, "modified_at": salesforce.MODIFIED}
    return told | {(f"{kind}.{name}", api) for kind in SCOPES for name, api in of_all.items()}


def read_from_hubspot() -> set[tuple[str, str]]:
    names = {"lead": hubspot._LEAD, "account": hubspot._ACCOUNT}
    told = {(f"{kind}.{name}", api) for kind, all_ in names.items() for name, api in all_.items()}
    told |= {(f"{kind}.owner_id", hubspot.OWNER) for kind in names}
    told |= {(f"{kind}.modified_at", api) for kind, api in hubspot.MODIFIED.items() if kind in names}
    of_deals = {"name": deals.NAME, "stage": deals.STAGE, "amount": deals.AMOUNT, "close_date": deals.CLOSE_DATE}
    return told | {(f"opportunity.{name}", api) for name, api in of_deals.items()}


def test_every_field_that_a_connector_reads_is_known_by_its_api_name() -> None:
    for field, api in read_from_salesforce() | read_from_hubspot():
        if api not in OURS and api != "AccountId":
            scope = field.partition(".")[0]
            assert {canonical(f"{scope}.{each}") for each in (api, api.upper(), api.lower())} == {field}


def test_no_api_name_means_two_fields_and_each_means_one_that_there_is() -> None:
    told = [
        (scope, name, api.casefold()) for scope in API_NAMES for name, all_ in API_NAMES[scope].items() for api in all_
    ]
    assert len({(scope, api) for scope, _, api in told}) == len(told)
    assert all(name in CANONICAL[scope] for scope, name, _ in told)
    assert not [api for scope, _, api in told if api in CANONICAL[scope]]
    assert all(alias == alias.casefold() for alias in ALIASES)


def test_a_rule_that_names_a_standard_field_by_its_api_name_reads_the_canonical_one() -> None:
    found = ruleset(
        """
- rule: A
  when: [lead.LeadSource is Web, lead.Tier__c is Gold, lead.hs_lead_status is NEW]
  assign: keep
  task: {subject: "Call {lead.FirstName} of {account.BillingCity}", due: 1 hour}
  wait: {for: [lead.NumberOfEmployees], at most: 10 minutes}
"""
    )
    assert (found.reads, found.watches) == (frozenset({"Tier__c"}), frozenset({"status"}))
    (rule,) = found.rules
    assert rule.wait is not None
    assert rule.wait.fields == ("lead.employees",)
    assert (
        templates.fill("{lead.FirstName} {lead.COMPANY}", {"lead.first_name": "Ada", "lead.company": "Beta"})
        == "Ada Beta"
    )
    assert not is_custom(canonical("lead.AnnualRevenue"))


def known(kind: str, told: dict[str, Value]) -> dict[str, Value]:
    beta = Record("account", "A1", told) if kind == "account" else None
    found = facts(
        Record("lead", "L1", told if kind == "lead" else {}),
        account=beta,
        match=Match("matched", Candidate("A1", "Beta", None, 1.0)) if beta else Match("none"),
        duplicate=Verdict("different"),
        event={},
        contact=Record("contact", "C1", told) if kind == "contact" else None,
        own_free_mail=frozenset({"corp-webmail.example"}),
    )
    names = ("name", "domain", "email_domain")
    return {name: found[f"{kind}.{name}"] for name in names if f"{kind}.{name}" in found}


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({"email": "Ada@Mail.Acme.co.uk"}, {"domain": "acme.co.uk", "email_domain": "mail.acme.co.uk"}),
        ({"email": "ada@gmail.com"}, {"email_domain": "gmail.com"}),
        ({"email": "ada@corp-webmail.example"}, {"email_domain": "corp-webmail.example"}),
        (
            {"email": "ada@gmail.com", "website": "https://www.beta.de/x"},
            {"domain": "beta.de", "email_domain": "gmail.com"},
        ),
        ({"website": "linkedin.com/company/beta"}, {}),
        ({"email": "no address"}, {}),
        ({"email": "a@beta.de", "domain": "other.de"}, {"domain": "other.de", "email_domain": "beta.de"}),
        ({"first_name": "Ada", "last_name": "Lovelace"}, {"name": "Ada Lovelace"}),
        ({"last_name": " Lovelace "}, {"name": "Lovelace"}),
        ({"first_name": "Ada", "name": "A. L."}, {"name": "A. L."}),
    ],
)
def test_domain_and_whole_name_follow_from_other_fields(told: dict[str, Value], found: dict[str, Value]) -> None:
    assert known("lead", told) == found
    assert known("contact", told) == found


def test_an_account_is_known_by_the_domain_of_its_site() -> None:
    assert known("account", {"name": "Beta", "website": "http://www.beta.de/"})["domain"] == "beta.de"
    assert known("account", {"website": "http://www.beta.de/", "domain": "b.de"})["domain"] == "b.de"
    only = "- match: default\n  only: [account.domain is beta.de]\n"
    assert ruleset(only).reads_account == frozenset()
    beta, acme = account("A1", website="www.beta.de"), account("A2", website="acme.example")
    told = [preferences.facts(lead(email="ada@beta.de"), each, {}) for each in (beta, acme)]
    assert [ruleset(only).match.only[0].test(each) for each in told] == [True, False]
    assert told[0]["lead.domain"] == "beta.de"
