from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.sandbox.hubspot.conftest import CONTACTS, OBJECTS, Client

if TYPE_CHECKING:
    from tests.sandbox.hubspot import Sandbox

SCHEMA = {
    "name": "routing_audit",
    "labels": {"singular": "Routing audit", "plural": "Routing audits"},
    "primaryDisplayProperty": "title",
    "requiredProperties": ["title"],
    "associatedObjects": ["0-1"],
    "properties": [
        {"name": "title", "label": "Title", "type": "string", "fieldType": "text"},
        {"name": "event_key", "label": "Key", "type": "string", "fieldType": "text", "hasUniqueValue": True},
    ],
}


def contacts(*names: str, traced: bool = False) -> dict[str, Any]:
    inputs: list[dict[str, Any]] = [{"properties": {"email": f"{name}@acme.com"}} for name in names]
    if traced:
        inputs = [one | {"objectWriteTraceId": f"trace-{number}"} for number, one in enumerate(inputs)]
    return {"inputs": inputs}


def audits(client: Client) -> str:
    """Define the custom object and return its path."""
    made = client.post("/crm-object-schemas/2026-09/schemas", SCHEMA)
    assert made.status_code == 201, made.text
    return f"{OBJECTS}/{made.json()['objectTypeId']}"


def test_a_hundred_records_are_made_in_one_call_and_a_hundred_and_one_are_refused(client: Client) -> None:
    names = [f"c{number}" for number in range(101)]
    assert client.post(f"{CONTACTS}/batch/create", contacts(*names)).status_code == 400
    made = client.post(f"{CONTACTS}/batch/create", contacts(*names[:100]))
    assert made.status_code == 201
    body = made.json()
    assert body["status"] == "COMPLETE"
    assert body["startedAt"] <= body["completedAt"]
    assert len({one["id"] for one in body["results"]}) == 100


def test_without_trace_ids_one_bad_input_undoes_the_whole_batch(client: Client, sandbox: Sandbox) -> None:
    existing = client.create(CONTACTS, email="b@acme.com")
    answer = client.post(f"{CONTACTS}/batch/create", contacts("a", "b", "c"))
    assert answer.status_code == 409
    assert existing in answer.json()["message"]
    assert len(sandbox.rows(sandbox.portal, "contacts")) == 1


def test_with_a_trace_id_on_every_input_the_good_ones_are_done_and_the_bad_ones_named(client: Client) -> None:
    client.create(CONTACTS, email="b@acme.com")
    answer = client.post(f"{CONTACTS}/batch/create", contacts("a", "b", "c", "c", traced=True))
    assert answer.status_code == 207
    body = answer.json()
    assert [one["objectWriteTraceId"] for one in body["results"]] == ["trace-0", "trace-2"]
    assert body["numErrors"] == 2
    assert [one["context"]["objectWriteTraceId"] for one in body["errors"]] == [["trace-1"], ["trace-3"]]
    assert {one["category"] for one in body["errors"]} == {"CONFLICT"}


def test_trace_ids_that_are_not_unique_make_a_batch_all_or_nothing(client: Client) -> None:
    body = contacts("a", "a", traced=True)
    body["inputs"][1]["objectWriteTraceId"] = "trace-0"
    assert client.post(f"{CONTACTS}/batch/create", body).status_code == 409


def test_a_batch_read_answers_207_for_missing_ids_and_follows_merged_ones(client: Client) -> None:
    one, two = (client.create(CONTACTS, email=f"{name}@acme.com") for name in "ab")
    merged = client.post(f"{CONTACTS}/merge", {"primaryObjectId": one, "objectIdToMerge": two}).json()["id"]
    ids = [{"id": ident} for ident in (one, two, "99", "nonsense")]
    answer = client.post(f"{CONTACTS}/batch/read", {"inputs": ids, "properties": ["email"]})
    assert answer.status_code == 207
    assert [found["id"] for found in answer.json()["results"]] == [merged]
    assert answer.json()["errors"][0]["context"] == {"ids": ["99", "nonsense"]}
    assert answer.json()["errors"][0]["category"] == "OBJECT_NOT_FOUND"
    assert client.post(f"{CONTACTS}/batch/read", {"inputs": ids[:2]}).status_code == 200


def test_a_batch_read_by_email_takes_the_id_property_at_the_top(client: Client) -> None:
    ident = client.create(CONTACTS, email="a@acme.com")
    body = {"inputs": [{"id": "A@acme.com"}], "idProperty": "email", "properties": ["email"]}
    assert [one["id"] for one in client.post(f"{CONTACTS}/batch/read", body).json()["results"]] == [ident]


def test_a_read_with_history_takes_only_fifty(client: Client) -> None:
    body = {"inputs": [{"id": str(n)} for n in range(51)], "propertiesWithHistory": ["email"]}
    assert client.post(f"{CONTACTS}/batch/read", body).status_code == 400


def test_a_batch_update_does_not_follow_merged_ids(client: Client) -> None:
    one, two = (client.create(CONTACTS, email=f"{name}@acme.com") for name in "ab")
    merged = client.post(f"{CONTACTS}/merge", {"primaryObjectId": one, "objectIdToMerge": two}).json()["id"]
    inputs = [
        {"id": merged, "properties": {"city": "Paris"}, "objectWriteTraceId": "new"},
        {"id": one, "properties": {"city": "Paris"}, "objectWriteTraceId": "old"},
    ]
    answer = client.post(f"{CONTACTS}/batch/update", {"inputs": inputs})
    assert answer.status_code == 207
    assert [done["id"] for done in answer.json()["results"]] == [merged]
    assert answer.json()["errors"][0]["context"] == {"ids": [one], "objectWriteTraceId": ["old"]}
    untraced = [{"id": one["id"], "properties": one["properties"]} for one in inputs]
    assert client.post(f"{CONTACTS}/batch/update", {"inputs": untraced}).status_code == 404


def test_a_batch_must_not_name_a_record_twice(client: Client) -> None:
    ident = client.create(CONTACTS, email="a@acme.com")
    twice = {"inputs": [{"id": ident, "properties": {"city": city}} for city in ("Paris", "Lyon")]}
    answer = client.post(f"{CONTACTS}/batch/update", twice)
    assert answer.status_code == 400
    assert ident in answer.json()["message"]


def test_a_batch_update_takes_an_id_property_per_input(client: Client) -> None:
    ident = client.create(CONTACTS, email="a@acme.com")
    inputs = [{"id": "a@acme.com", "idProperty": "email", "properties": {"city": "Paris"}}]
    answer = client.post(f"{CONTACTS}/batch/update", {"inputs": inputs})
    assert [one["id"] for one in answer.json()["results"]] == [ident]


def test_an_upsert_tells_the_new_from_the_known(client: Client) -> None:
    path = audits(client)
    first = [{"id": "k1", "idProperty": "event_key", "properties": {"title": "one"}}]
    assert client.post(f"{path}/batch/upsert", {"inputs": first}).json()["results"][0]["new"] is True
    both = [{"id": key, "idProperty": "event_key", "properties": {"title": "again"}} for key in ("k1", "k2")]
    results = client.post(f"{path}/batch/upsert", {"inputs": both}).json()["results"]
    assert [(one["properties"]["event_key"], one["new"]) for one in results] == [("k1", False), ("k2", True)]


def test_a_unique_property_takes_a_value_once_and_names_the_input_that_failed(client: Client) -> None:
    path = audits(client)
    client.create(path, title="one", event_key="k1")
    refused = client.post(path, {"properties": {"title": "two", "event_key": "k1"}})
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["code"] == "CONFLICTING_UNIQUE_VALUE"
    inputs = [{"properties": {"title": key, "event_key": key}, "objectWriteTraceId": key} for key in ("k1", "k2")]
    answer = client.post(f"{path}/batch/create", {"inputs": inputs})
    assert answer.status_code == 207
    assert answer.json()["errors"][0]["context"]["objectWriteTraceId"] == ["k1"]


def test_an_upsert_by_email_succeeds_or_fails_as_a_whole(client: Client, sandbox: Sandbox) -> None:
    inputs = [
        {"id": f"{name}@acme.com", "idProperty": "email", "properties": {"hs_lead_status": status}}
        | {"objectWriteTraceId": name}
        for name, status in (("a", "NEW"), ("b", "nonsense"))
    ]
    assert client.post(f"{CONTACTS}/batch/upsert", {"inputs": inputs}).status_code == 400
    assert sandbox.rows(sandbox.portal, "contacts") == []


def test_an_upsert_needs_a_unique_property(client: Client) -> None:
    unnamed = {"inputs": [{"id": "1", "properties": {"city": "Paris"}}]}
    assert client.post(f"{CONTACTS}/batch/upsert", unnamed).status_code == 400
    plain = {"inputs": [{"id": "Paris", "idProperty": "city", "properties": {}}]}
    assert client.post(f"{CONTACTS}/batch/upsert", plain).status_code == 400


def test_a_batch_archive_deletes_and_does_not_mind_missing_ids(client: Client, sandbox: Sandbox) -> None:
    ids = [client.create(CONTACTS, email=f"{name}@acme.com") for name in "ab"]
    answer = client.post(f"{CONTACTS}/batch/archive", {"inputs": [{"id": ident} for ident in [*ids, "99"]]})
    assert (answer.status_code, answer.text) == (204, "")
    assert sandbox.rows(sandbox.portal, "contacts") == []


def test_on_order_results_come_in_any_order(client: Client) -> None:
    client.turn("settings", shuffle_results=True)
    names = [f"c{number:02}" for number in range(50)]
    results = client.post(f"{CONTACTS}/batch/create", contacts(*names)).json()["results"]
    emails = [one["properties"]["email"] for one in results]
    assert emails != sorted(emails)
    assert sorted(emails) == [f"{name}@acme.com" for name in names]
