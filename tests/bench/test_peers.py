"""The comparison with peers, end to end on a small made-up file; only the peers that need no package run here."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.bench.peers import comparison, environment, fields, harness, run

BASELINES = ("domain", "domain-or-name")
COMPANIES = 40


def write(path: Path, records: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def account(number: int) -> dict[str, Any]:
    return {
        "id": f"A{number}",
        "name": f"Company {number} Ltd.",
        "website": f"https://www.company{number}.example/home",
    }


def lead(number: int, kind: str, **values: str | None) -> dict[str, Any]:
    empty: dict[str, Any] = dict.fromkeys(comparison.ASKED)
    return {**empty, "id": f"L{kind}{number}", "kind": kind, "truth": f"A{number}", **values}


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Accounts, and for each: a lead with its domain, one with only its name, and one that has no account."""
    numbers = range(COMPANIES)
    leads = [
        *(lead(at, "domain", email=f"jo@company{at}.example") for at in numbers),
        *(lead(at, "name", email="jo@gmail.com", company=f"  COMPANY {at}, ltd ") for at in numbers),
        *(lead(at, "none", email=f"jo@stranger{at}.example", company="Stranger", truth=None) for at in numbers),
    ]
    accounts = write(tmp_path / "accounts.jsonl", [account(at) for at in numbers])
    return accounts, write(tmp_path / "leads.jsonl", leads)


def test_the_baselines_are_told_in_a_table_and_in_a_last_line_of_json(
    files: tuple[Path, Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run(*files, out, BASELINES, 1) == 0

    *printed, last = capfd.readouterr().out.splitlines()
    lines = {name: " ".join(next(line for line in printed if f"│ {name} " in line).split()) for name in BASELINES}
    assert "│ 100.0% │ 50.0% │ 66.7% │" in lines["domain"]
    assert "│ 100.0% │ 100.0% │ 100.0% │" in lines["domain-or-name"]
    plain, both = json.loads(last)["peers"]
    assert (plain["peer"], plain["asked"], plain["score"]["recall"]) == ("domain", 3 * COMPANIES, 0.5)
    assert plain["score"]["by_kind"] == {"domain": 1, "name": 0, "none": 1}
    assert both["score"]["by_kind"] == {"domain": 1, "name": 1, "none": 1}
    assert both["score"]["ece"] is None
    assert both["cost"]["leads_s"] > 0
    assert 0 < both["cost"]["peak_mb"] < 1000
    answers = [json.loads(line) for line in (out / "domain.jsonl").read_text(encoding="utf-8").splitlines()]
    assert answers[3] == {"id": "Ldomain3", "pred": "A3", "score": 1.0}
    assert len(answers) == 3 * COMPANIES


def test_a_threshold_is_chosen_on_other_accounts_than_it_is_scored_on(files: tuple[Path, Path]) -> None:
    leads = harness.read(files[1])
    halves = [{each["truth"] for each in leads if comparison.in_first_half(each) is first} for first in (True, False)]
    assert halves[0] & halves[1] == {None}
    assert all(COMPANIES / 4 < len(half) < COMPANIES for half in halves)


def test_a_sample_is_for_slow_peers_only_and_the_same_for_all_of_them(files: tuple[Path, Path], tmp_path: Path) -> None:
    material = comparison.Material(files[0], harness.read(files[1]), tmp_path, 10)
    slow, quick = (comparison.Peer(name, "domain", slow=name == "slow") for name in ("slow", "quick"))
    assert len(material.asked(slow)) == 10
    assert material.asked(slow) == material.asked(comparison.Peer("other", "domain", slow=True))
    assert material.asked(quick) == material.leads


def test_an_unknown_peer_is_refused_by_name(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*files, None, ["nobody"], None) == 2
    assert "nobody" in capsys.readouterr().err


def test_a_peer_that_does_not_run_says_why_in_the_table(
    files: tuple[Path, Path], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = comparison.Peer("broken", "domain", ("--nonsense",))
    monkeypatch.setattr(comparison, "PEERS", (broken, comparison.PEERS[0]))
    assert run(*files, None, [], None) == 1
    printed = capfd.readouterr().out
    assert "broken: failed: " in printed
    assert "--nonsense" in printed
    rows = json.loads(printed.splitlines()[-1])["peers"]
    assert [row["score"] is None for row in rows] == [True, False]


def test_what_cannot_be_installed_here_is_a_fact_for_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    requirements = tmp_path / "requirements"
    requirements.mkdir()
    # Refused before anything is looked up anywhere.
    (requirements / "odd.txt").write_text("no requirement at all\n", encoding="utf-8")
    monkeypatch.setattr(environment, "REQUIREMENTS", requirements)
    with pytest.raises(environment.NotInstalled, match="Invalid requirement"):
        environment.python("odd", tmp_path / "cache")
    assert environment.python("domain", tmp_path / "cache") == sys.executable


def test_every_peer_with_packages_has_them_pinned() -> None:
    modules = {peer.module for peer in comparison.PEERS}
    listed = {path.stem: path.read_text(encoding="utf-8") for path in environment.REQUIREMENTS.glob("*.txt")}
    assert modules - set(listed) == {"domain"}
    for text in listed.values():
        assert all("==" in line for line in text.splitlines() if line and not line.startswith("#"))


@pytest.mark.parametrize(
    ("record", "host"),
    [
        ({"website": "HTTPS://www.Acme.example:8080/about?x=1"}, "acme.example"),
        ({"website": None, "email": "jo@mail.acme.example"}, "mail.acme.example"),
        ({"website": "acme.example", "email": "jo@other.example"}, "acme.example"),
        ({"email": "jo@gmail.com"}, None),
        ({"website": "none"}, None),
        ({}, None),
    ],
)
def test_a_records_host_is_that_of_its_website_or_else_of_its_own_mail(
    record: dict[str, Any], host: str | None
) -> None:
    assert fields.host(record) == host


def test_names_and_hosts_are_cut_to_what_tells_them_apart() -> None:
    assert fields.core("Société Générale & Co., Ltd.") == ["societe", "generale", "and"]
    assert fields.core("Limited") == ["limited"]
    assert fields.registered("physics.uni.ac.uk") == "uni.ac.uk"
    assert fields.registered("mail.acme.com") == "acme.com"
    assert fields.phone({"phone": "+1 (415) 555-0100"}) == "155550100"
    assert fields.phone({"phone": "911"}) is None
