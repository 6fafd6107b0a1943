"""Every operation of the document: its key, its scope, other tenants' things, and what is said of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.definitions import OPENAPI_31

from connector.api.document import document
from connector.api.frame import OPERATIONS
from connector.app import create_app
from connector.desk import keys
from connector.desk.rulebook import LAST, MEMO
from connector.store.base import metadata
from jobs.rulebook import DIRECTORY
from tests.api_document import PLACE, text
from tests.connector.api.furnish import Ids, furnished
from tests.connector.api.kit import PREFIX, key_of, program
from tests.connector.web.conftest import ALICE, ORG, open_house
from tests.connector.web.kit import House

WHERE = re.compile(r"\{(\w+)\}")
"""The names in an address."""
OPENING = {"export_person"}
"""What changes nothing, and yet opens more than a key may read."""


class Two:
    """Two furnished installs of one house, and programs with their keys."""

    def __init__(self, house: House, app: Flask) -> None:
        self.house, self.app = house, app
        self.acme = house.connect("salesforce", ORG, "Acme Corp", admin=ALICE)
        self.other = house.connect("hubspot", "42", "Other Ltd", admin="9")
        self.mine, self.theirs = furnished(house, self.acme, "A"), furnished(house, self.other, "B")
        self.caller = program(app, key_of(house, self.acme))
        self.anyone = program(app)


@pytest.fixture(scope="module")
def two(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    house = open_house(empty, tmp_path_factory.mktemp("two"))
    yield Two(house, create_app(house))
    house.close()


def operations() -> list[tuple[str, str]]:
    """Every operation as method and address, by the rules that views were declared with."""
    return sorted((each.method, re.sub(r"<(\w+)>", r"{\1}", each.rule)) for each in OPERATIONS.values())


def address(path: str, ids: Ids) -> str:
    return WHERE.sub(lambda found: ids[found[1]], path)


def told(app: Flask) -> dict[str, Any]:
    with app.test_request_context("/"):
        return document()


def everything(house: House) -> dict[str, list[Any]]:
    """Every row of every table but when keys were last used, and what the CRM said of its users and rules."""
    with house.database.read() as connection:
        found = {
            name: sorted(map(repr, connection.execute(table.select())))
            for name, table in metadata.tables.items()
            if name != "api_key"
        }
    found["memo"] = [row for row in found["memo"] if not any(repr(name) in row for name in (DIRECTORY, MEMO, LAST))]
    return found


def test_the_document_is_open_api_3_1(two: Two) -> None:
    document = told(two.app)
    assert document["openapi"].startswith("3.1.")
    standard = jsonschema_rs.validator_for(OPENAPI_31)
    standard.validate(document)
    assert not standard.is_valid({**document, "paths": []})


def test_the_document_is_served_without_a_key_and_is_the_one_in_the_repository(two: Two) -> None:
    served = two.anyone.ask("GET", "/openapi.json")
    assert served == told(two.app)
    assert PLACE.read_text(encoding="utf-8") == text(), "make openapi-document"


def test_the_document_has_exactly_the_operations_that_are_served(two: Two) -> None:
    paths = told(two.app)["paths"]
    documented = {(method.upper(), path.removeprefix(PREFIX)) for path, known in paths.items() for method in known}
    assert documented == set(operations())
    served = {rule.endpoint for rule in two.app.url_map.iter_rules() if rule.rule.startswith("/api/")}
    assert served == {f"api.{each}" for each in OPERATIONS} | {"api.openapi", "api.docs"}


def test_every_operation_says_what_it_does_what_it_needs_and_what_it_may_answer(two: Two) -> None:
    document = told(two.app)
    tags = {each["name"] for each in document["tags"]}
    for path, known in document["paths"].items():
        for method, each in known.items():
            name = each["operationId"]
            assert each["summary"].endswith(".") or each["summary"].endswith(")"), name
            assert f"`{each['x-scope']}`" in each["description"], name
            assert each["x-scope"] in keys.SCOPES, name
            assert each["x-scope"] == ("settings:write" if name in OPENING else "read") or method != "get", name
            assert set(each["tags"]) <= tags, name
            assert {"401", "403", "429", "503"} <= each["responses"].keys(), name
            assert "404" in each["responses"] or "{" not in path, name
            for parameter in each["parameters"]:
                assert "$ref" in parameter or parameter["description"], (name, parameter)
            if method != "get":
                assert {"400", "409", "422"} <= each["responses"].keys(), name
                assert {"$ref": "#/components/parameters/IdempotencyKey"} in each["parameters"], name


def test_every_name_and_example_fits_its_schema(two: Two) -> None:
    document = told(two.app)
    for name, schema in document["components"]["schemas"].items():
        assert re.fullmatch(r"[A-Z]\w+", name), name
        for field, value in schema.get("properties", {}).items():
            whole = {**value, "components": document["components"]}
            for example in value.get("examples", []):
                jsonschema_rs.validator_for(whole).validate(example)
                assert field


@pytest.mark.parametrize(("method", "path"), operations())
def test_without_a_key_nothing_answers(two: Two, method: str, path: str) -> None:
    problem = two.anyone.ask(method, address(path, two.mine), status=401)
    assert problem["status"] == 401


def test_with_a_key_that_lacks_the_scope_nothing_answers_and_nothing_is_changed(two: Two) -> None:
    document = told(two.app)["paths"]
    lacking = {
        scope: program(two.app, key_of(two.house, two.acme, [each for each in keys.SCOPES if each != scope]))
        for scope in keys.SCOPES
    }
    before = everything(two.house)
    for method, path in operations():
        scope = document[PREFIX + path][method.lower()]["x-scope"]
        problem = lacking[scope].ask(method, address(path, two.mine), status=403)
        assert scope in problem["detail"]
    assert everything(two.house) == before


def bodies(document: dict[str, Any], each: dict[str, Any], ids: Ids) -> dict[str, Any]:
    """A body that an operation takes, made of its schema's examples."""
    schema = each["requestBody"]["content"]["application/json"]["schema"]
    found = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    chosen = set(found.get("required", ())) | set(list(found["properties"])[:1])
    return {name: _value(found["properties"][name], name, ids) for name in chosen}


def _value(schema: dict[str, Any], name: str, ids: Ids) -> Any:
    if name in ids:
        return ids[name]
    if schema.get("examples"):
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return None
    return schema.get("default", {"boolean": False, "string": "x", "integer": 1, "number": 0.9}.get(schema["type"]))


def theirs_of(two: Two) -> dict[str, list[str]]:
    """Every row of the other install, by table."""
    rows = everything(two.house)
    return {name: [each for each in found if two.other.id in each] for name, found in rows.items()}


OWN = {"edition", "sheet", "day"}
"""What is nobody's own: editions are numbered from 1 in each install, days and tables are called the same."""


def test_of_another_tenant_nothing_is_there_and_nothing_is_changed(two: Two) -> None:
    document = told(two.app)
    seen = set()
    before = everything(two.house)
    for method, path in operations():
        foreign = [name for name in WHERE.findall(path) if name not in OWN]
        if not foreign:
            continue
        each = document["paths"][PREFIX + path][method.lower()]
        body = {"json": bodies(document, each, two.mine)} if "requestBody" in each else {}
        for name in foreign:
            mixed = {**two.mine, name: two.theirs[name]}
            two.caller.ask(method, address(path, mixed), status=404, **body)
            seen.add(name)
    assert everything(two.house) == before
    assert seen == set(two.mine) - OWN


def test_every_get_answers_with_what_the_document_says(two: Two) -> None:
    document = told(two.app)
    for method, path in operations():
        if method != "GET":
            continue
        each = document["paths"][PREFIX + path]["get"]
        found = two.caller.ask("GET", address(path, two.mine))
        content = each["responses"]["200"]["content"]
        if "application/json" in content:
            schema = content["application/json"]["schema"]
            jsonschema_rs.validator_for({**schema, "components": document["components"]}).validate(found)


def test_a_caller_of_the_one_never_sees_a_word_of_the_other(two: Two) -> None:
    for method, path in operations():
        if method == "GET":
            found = str(two.caller.ask("GET", address(path, two.mine)))
            assert not any(two.theirs[name] in found for name in set(two.theirs) - OWN), path
            assert two.other.id not in found


@pytest.fixture(scope="module")
def untouched(two: Two) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The document, and what the other install has before anybody meddles with it."""
    return told(two.app), theirs_of(two)


MEDDLING = [each for each in operations() if each != ("POST", "/install/disconnect")]
NAMES = ("install", "install_id", "tenant")
"""How somebody may try to name another install where an operation asks for none."""


@pytest.mark.threat("T02")
@settings(max_examples=60)
@given(data=st.data())
def test_whatever_of_the_other_is_mixed_in_nothing_of_it_comes_out_or_changes(
    two: Two, untouched: tuple[dict[str, Any], dict[str, list[str]]], data: st.DataObject
) -> None:
    """Ids of the other install in addresses, queries, bodies and headers, among those of one's own."""
    document, before = untouched
    foreign = sorted({two.other.id, *(two.theirs[name] for name in set(two.theirs) - OWN)})
    value = st.sampled_from(foreign)
    method, path = data.draw(st.sampled_from(MEDDLING))
    each = document["paths"][PREFIX + path][method.lower()]
    place = {name: data.draw(st.just(two.mine[name]) | st.just(two.theirs[name])) for name in WHERE.findall(path)}
    names = [known["name"] for known in each.get("parameters", ()) if known.get("in") == "query"]
    query = data.draw(st.dictionaries(st.sampled_from([*names, *NAMES]), value, max_size=3))
    headers = data.draw(st.dictionaries(st.sampled_from(["If-Match", "X-Install", "X-Tenant-Id", "Cookie"]), value))
    more: dict[str, Any] = {}
    if "requestBody" in each:
        body = bodies(document, each, two.mine)
        texts = [name for name, own in body.items() if isinstance(own, str)]
        more["json"] = body | data.draw(st.dictionaries(st.sampled_from([*texts, "install_id"]), value, max_size=2))
    sent = {*place.values(), *query.values(), *headers.values(), *map(str, more.get("json", {}).values())}
    answer = two.caller.open(PREFIX + address(path, place), method=method, query_string=query, headers=headers, **more)
    assert answer.status_code < 500, (method, path, answer.text[:300])
    assert theirs_of(two) == before
    assert [word for word in set(foreign) - sent if word in answer.text] == []
