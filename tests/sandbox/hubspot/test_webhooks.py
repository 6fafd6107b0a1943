from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hubspot.utils.signature import Signature

from tests.sandbox.hubspot import start
from tests.sandbox.hubspot.conftest import CONTACTS, Client, Receiver, link_to, until
from tests.sandbox.hubspot.manifest import Subscription
from tests.sandbox.hubspot.signature import sign_v1, sign_v2

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sandbox.hubspot import Sandbox

PUBLIC = "https://switchyard.example.com/webhooks/hubspot?a=%2Fb%20c"


def deliveries(client: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.session.get(f"{client.sandbox.url}/_control/deliveries", timeout=10).json()
    return found


def settled(client: Client) -> bool:
    return client.sandbox.hub.deliveries.waiting() == 0


def test_a_creation_tells_of_itself_and_of_every_subscribed_property(listened: Client, receiver: Receiver) -> None:
    ident = listened.create(CONTACTS, email="ana@acme.com", firstname="Ana", jobtitle="CEO")
    until(lambda: len(receiver.events) == 3)
    created = receiver.of("object.creation")[0]
    assert created["objectId"] == int(ident)
    assert created["objectTypeId"] == "0-1"
    assert created["changeFlag"] == "CREATED"
    assert created["attemptNumber"] == 0
    assert (created["portalId"], created["appId"]) == (listened.portal, listened.sandbox.app_id)
    assert {"eventId", "subscriptionId", "occurredAt"} <= set(created)
    changes = {event["propertyName"]: event["propertyValue"] for event in receiver.of("object.propertyChange")}
    assert changes == {"email": "ana@acme.com", "firstname": "Ana"}


def test_the_apps_own_changes_come_back_as_echoes_and_a_users_carry_the_user(
    listened: Client, receiver: Receiver
) -> None:
    ident = listened.create(CONTACTS, email="ana@acme.com")
    listened.order("update", object="contacts", id=ident, properties={"city": "Paris"}, userId=882)
    city = until(lambda: receiver.of("object.propertyChange", propertyName="city"))[0]
    assert (city["changeSource"], city["sourceId"]) == ("CRM_UI", "userId:882")
    own = receiver.of("object.propertyChange", propertyName="email")[0]
    assert (own["changeSource"], own["sourceId"]) == ("INTEGRATION", str(listened.sandbox.app_id))


def test_a_value_that_stays_the_same_and_a_calculated_one_tell_nothing(listened: Client, receiver: Receiver) -> None:
    firm = listened.sandbox.load(listened.portal, "companies", [{"properties": {"name": "Acme"}}])["ids"][0]
    ident = listened.create(CONTACTS, [link_to(firm, 1)], email="ana@acme.com")
    listened.call("PATCH", f"{CONTACTS}/{ident}", {"properties": {"email": "ana@acme.com", "city": "Paris"}})
    until(lambda: receiver.of("object.propertyChange", propertyName="city") and settled(listened))
    told = Counter(event.get("propertyName", event["subscriptionType"]) for event in receiver.events)
    # A primary link is a plain one as well, and each is told of.
    assert told == {"object.creation": 1, "object.associationChange": 2, "email": 1, "city": 1}


def test_a_delivery_is_signed_over_the_public_url(listened: Client, receiver: Receiver) -> None:
    listened.turn("webhooks", public_url=PUBLIC)
    listened.create(CONTACTS, firstname="Ánä — 東京")
    first = until(lambda: receiver.deliveries)[0]
    secret = listened.sandbox.client_secret
    stamp = first.headers["X-Hubspot-Request-Timestamp"]
    assert abs(time.time() * 1000 - int(stamp)) < 60_000
    assert Signature.is_valid(
        signature=first.headers["X-Hubspot-Signature-V3"],
        client_secret=secret,
        request_body=first.raw.decode(),
        http_uri="https://switchyard.example.com/webhooks/hubspot?a=/b%20c",
        http_method="POST",
        signature_version="v3",
        timestamp=stamp,
    )
    assert first.headers["X-Hubspot-Signature-Version"] == "v1"
    assert first.headers["X-Hubspot-Signature"] == sign_v1(secret, first.raw)
    listened.turn("webhooks", legacy="v2")
    listened.create(CONTACTS, firstname="Bob")
    second = until(lambda: [one for one in receiver.deliveries if b"Bob" in one.raw])[0]
    assert second.headers["X-Hubspot-Signature"] == sign_v2(secret, "POST", PUBLIC, second.raw)


def test_many_changes_travel_in_batches_of_at_most_a_hundred(listened: Client, receiver: Receiver) -> None:
    inputs = [{"properties": {"email": f"c{number}@acme.com"}} for number in range(100)]
    listened.post(f"{CONTACTS}/batch/create", {"inputs": inputs})
    until(lambda: len(receiver.events) == 200)
    assert sorted(len(one.events) for one in receiver.deliveries) == [100, 100]


def test_a_change_arrives_within_a_moment(listened: Client, receiver: Receiver) -> None:
    listened.create(CONTACTS, email="ana@acme.com")
    until(lambda: receiver.events, seconds=1.0)


@pytest.mark.parametrize("status", [500, 404, 302])
def test_a_batch_that_is_not_accepted_comes_again_with_a_higher_attempt_number(
    listened: Client, receiver: Receiver, status: int
) -> None:
    receiver.answers = [status, status]
    listened.create(CONTACTS)
    until(lambda: len(receiver.deliveries) == 3)
    assert [one.events[0]["attemptNumber"] for one in receiver.deliveries] == [0, 1, 2]
    assert len({one.events[0]["eventId"] for one in receiver.deliveries}) == 1
    until(lambda: settled(listened))
    row = deliveries(listened)[0]
    assert row["state"] == "delivered"
    assert [attempt["status"] for attempt in row["attempts"]] == [status, status, 200]


def test_after_ten_retries_a_batch_is_given_up(listened: Client, receiver: Receiver) -> None:
    listened.turn("webhooks", retry_scale=0.0)
    receiver.answers = [500] * 20
    listened.create(CONTACTS)
    until(lambda: deliveries(listened) and deliveries(listened)[0]["state"] == "failed")
    assert len(receiver.deliveries) == 11


def test_a_slow_answer_counts_as_none(listened: Client, receiver: Receiver) -> None:
    listened.turn("webhooks", timeout=0.2)
    receiver.delay = 0.5
    listened.create(CONTACTS)
    until(lambda: len(receiver.deliveries) == 1)
    receiver.delay = 0.0
    until(lambda: settled(listened) and deliveries(listened)[0]["state"] == "delivered")
    first, *_, last = deliveries(listened)[0]["attempts"]
    assert (first["status"], first["error"]) == (0, "ReadTimeoutError")
    assert last["status"] == 200


def test_an_unreachable_receiver_is_tried_again_until_it_is_back(client: Client, receiver: Receiver) -> None:
    client.turn("webhooks", url="http://127.0.0.1:9/closed", retry_scale=0.001)
    client.create(CONTACTS)
    until(lambda: deliveries(client) and deliveries(client)[0]["attempts"])
    assert deliveries(client)[0]["attempts"][0]["status"] == 0
    client.turn("webhooks", url=receiver.url)
    assert until(lambda: receiver.of("object.creation"))


def test_at_most_ten_batches_of_a_portal_are_under_way(listened: Client, receiver: Receiver) -> None:
    listened.turn("webhooks", batch_size=1)
    receiver.delay = 0.1
    inputs = [{"properties": {"lastname": f"c{number}"}} for number in range(20)]
    listened.post(f"{CONTACTS}/batch/create", {"inputs": inputs})
    until(lambda: len(receiver.events) == 40 and settled(listened))
    assert receiver.busiest == 10


def test_on_order_batches_come_twice(listened: Client, receiver: Receiver) -> None:
    listened.turn("webhooks", duplicate=1)
    listened.create(CONTACTS, email="ana@acme.com")
    until(lambda: len(receiver.deliveries) == 2 and settled(listened))
    assert receiver.deliveries[0].events == receiver.deliveries[1].events
    listened.create(CONTACTS, email="bob@acme.com")
    until(lambda: len(receiver.deliveries) == 3 and settled(listened))
    assert len(receiver.deliveries) == 3


def test_on_order_events_come_out_of_order(listened: Client, receiver: Receiver) -> None:
    listened.turn("webhooks", shuffle=True)
    inputs = [{"properties": {"email": f"c{number}@acme.com"}} for number in range(50)]
    listened.post(f"{CONTACTS}/batch/create", {"inputs": inputs})
    until(lambda: len(receiver.events) == 100)
    order = [event["objectId"] for event in receiver.deliveries[0].events]
    assert order != sorted(order)


def test_portals_travel_apart_unless_ordered_together(listened: Client, receiver: Receiver) -> None:
    listened.sandbox.hub.portals.add(52)
    listened.sandbox.install(52)

    def create_in_both() -> None:
        listened.turn("webhooks", held=True)
        listened.create(CONTACTS)
        listened.order("create", object="contacts", properties={}, portalId=52)
        listened.turn("webhooks", held=False)

    create_in_both()
    until(lambda: len(receiver.events) == 2)
    assert [len(one.events) for one in receiver.deliveries] == [1, 1]
    listened.turn("webhooks", mix_portals=True)
    create_in_both()
    until(lambda: len(receiver.events) == 4)
    assert {event["portalId"] for event in receiver.deliveries[2].events} == {52, listened.portal}


def test_on_order_events_wait_and_a_flush_sends_them(listened: Client, receiver: Receiver) -> None:
    listened.turn("webhooks", delay=3600)
    listened.create(CONTACTS)
    assert listened.sandbox.hub.deliveries.waiting() == 1
    listened.turn("webhooks/flush")
    assert until(lambda: receiver.of("object.creation"))


def test_deletion_restore_and_merge_are_told(listened: Client, receiver: Receiver) -> None:
    one, two = (listened.create(CONTACTS, email=f"{name}@acme.com", firstname=name) for name in "ab")
    listened.call("DELETE", f"{CONTACTS}/{one}")
    listened.order("restore", object="contacts", id=one, userId=5)
    merged = listened.post(f"{CONTACTS}/merge", {"primaryObjectId": one, "objectIdToMerge": two}).json()["id"]
    event = until(lambda: receiver.of("object.merge"))[0]
    assert event["primaryObjectId"] == int(one)
    assert event["mergedObjectIds"] == [int(two)]
    assert event["newObjectId"] == event["objectId"] == int(merged)
    assert event["numberOfPropertiesMoved"] == 0
    assert [one["objectId"] for one in receiver.of("object.deletion")] == [int(one)]
    assert receiver.of("object.restore")[0]["sourceId"] == "userId:5"


def test_a_privacy_deletion_is_told_as_itself_and_as_a_deletion(listened: Client, receiver: Receiver) -> None:
    ident = listened.create(CONTACTS, email="ana@acme.com")
    listened.order("gdpr-delete", object="contacts", id=ident)
    privacy = until(lambda: receiver.of("contact.privacyDeletion"))[0]
    assert privacy["objectId"] == int(ident)
    assert "objectTypeId" not in privacy
    assert until(lambda: receiver.of("object.deletion", objectId=int(ident)))


def test_only_what_is_subscribed_and_may_be_read_is_told(listened: Client, receiver: Receiver) -> None:
    listened.sandbox.hub.portals.install(listened.portal, 1, {"oauth", "crm.objects.companies.read"})
    listened.order("create", object="contacts", properties={"email": "ana@acme.com"})
    listened.order("create", object="tasks", properties={"hs_timestamp": "1800000000000"})
    listened.order("create", object="companies", properties={"name": "Acme", "description": "x"})
    until(lambda: len(receiver.events) == 2 and settled(listened))
    assert {event["objectTypeId"] for event in receiver.events} == {"0-2"}
    listened.order("uninstall")
    listened.order("create", object="companies", properties={"name": "Beta"})
    assert settled(listened)


def test_silent_loads_tell_nothing_and_loud_ones_tell_as_a_user(listened: Client, receiver: Receiver) -> None:
    rows = [{"properties": {"name": "Acme"}, "externalKey": "acme"}]
    listened.order("load", object="companies", rows=rows, silent=True)
    assert settled(listened)
    listened.order("load", object="companies", rows=rows, silent=False)
    event = until(lambda: receiver.of("object.creation"))[0]
    assert event["changeSource"] == "CRM_UI"


def test_pending_deliveries_survive_a_restart(tmp_path: Path, receiver: Receiver) -> None:
    before = start(tmp_path, webhook_url="http://127.0.0.1:9/closed")
    client = Client(before, before.portal, before.install()["access_token"])
    client.turn("webhooks", retry_scale=0.001)
    tried = client.create(CONTACTS, email="tried@acme.com")
    until(lambda: deliveries(client) and deliveries(client)[0]["attempts"])
    client.turn("webhooks", held=True)
    untried = client.create(CONTACTS, email="untried@acme.com")
    before.stop()
    after = start(tmp_path, webhook_url=receiver.url)
    after.hub.deliveries.change({"held": False})
    wanted = {int(tried), int(untried)}
    until(lambda: {event["objectId"] for event in receiver.of("object.creation")} == wanted)
    assert max(event["attemptNumber"] for event in receiver.events) >= 1
    after.stop()


def test_association_changes_are_told_from_both_sides_when_subscribed(
    sandbox: Sandbox, listened: Client, receiver: Receiver
) -> None:
    for number, type_id in enumerate(("0-1", "0-2")):
        subscription = Subscription(number, "object.associationChange", "associationChange", type_id)
        sandbox.hub.events._wanted[type_id, "associationChange"] = [subscription]
    firm = sandbox.load(sandbox.portal, "companies", [{"properties": {"name": "Acme"}}])["ids"][0]
    ident = listened.create(CONTACTS, [link_to(firm, 1)])
    told = until(lambda: len(found := receiver.of("object.associationChange")) == 4 and found)
    assert Counter((one["objectId"], one["associationTypeId"], one["isPrimaryAssociation"]) for one in told) == {
        (int(ident), 1, True): 1,
        (int(firm), 2, True): 1,
        (int(ident), 279, False): 1,
        (int(firm), 280, False): 1,
    }
    listened.call("DELETE", f"{CONTACTS}/{ident}/associations/companies/{firm}")
    until(lambda: len(receiver.of("object.associationChange", associationRemoved=True)) == 4)
