"""Logs are one JSON object a line, Sentry gets the trace and the place; neither gets what a customer's fields hold."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import sentry_sdk
import structlog
from _pytest.logging import LogCaptureHandler
from flask import Flask, request

from connector import telemetry
from connector.errors import Later, Revoked
from connector.settings import Settings, load
from connector.store import letters
from tests.connector.test_settings import WHOLE
from tests.jobs.conftest import House, after, begin, house, numbers
from tests.jobs.routes import made
from tests.local.ingest import Ingest

__all__ = ["after", "begin", "house", "numbers"]

TRACE = "0af7651916cd43dd8448eb211c80319c"
HEADER = f"{TRACE}-b7ad6b7169203331-1"
CANARY = "canary"


def sent(ingest: Ingest, kind: str) -> list[dict[str, Any]]:
    """Return the events or transactions so far."""
    sentry_sdk.flush(timeout=10)
    return ingest.kept(kind)


def settings(**changes: str) -> Settings:
    return load({name: value for name, value in WHOLE.items() if name != "SENTRY_DSN"} | changes)


@pytest.fixture
def quiet() -> Iterator[None]:
    """Put logging, structlog and Sentry back as they were."""
    root, configured = logging.getLogger(), structlog.get_config()
    level, before = root.level, [each for each in root.handlers if not isinstance(each, LogCaptureHandler)]
    root.handlers = []
    yield
    sentry_sdk.init()
    structlog.configure(**configured)
    structlog.contextvars.clear_contextvars()
    # pytest adds its own for each phase of a test.
    root.handlers = before + [each for each in root.handlers if isinstance(each, LogCaptureHandler)]
    root.setLevel(level)


@pytest.fixture
def ingest(quiet: None) -> Iterator[Ingest]:
    """Telemetry of a worker that reports everything to a local Sentry."""
    made = Ingest()
    sentry_sdk.get_isolation_scope().clear()
    telemetry.start(settings(SENTRY_DSN=made.dsn, SENTRY_TRACES_SAMPLE_RATE="1"), process="worker")
    yield made
    sentry_sdk.init()
    made.stop()


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return what was written to standard error: every line must be one JSON object."""
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_log_line_is_one_json_object_whatever_it_holds(quiet: None, capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.configure_logs("INFO", process="worker")
    structlog.get_logger().info("two\nlines", install="i1", event_key="e1", odd=object(), name_="Zoë \x1b[31m")
    structlog.get_logger().debug("too small to tell")
    logging.getLogger("vendor").warning("took %s s", 3)
    logging.getLogger("urllib3").info("chatter of a library")
    ours, theirs = logged(capsys)
    assert (ours["event"], ours["level"], ours["process"]) == ("two\nlines", "info", "worker")
    assert (ours["install"], ours["event_key"]) == ("i1", "e1")
    assert ours["timestamp"].endswith("Z")
    assert (theirs["event"], theirs["level"], theirs["process"]) == ("took 3 s", "warning", "worker")


def fail_with(error: Exception, local: str) -> None:
    """Fail, with something in a local variable."""
    raise error


def test_an_exception_in_the_log_says_where_and_of_what_kind_only(
    quiet: None, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry.configure_logs("INFO", process="worker")
    for error in (ValueError(f"bad email {CANARY}@globex.example"), Later("The CRM is busy.", seconds=1)):
        try:
            fail_with(error, f"{CANARY} is a local")
        except type(error):
            structlog.get_logger().exception("failed")
    theirs, ours = logged(capsys)
    assert CANARY not in json.dumps(theirs)
    assert theirs["exception"][0]["exc_type"] == "ValueError"
    assert theirs["exception"][0]["frames"][-1]["name"] == "fail_with"
    assert ours["exception"][0]["exc_value"] == "The CRM is busy."


def test_an_error_in_a_drain_arrives_in_the_letters_trace_without_any_field(
    ingest: Ingest, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry.configure_logs("INFO", process="worker")  # standard error is another one than while setting up
    house.lead("l1", email=f"{CANARY}@globex.example", company=f"{CANARY} Ltd")

    def fail(call: str) -> None:
        lead = house.crm.records[("lead", "l1")]
        if call == "read":
            raise ValueError(f"cannot read {lead.text('email')}")

    house.crm.before = fail
    with house.database.write() as connection:
        letters.receive(connection, house.install.id, [house.event("l1")], now=house.now, trace=HEADER)
    house.drain()
    (event,) = sent(ingest, "event")
    assert [each["type"] for each in event["exception"]["values"]] == ["ValueError"]
    assert event["contexts"]["trace"]["trace_id"] == TRACE
    assert event["tags"]["install"] == house.install.id
    assert event["tags"]["process"] == "worker"
    frames = event["exception"]["values"][0]["stacktrace"]["frames"]
    assert "decide" in {each["function"] for each in frames}
    assert not any("vars" in each for each in frames)
    transactions = [each for each in sent(ingest, "transaction") if each["transaction"] == "switchyard.drain"]
    assert [each["contexts"]["trace"]["trace_id"] for each in transactions] == [TRACE]
    assert CANARY not in json.dumps(ingest.items)
    lines = logged(capsys)
    (failed,) = (each for each in lines if each["event"] == "letter failed")
    assert (failed["install"], failed["event_key"]) == (house.install.id, house.event("l1").key)
    assert CANARY not in json.dumps(lines)


def test_a_drains_trace_names_install_event_decision_and_rule_set(ingest: Ingest, house: House) -> None:
    house.lead("l1", email=f"{CANARY}@globex.example")
    with house.database.write() as connection:
        letters.receive(connection, house.install.id, [house.event("l1")], now=house.now, trace=HEADER)
    house.drain()
    (drained,) = [each for each in sent(ingest, "transaction") if each["transaction"] == "switchyard.drain"]
    (decision,) = [each.decision for each in made(house, "l1")]
    assert drained["tags"] == {
        "process": "worker",
        "install": house.install.id,
        "event": house.event("l1").key,
        "decision": decision.key,
        "ruleset": decision.ruleset_version,
    }
    assert drained["release"].startswith("switchyard@")


@pytest.mark.parametrize("error", [Later("busy", seconds=5), Revoked("the grant is gone")])
def test_what_is_to_be_expected_of_a_crm_is_no_error(ingest: Ingest, house: House, error: Exception) -> None:
    def fail(call: str) -> None:
        if call == "read":
            raise error

    house.lead("l1")
    house.crm.before = fail
    house.post(house.event("l1"))
    house.drain()
    assert sent(ingest, "event") == []


def test_only_what_is_allowed_leaves_whatever_a_library_adds(ingest: Ingest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["switchyard", "explain", CANARY])
    scope = sentry_sdk.get_current_scope()
    scope.set_user({"email": CANARY})
    scope.set_extra("lead", CANARY)
    scope.set_context("lead", {"email": CANARY})
    scope.set_tag("email", CANARY)
    scope.add_breadcrumb({"category": "custom", "message": CANARY, "data": {"email": CANARY}})
    telemetry.report(ValueError(CANARY))
    scope.clear()
    (event,) = sent(ingest, "event")
    assert event["exception"]["values"][0]["type"] == "ValueError"
    assert CANARY not in json.dumps(event)


def test_an_error_in_a_request_arrives_without_query_body_or_headers(ingest: Ingest) -> None:
    app = Flask("shop")

    @app.post("/webhooks/<crm>")
    def broken(crm: str) -> str:
        body = request.get_json()
        raise LookupError(f"no {body['email']} in {crm}")

    answer = app.test_client().post(
        f"/webhooks/hubspot?code={CANARY}", json={"email": CANARY}, headers={"X-Signature": CANARY, "Cookie": CANARY}
    )
    assert answer.status_code == 500
    (event,) = sent(ingest, "event")
    assert event["exception"]["values"][0]["type"] == "LookupError"
    assert event["request"] == {"method": "POST", "url": "http://localhost"}
    assert len(sent(ingest, "transaction")) == 1
    assert CANARY not in json.dumps(ingest.items)


def test_nothing_is_added_to_calls_that_leave_the_house(ingest: Ingest) -> None:
    with telemetry.continued(HEADER, op="queue.process", name="switchyard.drain", install="i1"):
        requests.get(f"{ingest.url}/crm/query", params={"q": f"SELECT Id WHERE Email='{CANARY}'"}, timeout=10)
    (headers,) = ingest.headers
    assert {name.lower() for name in headers} == {"host", "user-agent", "accept-encoding", "accept", "connection"}
    (transaction,) = sent(ingest, "transaction")
    assert [each["description"] for each in transaction["spans"] if each["op"] == "http.client"] == [
        f"GET {ingest.url}/crm/query"
    ]
    assert CANARY not in json.dumps(transaction)
    assert "grpc" not in sentry_sdk.get_client().integrations, "it would add metadata to the Pub/Sub calls"


def test_a_breadcrumb_keeps_that_a_call_was_made_and_not_what_it_asked_for(ingest: Ingest) -> None:
    requests.get(f"{ingest.url}/crm/query", params={"q": CANARY}, timeout=10)
    telemetry.report(RuntimeError(CANARY))
    (event,) = sent(ingest, "event")
    crumbs = [each for each in event["breadcrumbs"]["values"] if each["category"] == "httplib"]
    assert [each["data"]["url"] for each in crumbs] == [f"{ingest.url}/crm/query"]
    assert CANARY not in json.dumps(event)


def test_a_letter_without_a_trace_starts_one_and_takes_it_along(ingest: Ingest) -> None:
    with telemetry.continued("", op="queue.publish", name="switchyard.listen", install="i1"):
        header = telemetry.traceparent()
    with telemetry.continued(header, op="queue.process", name="switchyard.drain", install="i1"):
        telemetry.report(RuntimeError())
    (event,) = sent(ingest, "event")
    assert event["contexts"]["trace"]["trace_id"] == telemetry.trace_id(header)


def test_a_batch_of_many_traces_leaves_a_pointer_in_each(ingest: Ingest) -> None:
    others = [f"{number:032x}-{number:016x}-1" for number in (1, 2)]
    with telemetry.continued(HEADER, op="queue.process", name="switchyard.drain", install="i1"):
        telemetry.refer(others, name="switchyard.together", install="i1")
    found = {each["contexts"]["trace"]["trace_id"]: each["tags"] for each in sent(ingest, "transaction")}
    assert [found[f"{number:032x}"]["run"] for number in (1, 2)] == [TRACE, TRACE]


@pytest.mark.parametrize(
    ("header", "found"),
    [(HEADER, TRACE), (HEADER.rsplit("-", 1)[0], TRACE), ("", ""), ("nonsense", ""), (TRACE, ""), (f"{HEADER}x", "")],
)
def test_a_trace_id_is_read_from_a_header_or_not_at_all(header: str, found: str) -> None:
    assert telemetry.trace_id(header) == found


def test_without_a_dsn_nothing_is_sent_and_everything_works(quiet: None) -> None:
    telemetry.start(settings(), process="cli")
    assert not sentry_sdk.get_client().is_active() or sentry_sdk.get_client().dsn is None
    with telemetry.continued(HEADER, op="queue.process", name="switchyard.drain", install="i1"):
        telemetry.report(RuntimeError())
        telemetry.refer([HEADER], name="x")
    telemetry.flush()
