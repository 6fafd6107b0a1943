from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.sandbox.hubspot import start
from tests.sandbox.hubspot.conftest import CONTACTS, Client, has, spec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sandbox.hubspot import Sandbox


def test_rows_are_loaded_with_keys_and_associations_and_read_back(client: Client) -> None:
    firms = client.order("load", object="companies", rows=[{"properties": {"name": "Acme"}, "externalKey": "acme"}])
    assert firms["keys"] == {"acme": firms["ids"][0]}
    people = [
        {
            "properties": {"email": "Ana@Acme.com", "createdate": "2026-01-02T03:04:05Z"},
            "associations": [{"to": {"externalKey": "acme"}, "types": [spec(1)]}],
        },
        {"properties": {"email": "bob@acme.com"}, "associations": [{"to": {"id": firms["ids"][0]}}]},
    ]
    client.order("load", object="contacts", rows=people)
    params = {"portalId": client.portal}
    rows = client.session.get(f"{client.sandbox.url}/_control/rows/contacts", params=params, timeout=10).json()
    assert rows[0]["properties"]["email"] == "ana@acme.com"
    assert rows[0]["createdAt"] == "2026-01-02T03:04:05.000Z"
    assert rows[0]["properties"]["associatedcompanyid"] == firms["ids"][0]
    assert [link["typeId"] for link in rows[0]["associations"]] == [1, 279]
    assert [link["typeId"] for link in rows[1]["associations"]] == [279]


def test_rows_may_come_as_one_json_object_a_line(client: Client) -> None:
    lines = "\n".join(json.dumps({"properties": {"name": f"Firm {n}", "domain": f"f{n}.com"}}) for n in range(6_000))
    answer = client.session.post(
        f"{client.sandbox.url}/_control/load",
        params={"portalId": str(client.portal), "object": "companies"},
        data=lines,
        headers={"Content-Type": "application/x-ndjson"},
        timeout=60,
    )
    assert answer.json()["count"] == 6_000
    assert client.search("/crm/objects/2026-09/companies", has("domain", "EQ", "f5999.com")) == [
        answer.json()["ids"][5999]
    ]


@pytest.mark.parametrize(
    "rows",
    [
        [{"properties": {"nonsense": "1"}}],
        [{"properties": {"email": "a@b.com"}}, {"properties": {"email": "A@b.com"}}],
        [{"properties": {"email": "a@b.com"}, "associations": [{"to": {"id": "99"}}]}],
    ],
)
def test_a_load_that_breaks_the_data_is_refused_whole(client: Client, rows: list[dict[str, Any]]) -> None:
    body = {"portalId": client.portal, "object": "contacts", "rows": rows}
    answer = client.session.post(f"{client.sandbox.url}/_control/load", json=body, timeout=10)
    assert answer.status_code in {400, 409}
    assert client.sandbox.rows(client.portal, "contacts") == []


def test_portals_are_added_with_a_tier_that_decides_what_exists(client: Client, sandbox: Sandbox) -> None:
    added = client.turn("portals", portalId=52, tier="professional", name="Pro")
    assert (added["portalId"], added["tier"], added["installed"]) == (52, "professional", False)
    tokens = client.turn("install", portalId=52)
    assert "crm.objects.leads.write" in tokens["scopes"]
    assert "crm.schemas.custom.read" not in tokens["scopes"]
    listed = client.session.get(f"{sandbox.url}/_control/portals", timeout=10).json()
    assert [portal["portalId"] for portal in listed] == [52, sandbox.portal]


def test_a_wrong_order_is_told_so(client: Client) -> None:
    for path, body in (
        ("settings", {"nonsense": 1}),
        ("limits", {"nonsense": 1}),
        ("webhooks", {"nonsense": 1}),
        ("portals", {"portalId": 9, "tier": "platinum"}),
        ("update", {"portalId": client.portal}),
    ):
        answer = client.session.post(f"{client.sandbox.url}/_control/{path}", json=body, timeout=10)
        assert answer.status_code == 400
        assert answer.json()["message"]


def test_a_reset_leaves_an_empty_portal_and_the_same_app(client: Client, sandbox: Sandbox) -> None:
    client.create(CONTACTS, email="ana@acme.com")
    client.turn("portals", portalId=52)
    client.turn("settings", search_lag=9)
    client.turn("webhooks", shuffle=True)
    secret = sandbox.client_secret
    client.turn("reset")
    assert client.get(CONTACTS).status_code == 401
    assert [portal.id for portal in sandbox.hub.portals.all()] == [sandbox.portal]
    assert sandbox.rows(sandbox.portal, "contacts") == []
    assert sandbox.hub.settings.search_lag == 0
    assert sandbox.hub.deliveries.behaviour.shuffle is False
    assert sandbox.client_secret == secret


def test_everything_is_there_after_a_restart_on_the_same_port(tmp_path: Path) -> None:
    first = start(tmp_path)
    tokens = first.install()
    client = Client(first, first.portal, tokens["access_token"])
    one, two = (client.create(CONTACTS, email=f"{name}@acme.com") for name in "ab")
    merged = client.post(f"{CONTACTS}/merge", {"primaryObjectId": one, "objectIdToMerge": two}).json()["id"]
    url, secret = first.url, first.client_secret
    first.stop()
    second = start(tmp_path)
    assert (second.url, second.client_secret) == (url, secret)
    again = Client(second, second.portal, tokens["access_token"])
    assert again.get(f"{CONTACTS}/{two}").json()["id"] == merged
    assert again.create(CONTACTS, email="c@acme.com") > merged
    second.stop()


def test_the_command_prints_where_it_listens_and_stops_when_told(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.sandbox.hubspot", "--dir", str(tmp_path), "--search-lag", "0.5"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert set(ready) == {"url", "client_id", "client_secret", "app_id"}
        shown = requests.get(f"{ready['url']}/_control/app", timeout=10).json()
        assert shown["client_id"] == ready["client_id"]
        assert len(shown["subscriptions"]) > 30
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(timeout=20) == 0


def test_a_record_that_was_written_is_not_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.sandbox.hubspot", "--dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        body = {"portalId": 247187887, "object": "contacts", "properties": {"email": "ana@acme.com"}}
        made = requests.post(f"{url}/_control/create", json=body, timeout=10).json()["id"]
        process.kill()
        process.wait(timeout=20)
    again = start(tmp_path)
    assert [row["id"] for row in again.rows(again.portal, "contacts")] == [made]
    again.stop()


def test_what_was_counted_can_be_read_back(client: Client) -> None:
    client.order("limits", general=2)
    for _ in range(3):
        client.get(f"{CONTACTS}/1")
    counted = client.session.get(f"{client.sandbox.url}/_control/limits", timeout=10).json()
    assert counted == [{"portalId": client.portal, "kind": "general", "limit": 2, "most": 2, "refused": 1}]
