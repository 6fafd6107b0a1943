from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from connector.app import create_app
from connector.store import migrate
from connector.store.base import Database, metadata
from connector.store.installs import Install
from tests.connector.web.kit import Browser, House, browser, settings

ORG = "00D000000000001AAA"
ALICE = "005000000000001AAA"


@pytest.fixture(autouse=True)
def all_are_heard(heard: None) -> None:
    """What log lines hold is tested all over here."""


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all tables, copied for each test."""
    path = tmp_path_factory.mktemp("store") / "empty.sqlite"
    database = Database(f"sqlite:///{path}")
    metadata.create_all(database.engine)
    with database.write() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:newest)"), {"newest": migrate.newest()})
    database.close()
    return path


def open_house(empty: Path, directory: Path) -> House:
    """Services over a fresh copy of the empty database."""
    path = directory / "switchyard.sqlite"
    shutil.copy(empty, path)
    return House(settings(database_url=f"sqlite:///{path}", data_dir=directory))


@pytest.fixture
def house(empty: Path, tmp_path: Path) -> Iterator[House]:
    services = open_house(empty, tmp_path)
    yield services
    services.close()


@pytest.fixture
def app(house: House) -> Flask:
    return create_app(house)


@pytest.fixture
def anyone(app: Flask) -> Browser:
    """A browser in which nobody is signed in."""
    return browser(app)


@pytest.fixture
def acme(house: House) -> Install:
    return house.connect("salesforce", ORG, "Acme Corp", admin=ALICE)


@pytest.fixture
def alice(app: Flask, acme: Install) -> Browser:
    """The browser of Acme's administrator."""
    client = browser(app)
    client.sign_in("salesforce", ORG, ALICE)
    return client


@pytest.fixture
def own(acme: Install) -> str:
    """The address of an install's page."""
    return f"/installs/{acme.id}"
