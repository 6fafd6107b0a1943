"""Pitfalls of the platform that no other file of this folder names; docs/salesforce/test-evidence.md lists them all."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from connector.crm import Token
from connector.salesforce.bitmaps import fields_of
from connector.salesforce.channels import Channels
from connector.salesforce.events import decode
from connector.salesforce.gateway import SalesforceCrm
from connector.salesforce.headers import APP_TOKEN, HEADERS
from connector.salesforce.payloads import task_fields
from connector.salesforce.pb.pubsub_api_pb2 import ReplayPreset
from connector.salesforce.pubsub import Batch, Stream
from connector.salesforce.schemas import Schemas
from connector.salesforce.session import Session
from rules.model import Task
from tests.connector.salesforce.conftest import LocalOrg
from tests.connector.salesforce.examples import LEAD_ID, decision
from tests.connector.salesforce.schemas import LEAD
from tests.connector.salesforce.scripted import AwaitRequest, Scripted, Send, Silence, lead_created, serve
from tests.connector.salesforce.signed_in import Tokens, settings_for

ROOT = Path(__file__).resolve().parents[3]
PLACE = b"\0\0\0\0\0+\xa7+\0\0"
"""A replay id as the real service has sent it: ten bytes, no number and no text."""
SIGNED_IN = Token("token", "https://acme.my.salesforce.com")
PATIENCE = 20.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Scripted]:
    scripted = serve(tmp_path)
    yield scripted
    scripted.stop()


def read(server: Scripted, count: int, replay_id: bytes) -> list[Batch]:
    """Read so many batches from the stored place."""
    where = settings_for("https://localhost", server.address, server.ca)
    stream = Stream(
        Tokens(SIGNED_IN),
        settings=where,
        org_id="00D000000000001AAA",
        channels=Channels(where),
        schemas=Schemas(),
        replay_id=replay_id,
    )

    async def take() -> list[Batch]:
        async with asyncio.timeout(PATIENCE), contextlib.aclosing(stream.batches()) as batches:
            return [await anext(batches) for _ in range(count)]

    return asyncio.run(take())


def sources() -> str:
    """Everything of ours that speaks to Salesforce."""
    files = [*(ROOT / "connector" / "salesforce").glob("*.py"), ROOT / "oauth" / "salesforce.py"]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def test_a_place_in_the_stream_is_ten_opaque_bytes_and_goes_back_as_it_came(server: Scripted) -> None:
    server.scripts = [[Send(((lead_created(1), PLACE[::-1]),)), Silence()]]
    (batch,) = read(server, 1, PLACE)
    assert server.requests[0][0].replay_id == PLACE
    assert batch.replay_id == PLACE[::-1]


def test_only_the_first_request_of_a_stream_names_a_place(server: Scripted) -> None:
    one, two = (Send(((lead_created(number), PLACE),)) for number in (1, 2))
    server.scripts = [[one, AwaitRequest(), two, Silence()]]
    read(server, 2, PLACE)
    first, second = server.requests[0]
    assert (first.replay_preset, first.replay_id) == (ReplayPreset.CUSTOM, PLACE)
    assert (second.replay_preset, second.replay_id) == (ReplayPreset.LATEST, b""), "the values of an empty message"


def test_the_roots_and_the_proxy_of_the_environment_are_not_the_streams(
    server: Scripted, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("https_proxy", "http_proxy", "grpc_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", str(tmp_path / "none.pem"))
    server.scripts = [[Send(((lead_created(1), b"p1"),)), Silence()]]
    assert [batch.replay_id for batch in read(server, 1, b"p0")] == [b"p1"]


def test_the_key_of_an_event_leaves_out_the_commit_number_which_is_not_unique() -> None:
    header = {
        "entityName": "Lead",
        "recordIds": [LEAD_ID],
        "changeType": "UPDATE",
        "changeOrigin": "",
        "transactionKey": "0002fc9a-6a3b",
        "sequenceNumber": 2,
        "commitTimestamp": 1_795_341_600_000,
        "commitUser": "005000000000001AAA",
        "nulledFields": [],
        "diffFields": [],
        "changedFields": [],
    }
    keys = {decode(header | {"commitNumber": number}, fields_of(LEAD))[0].key for number in (7, 8)}
    assert keys == {f"0002fc9a-6a3b:2:{LEAD_ID}"}


def test_our_name_is_a_token_that_a_header_of_options_can_carry() -> None:
    assert re.fullmatch(r"[A-Za-z0-9]+", APP_TOKEN)
    assert HEADERS["Sforce-Call-Options"] == f"client={APP_TOKEN}"


def test_every_call_names_the_version_that_was_tested_and_not_the_clients_own(
    org: LocalOrg, crm: SalesforceCrm
) -> None:
    crm.check()
    paths = [call["path"] for call in org.calls() if call["path"].startswith("/services/data/")]
    assert paths
    assert {path.split("/")[3] for path in paths} == {"v66.0"}


def test_an_answer_without_a_body_is_a_success(org: LocalOrg) -> None:
    (lead_id,) = org.leads(1)
    session = Session(org.sign_in(), settings=org.settings())
    assert session.call("PATCH", f"sobjects/Lead/{lead_id}", json={"Company": "Globex"}) is None
    assert org.row("Lead", lead_id)["Company"] == "Globex"
    session.close()


def test_nobody_signs_in_with_a_password_or_over_soap() -> None:
    assert not re.search(r"security_token|SalesforceLogin|username=|<login|grant_type=.password", sources())


def test_no_call_needs_an_interface_that_small_editions_lack_or_that_is_throttled() -> None:
    """Some editions keep Bulk API 2.0 shut for partners; composite batch is throttled; OFFSET ends at 2,000."""
    assert not re.search(r"/jobs/|\.bulk2?\b|composite/batch|\bOFFSET\b", sources())


def test_a_task_for_a_lead_names_no_second_record() -> None:
    (task,) = (action for action in decision().actions if isinstance(action, Task))
    body = task_fields(task, LEAD_ID)
    assert body["WhoId"] == LEAD_ID
    assert "WhatId" not in body


def test_no_permission_set_grants_what_salesforce_leaves_out_at_installation() -> None:
    """A managed package carries neither rights over standard objects nor rights of users: the check asks for them."""
    folder = ROOT / "manifests" / "salesforce" / "force-app" / "main" / "default" / "permissionsets"
    for path in folder.glob("*.permissionset-meta.xml"):
        tree = ET.parse(path)  # noqa: S314 - our own file
        objects = {node.text or "" for node in tree.findall(".//{*}objectPermissions/{*}object")}
        assert objects
        assert all(name.endswith("__c") for name in objects), path.name
        assert tree.find(".//{*}userPermissions") is None, path.name


def test_of_the_client_only_what_keeps_count_and_paths_is_called() -> None:
    """Calls by object lose the count of renewals and the usage; its paths to external ids are quoted wrongly."""
    used = set(re.findall(r"\bclient\.(\w+)", (ROOT / "connector" / "salesforce" / "session.py").read_text("utf-8")))
    assert used == {"restful", "oauth2"}
    assert not re.search(r"SFType|get_by_custom_id|format_external_id|\.upsert\(", sources())


def test_no_member_of_the_channel_filters_its_events() -> None:
    """What a filter makes of fields that did not change is not documented, so every change is delivered."""
    folder = ROOT / "manifests" / "salesforce" / "force-app" / "main" / "default" / "platformEventChannelMembers"
    members = [path.read_text(encoding="utf-8") for path in folder.glob("*.xml")]
    assert members
    assert not [text for text in members if "filterExpression" in text]
