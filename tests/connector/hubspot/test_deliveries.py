"""Real deliveries of the local HubSpot over a real socket: signed, verified, read."""

from __future__ import annotations

import queue
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest
import requests

from connector.hubspot.events import parse
from connector.hubspot.signatures import BadSignature, verify
from tests.connector.hubspot.conftest import work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rules.model import Event
    from tests.connector.hubspot.conftest import Portal
    from tests.sandbox.hubspot import Sandbox

PUBLIC = "https://route.example.com/webhooks/hubspot?from=a%40b.com"


@dataclass
class Delivery:
    """One POST as it arrived."""

    body: bytes
    signature: str | None
    timestamp: str | None


@pytest.fixture
def inbox(sandbox: Sandbox) -> Iterator[queue.Queue[Delivery]]:
    """A receiver on loopback that the sandbox delivers to, signing for our public URL."""
    arrived: queue.Queue[Delivery] = queue.Queue()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            named = self.headers.get
            arrived.put(Delivery(body, named("X-HubSpot-Signature-v3"), named("X-HubSpot-Request-Timestamp")))
            self.send_response(204)
            self.end_headers()

        def log_request(self, *_args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    control = f"{sandbox.url}/_control"
    requests.delete(f"{control}/deliveries", timeout=10)
    url = f"http://127.0.0.1:{server.server_port}/"
    requests.post(f"{control}/webhooks", json={"url": url, "public_url": PUBLIC}, timeout=10)
    yield arrived
    requests.post(f"{control}/webhooks", json={"url": None, "public_url": None}, timeout=10)
    server.shutdown()
    thread.join(timeout=5)
    server.server_close()


def receive(portal: Portal, inbox: queue.Queue[Delivery], enough: Callable[[list[Event]], bool]) -> list[Event]:
    """Verify and read deliveries until enough events of the portal have come."""
    events: list[Event] = []
    while not enough(events):
        delivery = inbox.get(timeout=15)
        check(portal, delivery)
        app_id = str(portal.sandbox.app_id)
        batch = parse(delivery.body, app_id=app_id, received_at=datetime.now(UTC))
        assert batch.faults == []
        if str(portal.id) in batch.portals:
            events += batch.portals[str(portal.id)].events
    return events


def check(portal: Portal, delivery: Delivery, *, url: str = PUBLIC) -> None:
    verify(
        method="POST",
        url=url,
        body=delivery.body,
        signature=delivery.signature,
        timestamp=delivery.timestamp,
        secrets=(portal.sandbox.client_secret,),
        now=datetime.now(UTC),
    )


def test_a_users_change_arrives_signed_and_is_not_ours(portal: Portal, inbox: queue.Queue[Delivery]) -> None:
    properties = {"email": "jane@acme.com", "firstname": "Jane"}
    lead = portal.order("create", object="contacts", properties=properties)["id"]
    events = receive(portal, inbox, lambda events: {"email", "first_name"} <= {f for e in events for f in e.changed})
    assert {(event.kind, event.record_id, event.ours) for event in events} == {("lead", lead, False)}
    assert {event.change for event in events} == {"created", "updated"}
    assert len({event.key for event in events}) == len(events)


def test_a_delivery_signed_for_another_address_is_refused(portal: Portal, inbox: queue.Queue[Delivery]) -> None:
    portal.order("create", object="contacts", properties={"email": "jane@acme.com"})
    delivery = inbox.get(timeout=15)
    check(portal, delivery)
    with pytest.raises(BadSignature):
        check(portal, delivery, url="https://other.example.com/webhooks/hubspot")


def test_our_own_write_comes_back_as_an_echo(ready: Portal, inbox: queue.Queue[Delivery]) -> None:
    (lead,), owner = ready.people(1), ready.owner()
    ready.crm().apply("update", [work(lead, owner, actions=["assign"])])
    (event,) = receive(ready, inbox, bool)
    assert (event.record_id, event.changed, event.ours) == (lead, ("owner_id",), True)


def test_a_merge_arrives_as_gone_ids_and_the_remaining_record(portal: Portal, inbox: queue.Queue[Delivery]) -> None:
    one, two = portal.people(2)
    new = portal.order("merge", object="contacts", primary=one, other=two)["id"]
    events = receive(portal, inbox, lambda events: any(event.change == "merged" for event in events))
    found = {(event.record_id, event.change) for event in events}
    assert found >= {(one, "merged"), (two, "merged"), (new, "updated")}


def test_a_redelivery_has_the_same_keys(portal: Portal, inbox: queue.Queue[Delivery]) -> None:
    requests.post(f"{portal.sandbox.url}/_control/webhooks", json={"duplicate": 1}, timeout=10)
    portal.order("create", object="companies", properties={"name": "Acme"})
    events = receive(portal, inbox, lambda events: len(events) > len({event.key for event in events}))
    assert {event.kind for event in events} == {"account"}
