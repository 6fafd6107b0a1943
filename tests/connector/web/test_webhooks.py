from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from connector import telemetry
from connector.store import erasures, installs
from connector.store.installs import Install, Status
from tests.connector.web.kit import APP_ID, NOW, PUBLIC_URL, Browser, House, batch, change, signature, signed

PATH = "/webhooks/hubspot"
PORTAL, OTHER, FOREIGN = 247187887, 49547190, 999


@pytest.fixture
def portal(house: House) -> Install:
    return house.connect("hubspot", str(PORTAL), "Acme portal")


def every_letter(house: House) -> int:
    with house.database.read() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM letter").scalar_one())


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"REQUEST_BODY", "jf872r5vscVcxCiDRHA4rGrqe/8BPLNVkdJSHdMnGTU="),
        (b"", "csXgk7UbrE9F8ZmMvbpuKBxqIvTSqU1EX9pI/SJtxSE="),
    ],
)
def test_these_tests_sign_as_hubspot_does(body: bytes, expected: str) -> None:
    assert signature(body, timestamp="1632188626483", url="https://www.hubspot.com/webhook") == expected


def test_a_signed_delivery_is_stored_answered_204_and_rung(house: House, portal: Install, anyone: Browser) -> None:
    body = batch(change(PORTAL, 1), change(PORTAL, 2))
    answer = anyone.post(PATH, data=body, headers=signed(body))
    assert (answer.status_code, answer.data) == (204, b"")
    assert [(row.kind, row.record_id, row.changed) for row in house.letters(portal.id)] == [
        ("lead", "1", "email"),
        ("lead", "2", "email"),
    ]
    assert house.rung == [portal.id]


def test_the_bell_rings_after_the_commit(house: House, portal: Install, anyone: Browser) -> None:
    body = batch(change(PORTAL, 1), change(PORTAL, 2))
    anyone.post(PATH, data=body, headers=signed(body))
    assert house.stored_when_rung == [2]


def test_the_trace_of_the_request_travels_with_the_letter(
    house: House, portal: Install, anyone: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = "0123456789abcdef0123456789abcdef-0123456789abcdef-1"
    monkeypatch.setattr(telemetry, "traceparent", lambda: header)
    body = batch(change(PORTAL))
    anyone.post(PATH, data=body, headers=signed(body))
    assert [row.trace for row in house.letters(portal.id)] == [header]


BODY = batch(change(PORTAL))


def without(*names: str) -> dict[str, str]:
    return {name: value for name, value in signed(BODY).items() if name not in names}


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="unsigned"),
        pytest.param(without("X-HubSpot-Signature-v3"), id="timestamp without signature"),
        pytest.param(without("X-HubSpot-Request-Timestamp"), id="signature without timestamp"),
        pytest.param(signed(BODY, secret="another secret"), id="signed with another secret"),
        pytest.param(signed(BODY + b" "), id="signed for another body"),
        pytest.param(signed(BODY, url=f"{PUBLIC_URL}/webhooks/other"), id="signed for another address"),
        pytest.param(signed(BODY, url="http://route.example.com/webhooks/hubspot"), id="signed for http"),
        pytest.param(signed(BODY, at=NOW - timedelta(minutes=5, seconds=1)), id="too old"),
        pytest.param(signed(BODY, at=NOW + timedelta(minutes=5, seconds=1)), id="from the future"),
        pytest.param(signed(BODY) | {"X-HubSpot-Request-Timestamp": "soon"}, id="timestamp is no number"),
        pytest.param(signed(BODY) | {"X-HubSpot-Signature-v3": "\u00ff"}, id="signature is no base64"),
    ],
)
def test_a_delivery_that_is_not_hubspots_is_answered_401_and_nothing_is_stored(
    house: House, portal: Install, anyone: Browser, headers: dict[str, str]
) -> None:
    answer = anyone.post(PATH, data=BODY, headers=headers)
    assert (answer.status_code, answer.data) == (401, b"")
    assert every_letter(house) == 0
    assert house.rung == []


@pytest.mark.parametrize("query", ["?appId=50780459&portalId=1&userId=7", "?x", "?"])
def test_what_hubspot_signs_for_a_users_browser_is_no_delivery(
    house: House, portal: Install, anyone: Browser, query: str
) -> None:
    """HubSpot signs `hubspot.fetch` with the same secret, whatever its user wrote into the body; it adds a query."""
    headers = signed(BODY, url=f"{PUBLIC_URL}{PATH}{query}")
    answers = [anyone.post(f"{PATH}{query}", data=BODY, headers=headers), anyone.post(PATH, data=BODY, headers=headers)]
    assert [each.status_code for each in answers] == [401, 401]
    assert every_letter(house) == 0


def test_the_host_header_is_not_believed(house: House, portal: Install, anyone: Browser) -> None:
    headers = signed(BODY)
    answer = anyone.post(PATH, data=BODY, headers=headers, base_url="http://10.0.0.7:8000")
    assert answer.status_code == 204
    other = signed(BODY, url="http://10.0.0.7:8000/webhooks/hubspot")
    assert anyone.post(PATH, data=BODY, headers=other, base_url="http://10.0.0.7:8000").status_code == 401


def test_a_body_beyond_the_limit_is_answered_413(house: House, portal: Install, anyone: Browser) -> None:
    body = batch(change(PORTAL, propertyValue="x" * house.settings.webhook_max_bytes))
    assert anyone.post(PATH, data=body, headers=signed(body)).status_code == 413
    assert every_letter(house) == 0


def test_a_body_as_long_as_the_limit_is_taken_and_one_byte_more_is_not(
    house: House, portal: Install, anyone: Browser
) -> None:
    limit = house.settings.webhook_max_bytes
    short = len(batch(change(PORTAL, propertyValue="")))
    for length, status in ((limit, 204), (limit + 1, 413)):
        body = batch(change(PORTAL, propertyValue="x" * (length - short)))
        assert len(body) == length
        assert anyone.post(PATH, data=body, headers=signed(body)).status_code == status
    assert every_letter(house) == 1


def test_a_full_delivery_of_hubspots_size_is_taken(house: House, portal: Install, anyone: Browser) -> None:
    body = batch(*(change(PORTAL, number, propertyValue="x" * 2000) for number in range(1, 101)))
    assert anyone.post(PATH, data=body, headers=signed(body)).status_code == 204
    assert every_letter(house) == 100


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'"text"', "not a JSON array"),
        (b'{"portalId": 1}', "not a JSON array"),
    ],
)
def test_a_signed_delivery_that_makes_no_sense_is_answered_400_with_the_reason(
    house: House, portal: Install, anyone: Browser, body: bytes, words: str
) -> None:
    answer = anyone.post(PATH, data=body, headers=signed(body))
    assert answer.status_code == 400
    assert answer.mimetype == "text/plain"
    assert words in answer.text
    assert every_letter(house) == 0


def test_one_malformed_item_loses_none_of_the_others_and_is_named_in_the_log(
    house: House, portal: Install, anyone: Browser
) -> None:
    body = batch(change(PORTAL, 1), change(PORTAL) | {"portalId": "acme"}, change(PORTAL, 3) | {"eventId": "x"})
    with capture_logs() as logs:
        assert anyone.post(PATH, data=body, headers=signed(body)).status_code == 204
    assert [row.record_id for row in house.letters(portal.id)] == ["1"]
    line = next(line for line in logs if line["event"] == "webhook items left out")
    assert line["first"] == ["event 2: portalId is missing or not an id", "event 3: eventId is not a number"]
    assert (line["items"], line["log_level"]) == (2, "error")


def test_a_delivery_of_nothing_but_malformed_items_is_not_asked_for_again(
    house: House, portal: Install, anyone: Browser
) -> None:
    body = batch(change(PORTAL) | {"objectId": None})
    assert anyone.post(PATH, data=body, headers=signed(body)).status_code == 204
    assert (every_letter(house), house.rung) == (0, [])


def test_portals_mixed_in_one_delivery_each_get_their_own(house: House, portal: Install, anyone: Browser) -> None:
    other = house.connect("hubspot", str(OTHER), "Other portal")
    body = batch(change(PORTAL, 1), change(FOREIGN, 2), change(OTHER, 3), change(PORTAL, 4))
    assert anyone.post(PATH, data=body, headers=signed(body)).status_code == 204
    assert [row.record_id for row in house.letters(portal.id)] == ["1", "4"]
    assert [row.record_id for row in house.letters(other.id)] == ["3"]
    assert sorted(house.rung) == sorted([portal.id, other.id])
    assert every_letter(house) == 3


def test_a_portal_we_do_not_serve_is_dropped_with_a_log_line(house: House, portal: Install, anyone: Browser) -> None:
    body = batch(change(FOREIGN))
    with capture_logs() as logs:
        assert anyone.post(PATH, data=body, headers=signed(body)).status_code == 204
    assert every_letter(house) == 0
    assert {"portals": [str(FOREIGN)], "log_level": "warning"}.items() <= next(
        line.items() for line in logs if "do not serve" in line["event"]
    )


def test_a_salesforce_org_with_a_portals_id_is_not_meant(house: House, anyone: Browser) -> None:
    org = house.connect("salesforce", str(PORTAL), "An org")
    body = batch(change(PORTAL))
    assert anyone.post(PATH, data=body, headers=signed(body)).status_code == 204
    assert house.letters(org.id) == []


def test_a_revoked_install_gets_nothing(house: House, anyone: Browser) -> None:
    gone = house.connect("hubspot", str(PORTAL), "Gone", status="revoked")
    body = batch(change(PORTAL))
    assert anyone.post(PATH, data=body, headers=signed(body)).status_code == 204
    assert (house.letters(gone.id), house.rung) == ([], [])


def test_events_after_the_uninstall_are_dropped_with_2xx(house: House, portal: Install, anyone: Browser) -> None:
    with house.database.write() as connection:
        installs.remove(connection, portal.id)
    body = batch(change(PORTAL))
    assert anyone.post(PATH, data=body, headers=signed(body)).status_code == 204
    assert (every_letter(house), house.rung) == (0, [])


def test_the_order_of_a_delivery_is_the_order_of_its_letters_and_each_keeps_its_own_time(
    house: House, portal: Install, anyone: Browser
) -> None:
    later, earlier = change(PORTAL, 1, occurredAt=2000), change(PORTAL, 1, occurredAt=1000)
    body = batch(later, earlier)
    assert anyone.post(PATH, data=body, headers=signed(body)).status_code == 204
    assert [row.occurred_at.timestamp() for row in house.letters(portal.id)] == [2.0, 1.0]


def test_a_merge_with_a_new_id_leaves_letters_for_every_old_id_and_remembers_them_all(
    house: House, portal: Install, anyone: Browser
) -> None:
    merge = change(PORTAL, 3) | {
        "subscriptionType": "contact.merge",
        "primaryObjectId": 1,
        "mergedObjectIds": [2],
        "newObjectId": 3,
    }
    body = batch(merge)
    for _ in range(2):
        assert anyone.post(PATH, data=body, headers=signed(body)).status_code == 204
    found = {(row.record_id, row.change) for row in house.letters(portal.id)}
    assert found == {("1", "merged"), ("2", "merged"), ("3", "updated")}
    with house.database.read() as connection:
        assert erasures.names_of(connection, portal.id, "lead", "3") == {"1", "2", "3"}


def test_a_restored_contact_gets_a_letter_of_its_own(house: House, portal: Install, anyone: Browser) -> None:
    gone = change(PORTAL, 1, subscriptionType="contact.deletion", occurredAt=1000)
    back = change(PORTAL, 1, subscriptionType="contact.restore", occurredAt=2000)
    body = batch(back, gone)
    assert anyone.post(PATH, data=body, headers=signed(body)).status_code == 204
    assert [row.change for row in house.letters(portal.id)] == ["restored", "deleted"]


@pytest.mark.parametrize("status", ["active", "paused", "revoked"])
def test_a_privacy_deletion_is_noted_and_rung_whatever_the_install_may_do(
    house: House, anyone: Browser, status: Status
) -> None:
    install = house.connect("hubspot", str(PORTAL), "Acme", status=status)
    body = batch(change(PORTAL, 7, subscriptionType="contact.privacyDeletion"))
    assert anyone.post(PATH, data=body, headers=signed(body)).status_code == 204
    with house.database.read() as connection:
        (found,) = erasures.due(connection, install.id, "here", now=house.now, limit=9)
    assert (found.record_id, house.rung) == ("7", [install.id])


def test_a_paused_install_keeps_its_letters_for_later(house: House, anyone: Browser) -> None:
    paused = house.connect("hubspot", str(PORTAL), "Paused", status="paused")
    body = batch(change(PORTAL))
    assert anyone.post(PATH, data=body, headers=signed(body)).status_code == 204
    assert len(house.letters(paused.id)) == 1


def test_a_delivery_that_comes_twice_is_stored_and_rung_once(house: House, portal: Install, anyone: Browser) -> None:
    for attempt in range(2):
        body = batch(change(PORTAL, attemptNumber=attempt))
        assert anyone.post(PATH, data=body, headers=signed(body)).status_code == 204
    assert every_letter(house) == 1
    assert house.rung == [portal.id]


def test_our_own_echo_is_counted_and_not_stored(house: House, portal: Install, anyone: Browser) -> None:
    echo: dict[str, Any] = {"changeSource": "INTEGRATION", "sourceId": APP_ID}
    body = batch(change(PORTAL, 1, **echo), change(PORTAL, 2))
    with capture_logs() as logs:
        assert anyone.post(PATH, data=body, headers=signed(body)).status_code == 204
    assert [row.record_id for row in house.letters(portal.id)] == ["2"]
    line = next(line for line in logs if line["event"] == "webhook")
    assert (line["events"], line["new"], line["echoes"]) == (2, 1, 1)


def test_no_field_value_reaches_the_log(house: House, portal: Install, anyone: Browser) -> None:
    with capture_logs() as logs:
        anyone.post(PATH, data=BODY, headers=signed(BODY))
        anyone.post(PATH, data=BODY)
    assert logs
    assert "secret.person" not in repr(logs)


def test_a_commit_that_fails_is_answered_503_so_that_hubspot_comes_again(
    house: House, portal: Install, anyone: Browser
) -> None:
    def fail(_connection: Any) -> None:
        raise OperationalError("COMMIT", {}, Exception("disk I/O error"))

    event.listen(house.database.engine, "commit", fail)
    answer = anyone.post(PATH, data=BODY, headers=signed(BODY))
    event.remove(house.database.engine, "commit", fail)
    assert (answer.status_code, answer.data) == (503, b"")
    assert answer.headers["Retry-After"]
    assert (every_letter(house), house.rung) == (0, [])
    assert anyone.post(PATH, data=BODY, headers=signed(BODY)).status_code == 204
    assert every_letter(house) == 1


def test_one_portal_that_cannot_be_stored_undoes_the_whole_delivery(
    house: House, portal: Install, anyone: Browser
) -> None:
    other = house.connect("hubspot", str(OTHER), "Other portal")
    with house.database.write() as connection:
        connection.exec_driver_sql(
            f"CREATE TRIGGER full BEFORE INSERT ON letter WHEN NEW.install_id = '{other.id}' "
            "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
    body = batch(change(PORTAL), change(OTHER))
    assert anyone.post(PATH, data=body, headers=signed(body)).status_code == 503
    assert (every_letter(house), house.rung) == (0, [])


def test_a_database_that_is_away_is_answered_503(house: House, portal: Install, anyone: Browser) -> None:
    with house.database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE letter RENAME TO elsewhere")
    assert anyone.post(PATH, data=BODY, headers=signed(BODY)).status_code == 503


def test_only_post_is_taken(anyone: Browser) -> None:
    answer = anyone.get(PATH)
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
