from __future__ import annotations

import pytest
from flask import Flask

from connector.store.installs import Install
from tests.connector.api.kit import Program, key_of, program
from tests.connector.web.conftest import acme, app, empty, house
from tests.connector.web.kit import House

__all__ = ["acme", "app", "empty", "house"]


@pytest.fixture
def caller(app: Flask, house: House, acme: Install) -> Program:
    """A program with a key of Acme that may do everything."""
    return program(app, key_of(house, acme))
