"""The official definition of the Pub/Sub API: ours agrees with it, and its classes read the local Salesforce."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto, FileDescriptorSet

from connector.salesforce.bitmaps import HEADER, field_names, fields_of
from tests.connector.salesforce.conftest import LocalOrg
from tests.independent.conftest import HERE

OURS = Path(__file__).resolve().parents[2] / "connector" / "salesforce" / "pb" / "pubsub_api.proto"
OFFICIAL = HERE / "pubsub_api.proto"
TOPIC = "/data/Switchyard__chn"


def compiler(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "grpc_tools.protoc", *arguments], check=True, timeout=60)


def compiled(path: Path, out: Path) -> FileDescriptorProto:
    """Return a definition as the compiler reads it; nothing is imported, so two of one name can be compared."""
    compiler(f"-I{path.parent}", f"--descriptor_set_out={out}", str(path))
    (found,) = FileDescriptorSet.FromString(out.read_bytes()).file
    return found


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> tuple[FileDescriptorProto, FileDescriptorProto]:
    folder = tmp_path_factory.mktemp("definitions")
    return compiled(OURS, folder / "ours"), compiled(OFFICIAL, folder / "official")


def fields(message: DescriptorProto) -> dict[str, tuple[int, int, int, str]]:
    return {each.name: (each.number, each.type, each.label, each.type_name) for each in message.field}


def test_ours_is_of_the_same_package(definitions: tuple[FileDescriptorProto, FileDescriptorProto]) -> None:
    ours, official = definitions
    assert (ours.package, ours.syntax) == (official.package, official.syntax) == ("eventbus.v1", "proto3")


def test_every_message_of_ours_has_the_official_names_numbers_and_types(
    definitions: tuple[FileDescriptorProto, FileDescriptorProto],
) -> None:
    ours, official = definitions
    known = {message.name: fields(message) for message in official.message_type}
    assert {message.name: fields(message) for message in ours.message_type} == {
        message.name: known[message.name] for message in ours.message_type
    }
    assert len(ours.message_type) == 9


def test_every_enumeration_of_ours_has_the_official_values(
    definitions: tuple[FileDescriptorProto, FileDescriptorProto],
) -> None:
    ours, official = definitions
    known = {each.name: {value.name: value.number for value in each.value} for each in official.enum_type}
    for each in ours.enum_type:
        assert {value.name: value.number for value in each.value} == known[each.name], each.name


def test_every_call_of_ours_is_official(definitions: tuple[FileDescriptorProto, FileDescriptorProto]) -> None:
    def calls(definition: FileDescriptorProto) -> dict[str, tuple[str, str, bool, bool]]:
        (service,) = definition.service
        assert service.name == "PubSub"
        return {
            call.name: (call.input_type, call.output_type, call.client_streaming, call.server_streaming)
            for call in service.method
        }

    ours, official = (calls(each) for each in definitions)
    assert set(ours) == {"Subscribe", "GetSchema", "GetTopic"}
    assert ours.items() <= official.items()


@pytest.fixture(scope="module")
def changed(org: LocalOrg) -> list[str]:
    """Make the changes whose events are read: a lead is made, edited and deleted, and a rule is made."""
    org.control("POST", "stream", {"expire_before": True})  # so that EARLIEST is here
    (lead,) = org.create("Lead", {"LastName": "Official", "Company": "Definition", "City": "Oslo"})
    org.control("POST", "update", {"sobject": "Lead", "rows": [{"Id": lead, "City": "Bergen", "Title": "Chief"}]})
    org.control("POST", "delete", {"sobject": "Lead", "ids": [lead]})
    (rule,) = org.create("Routing_Rule__c", {"Name": "Everybody", "Kind__c": "rule", "State__c": "draft"})
    return [lead, lead, lead, rule]


@pytest.fixture(scope="module")
def told(org: LocalOrg, changed: list[str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    classes = tmp_path_factory.mktemp("classes")
    compiler(f"-I{HERE}", f"--python_out={classes}", f"--grpc_python_out={classes}", str(OFFICIAL))
    token = org.sign_in().current()
    given = {
        "classes": str(classes),
        "target": org.pubsub,
        "ca": str(org.ca),
        "headers": {"accesstoken": token.access_token, "instanceurl": org.url, "tenantid": org._sandbox.org.org_id},
        "topic": TOPIC,
        "count": len(changed),
    }
    done = subprocess.run(
        [sys.executable, str(HERE / "pubsub_client.py")],
        input=json.dumps(given),
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_official_classes_learn_of_the_topic(told: dict[str, Any]) -> None:
    assert told["topic"] == {"name": TOPIC, "subscribe": True, "publish": False}


def test_the_official_classes_read_every_event_once_and_in_order(told: dict[str, Any], changed: list[str]) -> None:
    headers = [each["body"]["ChangeEventHeader"] for each in told["events"]]
    assert [header["recordIds"] for header in headers] == [[one] for one in changed]
    assert [header["changeType"] for header in headers] == ["CREATE", "UPDATE", "DELETE", "CREATE"]
    assert [header["entityName"] for header in headers] == ["Lead"] * 3 + ["Routing_Rule__c"]
    assert told["pending"] == 0
    assert told["latest"] == told["events"][-1]["replay"]
    assert len({each["id"] for each in told["events"]}) == len(changed)


def test_a_body_read_with_the_schema_it_names_holds_what_changed(told: dict[str, Any]) -> None:
    created, updated, *_ = (each["body"] for each in told["events"])
    assert created["Company"] == "Definition"
    assert created["Address"]["City"] == "Oslo"
    assert (updated["Address"]["City"], updated["Title"]) == ("Bergen", "Chief")


def test_our_reading_of_the_bitmap_names_those_fields(told: dict[str, Any]) -> None:
    event = told["events"][1]
    schema = json.loads(told["schemas"][event["schema"]])
    assert schema["fields"][0]["name"] == HEADER
    bitmaps = event["body"]["ChangeEventHeader"]["changedFields"]
    assert {"City", "Title"} <= set(field_names(bitmaps, fields_of(schema)))


def test_a_place_that_nobody_knows_is_refused_with_the_documented_trailer(told: dict[str, Any]) -> None:
    assert told["refused"] == {
        "status": "INVALID_ARGUMENT",
        "code": "sfdc.platform.eventbus.grpc.subscription.fetch.replayid.corrupted",
    }
