from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from connector.embedded import valkey_command, wait_for_redis
from tests.connector.web.kit import Browser, House, settings


@pytest.fixture
def valkey(house: House, tmp_path: Path) -> Iterator[None]:
    """A real Valkey on a socket in the data directory."""
    house.settings = settings(database_url=house.settings.database_url, data_dir=tmp_path, redis_url="")
    with subprocess.Popen(valkey_command(house.settings)) as server:
        wait_for_redis(house.settings)
        yield
        server.terminate()


def test_a_process_that_serves_is_live_even_when_nothing_else_answers(
    app: Flask, house: House, anyone: Browser
) -> None:
    answer = anyone.get("/health/live")
    assert (answer.status_code, answer.json) == (200, {"process": "up"})


def test_ready_means_that_database_and_redis_answer(valkey: None, anyone: Browser) -> None:
    answer = anyone.get("/health/ready")
    assert (answer.status_code, answer.json) == (200, {"database": "up", "schema": "up", "redis": "up"})


def test_not_ready_says_which_and_nothing_more(anyone: Browser) -> None:
    answer = anyone.get("/health/ready")
    assert (answer.status_code, answer.json) == (503, {"database": "up", "schema": "up", "redis": "down"})
    assert "127.0.0.1" not in answer.text


def test_a_database_that_cannot_be_opened_is_down(valkey: None, house: House, tmp_path: Path, anyone: Browser) -> None:
    (tmp_path / "switchyard.sqlite").unlink()
    (tmp_path / "switchyard.sqlite").mkdir()
    house.database.close()
    answer = anyone.get("/health/ready")
    assert (answer.status_code, answer.json) == (503, {"database": "down", "schema": "unknown", "redis": "up"})


@pytest.mark.usefixtures("valkey")
@pytest.mark.parametrize(
    ("revision", "expected"), [("0001", (503, "behind")), ("", (503, "behind")), ("9999", (200, "up"))]
)
def test_old_tables_are_not_ready_and_those_of_a_newer_version_are(
    house: House, anyone: Browser, revision: str, expected: tuple[int, str]
) -> None:
    """While a newer version is deployed, the tables are newer than the processes that still serve."""
    with house.database.write() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
        if revision:
            connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})
    answer = anyone.get("/health/ready")
    status, said = expected
    assert (answer.status_code, answer.json) == (status, {"database": "up", "schema": said, "redis": "up"})
    assert anyone.get("/health/live").status_code == 200
