"""App events: of the project's types, each id once, a batch whole or not at all."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.sandbox.hubspot.server import Sandbox

EVENTS = "/integrators/timeline/2026-03/events"


def occurrence(contact: str, key: str, **changes: Any) -> dict[str, Any]:
    properties = {"outcome": "assigned", "rule": "EMEA"}
    return {"eventTypeName": "routed", "id": key, "objectId": contact, "properties": properties} | changes


@pytest.fixture
def contact(sandbox: Sandbox) -> str:
    return str(sandbox.load(sandbox.portal, "contacts", [{"properties": {"firstname": "Jane"}}])["ids"][0])


def post(sandbox: Sandbox, path: str, body: Any, token: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.post(sandbox.url + path, json=body, headers=headers, timeout=10)


def test_an_occurrence_is_for_ever_and_its_id_is_taken(sandbox: Sandbox, contact: str) -> None:
    token = sandbox.install()["access_token"]
    assert post(sandbox, EVENTS, occurrence(contact, "one"), token).status_code == 201
    assert post(sandbox, EVENTS, occurrence(contact, "one"), token).status_code == 409
    assert [each["id"] for each in sandbox.hub.timeline.of(sandbox.portal)] == ["one"]


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"id": "one"}, 409),
        ({"eventTypeName": "other"}, 400),
        ({"objectId": "1"}, 400),
        ({"properties": {"outcome": "sold"}}, 400),
        ({"properties": {"colour": "red"}}, 400),
        ({"properties": {"confidence": 0.5}}, 400),
    ],
)
def test_a_batch_with_one_that_is_wrong_is_refused_whole(
    sandbox: Sandbox, contact: str, wrong: dict[str, Any], status: int
) -> None:
    token = sandbox.install()["access_token"]
    assert post(sandbox, EVENTS, occurrence(contact, "one"), token).status_code == 201
    inputs = [occurrence(contact, "two"), occurrence(contact, "three", **wrong)]
    assert post(sandbox, f"{EVENTS}/batch", {"inputs": inputs}, token).status_code == status
    assert len(sandbox.hub.timeline.of(sandbox.portal)) == 1
    good = [occurrence(contact, "two"), occurrence(contact, "three")]
    answer = post(sandbox, f"{EVENTS}/batch", {"inputs": good}, token)
    assert (answer.status_code, [each["id"] for each in answer.json()["results"]]) == (200, ["two", "three"])


def test_events_need_the_scope_to_write_contacts(sandbox: Sandbox, contact: str) -> None:
    token = sandbox.install(scopes=["crm.objects.contacts.read"])["access_token"]
    assert post(sandbox, EVENTS, occurrence(contact, "one"), token).status_code == 403
