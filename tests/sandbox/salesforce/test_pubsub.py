"""The Pub/Sub API with a real gRPC client: decoding, flow control, replay, keepalive, refusals, orders."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import grpc
import pytest

from connector.salesforce.pb import pubsub_api_pb2 as pb

from . import streams
from .clients import Subscriber, browser, connect, until
from .org import INTEGRATION_USER

if TYPE_CHECKING:
    from collections.abc import Callable

    from .server import Sandbox

LEADS, ALL, CHANNEL = "/data/LeadChangeEvent", "/data/ChangeEvents", "/data/Switchyard__chn"
QUIET = {"Sforce-Auto-Assign": "FALSE"}
OURS = {**QUIET, "Sforce-Call-Options": "client=Switchyard"}
ADA = {"LastName": "Lovelace", "FirstName": "Ada", "Company": "Analytical Engines", "City": "London"}


def order(sandbox: Sandbox, **given: Any) -> None:
    browser(sandbox).post(f"{sandbox.url}/_control/stream", json=given, timeout=10).raise_for_status()


def head(event: dict[str, Any]) -> dict[str, Any]:
    header: dict[str, Any] = event["ChangeEventHeader"]
    return header


def fields(schema: dict[str, Any], bitmaps: list[str]) -> list[str]:
    """An independent reading of bitmaps: bit n of the first string is field n, ``p-bits`` are fields inside field p."""
    names = []
    for bitmap in bitmaps:
        parent, _, bits = bitmap.rpartition("-")
        inside = schema["fields"]
        if parent:
            record = next(kind for kind in inside[int(parent)]["type"] if kind != "null")
            if isinstance(record, str):
                record = next(
                    k for f in schema["fields"] for k in f["type"] if isinstance(k, dict) and k["name"] == record
                )
            inside = record["fields"]
        names += [field["name"] for n, field in enumerate(inside) if int(bits, 16) >> n & 1]
    return names


def test_a_created_lead_arrives_decoded(sf: Any, listen: Callable[[], Subscriber]) -> None:
    stream = listen().subscribe(LEADS, preset=pb.ReplayPreset.EARLIEST)
    lead = sf.Lead.create({**ADA, "NumberOfEmployees": 5, "HasOptedOutOfEmail": True}, headers=OURS)["id"]
    (event,) = stream.events(1)
    header = head(event)
    assert (header["entityName"], header["changeType"], header["recordIds"]) == ("Lead", "CREATE", [lead])
    assert header["changeOrigin"] == "com/salesforce/api/rest/66.0;client=Switchyard"
    assert header["changedFields"] == header["nulledFields"] == []
    assert event["Name"] == {"Salutation": None, "FirstName": "Ada", "LastName": "Lovelace"}
    assert event["Address"]["City"] == "London"
    assert (event["NumberOfEmployees"], event["HasOptedOutOfEmail"], event["Email"]) == (5, True, None)
    assert event["CreatedDate"] == header["commitTimestamp"]
    assert abs(event["CreatedDate"] / 1000 - time.time()) < 60
    assert len(event["replay_id"]) == 10


def test_a_conversion_gives_four_events_and_the_documented_bitmap(
    sandbox: Sandbox, listen: Callable[[], Subscriber]
) -> None:
    (lead,) = sandbox.acts.create("Lead", [ADA], assign=False)
    stream = listen().subscribe(ALL)
    until(lambda: sandbox.streams.open)
    sandbox.acts.convert(lead)
    events = stream.events(4)
    assert [head(e)["entityName"] for e in events] == ["Account", "Contact", "Opportunity", "Lead"]
    assert [head(e)["changeType"] for e in events] == ["CREATE", "CREATE", "CREATE", "UPDATE"]
    assert len({head(e)["transactionKey"] for e in events}) == 1
    assert [head(e)["sequenceNumber"] for e in events] == [1, 2, 3, 4]
    assert head(events[3])["changedFields"] == ["0x08F81000"]
    assert head(events[3])["changeOrigin"] == "com/salesforce/api/soap/66.0;client=SfdcInternalAPI/"
    assert events[0]["Name"] == "Analytical Engines"


def test_an_update_names_what_changed_and_what_became_empty(sf: Any, listen: Callable[[], Subscriber]) -> None:
    stream = listen()
    lead = sf.Lead.create({**ADA, "Email": "ada@engines.example"}, headers=QUIET)["id"]
    stream.subscribe(LEADS, preset=pb.ReplayPreset.EARLIEST).events(1)
    sf.Lead.update(lead, {"City": "Paris", "Email": None, "FirstName": "A."}, headers=QUIET)
    (event,) = stream.events(1)
    info = stream.stub.GetTopic(pb.TopicRequest(topic_name=LEADS), metadata=stream.metadata)
    schema = stream.schema(info.schema_id)
    assert sorted(fields(schema, head(event)["changedFields"])) == ["City", "Email", "FirstName", "LastModifiedDate"]
    assert fields(schema, head(event)["nulledFields"]) == ["Email"]
    assert event["Address"]["City"] == "Paris"
    assert event["Address"]["Country"] is None
    assert event["Name"]["LastName"] is None
    assert head(event)["changeOrigin"] == "com/salesforce/api/rest/66.0"


def test_avro_schema_follows_the_recorded_quirks(sf: Any, listen: Callable[[], Subscriber]) -> None:
    stream = listen()
    names = {}
    for entity in ("Lead", "Account", "Contact", "Routing_Rule__"):
        topic = f"/data/{entity}ChangeEvent"
        info = stream.stub.GetTopic(pb.TopicRequest(topic_name=topic), metadata=stream.metadata)
        schema = stream.schema(info.schema_id)
        names[entity] = [field["name"] for field in schema["fields"]]
        assert schema["fields"][0]["name"] == "ChangeEventHeader"
        assert "Id" not in names[entity]
    assert names["Lead"][1:5] == ["Name", "Title", "Company", "Address"]
    assert names["Lead"].index("Status") == 12
    assert names["Lead"].index("LastModifiedDate") == 27
    assert names["Lead"][-1] == "Switchyard_Rule__c"
    account = stream.schema(
        stream.stub.GetTopic(pb.TopicRequest(topic_name="/data/AccountChangeEvent"), metadata=stream.metadata).schema_id
    )
    assert account["fields"][1]["type"][:2] == ["null", "string"]
    assert account["fields"][1]["type"][2]["name"] == "Switchable_PersonName"
    rule = stream.schema(
        stream.stub.GetTopic(
            pb.TopicRequest(topic_name="/data/Routing_Rule__ChangeEvent"), metadata=stream.metadata
        ).schema_id
    )
    kind = next(field for field in rule["fields"] if field["name"] == "Kind__c")
    assert kind["doc"].startswith("Data:DynamicEnum:00N")


def test_the_channel_carries_its_members_with_enriched_fields(sf: Any, listen: Callable[[], Subscriber]) -> None:
    stream = listen().subscribe(CHANNEL, preset=pb.ReplayPreset.EARLIEST)
    lead = sf.Lead.create({**ADA, "Email": "ada@engines.example"}, headers=QUIET)["id"]
    sf.Opportunity.create({"Name": "O", "StageName": "Prospecting", "CloseDate": "2026-12-01"})
    sf.Lead.update(lead, {"City": "Paris"}, headers=QUIET)
    rule = sf.Routing_Rule__c.create({"Name": "R", "Kind__c": "rule"})["id"]
    created, updated, ruled = stream.events(3)
    assert head(created)["recordIds"] == head(updated)["recordIds"] == [lead]
    assert (updated["Email"], updated["Company"]) == ("ada@engines.example", "Analytical Engines")
    assert updated["Title"] is None
    assert (head(ruled)["entityName"], head(ruled)["recordIds"], ruled["State__c"]) == (
        "Routing_Rule__c",
        [rule],
        "live",
    )
    plain = listen().subscribe(LEADS, preset=pb.ReplayPreset.EARLIEST).events(2)
    assert plain[1]["Email"] is None


def test_the_same_change_to_several_records_is_one_event(
    sandbox: Sandbox, sf: Any, listen: Callable[[], Subscriber]
) -> None:
    ids = sandbox.load("Lead", [{"LastName": f"L{n}", "Company": "C"} for n in range(5)])
    sandbox.org.settings.merge_limit = 3
    stream = listen().subscribe(LEADS)
    until(lambda: sandbox.streams.open)
    records = [{"attributes": {"type": "Lead"}, "id": one, "City": "Oslo"} for one in ids]
    sf.restful("composite/sobjects", method="PATCH", json={"records": records}, headers=QUIET)
    first, second = stream.events(2)
    assert head(first)["recordIds"] + head(second)["recordIds"] == ids
    assert len(head(first)["recordIds"]) == 3
    assert head(first)["transactionKey"] == head(second)["transactionKey"]


def test_each_graph_is_a_transaction_of_its_own(sf: Any, listen: Callable[[], Subscriber]) -> None:
    stream = listen().subscribe(ALL, preset=pb.ReplayPreset.EARLIEST)
    url = "/services/data/v66.0/sobjects/Account"
    graphs = [
        {
            "graphId": name,
            "compositeRequest": [
                {
                    "referenceId": f"r{n}",
                    "method": "POST",
                    "url": url,
                    "body": {"Name": f"{name}{n}"},
                    "httpHeaders": OURS,
                }
                for n in range(2)
            ],
        }
        for name in ("a", "b")
    ]
    sf.restful("composite/graph", method="POST", json={"graphs": graphs})
    events = stream.events(4)
    assert len({head(e)["transactionKey"] for e in events}) == 2
    assert {head(e)["changeOrigin"] for e in events} == {"com/salesforce/api/rest/66.0;client=Switchyard"}


def test_what_is_rolled_back_makes_no_event(sandbox: Sandbox, sf: Any, listen: Callable[[], Subscriber]) -> None:
    stream = listen().subscribe(LEADS, preset=pb.ReplayPreset.EARLIEST)
    good = {"attributes": {"type": "Lead"}, **ADA}
    body = {"allOrNone": True, "records": [good, {"attributes": {"type": "Lead"}}]}
    sf.restful("composite/sobjects", method="POST", json=body)
    sandbox.load("Lead", [ADA])
    (lead,) = sandbox.acts.create("Lead", [ADA])
    (event,) = stream.events(1)
    assert head(event)["recordIds"] == [lead]
    assert head(event)["changeOrigin"] == ""


def test_delete_and_undelete_are_told(sandbox: Sandbox, listen: Callable[[], Subscriber]) -> None:
    (lead,) = sandbox.acts.create("Lead", [ADA])
    stream = listen().subscribe(LEADS)
    until(lambda: sandbox.streams.open)
    sandbox.acts.delete("Lead", [lead])
    sandbox.acts.delete("Lead", [lead], undo=True)
    gone, back = stream.events(2)
    assert (head(gone)["changeType"], gone["Company"]) == ("DELETE", None)
    assert (head(back)["changeType"], back["Company"]) == ("UNDELETE", "Analytical Engines")


def test_no_more_events_come_than_were_asked_for(sandbox: Sandbox, listen: Callable[[], Subscriber]) -> None:
    sandbox.acts.create("Lead", [{**ADA, "LastName": f"L{n}"} for n in range(5)])
    stream = listen().subscribe(LEADS, preset=pb.ReplayPreset.EARLIEST, count=2)
    batch = stream.batch()
    assert (len(batch.events), batch.pending_num_requested) == (2, 0)
    stream.ask(2, LEADS)
    assert len(stream.batch().events) == 2
    assert stream.responses.empty()


def test_a_hundred_events_are_the_most_that_can_be_outstanding(
    sandbox: Sandbox, listen: Callable[[], Subscriber]
) -> None:
    sandbox.acts.create("Lead", [{**ADA, "LastName": f"L{n}"} for n in range(120)])
    stream = listen().subscribe(LEADS, preset=pb.ReplayPreset.EARLIEST, count=500)
    assert len(stream.events(100)) == 100
    stream.ask(50, LEADS)
    assert len(stream.events(20)) == 20


def test_asking_for_nothing_is_an_error(listen: Callable[[], Subscriber]) -> None:
    stream = listen().subscribe(LEADS, count=0)
    assert stream.error() == (grpc.StatusCode.INVALID_ARGUMENT, streams.EVENTS_INVALID)


def test_a_stored_replay_id_continues_where_it_stopped(sandbox: Sandbox, listen: Callable[[], Subscriber]) -> None:
    ids = sandbox.acts.create("Lead", [{**ADA, "LastName": f"L{n}"} for n in range(3)])
    first, *_ = listen().subscribe(LEADS, preset=pb.ReplayPreset.EARLIEST).events(3)
    again = listen().subscribe(LEADS, preset=pb.ReplayPreset.CUSTOM, replay=first["replay_id"]).events(2)
    assert [head(e)["recordIds"][0] for e in again] == ids[1:]


def test_an_unknown_or_expired_replay_id_is_corrupted(sandbox: Sandbox, listen: Callable[[], Subscriber]) -> None:
    corrupted = (grpc.StatusCode.INVALID_ARGUMENT, streams.REPLAY_CORRUPTED)
    assert listen().subscribe(LEADS, preset=pb.ReplayPreset.CUSTOM, replay=b"12345").error() == corrupted
    missing = listen().subscribe(LEADS, preset=pb.ReplayPreset.CUSTOM).error()
    assert missing == (grpc.StatusCode.INVALID_ARGUMENT, streams.REPLAY_MISSING)
    sandbox.acts.create("Lead", [ADA])
    (event,) = listen().subscribe(LEADS, preset=pb.ReplayPreset.EARLIEST).events(1)
    order(sandbox, expire_before=True)
    old = listen().subscribe(LEADS, preset=pb.ReplayPreset.CUSTOM, replay=event["replay_id"])
    assert old.error() == corrupted
    (lead,) = sandbox.acts.create("Lead", [ADA])
    (fresh,) = listen().subscribe(LEADS, preset=pb.ReplayPreset.EARLIEST).events(1)
    assert head(fresh)["recordIds"] == [lead]


def test_a_quiet_stream_sends_empty_batches_whose_replay_id_moves_on(
    sandbox: Sandbox, listen: Callable[[], Subscriber]
) -> None:
    sandbox.org.settings.keepalive_seconds = 0.1
    stream = listen().subscribe(LEADS)
    first = stream.batch()
    assert list(first.events) == []
    sandbox.acts.create("Account", [{"Name": "Acme"}])

    def moved() -> bytes | None:
        batch = stream.batch()
        return batch.latest_replay_id if batch.latest_replay_id != first.latest_replay_id else None

    stored = until(moved)
    (lead,) = sandbox.acts.create("Lead", [ADA])
    (event,) = listen().subscribe(LEADS, preset=pb.ReplayPreset.CUSTOM, replay=stored).events(1)
    assert head(event)["recordIds"] == [lead]


def test_events_come_at_once(sandbox: Sandbox, listen: Callable[[], Subscriber]) -> None:
    stream = listen().subscribe(LEADS)
    until(lambda: sandbox.streams.open)
    (lead,) = sandbox.acts.create("Lead", [ADA])
    assert sandbox.org.settings.keepalive_seconds > 5  # so it is the commit that wakes the stream, no timer
    (event,) = stream.events(1)
    assert head(event)["recordIds"] == [lead]


def test_a_topic_that_does_not_exist_is_not_found(listen: Callable[[], Subscriber]) -> None:
    for topic in ("/data/leadchangeevent", "/data/NonsenseChangeEvent", "/data/Other__chn", "/data/TaskChangeEvent"):
        assert listen().subscribe(topic).error() == (grpc.StatusCode.NOT_FOUND, streams.TOPIC_NOT_FOUND)


@pytest.mark.parametrize(
    ("token", "tenant", "code"),
    [
        ("wrong", "", streams.AUTH_ERROR),
        ("", "00DKB0000000001", streams.AUTH_HEADERS),
        ("", "00D000000000001EAA", streams.AUTH_ERROR),
    ],
)
def test_wrong_credentials_are_refused(sandbox: Sandbox, token: str, tenant: str, code: str) -> None:
    good = connect(sandbox)["access_token"]
    stream = Subscriber(sandbox, token or good, tenant or sandbox.org.org_id).subscribe(LEADS)
    assert stream.error() == (grpc.StatusCode.UNAUTHENTICATED, code)
    stream.close()


def test_a_stream_ends_when_its_token_expires(sandbox: Sandbox, listen: Callable[[], Subscriber]) -> None:
    stream = listen().subscribe(LEADS)
    until(lambda: sandbox.streams.open)
    browser(sandbox).post(f"{sandbox.url}/_control/expire", timeout=10)
    assert stream.error() == (grpc.StatusCode.UNAUTHENTICATED, streams.AUTH_ERROR)


def test_a_channel_drops_silently_what_the_user_may_not_see_and_a_topic_refuses(
    sandbox: Sandbox, listen: Callable[[], Subscriber]
) -> None:
    user = sandbox.org.user_by_name(INTEGRATION_USER)
    assert user is not None
    sandbox.org.people.change(user["Id"], grant=[], deny=["Lead.ViewAllRecords"], hide=[], show=[])
    stream = listen().subscribe(CHANNEL, preset=pb.ReplayPreset.EARLIEST)
    sandbox.acts.create("Lead", [ADA])
    (account,) = sandbox.acts.create("Account", [{"Name": "Acme"}])
    (event,) = stream.events(1)
    assert head(event)["recordIds"] == [account]
    assert listen().subscribe(LEADS).error() == (grpc.StatusCode.PERMISSION_DENIED, streams.CANNOT_SUBSCRIBE)


def test_the_delivery_allowance_ends_streams(sandbox: Sandbox, sf: Any, listen: Callable[[], Subscriber]) -> None:
    sandbox.org.settings.delivery_limit = 2
    stream = listen().subscribe(LEADS, preset=pb.ReplayPreset.EARLIEST)
    sandbox.acts.create("Lead", [{**ADA, "LastName": f"L{n}"} for n in range(3)])
    assert stream.error() == (grpc.StatusCode.RESOURCE_EXHAUSTED, streams.LIMIT_EXCEEDED)
    assert sf.limits()["DailyDeliveredPlatformEvents"] == {"Max": 2, "Remaining": 0}
    assert listen().subscribe(LEADS).error()[1] == streams.LIMIT_EXCEEDED


def test_gap_and_overflow_events_come_on_order(sandbox: Sandbox, listen: Callable[[], Subscriber]) -> None:
    stream = listen().subscribe(CHANNEL, preset=pb.ReplayPreset.EARLIEST)
    lead = "00QKB00000000012AA"
    order(sandbox, gap={"sobject": "Lead", "ids": [lead], "kind": "GAP_UPDATE"})
    order(sandbox, overflow="Account")
    gap, overflow = stream.events(2)
    assert (head(gap)["changeType"], head(gap)["recordIds"], gap["Company"]) == ("GAP_UPDATE", [lead], None)
    assert (head(overflow)["changeType"], head(overflow)["recordIds"]) == ("GAP_OVERFLOW", [])


def test_a_huge_transaction_collapses_into_an_overflow(sandbox: Sandbox, listen: Callable[[], Subscriber]) -> None:
    sandbox.org.settings.overflow_limit = 3
    sandbox.acts.create("Lead", [{**ADA, "LastName": f"L{n}"} for n in range(4)])
    (event,) = listen().subscribe(LEADS, preset=pb.ReplayPreset.EARLIEST).events(1)
    assert head(event)["changeType"] == "GAP_OVERFLOW"


def test_streams_break_off_on_order(sandbox: Sandbox, listen: Callable[[], Subscriber]) -> None:
    stream = listen().subscribe(LEADS)
    until(lambda: sandbox.streams.open)
    order(sandbox, cut=True)
    assert stream.error() == (grpc.StatusCode.UNAVAILABLE, None)
    code = "sfdc.platform.eventbus.grpc.service.unavailable"
    order(sandbox, error_code=code, refuse=1)
    assert listen().subscribe(LEADS).error() == (grpc.StatusCode.UNAVAILABLE, code)
    again = listen().subscribe(LEADS)
    until(lambda: sandbox.streams.open)
    assert again.responses.empty()
