"""From change events to our events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connector.salesforce.bitmaps import fields_of
from connector.salesforce.events import RESYNC_KINDS, client, decode, resync
from rules.model import Event
from tests.connector.salesforce.schemas import LEAD, LEAD_ORDER

AT = datetime(2026, 11, 22, 10, 0, 0, 500_000, tzinfo=UTC)
LEAD_FIELDS = fields_of(LEAD)
OURS = "com/salesforce/api/rest/66.0;client=Switchyard"


def bitmap(*names: str) -> str:
    return hex(sum(1 << LEAD_ORDER.index(name) for name in names))


def change(**parts: Any) -> dict[str, Any]:
    header = {
        "entityName": "Lead",
        "recordIds": ["00Q000000000001AAA"],
        "changeType": "UPDATE",
        "changeOrigin": "",
        "transactionKey": "0002fc9a-6a3b",
        "sequenceNumber": 2,
        "commitTimestamp": int(AT.timestamp() * 1000),
        "commitNumber": 7,
        "commitUser": "005000000000001AAA",
        "nulledFields": [],
        "diffFields": [],
        "changedFields": [],
    }
    return header | parts


def test_one_event_for_each_record_of_a_change() -> None:
    ids = ["00Q000000000001AAA", "00Q000000000002AAA"]
    found = decode(change(recordIds=ids, changeType="CREATE"), LEAD_FIELDS)
    assert [event.record_id for event in found] == ids
    assert [event.key for event in found] == [f"0002fc9a-6a3b:2:{one}" for one in ids]
    assert {(event.kind, event.change, event.at, event.changed, event.ours) for event in found} == {
        ("lead", "created", AT, (), False)
    }


@pytest.mark.parametrize(
    ("change_type", "expected"),
    [
        ("CREATE", "created"),
        ("UPDATE", "updated"),
        ("DELETE", "deleted"),
        ("UNDELETE", "restored"),
        ("GAP_CREATE", "created"),
        ("GAP_UPDATE", "updated"),
        ("GAP_DELETE", "deleted"),
        ("GAP_UNDELETE", "restored"),
        ("SNAPSHOT", "updated"),
        ("SOMETHING_NEW", "updated"),
    ],
)
def test_change_types(change_type: str, expected: str) -> None:
    assert [event.change for event in decode(change(changeType=change_type), LEAD_FIELDS)] == [expected]


@pytest.mark.parametrize(
    "parts",
    [
        {"changeType": "GAP_OVERFLOW", "recordIds": []},
        {"changeType": "GAP_OVERFLOW", "recordIds": ["00Q000000000001AAA"]},
        {"recordIds": ["00Q*"]},
        {"recordIds": []},
        {"recordIds": None},
    ],
)
def test_an_overflow_a_wildcard_id_and_no_ids_ask_for_a_comparison_of_the_kind(parts: dict[str, Any]) -> None:
    (event,) = decode(change(**parts), LEAD_FIELDS)
    assert (event.kind, event.change, event.record_id) == ("lead", "resync", "*")


def test_changed_emptied_and_diffed_fields_get_our_names() -> None:
    header = change(changedFields=[bitmap("Company", "OwnerId"), "4-0x10"], nulledFields=[bitmap("Email")])
    header["diffFields"] = [bitmap("Description")]
    (found,) = decode(header, LEAD_FIELDS)
    assert found.changed == ("company", "country", "email", "Description", "OwnerId")


def test_a_gap_event_names_no_fields() -> None:
    (found,) = decode(change(changeType="GAP_UPDATE", changedFields=[bitmap("Company")]), LEAD_FIELDS)
    assert found.changed == ()


@pytest.mark.parametrize(
    ("entity", "namespace", "kind"),
    [
        ("Lead", "", "lead"),
        ("Contact", "", "contact"),
        ("Account", "", "account"),
        ("User", "", "user"),
        ("Routing_Rule__c", "", "rule"),
        ("acme__Routing_Rule__c", "acme", "rule"),
        ("acme__Routing_Rule__c", "", None),
        ("Routing_Audit__c", "", None),
        ("Opportunity", "", None),
        ("Case", "", None),
    ],
)
def test_entities_we_follow(entity: str, namespace: str, kind: str | None) -> None:
    found = decode(change(entityName=entity, changeType="CREATE"), LEAD_FIELDS, namespace=namespace)
    assert [event.kind for event in found] == ([kind] if kind else [])


STAMPED = {
    **LEAD,
    "fields": [
        *LEAD["fields"],
        *({"name": name, "type": "string"} for name in ("Switchyard_Rule__c", "SystemModstamp")),
    ],
}
OWNER_AND_STAMP = hex(1 << LEAD_ORDER.index("OwnerId") | 1 << LEAD_ORDER.index("LastModifiedDate") | 0b11 << 29)


@pytest.mark.parametrize(
    ("parts", "ours"),
    [
        ({"changeOrigin": OURS, "changedFields": [OWNER_AND_STAMP]}, True),
        ({"changeOrigin": OURS + "/", "changedFields": [OWNER_AND_STAMP]}, True),
        ({"changeOrigin": OURS, "changedFields": [OWNER_AND_STAMP, bitmap("Status")]}, False),
        ({"changeOrigin": OURS, "changedFields": []}, False),
        ({"changeOrigin": OURS, "changedFields": [OWNER_AND_STAMP], "nulledFields": [bitmap("Email")]}, False),
        ({"changeOrigin": OURS, "changedFields": [OWNER_AND_STAMP], "changeType": "CREATE"}, False),
        ({"changeOrigin": OURS, "changedFields": [OWNER_AND_STAMP], "changeType": "GAP_UPDATE"}, False),
        ({"changeOrigin": OURS + "2", "changedFields": [OWNER_AND_STAMP]}, False),
        ({"changeOrigin": "com/salesforce/api/rest/66.0", "changedFields": [OWNER_AND_STAMP]}, False),
        ({"changeOrigin": "", "changedFields": [OWNER_AND_STAMP]}, False),
        ({"changeOrigin": None, "changedFields": [OWNER_AND_STAMP]}, False),
        ({"changeOrigin": OURS, "changedFields": [OWNER_AND_STAMP], "entityName": "Account"}, False),
    ],
)
def test_only_an_update_of_what_we_write_with_our_origin_is_an_echo(*, parts: dict[str, Any], ours: bool) -> None:
    assert [event.ours for event in decode(change(**parts), fields_of(STAMPED))] == [ours]


@pytest.mark.parametrize("namespace", ["", "acme"])
def test_what_we_note_on_a_rule_record_is_an_echo_and_an_edit_is_none(namespace: str) -> None:
    prefix = f"{namespace}__" if namespace else ""
    ours = [f"{prefix}{name}__c" for name in ("Error", "Version", "Standing", "Received", "Largest_Difference")]
    names = ["ChangeEventHeader", *ours, f"{prefix}Definition__c", "LastModifiedDate"]
    entity = f"{prefix}Routing_Rule__"
    fields = [{"name": name, "type": ["null", "string"]} for name in names]
    schema = {"type": "record", "name": f"{entity}ChangeEvent", "fields": fields}

    def is_ours(*changed: str) -> bool:
        bits = hex(sum(1 << names.index(name) for name in (*changed, "LastModifiedDate")))
        written = change(entityName=f"{entity}c", changeOrigin=OURS, changedFields=[bits])
        (event,) = decode(written, fields_of(schema), namespace=namespace)
        assert event.kind == "rule"
        return event.ours

    assert is_ours(*ours[:2])
    assert is_ours(*ours[2:])
    assert not is_ours(*ours, f"{prefix}Definition__c")


@pytest.mark.parametrize("namespace", ["", "acme"])
@pytest.mark.parametrize("entity", ["Lead", "Contact"])
def test_a_click_on_the_card_is_a_change_of_the_request_and_our_answer_an_echo(entity: str, namespace: str) -> None:
    prefix = f"{namespace}__" if namespace else ""
    request, refused = f"{prefix}Switchyard_Request__c", f"{prefix}Switchyard_Request_Refused__c"
    names = ["ChangeEventHeader", request, refused, "LastModifiedById", "LastModifiedDate", "Title"]
    fields = [{"name": name, "type": ["null", "string"]} for name in names]
    schema = fields_of({"type": "record", "name": f"{entity}ChangeEvent", "fields": fields})

    def heard(*changed: str, **parts: Any) -> Event:
        bits = hex(sum(1 << names.index(name) for name in (*changed, "LastModifiedById", "LastModifiedDate")))
        (event,) = decode(change(entityName=entity, changedFields=[bits], **parts), schema, namespace=namespace)
        return event

    click = heard(request)
    assert ("request" in click.changed, click.ours) == (True, False)
    assert heard(request, refused, changeOrigin=OURS).ours
    assert not heard(request, "Title", changeOrigin=OURS).ours


@pytest.mark.parametrize(
    ("origin", "token"),
    [
        (OURS, "Switchyard"),
        ("com/salesforce/api/soap/60.0;client=SfdcInternalAPI/", "SfdcInternalAPI"),
        ("com/salesforce/api/rest/49.0;client=sfdx toolbelt", "sfdx toolbelt"),
        ("com/salesforce/api/rest/66.0", ""),
        ("", ""),
    ],
)
def test_client_token_of_an_origin(origin: str, token: str) -> None:
    assert client(origin) == token


def test_resync_covers_every_kind_and_has_the_same_keys_for_the_same_reason() -> None:
    first, again = resync("0a", at=AT), resync("0a", at=AT)
    assert [event.key for event in first] == [event.key for event in again]
    assert {event.kind for event in first} == set(RESYNC_KINDS)
    assert {(event.change, event.record_id) for event in first} == {("resync", "*")}
    assert {event.key for event in first}.isdisjoint(event.key for event in resync("0b", at=AT))
