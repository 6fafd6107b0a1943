"""The commands of the benchmark, run as people run them, on records made up by code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rules.model import Record
from tests.bench import synthetic

ACCOUNTS, LEADS = 400, 260


def run(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", *arguments], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def line(record: Record, **more: Any) -> str:
    return json.dumps({"id": record.id, **record.fields, **more}) + "\n"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("bench")
    paths = {name: folder / f"{name}.jsonl" for name in ("accounts", "leads", "answers")}
    paths["accounts"].write_text("".join(map(line, synthetic.accounts(ACCOUNTS, 1))), encoding="utf-8")
    leads = synthetic.leads(LEADS, 1, ACCOUNTS)
    paths["leads"].write_text("".join(line(lead, truth=truth or None) for lead, truth in leads), encoding="utf-8")
    return paths


@pytest.fixture(scope="module")
def figures(files: dict[str, Path]) -> dict[str, Any]:
    told = run(
        "match",
        "--accounts",
        str(files["accounts"]),
        "--leads",
        str(files["leads"]),
        "--out",
        str(files["answers"]),
    )
    found: dict[str, Any] = json.loads(told.splitlines()[-1])
    return found


def test_every_lead_gets_a_line_with_a_known_account_or_none(files: dict[str, Path], figures: dict[str, Any]) -> None:
    known = {json.loads(each)["id"] for each in files["accounts"].read_text(encoding="utf-8").splitlines()}
    asked = [json.loads(each)["id"] for each in files["leads"].read_text(encoding="utf-8").splitlines()]
    answers = [json.loads(each) for each in files["answers"].read_text(encoding="utf-8").splitlines()]
    assert [each["id"] for each in answers] == asked
    assert all(set(each) == {"id", "pred", "score"} for each in answers)
    assert {each["pred"] for each in answers} <= known | {None}
    assert all(0 <= each["score"] <= 1 for each in answers)
    assert figures["leads"] == LEADS


def test_the_last_line_holds_the_figures(figures: dict[str, Any]) -> None:
    assert {
        "leads_per_s",
        "single_p50_ms",
        "single_p99_ms",
        "index_s",
        "index_bytes",
        "candidate_recall",
        "peak_mb",
    } <= set(figures)
    assert figures["single_p50_ms"] <= figures["single_p99_ms"]
    assert figures["candidate_recall"] > 0.8
    assert figures["index_bytes"] > ACCOUNTS * 100


@pytest.mark.usefixtures("figures")
def test_answers_are_scored_and_most_are_right(files: dict[str, Path]) -> None:
    told = json.loads(run("score", "--leads", str(files["leads"]), "--answers", str(files["answers"])).splitlines()[-1])
    assert told["leads"] == LEADS
    assert told["f1"] > 0.8


def test_growth_is_measured_at_each_size() -> None:
    rows = json.loads(run("scale", "--accounts", "50,150", "--leads", "200").splitlines()[-1])
    assert [row["accounts"] for row in rows] == [50, 150]
    assert all(row["batch_us"] > 0 and row["update_p50_ms"] > 0 for row in rows)
