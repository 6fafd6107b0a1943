"""What no database can hold names nothing: on PostgreSQL, which refuses it in a question, too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.routing import AnyConverter, IntegerConverter

from connector.app import create_app
from connector.store import migrate
from connector.store.installs import Install
from tests.connector.web.conftest import ALICE, ORG
from tests.connector.web.kit import Browser, House, browser, settings
from tests.postgres import Postgres


@pytest.fixture
def house(postgres: Postgres, tmp_path: Path) -> Iterator[House]:
    """Services on PostgreSQL."""
    made = House(settings(database_url=postgres.create(), data_dir=tmp_path))
    migrate.upgrade(made.database)
    yield made
    made.close()


@pytest.fixture
def acme(house: House) -> Install:
    return house.connect("salesforce", ORG, "Acme Corp", admin=ALICE)


@pytest.mark.threat("T18")
def test_a_zero_byte_or_a_number_that_no_column_holds_in_an_address_is_not_there(house: House, acme: Install) -> None:
    app = create_app(house)
    app.config["WTF_CSRF_ENABLED"] = False  # so that it is not the missing token that refuses
    alice: Browser = browser(app)
    alice.sign_in("salesforce", ORG, ALICE)
    seen = set()
    for rule in app.url_map.iter_rules():
        kinds = {name: rule._converters[name] for name in rule.arguments - {"install_id", "filename"}}
        numbers = {name: 2**31 for name, kind in kinds.items() if isinstance(kind, IntegerConverter)}
        texts = {name: "a\0b" for name, kind in kinds.items() if not isinstance(kind, AnyConverter | IntegerConverter)}
        if not (numbers or texts) or str(rule).startswith("/api/"):
            continue
        chosen = {name: min(kind.items) for name, kind in kinds.items() if isinstance(kind, AnyConverter)}
        values = {**chosen, **numbers, **texts, "install_id": acme.id}
        path = app.url_map.bind("route.example.com").build(rule.endpoint, values)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            assert alice.open(path, method=method).status_code in {404, 405}, (method, path)
            seen |= {*map(type, numbers.values()), *map(type, texts.values())}
    assert seen == {int, str}
    assert alice.get(f"/installs/{acme.id}/rules/editions/{2**31 - 1}").status_code == 404, "a column holds that"
