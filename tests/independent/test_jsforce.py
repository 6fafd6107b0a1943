"""jsforce against the local Salesforce: what its users rely on is there, in the shapes that it reads."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import pytest

from tests.connector.salesforce.conftest import INTEGRATION, LocalOrg
from tests.independent.conftest import HERE, REDIRECT


@pytest.fixture(scope="module")
def found(org: LocalOrg) -> dict[str, Any]:
    """Run the whole script once; each test looks at what one of its steps found."""
    assert (HERE / "node_modules" / "@jsforce").is_dir(), "run `make setup`: it installs the independent clients"
    given = {
        "url": org.url,
        "clientId": org._sandbox.client_id,
        "clientSecret": org._sandbox.client_secret,
        "redirectUri": REDIRECT,
        "user": INTEGRATION,
    }
    done = subprocess.run(
        ["node", str(HERE / "jsforce_client.mjs")],
        input=json.dumps(given),
        env={"PATH": os.environ["PATH"], "NODE_EXTRA_CA_CERTS": str(org.ca)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def codes(row: dict[str, Any]) -> list[str]:
    return [each["statusCode"] for each in row["errors"]]


def test_it_signs_in_with_pkce_and_learns_who_it_is(found: dict[str, Any], org: LocalOrg) -> None:
    assert found["user"]["organizationId"] == org._sandbox.org.org_id
    assert found["identity"]["username"] == INTEGRATION
    assert found["identity"]["user_id"] == found["user"]["id"]
    assert found["identity"]["is_app_installed"] is True


def test_a_refresh_token_rotates_and_the_old_one_is_dead(found: dict[str, Any]) -> None:
    assert found["rotated"] is True
    assert found["reused"]["code"] == "invalid_grant"


def test_it_describes_a_lead(found: dict[str, Any]) -> None:
    described = found["describe"]
    assert (described["name"], described["mergeable"]) == ("Lead", True)
    assert described["owner"] == ["Group", "User"]
    types = {name: described["types"][name] for name in ("Id", "OwnerId", "Email", "AnnualRevenue", "ConvertedDate")}
    assert list(types.values()) == ["id", "reference", "email", "currency", "date"]


def test_it_creates_updates_reads_and_deletes(found: dict[str, Any]) -> None:
    assert [row["success"] for row in found["created"]] == [True] * 3
    assert found["updated"]["success"] is True
    assert found["one"]["Email"] == "one@independent.example"
    assert found["deleted"]["success"] is True


def test_a_collection_tells_of_each_row_and_all_or_none_rolls_back(found: dict[str, Any]) -> None:
    good, bad = found["partly"]
    assert good["success"]
    assert codes(bad) == ["MALFORMED_ID"]
    assert [codes(row) for row in found["rolledBack"]] == [
        ["ALL_OR_NONE_OPERATION_ROLLED_BACK"],
        ["REQUIRED_FIELD_MISSING"],
    ]


def test_a_query_follows_a_relationship(found: dict[str, Any]) -> None:
    assert found["queried"]["totalSize"] == 2
    assert [row["City"] for row in found["queried"]["records"]] == ["Paris", None]
    assert {row["Owner"]["Name"] for row in found["queried"]["records"]} == {"Unassigned Leads"}


def test_it_walks_over_the_pages_of_a_long_result(found: dict[str, Any]) -> None:
    assert found["paged"] == 2100


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("unknownField", "INVALID_FIELD"),
        ("unknownRecord", "NOT_FOUND"),
        ("badQuery", "INVALID_FIELD"),
        ("missing", "REQUIRED_FIELD_MISSING"),
        ("twice", "DUPLICATE_VALUE"),
        ("locked", "UNABLE_TO_LOCK_ROW"),
        ("changedMeanwhile", "PRECONDITION_FAILED"),
        ("convertedUpdate", "CANNOT_UPDATE_CONVERTED_LEAD"),
    ],
)
def test_an_error_has_the_code_that_clients_act_on(found: dict[str, Any], step: str, code: str) -> None:
    assert found[step]["code"] == code


def test_a_composite_call_refers_to_what_it_has_just_made(found: dict[str, Any]) -> None:
    rows = found["composite"]["compositeResponse"]
    assert [row["httpStatusCode"] for row in rows] == [201, 201]
    assert [row["referenceId"] for row in rows] == ["account", "contact"]


def test_it_merges_over_soap(found: dict[str, Any]) -> None:
    one, two = (row["id"] for row in found["created"][:2])
    assert found["merged"]["success"] is True
    assert (found["merged"]["id"], found["merged"]["mergedRecordIds"]) == (one, [two])
    assert len(found["merged"]["updatedRelatedIds"]) == 1
    assert [row["MasterRecordId"] for row in found["inTheBin"]["records"]] == [one]
    assert codes(found["mergedAgain"]) == ["ENTITY_IS_DELETED"]


def test_it_converts_over_soap(found: dict[str, Any]) -> None:
    converted = found["converted"]
    assert converted["success"] is True
    assert converted["leadId"] == found["created"][0]["id"]
    assert converted["contactId"].startswith("003")
    assert converted["opportunityId"] in {"", None}


def test_every_answer_tells_how_many_calls_are_left(found: dict[str, Any]) -> None:
    usage = found["limits"]["info"]["apiUsage"]
    assert 0 < usage["used"] <= usage["limit"]
    daily = found["limits"]["body"]["DailyApiRequests"]
    assert daily["Max"] == usage["limit"]


def test_what_it_writes_carries_its_own_name(org: LocalOrg, found: dict[str, Any]) -> None:
    store = org._sandbox.org.store
    headers = [json.loads(row["header"]) for row in store.all("SELECT header FROM sys_event ORDER BY seq")]
    mine = [header for header in headers if found["created"][0]["id"] in header["recordIds"]]
    assert {header["changeOrigin"] for header in mine} >= {"com/salesforce/api/rest/66.0;client=Independent"}
