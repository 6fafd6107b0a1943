"""Looking before and after on the command line, against both local CRMs: sentences, files, and nothing written."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from rich.console import Console
from sqlalchemy import select

from connector.commands import simulation as simulation_cli
from connector.commands import simulation_shown
from connector.store import editions, rulesets
from connector.store.schema import metadata
from tests.connector.test_cli import WIDE, run
from tests.faults.conftest import open_shop, prepared, world
from tests.faults.shop import DOMAIN, Shop
from tests.local.world import CrmName, World

__all__ = ["open_shop", "prepared", "world"]

READS: dict[CrmName, str] = {
    "salesforce": r"GET |POST /services/data/[^/]+/composite/sobjects/\w+$",
    "hubspot": r"GET |POST /crm/objects/2026-09/[^/]+/(batch/read|search)$",
}
"""Calls that read: Salesforce retrieves records by a POST with their ids, and HubSpot reads and searches by one."""
DRAFT = """
- rule: France
  when: [lead.country is France]
  assign: user "{ana}"
- rule: Everyone else
  assign: user "{bob}"
  escalate: [{{after: 15 minutes, remind: true}}]
"""


@pytest.fixture(params=["salesforce", "hubspot"])
def shop(
    request: pytest.FixtureRequest,
    open_shop: Callable[..., Shop],
    world: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Shop:
    """An install on a local CRM, and the environment in which the command line finds it."""
    made = open_shop(cast("CrmName", request.param))
    for name, value in world.variables(tmp_path / "data").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("connector.telemetry.start", lambda *_args, **_more: None)
    for module in (simulation_cli, simulation_shown):
        monkeypatch.setattr(module, "out", lambda: Console(width=WIDE))
    return made


@pytest.fixture
def draft(shop: Shop, tmp_path: Path) -> str:
    path = tmp_path / "draft.yaml"
    path.write_text(DRAFT.format(ana=shop.place.ana.email, bob=shop.place.bob.email), encoding="utf-8")
    return str(path)


def everything(shop: Shop) -> dict[str, list[tuple[Any, ...]]]:
    with shop.database.read() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


def calls(shop: Shop) -> list[str]:
    return [f"{call['method']} {call['path']}" for call in shop.place.control.get("calls")]


def test_a_preview_of_a_real_lead_only_reads(shop: Shop, draft: str) -> None:
    (lead,) = shop.leads(1)
    before, landed = everything(shop), shop.place.landed(lead)
    shop.place.control.delete("calls")
    results = [run("preview", lead), run("preview", lead, "--rules", draft), run("preview", lead, "--again")]
    assert [each.exit_code for each in results] == [0, 0, 0], [each.output for each in results]
    assert everything(shop) == before, "neither index nor rotation nor a memo"
    assert shop.place.landed(lead) == landed
    made = calls(shop)
    assert made, "the CRM was asked"
    assert [each for each in made if not re.match(READS[shop.crm_name], each)] == []
    assert "Your rule “Account owner”" in results[0].output
    assert "France would have needed lead.country is France (found: empty)" in results[1].output


def test_a_lead_is_typed_in_with_any_names_and_fields_overridden(shop: Shop, draft: str) -> None:
    company = "Company" if shop.crm_name == "salesforce" else "company"
    typed = json.dumps({"email": f"kim@{DOMAIN}", company: "Globex", "country": "Spain"})
    told = json.loads(run("preview", "--lead", typed, "--json").stdout)
    assert (told["rule"], told["assignee"]["id"]) == ("Account owner", shop.place.ana.id)
    told = json.loads(run("preview", "--lead", typed, "--set", "country=FR", "--rules", draft, "--json").stdout)
    assert told["rule"] == "France"
    at = run("preview", "--lead", typed, "--rules", draft, "--at", "2026-12-24T10:00:00+01:00")
    assert "2026-12-24 09:15 UTC" in at.output, "the timer of the draft"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "Name a lead by its id"),
        (("00Q000000000000AAA",), "There is no lead 00Q000000000000AAA"),
        (("--lead", "{"), "--lead is no JSON"),
        (("--lead", "[1]"), "must be one object"),
        (("--set", "country"), "--set country=FR"),
        (("--set", "country=FR", "--at", "soon"), "is no moment"),
    ],
)
def test_what_cannot_be_previewed_is_a_sentence(shop: Shop, words: tuple[str, ...], told: str) -> None:
    result = run("preview", *words)
    assert result.exit_code == 1
    assert told in result.output


def test_a_simulation_is_shown_kept_and_written_to_files(shop: Shop, draft: str, tmp_path: Path) -> None:
    leads = shop.leads(3)
    shop.drain()
    shop.place.control.delete("calls")
    sheet, whole = tmp_path / "moved.csv", tmp_path / "moved.json"
    result = run("simulate", "--rules", draft, "--days", "2", "--output", str(sheet))
    assert result.exit_code == 0, result.output
    assert "3 leads, 3 change hands." in result.output
    for words in ("Ana", "Bob", "Everyone else", "Account owner", "escalations: remind"):
        assert words in result.output, words
    rows = list(csv.DictReader(sheet.read_text(encoding="utf-8-sig").splitlines()))
    assert {row["lead"] for row in rows} == set(leads)
    assert all(row["reason_before"] and row["reason_after"] for row in rows)
    assert not [each for each in calls(shop) if not each.startswith("GET ")]
    assert run("simulate", "--rules", draft, "--output", str(whole)).exit_code == 0
    assert json.loads(whole.read_text(encoding="utf-8"))["moves"] == 3
    assert run("simulate", "status").output.count("3 leads, 3 change hands.") == 2
    assert json.loads(run("simulate", "show").output)["leads"] == 3
    for words in ("pause", "resume", "cancel"):
        assert "is not" in run("simulate", words).output


def test_a_table_is_simulated_against_a_file_and_an_edition(shop: Shop, draft: str, tmp_path: Path) -> None:
    sheet, other = tmp_path / "leads.csv", tmp_path / "other.yaml"
    sheet.write_bytes("\ufeffE-mail;Country\nx@a.example;France\ny@a.example;Spain\n".encode())
    other.write_text(f'- rule: All\n  assign: user "{shop.place.bob.email}"\n', encoding="utf-8")
    result = run("simulate", "--rules", draft, "--against", str(other), "--csv", str(sheet))
    assert "2 leads, 1 change hands." in result.output
    with shop.database.write() as connection:
        seal = shop.seal(shop.install)
        live = rulesets.get(connection, shop.install.id, seal)
        assert live
        number = editions.add(
            connection, shop.install.id, seal, sources=live.sources, version=live.version, now=shop.clock()
        )
    result = run("simulate", "--rules", draft, "--against", str(number), "--csv", str(sheet))
    assert "2 leads, 1 change hands." in result.output
    assert "There is no edition 99" in run("simulate", "--rules", draft, "--against", "99").output
    assert "is none" in run("simulate", "--rules", draft, "--against", "nowhere").output


def test_a_faulty_draft_or_table_is_told_before_anything_runs(shop: Shop, draft: str, tmp_path: Path) -> None:
    bad, empty = tmp_path / "bad.yaml", tmp_path / "empty.csv"
    bad.write_text("- rule: X\n  assign: pool Nobody\n", encoding="utf-8")
    empty.write_text("email\n", encoding="utf-8")
    assert "is not a valid rule set" in run("simulate", "--rules", str(bad)).output
    assert "There are no leads" in run("simulate", "--rules", draft, "--csv", str(empty)).output
    assert "Name the draft" in run("simulate").output
    assert run("simulate", "status").output == "Nothing was simulated yet.\n"


def test_a_decision_is_replayed_from_our_store_and_from_the_crms_audit(shop: Shop) -> None:
    (lead,) = shop.leads(1)
    shop.drain()
    key = next(iter(shop.place.landed(lead).audits))
    for named in (key, lead):
        result = run("replay", named)
        assert (result.exit_code, "The same." in result.output) == (0, True), result.output
    with shop.database.write() as connection:
        for table in ("ledger", "decision"):
            connection.execute(metadata.tables[table].delete())
    result = run("replay", key, "--json")
    told = json.loads(result.stdout)
    assert (told["where"], told["same"], told["differences"]) == ("crm", True, [])
    with shop.database.write() as connection:
        connection.execute(metadata.tables["edition"].delete())
        rulesets.put(
            connection, shop.install.id, shop.seal(shop.install), sources=(), version="other", now=shop.clock()
        )
    result = run("replay", key)
    assert (result.exit_code, "is not kept any more" in result.output) == (1, True)
    assert "Name a decision" in run("replay").output
