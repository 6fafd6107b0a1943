"""HubSpot's own client for Node against the local HubSpot: what its users rely on is there, in shapes that it reads."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from connector.hubspot.events import parse
from tests.independent.conftest import HERE
from tests.sandbox.hubspot import Sandbox, start
from tests.sandbox.hubspot.clicks import ADMIN

REDIRECT = "http://localhost:8000/oauth/hubspot/callback"
HOOK = "https://route.acme.example/webhooks/hubspot"
OWNERS = [
    {"id": 41, "email": "ana@acme.example", "teams": [{"id": "1", "name": "North", "primary": True}]},
    {"id": 42, "email": "queue@acme.example", "type": "QUEUE"},
    {"id": 43, "email": "gone@acme.example", "archived": True},
]


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    running = start(tmp_path_factory.mktemp("independent"), redirect_uris=[REDIRECT])
    running.hub.limits.order({"general": None, "search": None, "associations": None})
    running.load(running.portal, "owners", OWNERS)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def found(portal: Sandbox) -> dict[str, Any]:
    """Run the whole script once; each test looks at what one of its steps found."""
    assert (HERE / "node_modules" / "@hubspot").is_dir(), "run `make setup`: it installs the independent clients"
    given = {
        "url": portal.url,
        "clientId": portal.client_id,
        "clientSecret": portal.client_secret,
        "redirectUri": REDIRECT,
        "scope": " ".join(portal.hub.manifest.required),
        "optional": " ".join(portal.hub.manifest.optional),
        "portalId": portal.portal,
        "account": f"{portal.portal}:{ADMIN}",
        "hook": HOOK,
    }
    done = subprocess.run(
        ["node", str(HERE / "hubspot_client.mjs")],
        input=json.dumps(given),
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_it_walks_the_code_flow_and_reads_the_token(found: dict[str, Any]) -> None:
    assert found["authorize"] == {"origin": "https://app.hubspot.com", "path": "/oauth/authorize"}
    assert found["token"] == {"type": "bearer", "lives": 1800, "refreshes": True}
    assert found["renewed"] is True


@pytest.mark.parametrize(
    ("step", "status"), [("codeTwice", "BAD_AUTH_CODE"), ("badRefresh", "BAD_REFRESH_TOKEN"), ("badToken", "error")]
)
def test_a_bad_grant_has_the_status_that_clients_act_on(found: dict[str, Any], step: str, status: str) -> None:
    assert found[step]["said"]["status"] == status


@pytest.mark.parametrize(
    ("step", "code", "category"),
    [
        ("badToken", 401, "INVALID_AUTHENTICATION"),
        ("withoutScope", 403, "MISSING_SCOPES"),
        ("twice", 409, "CONFLICT"),
        ("unknownProperty", 400, "VALIDATION_ERROR"),
        ("unknownRecord", 404, "OBJECT_NOT_FOUND"),
        ("allOrNothing", 409, "CONFLICT"),
        ("badSearch", 400, "VALIDATION_ERROR"),
        ("taskWithoutTime", 400, "VALIDATION_ERROR"),
        ("propertyTwice", 409, "OBJECT_ALREADY_EXISTS"),
    ],
)
def test_an_error_has_the_code_and_category_that_clients_act_on(
    found: dict[str, Any], step: str, code: int, category: str
) -> None:
    assert (found[step]["code"], found[step]["said"]["category"]) == (code, category)
    assert found[step]["said"]["correlationId"]


def test_an_error_says_what_it_is_about(found: dict[str, Any]) -> None:
    lacking = found["withoutScope"]["said"]["errors"][0]["context"]
    assert lacking == {"requiredGranularScopes": ["crm.objects.deals.write"]}
    assert found["unknownProperty"]["said"]["errors"][0]["context"] == {"propertyName": ["nonsense"]}
    assert found["taskWithoutTime"]["said"]["context"] == {"properties": ["hs_timestamp"]}


def test_it_reads_what_it_wrote(found: dict[str, Any]) -> None:
    assert (found["read"]["email"], found["read"]["city"]) == ("ana@acme.example", "Bern")
    assert found["company"] == "Acme"
    assert (found["read"]["archived"], found["read"]["dates"], found["byEmail"]) == (False, True, True)


def test_a_primary_company_is_the_plain_association_too_and_only_its_label_goes(found: dict[str, Any]) -> None:
    assert found["linked"] == {"status": "COMPLETE", "labels": ["Primary"]}
    assert found["links"] == [{"mine": True, "types": [[1, "Primary"], [279, None]]}]
    assert {1, 279} <= set(found["kinds"])
    assert found["left"] == [279]


def test_a_batch_that_failed_in_part_holds_results_and_errors(found: dict[str, Any]) -> None:
    read = found["partlyRead"]
    assert (read["results"], read["errors"], read["category"]) == (1, 1, "OBJECT_NOT_FOUND")
    assert read["context"] == {"ids": ["999999"]}
    assert found["partlyCreated"] == {"results": ["emil@acme.example"], "errors": [["old"]]}


def test_it_upserts_updates_archives_and_merges(found: dict[str, Any]) -> None:
    assert found["upserted"] == {"same": True, "fresh": False}
    assert found["updated"] == "Chur"
    assert found["archived"] == [True]
    assert found["merged"] is True


def test_search_and_lists_go_on_from_page_to_page(found: dict[str, Any]) -> None:
    assert found["searched"] == {"total": 3, "pages": [2, 1], "last": True}
    assert (found["after"], found["everybody"]) == (True, 3)


def test_a_task_is_made_with_its_contact(found: dict[str, Any]) -> None:
    assert found["task"] == [True]


def test_owners_are_people_and_queues_and_the_gone_are_asked_for(found: dict[str, Any]) -> None:
    assert [(one["id"], one["type"], one["teams"]) for one in found["owners"]] == [
        ("41", "PERSON", ["North"]),
        ("42", "QUEUE", []),
    ]
    assert found["gone"] == ["43"]


def test_properties_and_custom_objects_are_defined_and_used(found: dict[str, Any], portal: Sandbox) -> None:
    assert (found["property"], found["defined"]) == ("shade", True)
    assert found["schema"]["full"] == f"p{portal.portal}_machine"
    assert found["schema"]["type"].startswith("2-")
    assert found["machine"] == [True]


def test_its_signature_helper_believes_a_webhook_and_nothing_that_was_changed(found: dict[str, Any]) -> None:
    assert (found["signed"], found["legacy"]) == (True, True)
    assert found["tampered"] == {"body": False, "url": False, "secret": False, "time": False}


def test_the_webhook_that_it_took_is_one_that_we_read(found: dict[str, Any], portal: Sandbox) -> None:
    read = parse(found["delivery"].encode(), app_id=str(portal.app_id), received_at=datetime.now(UTC))
    assert read.faults == []
    assert set(read.portals) == {str(portal.portal)}
    assert "created" in {event.change for event in read.portals[str(portal.portal)].events}
