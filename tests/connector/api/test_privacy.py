"""One person's data by the API: only a whole id names them, and only a key that may change settings opens it."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from connector.desk import keys, log
from connector.store import erasures
from connector.store.installs import Install
from tests.connector.api.kit import Program, key_of, program
from tests.connector.web.kit import House, decision

LEAD = "00Q000000000001AAA"


@pytest.fixture
def portal(house: House) -> Install:
    return house.connect("hubspot", "42", "Other Ltd", admin="9")


def asked(house: House, install: Install) -> list[str]:
    with house.database.read() as connection:
        return [each.record_id for each in erasures.waiting(connection, install.id)]


def refused(caller: Program, record: str) -> list[str]:
    """What a record is refused with, by both operations that take one."""
    said = []
    for method, path, where in (
        ("GET", f"/privacy/held/{record}", {"parameter": "record", "pointer": ""}),
        ("POST", "/privacy/forgetting", {"parameter": "", "pointer": "/record"}),
    ):
        more = {"json": {"record": record}} if method == "POST" else {}
        problem = caller.ask(method, path, status=422, **more)
        assert problem["type"].endswith("#unusable")
        assert where.items() <= problem["errors"][0].items()
        said.append(problem["detail"])
    return said


@pytest.mark.parametrize(
    "record", ["0", "e", "51", "00Q", "00Q000000000001A", "001000000000001AAA", "00Q00000000000-AAA"]
)
def test_what_is_no_id_of_salesforce_is_refused(caller: Program, house: House, acme: Install, record: str) -> None:
    log.note(house, acme, by="u", did="decision retried", about="00Q000000000002AAA-0e51")
    assert all("it begins with 00Q or 003" in each for each in refused(caller, record))
    assert asked(house, acme) == []


@pytest.mark.parametrize("record", ["0", "051", "e", LEAD, "5" * 21, "-51", "5.1"])
def test_what_is_no_id_of_hubspot_is_refused(app: Flask, house: House, portal: Install, record: str) -> None:
    caller = program(app, key_of(house, portal))
    assert all("it is a number" in each for each in refused(caller, record))
    assert asked(house, portal) == []


def test_ids_of_both_are_taken(app: Flask, caller: Program, house: House, acme: Install, portal: Install) -> None:
    for record in (LEAD, "003000000000001AAA", "00Q000000000001"):
        caller.ask("POST", "/privacy/forgetting", json={"record": record}, status=202)
    assert asked(house, acme) == ["003000000000001AAA", LEAD, "00Q000000000001EAA"]
    program(app, key_of(house, portal)).ask("POST", "/privacy/forgetting", json={"record": "51"}, status=202)
    assert asked(house, portal) == ["51"]


def test_a_key_that_may_only_read_opens_nothing_of_a_person(app: Flask, house: House, acme: Install) -> None:
    house.decide(acme, decision("d1"))
    others = [each for each in keys.SCOPES if each != "settings:write"]
    problem = program(app, key_of(house, acme, others)).ask("GET", f"/privacy/held/{LEAD}", status=403)
    assert "settings:write" in problem["detail"]
    found = program(app, key_of(house, acme, ["settings:write"])).ask("GET", f"/privacy/held/{LEAD}")
    assert found["ids"] == [LEAD]


def test_of_a_short_id_nothing_is_held_that_is_about_somebody_else(app: Flask, house: House, portal: Install) -> None:
    log.note(house, portal, by="u", did="decision retried", about="4512-abc-def")
    log.note(house, portal, by="u", did="decision retried", about="51-abc-def")
    told = program(app, key_of(house, portal)).ask("GET", "/privacy/held/51")
    assert [each["said"]["about"] for each in told["changes"]] == ["51-abc-def"]
    assert "4512" not in json.dumps(told)
