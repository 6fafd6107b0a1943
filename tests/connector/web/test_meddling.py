"""Tenancy of the console: ids of another install in addresses, queries and forms, among those of one's own.

The routes come from the application's own map, the names of what is sent from the forms themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.routing import AnyConverter, IntegerConverter, Rule

from connector.app import create_app
from connector.store.base import metadata
from tests.connector.api.furnish import furnished
from tests.connector.web.conftest import ALICE, ORG, open_house
from tests.connector.web.kit import Browser, House, browser
from tests.connector.web.test_access import TOKEN

TEMPLATES = Path(__file__).parents[3] / "connector" / "web" / "templates"
FIELDS = sorted(
    {name for page in TEMPLATES.rglob("*.html") for name in re.findall(r'name="([a-z_]+)"', page.read_text())}
    | {"install", "install_id", "tenant", "key", "cursor"}
)
"""The names of all fields of our forms, and how somebody may try to name another install."""
OWN = {"edition", "sheet", "day"}
"""What is nobody's own: editions are numbered from 1 in each install, days and tables are called the same."""


NOBODYS = {"static", "health.live", "health.ready", "metrics.page"}
"""What is the same for everybody, and told to machines."""


class Neighbours:
    """Two furnished installs of one house, and the browser of the first one's administrator."""

    def __init__(self, house: House, app: Flask) -> None:
        self.house, self.app = house, app
        app.config["WTF_CSRF_ENABLED"] = False  # so that it is not the missing token that refuses
        self.acme = house.connect("salesforce", ORG, "Acme Corp", admin=ALICE)
        self.other = house.connect("hubspot", "42", "Other Ltd", admin="9")
        self.mine, self.theirs = furnished(house, self.acme, "A"), furnished(house, self.other, "B")
        self.alice: Browser = browser(app)
        self.alice.sign_in("salesforce", ORG, ALICE)
        self.foreign = sorted({self.other.id, *(self.theirs[each] for each in set(self.theirs) - OWN)})
        self.rules: list[tuple[Rule, str]] = sorted(
            (
                (rule, method)
                for rule in app.url_map.iter_rules()
                if not rule.rule.startswith("/api/") and rule.endpoint not in NOBODYS
                for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
            ),
            key=lambda way: (way[0].rule, way[1]),
        )

    def rows(self) -> dict[str, list[str]]:
        """Every row of the other install, by table."""
        with self.house.database.read() as connection:
            every = {each.name: map(repr, connection.execute(select(each))) for each in metadata.sorted_tables}
            return {name: sorted(row for row in rows if self.other.id in row) for name, rows in every.items()}


@pytest.fixture(scope="module")
def neighbours(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neighbours]:
    house = open_house(empty, tmp_path_factory.mktemp("neighbours"))
    yield Neighbours(house, create_app(house))
    house.close()


@pytest.fixture(scope="module")
def before(neighbours: Neighbours) -> dict[str, list[str]]:
    """What the other install has before anybody meddles with it."""
    return neighbours.rows()


@pytest.mark.threat("T02")
@settings(max_examples=200)
@given(data=st.data())
def test_whatever_of_the_other_is_mixed_in_nothing_of_it_is_shown_or_changes(
    neighbours: Neighbours, before: dict[str, list[str]], data: st.DataObject
) -> None:
    rule, method = data.draw(st.sampled_from(neighbours.rules))
    theirs = st.sampled_from(neighbours.foreign)
    values = {name: data.draw(_place(rule, name, neighbours)) for name in sorted(rule.arguments)}
    query = data.draw(st.dictionaries(st.sampled_from(FIELDS), theirs, max_size=3))
    form = data.draw(st.dictionaries(st.sampled_from(FIELDS), theirs, max_size=4)) if method != "GET" else {}
    headers = data.draw(st.dictionaries(st.sampled_from(["X-Install", "X-Tenant-Id", "HX-Current-URL"]), theirs))
    path = neighbours.app.url_map.bind("route.example.com").build(rule.endpoint, values, method=method)
    neighbours.alice.sign_in("salesforce", ORG, ALICE)  # an example before may have signed out
    answer = neighbours.alice.open(path, method=method, query_string=query, data=form, headers=headers)
    assert answer.status_code < 500, (method, path, query, form)
    if "install_id" in values and values["install_id"] == neighbours.other.id:
        assert answer.status_code == 404, (method, path)
    assert neighbours.rows() == before, (method, path, query, form)
    sent = {*map(str, values.values()), *query.values(), *form.values()}
    told = TOKEN.sub("", answer.text) + answer.headers.get("Location", "")
    words = [re.escape(word) for word in ("Other Ltd", *neighbours.foreign) if word not in sent]
    assert re.findall(rf"\b(?:{'|'.join(words)})\b", told) == []


def _place(rule: Rule, name: str, there: Neighbours) -> st.SearchStrategy[Any]:
    """What may stand in a place of an address: something of one's own, or of the other's."""
    converter = rule._converters.get(name)
    if isinstance(converter, AnyConverter):
        return st.sampled_from(sorted(converter.items))
    if isinstance(converter, IntegerConverter):
        return st.integers(0, 3)
    if name == "install_id":
        return st.sampled_from([there.acme.id, there.acme.id, there.acme.id, there.other.id])
    return st.sampled_from(sorted({*there.mine.values(), *there.theirs.values()}))
