"""Filling real sandboxes over their control endpoints."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from tests.sandbox import hubspot as local_hubspot
from tests.sandbox import salesforce as local_salesforce

from .__main__ import main
from .companies import accounts, load_companies
from .fill import Plan, fill
from .people import owner_key, reps
from .relations import contacts
from .targets import Hubspot, LoadError, Salesforce

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLAN = Plan(accounts=300, total=900, contacts=2, opportunities=40, today=date(2026, 3, 2))
COMPANIES = list(accounts(PLAN.total))


@pytest.fixture(scope="module")
def hubspot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[local_hubspot.Sandbox]:
    sandbox = local_hubspot.start(tmp_path_factory.mktemp("hubspot"))
    yield sandbox
    sandbox.stop()


@pytest.fixture(scope="module")
def filled_hubspot(hubspot: local_hubspot.Sandbox) -> local_hubspot.Sandbox:
    steps: list[int] = []
    counts = fill(Hubspot(hubspot.url, hubspot.portal), PLAN, steps.append)
    assert counts == {"users": 13, "queues": 3, "accounts": 900, "contacts": 600, "opportunities": 0}
    assert sum(steps) == sum(counts.values())
    return hubspot


@pytest.fixture(scope="module")
def filled_salesforce(tmp_path_factory: pytest.TempPathFactory) -> Iterator[local_salesforce.Sandbox]:
    sandbox = local_salesforce.start(tmp_path_factory.mktemp("salesforce"))
    counts = fill(Salesforce(sandbox.url, sandbox.ca), PLAN)
    assert counts == {"users": 13, "queues": 3, "accounts": 900, "contacts": 600, "opportunities": 40}
    yield sandbox
    sandbox.stop()


def test_salesforce_has_the_accounts_with_their_owners_and_parents(filled_salesforce: local_salesforce.Sandbox) -> None:
    rows = {row["Name"]: row for row in filled_salesforce.rows("Account")}
    users = {row["Id"]: row for row in filled_salesforce.rows("User")}
    emails = {rep.key: rep.email for rep in reps()}
    found = 0
    for company in COMPANIES:
        if not company.invented:
            row = rows[company.name]
            assert users[row["OwnerId"]]["Email"] == emails[owner_key(company.key, company.country)]
            assert row["ParentId"] == (rows[company.parent]["Id"] if company.parent else None)
            found += 1
    assert found == len(load_companies())


def test_salesforce_has_the_team_under_its_manager_and_the_queues_with_members(
    filled_salesforce: local_salesforce.Sandbox,
) -> None:
    users = {row["Email"]: row for row in filled_salesforce.rows("User")}
    boss = users["helena.duarte@example.com"]["Id"]
    assert users["camila.nogueira@example.com"]["ManagerId"] == boss
    assert [row["FirstName"] for row in users.values() if not row["IsActive"]] == ["Kevin"]
    queues = {row["Name"]: row["Id"] for row in filled_salesforce.rows("Group") if row["Type"] == "Queue"}
    assert set(queues) == {"Unassigned Leads", "EMEA desk", "LATAM desk"}
    members = [row["GroupId"] for row in filled_salesforce.rows("GroupMember")]
    assert [members.count(queues[name]) for name in ("Unassigned Leads", "EMEA desk", "LATAM desk")] == [12, 3, 3]
    takes_leads = [row["QueueId"] for row in filled_salesforce.rows("QueueSobject") if row["SobjectType"] == "Lead"]
    assert sorted(takes_leads) == sorted(queues.values())


def test_salesforce_contacts_and_opportunities_hang_on_their_accounts(
    filled_salesforce: local_salesforce.Sandbox,
) -> None:
    accounts_by_id = {row["Id"]: row for row in filled_salesforce.rows("Account")}
    people = filled_salesforce.rows("Contact")
    assert len(people) == 600
    assert len({row["AccountId"] for row in people}) == 300
    for deal in filled_salesforce.rows("Opportunity"):
        assert deal["Name"].startswith(accounts_by_id[deal["AccountId"]]["Name"])


def test_hubspot_has_the_companies_with_their_owners_and_parents(filled_hubspot: local_hubspot.Sandbox) -> None:
    rows = {row["properties"]["name"]: row for row in filled_hubspot.rows(filled_hubspot.portal, "companies")}
    owners = {row["id"]: row for row in filled_hubspot.rows(filled_hubspot.portal, "owners")}
    assert len(rows) >= 890  # a few invented names come twice
    emails = {rep.key: rep.email for rep in reps()}
    youtube = next(company for company in COMPANIES if company.name == "YouTube")
    row = rows["YouTube"]
    assert row["properties"]["domain"] == "youtube.com"
    assert owners[row["properties"]["hubspot_owner_id"]]["email"] == emails[owner_key(youtube.key, youtube.country)]
    links = {(link["toObjectId"], link["typeId"]) for link in row["associations"]}
    assert (rows["Google LLC"]["id"], 14) in links
    # T-Mobile US stands before its parent in the list.
    links = {(link["toObjectId"], link["typeId"]) for link in rows["T-Mobile US"]["associations"]}
    assert (rows["Deutsche Telekom AG"]["id"], 14) in links


def test_hubspot_contacts_have_their_primary_company(filled_hubspot: local_hubspot.Sandbox) -> None:
    companies = {row["id"]: row for row in filled_hubspot.rows(filled_hubspot.portal, "companies")}
    people = filled_hubspot.rows(filled_hubspot.portal, "contacts")
    assert len(people) == 600
    for contact in people:
        (primary,) = [link["toObjectId"] for link in contact["associations"] if link["typeId"] == 1]
        assert companies[primary]["properties"]["name"] == contact["properties"]["company"]


def test_hubspot_has_the_team_with_one_who_left_and_the_queues(filled_hubspot: local_hubspot.Sandbox) -> None:
    owners = filled_hubspot.rows(filled_hubspot.portal, "owners")
    assert [owner["firstName"] for owner in owners if owner["archived"]] == ["Kevin"]
    assert {owner["firstName"] for owner in owners if owner["type"] == "QUEUE"} >= {"EMEA desk", "LATAM desk"}


def test_a_refused_load_says_what_and_why(filled_hubspot: local_hubspot.Sandbox) -> None:
    again = list(contacts(COMPANIES[:1], 1))
    with pytest.raises(LoadError, match=r"object=contacts, 1 rows\) answered 409: .*same unique value"):
        Hubspot(filled_hubspot.url, filled_hubspot.portal).contacts(again, ["41629779"], ["1"])


def test_the_command_prints_the_counts_as_json(hubspot: local_hubspot.Sandbox) -> None:
    portal = "247199999"
    opened = hubspot.hub.portals.add(int(portal))
    options = ["--hubspot", hubspot.url, "--portal", str(opened.id), "--accounts", "30", "--contacts", "1"]
    result = CliRunner().invoke(main, [*options, "--count", "60"])
    assert result.exit_code == 0, result.output
    counts = json.loads(result.stdout)
    assert counts["hubspot"]["accounts"] == 60
    assert counts["hubspot"]["contacts"] == 30
    assert len(hubspot.rows(opened.id, "companies")) == 60


def test_a_sandbox_that_cannot_be_reached_is_reported_with_what_to_check(tmp_path: Path) -> None:
    sandbox = local_salesforce.start(tmp_path)
    result = CliRunner().invoke(main, ["--salesforce", sandbox.url, "--accounts", "1"])
    sandbox.stop()
    assert result.exit_code == 1
    assert "is --ca its own CA?" in result.stderr


def test_the_command_wants_something_to_fill() -> None:
    result = CliRunner().invoke(main, [])
    assert result.exit_code == 2
    assert "nothing to fill" in result.stderr
