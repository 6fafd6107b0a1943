"""The event stream over real gRPC, against a server that plays a script."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import pytest
from structlog.testing import capture_logs

from connector.crm import Token
from connector.errors import Exhausted, Later, Next, Refused, Revoked
from connector.salesforce.channels import Channels
from connector.salesforce.events import RESYNC_KINDS
from connector.salesforce.pb.pubsub_api_pb2 import ReplayPreset
from connector.salesforce.pubsub import Batch, Stream, channel_name, topic
from connector.salesforce.schemas import Schemas
from tests.connector.salesforce.scripted import (
    AwaitRequest,
    Fail,
    Scripted,
    Send,
    Silence,
    lead_created,
    serve,
)
from tests.connector.salesforce.signed_in import Tokens, settings, settings_for

PATIENCE = 20.0
ORG = "00D000000000001AAA"
OLD, NEW = Token("old", "https://acme.my.salesforce.com"), Token("new", "https://acme.my.salesforce.com")
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
ONE = Send(((lead_created(1), b"p1"),))
CORRUPTED = Fail(grpc.StatusCode.INVALID_ARGUMENT, "subscription.fetch.replayid.corrupted")
BAD_TOKEN = Fail(grpc.StatusCode.UNAUTHENTICATED, "service.auth.error")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Scripted]:
    scripted = serve(tmp_path)
    yield scripted
    scripted.stop()


@pytest.fixture
def open_stream(server: Scripted) -> Any:
    where = settings_for("https://localhost", server.address, server.ca, salesforce_streams_per_channel=2)
    shared: dict[str, Any] = {"channels": Channels(where), "schemas": Schemas()}

    def make(tokens: Tokens | None = None, **parts: Any) -> Stream:
        return Stream(tokens or Tokens(OLD, NEW), settings=where, org_id=ORG, now=lambda: NOW, **(shared | parts))

    return make


def take(stream: Stream, count: int) -> list[Batch]:
    """Read so many batches in an event loop of their own, then leave the stream."""

    async def read() -> list[Batch]:
        found: list[Batch] = []
        async with asyncio.timeout(PATIENCE), contextlib.aclosing(stream.batches()) as batches:
            async for batch in batches:
                found.append(batch)
                if len(found) == count:
                    break
        return found

    return asyncio.run(read())


def test_events_come_in_batches_with_the_place_behind_the_last(server: Scripted, open_stream: Any) -> None:
    two = Send(((lead_created(1), b"p1"), (lead_created(2), b"p2")), latest=b"p9", pending=98)
    server.scripts = [[two, Silence()]]
    (batch,) = take(open_stream(), 1)
    assert [event.record_id for event in batch.events] == ["00Q000000000001AAA", "00Q000000000002AAA"]
    assert [event.change for event in batch.events] == ["created", "created"]
    assert batch.replay_id == b"p2"


def test_calls_carry_token_instance_and_org(server: Scripted, open_stream: Any) -> None:
    server.scripts = [[ONE, Silence()]]
    take(open_stream(), 1)
    seen = server.metadata[0]
    assert (seen["accesstoken"], seen["instanceurl"], seen["tenantid"]) == ("old", OLD.base_url, ORG)


def test_a_new_install_starts_at_latest(server: Scripted, open_stream: Any) -> None:
    server.scripts = [[ONE, Silence()]]
    take(open_stream(), 1)
    first = server.requests[0][0]
    assert (first.replay_preset, first.replay_id, first.num_requested) == (ReplayPreset.LATEST, b"", 100)
    assert first.topic_name == "/data/Switchyard__chn"


def test_a_stored_place_is_where_the_stream_goes_on(server: Scripted, open_stream: Any) -> None:
    server.scripts = [[ONE, Silence()]]
    take(open_stream(replay_id=b"\0\0p0"), 1)
    first = server.requests[0][0]
    assert (first.replay_preset, first.replay_id) == (ReplayPreset.CUSTOM, b"\0\0p0")


def test_an_empty_answer_moves_the_place_on(server: Scripted, open_stream: Any) -> None:
    server.scripts = [[Send(latest=b"p7", pending=100), Silence()]]
    assert take(open_stream(replay_id=b"p0"), 1) == [Batch((), b"p7")]


def test_more_is_asked_for_only_after_a_batch_was_dealt_with(server: Scripted, open_stream: Any) -> None:
    events = tuple((lead_created(number), b"p%d" % number) for number in range(60))
    server.scripts = [[Send(events, pending=40), AwaitRequest(), ONE, Silence()]]

    async def read() -> None:
        async with contextlib.aclosing(open_stream().batches()) as batches:
            await anext(batches)
            assert len(server.requests[0]) == 1
            await anext(batches)

    asyncio.run(read())
    assert [request.num_requested for request in server.requests[0]] == [100, 60]


def test_nothing_is_asked_for_while_a_hundred_events_are_on_their_way(server: Scripted, open_stream: Any) -> None:
    """To ask for no events is an error that ends the stream."""
    server.scripts = [[Send(latest=b"p1", pending=100), Send(latest=b"p2", pending=40), AwaitRequest(), ONE]]
    take(open_stream(), 3)
    assert [request.num_requested for request in server.requests[0]] == [100, 60]


def test_a_schema_is_asked_for_once_for_all_streams_of_an_org(server: Scripted, open_stream: Any) -> None:
    server.scripts = [[ONE, ONE, ONE, Silence()], [ONE, Silence()]]
    take(open_stream(), 3)
    take(open_stream(replay_id=b"p1"), 1)
    assert server.schema_calls == 1


def test_a_changed_schema_is_asked_for(server: Scripted, open_stream: Any) -> None:
    server.scripts = [[ONE, Send(((lead_created(2), b"p2"),), schema="schema-2"), Silence()]]
    (_, batch) = take(open_stream(), 2)
    assert [event.change for event in batch.events] == ["created"]
    assert server.schema_calls == 2


def test_another_org_asks_for_its_own_schema(server: Scripted, open_stream: Any) -> None:
    server.scripts = [[ONE, Silence()], [ONE, Silence()]]
    take(open_stream(), 1)
    stream = open_stream()
    stream._org_id = "00D000000000002AAA"
    take(stream, 1)
    assert server.schema_calls == 2


def test_an_event_whose_schema_is_gone_costs_a_comparison_not_the_stream(server: Scripted, open_stream: Any) -> None:
    server.scripts = [[ONE, Send(((lead_created(2), b"p2"),)), Silence()]]
    server.schema_failure = Fail(grpc.StatusCode.NOT_FOUND, "schema.not.found")
    lost, after = take(open_stream(replay_id=b"p0"), 2)
    assert [event.kind for event in lost.events] == list(RESYNC_KINDS)
    assert [event.change for event in after.events] == ["created"]


def test_a_schema_that_is_not_to_be_had_now_is_asked_for_later(server: Scripted, open_stream: Any) -> None:
    server.scripts = [[ONE, Silence()]]
    server.schema_failure = Fail(grpc.StatusCode.UNAVAILABLE, "schema.api.unavailable")
    with pytest.raises(Later, match=r"schema\.api\.unavailable"):
        take(open_stream(replay_id=b"p0"), 1)


def test_a_dead_token_is_renewed_and_the_stream_goes_on_at_its_place(server: Scripted, open_stream: Any) -> None:
    server.scripts = [[ONE, BAD_TOKEN], [Send(((lead_created(2), b"p2"),)), Silence()]]
    tokens = Tokens(OLD, NEW)
    batches = take(open_stream(tokens), 2)
    assert [batch.replay_id for batch in batches] == [b"p1", b"p2"]
    assert [seen["accesstoken"] for seen in server.metadata] == ["old", "new"]
    again = server.requests[1][0]
    assert (again.replay_preset, again.replay_id) == (ReplayPreset.CUSTOM, b"p1")
    assert tokens.renewals == 1


def test_a_token_that_dies_while_asking_for_a_schema_is_renewed_too(server: Scripted, open_stream: Any) -> None:
    server.scripts = [[ONE, Silence()], [ONE, Silence()]]
    server.schema_failure = BAD_TOKEN
    (batch,) = take(open_stream(replay_id=b"p0"), 1)
    assert batch.replay_id == b"p1"
    assert server.requests[1][0].replay_id == b"p0"


def test_a_renewed_token_that_is_refused_waits_as_in_release_windows(server: Scripted, open_stream: Any) -> None:
    server.scripts = [[BAD_TOKEN], [BAD_TOKEN], [ONE]]
    tokens = Tokens(OLD, NEW)
    with pytest.raises(Later):
        take(open_stream(tokens), 1)
    assert tokens.renewals == 1


def test_a_lost_place_means_earliest_and_a_comparison_of_everything(server: Scripted, open_stream: Any) -> None:
    server.scripts = [[CORRUPTED], [ONE, Silence()]]
    lost, first = take(open_stream(replay_id=b"p0"), 2)
    assert [event.kind for event in lost.events] == list(RESYNC_KINDS)
    assert {(event.change, event.at) for event in lost.events} == {("resync", NOW)}
    assert lost.replay_id == b"p0"
    assert first.replay_id == b"p1"
    assert [request[0].replay_preset for request in server.requests] == [ReplayPreset.CUSTOM, ReplayPreset.EARLIEST]


def test_a_break_before_the_first_event_after_a_lost_place_does_not_lose_it_again(
    server: Scripted, open_stream: Any
) -> None:
    server.scripts = [[CORRUPTED], [BAD_TOKEN], [ONE, Silence()]]
    take(open_stream(replay_id=b"p0"), 2)
    assert [request[0].replay_preset for request in server.requests[1:]] == [ReplayPreset.EARLIEST] * 2


def test_a_stream_that_takes_no_place_at_all_is_put_off(server: Scripted, open_stream: Any) -> None:
    server.scripts = [[CORRUPTED], [CORRUPTED]]
    with pytest.raises(Later):
        take(open_stream(replay_id=b"p0"), 2)


@pytest.mark.parametrize(
    ("failure", "expected", "seconds"),
    [
        (Fail(grpc.StatusCode.RESOURCE_EXHAUSTED, "subscription.limit.exceeded"), Exhausted, 4 * 3600),
        (Fail(grpc.StatusCode.RESOURCE_EXHAUSTED, "concurrent.client.limit.exceeded"), Later, 60),
        (Fail(grpc.StatusCode.UNAVAILABLE, "service.protection.rate"), Later, 30),
        (Fail(grpc.StatusCode.UNAVAILABLE, "topic.api.unavailable"), Later, 5),
        (Fail(grpc.StatusCode.INTERNAL, "subscription.internal.error"), Later, 5),
        (Fail(grpc.StatusCode.UNAVAILABLE, "service.unavailable"), Later, 5),
        (Fail(grpc.StatusCode.UNAVAILABLE), Later, 5),
        (Fail(grpc.StatusCode.NOT_FOUND, "topic.not.found"), Refused, 0),
        (Fail(grpc.StatusCode.PERMISSION_DENIED, "subscription.topic.cannot.subscribe"), Refused, 0),
        (Fail(grpc.StatusCode.PERMISSION_DENIED, "topic.meta.permission"), Refused, 0),
        (Fail(grpc.StatusCode.PERMISSION_DENIED, "service.tenant.license"), Refused, 0),
        (Fail(grpc.StatusCode.UNAUTHENTICATED, "service.auth.headers.invalid"), Refused, 0),
        (Fail(grpc.StatusCode.INVALID_ARGUMENT, "subscription.fetch.replayid.validation.failed"), Refused, 0),
    ],
)
def test_other_breaks_say_what_to_do_next(
    server: Scripted, open_stream: Any, failure: Fail, expected: type[Next], seconds: float
) -> None:
    for number in range(1, 6):
        server.scripts = [[ONE, failure], [ONE]]
        with pytest.raises(Next) as caught:
            take(open_stream(), 2)
        assert len(server.requests) == number
        # A request that crosses the end of the call hides its reason now and then; the next try is told it.
        if "INTERNAL" not in str(caught.value):
            break
    assert isinstance(caught.value, expected)
    assert getattr(caught.value, "seconds", 0) == seconds


def test_nobody_at_the_address_means_later(server: Scripted, open_stream: Any) -> None:
    server.stop()
    with pytest.raises(Later):
        take(open_stream(), 1)


def test_silence_means_later(server: Scripted, open_stream: Any) -> None:
    server.scripts = [[ONE, Silence()]]
    with pytest.raises(Later, match="silent"):
        take(open_stream(quiet_seconds=0.3), 2)


def test_an_end_in_peace_means_later(server: Scripted, open_stream: Any) -> None:
    server.scripts = [[ONE]]
    with pytest.raises(Later, match="ended"):
        take(open_stream(), 2)


def test_close_ends_the_stream_for_whoever_reads_it(server: Scripted, open_stream: Any) -> None:
    server.scripts = [[ONE, Silence()]]
    stream = open_stream()

    async def read() -> list[Batch]:
        found: list[Batch] = []
        async with asyncio.timeout(PATIENCE):
            async for batch in stream.batches():
                found.append(batch)
                asyncio.get_running_loop().call_later(0.05, stream.close)
        stream.close()
        return found

    assert len(asyncio.run(read())) == 1
    assert take(stream, 1) == []


def test_a_task_that_is_cancelled_while_it_reads_is_cancelled(server: Scripted, open_stream: Any) -> None:
    server.scripts = [[ONE, Silence()]]
    seen = 0

    async def read() -> None:
        nonlocal seen
        async for _ in open_stream().batches():
            seen += 1

    async def cancelled() -> bool:
        task = asyncio.create_task(read())
        async with asyncio.timeout(PATIENCE):
            while not seen:
                await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(cancelled())


def test_after_a_break_nobody_goes_on_at_latest(server: Scripted, open_stream: Any) -> None:
    """Whatever breaks it: the next request names the place, or events would be lost without a sign."""
    server.scripts = [[ONE, BAD_TOKEN], [BAD_TOKEN]]
    with pytest.raises(Later):
        take(open_stream(replay_id=b"p0"), 2)
    assert {request[0].replay_preset for request in server.requests} == {ReplayPreset.CUSTOM}


def test_a_new_token_comes_with_a_new_call_and_never_in_the_stream(server: Scripted, open_stream: Any) -> None:
    server.scripts = [[ONE, AwaitRequest(), BAD_TOKEN], [ONE, AwaitRequest(), Silence()]]
    take(open_stream(), 2)
    assert {request.auth_refresh for requests in server.requests for request in requests} == {""}


@pytest.mark.usefixtures("heard")
def test_the_id_that_support_asks_for_is_logged(server: Scripted, open_stream: Any) -> None:
    server.scripts = [[Fail(grpc.StatusCode.UNAVAILABLE, "service.unavailable")]]
    with capture_logs() as logs, pytest.raises(Later):
        take(open_stream(), 1)
    assert [line["rpc"] for line in logs if line["event"] == "stream ended"] == ["r"]


def test_streams_share_connections_and_each_carries_no_more_than_it_may(server: Scripted, open_stream: Any) -> None:
    server.scripts = [[ONE, Silence()] for _ in range(5)]
    streams = [open_stream() for _ in range(5)]
    channels = streams[0]._channels

    async def read() -> tuple[Any, Any]:
        async with contextlib.AsyncExitStack() as stack, asyncio.timeout(PATIENCE):
            for stream in streams:
                await anext(await stack.enter_async_context(contextlib.aclosing(stream.batches())))
            full = channels.streams
        return full, channels.streams

    assert asyncio.run(read()) == ((2, 2, 1), ())
    assert len(server.peers) == 3


def test_an_event_that_cannot_be_decoded_costs_a_comparison_not_the_stream(server: Scripted, open_stream: Any) -> None:
    server.scripts = [[Send(((b"\xff\xff", b"\x01"), (lead_created(2), b"\x02"))), Silence()]]
    (batch,) = take(open_stream(), 1)
    assert [event.change for event in batch.events] == ["resync"] * len(RESYNC_KINDS) + ["created"]
    assert batch.replay_id == b"\x02"


def test_our_channel_is_asked_for(server: Scripted) -> None:
    where = settings_for("https://localhost", server.address, server.ca)
    info = topic(where, OLD, ORG)
    assert (info.topic_name, info.can_subscribe) == ("/data/Switchyard__chn", True)
    server.topic_failure = Fail(grpc.StatusCode.NOT_FOUND, "topic.not.found")
    with pytest.raises(Refused, match="install"):
        topic(where, OLD, ORG)
    server.topic_failure = BAD_TOKEN
    with pytest.raises(Revoked):
        topic(where, OLD, ORG)


@pytest.mark.parametrize(
    ("namespace", "channel", "name"),
    [
        ("", "/data/Switchyard__chn", "/data/Switchyard__chn"),
        ("acme", "/data/Switchyard__chn", "/data/acme__Switchyard__chn"),
        ("acme", "/data/acme__Switchyard__chn", "/data/acme__Switchyard__chn"),
    ],
)
def test_a_packaged_channel_carries_the_namespace(namespace: str, channel: str, name: str) -> None:
    assert channel_name(settings(salesforce_namespace=namespace, salesforce_channel=channel)) == name
