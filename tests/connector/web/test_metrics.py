from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from connector.commands import doctor as doctor_cli
from connector.desk import doctor
from connector.store import leases, letters, progress
from connector.store.installs import Install
from jobs.clock import LEASE
from rules.model import Event
from tests.connector.web.kit import NOW, Browser, House, decision, settings

DOCS = Path(__file__).parents[3] / "docs"
TOKEN = "canary-metrics-token"
OF_REDIS = {"switchyard_queue_jobs", "switchyard_workers"}
"""What is counted where Redis answers."""
_NAME = re.compile(r"switchyard_[a-z_]+[a-z]")


@pytest.fixture
def told(house: House, app: Flask, anyone: Browser) -> Browser:
    house.settings = settings(
        database_url=house.settings.database_url, data_dir=house.settings.data_dir, metrics_token=SecretStr(TOKEN)
    )
    return anyone


def numbers(browser: Browser) -> dict[tuple[Any, ...], float]:
    """Every sample by its name and labels."""
    answer = browser.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def furnish(house: House, acme: Install) -> None:
    event = Event(key="e1", kind="lead", record_id="00Q1", change="created", at=NOW)
    with house.database.write() as connection:
        letters.receive(connection, acme.id, [event], now=NOW - timedelta(minutes=3))
        progress.start(connection, acme.id, "backfill:lead", now=NOW)
        leases.take(connection, LEASE, "somebody", now=NOW, seconds=30)
    house.decide(acme, decision("d1"), decision("d2"), parked="No such owner")
    house.decide(acme, decision("d3"))


def test_without_a_token_in_the_settings_there_is_no_such_page(anyone: Browser) -> None:
    assert anyone.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize(
    "header", ["", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer ä"]
)
def test_whoever_has_not_the_token_reads_nothing(told: Browser, header: str) -> None:
    answer = told.get("/metrics", headers={"Authorization": header.encode().decode("latin-1")})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "switchyard_" not in answer.text


def test_what_waits_is_counted_for_each_install(told: Browser, house: House, acme: Install) -> None:
    furnish(house, acme)
    found = numbers(told)
    mine = ("install", acme.id)
    assert found["switchyard_letters", mine, ("state", "waiting")] == 1
    assert found["switchyard_lag_seconds", mine] == 180
    assert found["switchyard_decisions", mine, ("state", "parked")] == 2
    assert found["switchyard_outcomes", ("outcome", "assigned")] == 3
    assert found["switchyard_work", ("kind", "backfill"), ("state", "waiting")] == 1
    assert found["switchyard_installs", ("crm", "salesforce"), ("mode", "observe"), ("status", "active")] == 1
    assert found[("switchyard_clock_up",)] == 1


def test_a_part_that_does_not_answer_counts_as_down_and_the_rest_is_told(
    told: Browser, house: House, acme: Install
) -> None:
    found = numbers(told)
    assert found["switchyard_up", ("part", "redis")] == 0
    assert found["switchyard_up", ("part", "database")] == 1
    assert found[("switchyard_clock_up",)] == 0
    assert ("switchyard_queue_jobs",) not in found


def test_no_name_of_a_customer_is_told(told: Browser, house: House, acme: Install) -> None:
    furnish(house, acme)
    text = told.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    assert not [word for word in ("Acme", acme.tenant_id, "Marie", "00Q1", "No such owner") if word in text]


def known(told: Browser, house: House, acme: Install) -> set[str]:
    """The names of all numbers there are."""
    furnish(house, acme)
    answer = told.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    return {family.name for family in text_string_to_metric_families(answer.text)} | OF_REDIS


def expressions() -> list[str]:
    """What alerts and dashboard ask Prometheus for."""
    panels = json.loads((DOCS / "monitoring/dashboard.json").read_text())["panels"]
    return [*(rule["expr"] for rule in rules()), *(panel["targets"][0]["expr"] for panel in panels)]


def test_alerts_and_dashboard_ask_for_numbers_that_there_are(told: Browser, house: House, acme: Install) -> None:
    asked = {name for text in expressions() for name in _NAME.findall(text)}
    assert asked <= known(told, house, acme)


def test_no_number_is_reckoned_by_another_process_so_that_two_web_processes_may_be_scraped() -> None:
    """By `on (install)` each number would meet those of all web processes, which Prometheus answers with an error."""
    assert [each for each in expressions() if re.search(r"[-+*/] *(on|ignoring) *\(", each)] == []


SECTIONS = re.findall(r"^## (\w+)$", (DOCS / "runbook.md").read_text(), re.MULTILINE)
PARTS = ["What it means.", "How to see it.", "What to do.", "How to know it is over."]


def test_the_runbook_has_a_section_for_each_alert_in_their_order() -> None:
    alerts = [rule["alert"] for rule in rules()]
    assert SECTIONS[: len(alerts)] == alerts


def test_every_other_section_of_the_runbook_is_one_to_which_doctor_sends_people() -> None:
    desk = Path(doctor.__file__).parent
    texts = "".join((desk / f"{name}.py").read_text() for name in ("doctor", "doctor_install", "outside"))
    texts += Path(doctor_cli.__file__).read_text()
    named = {name for name in SECTIONS if f'"{name}"' in texts}
    assert set(SECTIONS) - named <= {rule["alert"] for rule in rules()}


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_says_what_it_means_how_to_see_it_what_to_do_and_when_it_is_over(section: str) -> None:
    text = (DOCS / "runbook.md").read_text().split(f"## {section}\n")[1].split("\n## ")[0]
    assert re.findall(r"^\*\*(.+?)\*\*", text, re.MULTILINE) == PARTS
    assert all(len(part.split()) > 2 for part in re.split(r"\*\*.+?\*\*", text)[1:])


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((DOCS / "monitoring/alerts.yaml").read_text())["groups"]
    return list(group["rules"])
