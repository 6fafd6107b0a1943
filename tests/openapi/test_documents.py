"""Cleaning, merging, amending and reading findings, on small documents of our own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.openapi.amendments import Amendment, amend, unneeded
from tests.openapi.documents import VERSION, Source, clean, merge, read
from tests.openapi.proxy import HERE, Finding, Report

THING = {
    "type": "object",
    "example": None,
    "required": ["id"],
    "properties": {"id": {"type": "string", "example": None}, "example": {"$ref": "#/components/schemas/Other"}},
}


def document(path: str = "/crm/{objectType}/list", **schemas: Any) -> dict[str, Any]:
    """A document of one call, as HubSpot writes them."""
    parameter = {"name": "objectType", "in": "path", "required": True, "schema": {"type": "string", "example": None}}
    thing = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}, "example": None}}
    return {
        "openapi": "3.0.1",
        "paths": {
            path: {
                "get": {
                    "operationId": "get-it",
                    "parameters": [parameter],
                    "responses": {
                        "200": {"description": "done", "content": thing},
                        "default": {"$ref": "#/components/responses/Error"},
                    },
                    "security": [{"oauth2": ["contacts"]}, {"private_apps": ["contacts"]}],
                }
            }
        },
        "components": {
            "schemas": {"Thing": THING, "Other": {"type": "string"}, **schemas},
            "responses": {"Error": {"description": "", "content": {"*/*": {"schema": {"type": "object"}}}}},
        },
    }


def test_examples_go_but_a_property_of_that_name_stays() -> None:
    thing = clean(document())["components"]["schemas"]["Thing"]
    assert "example" not in thing
    assert set(thing["properties"]) == {"id", "example"}
    assert thing["properties"]["id"] == {"type": "string"}


def test_errors_of_any_type_become_json() -> None:
    assert set(clean(document())["components"]["responses"]["Error"]["content"]) == {"application/json"}


def test_any_token_will_do_where_one_is_needed() -> None:
    paths = clean(document())["paths"]
    assert paths["/crm/{objectType}/list"]["get"]["security"] == [{"bearer": []}]


def test_a_documents_paths_are_bound_to_the_objects_that_it_is_about() -> None:
    merged = merge([(Source("any"), document()), (Source("one", ("contacts", "0-1")), document())])
    assert list(merged["paths"]) == ["/crm/{objectType}/list", "/crm/contacts/list", "/crm/0-1/list"]
    assert merged["paths"]["/crm/0-1/list"]["get"]["parameters"] == []
    assert len(merged["paths"]["/crm/{objectType}/list"]["get"]["parameters"]) == 1


def test_each_documents_references_point_to_its_own_shapes() -> None:
    merged = merge([(Source("any"), document()), (Source("one", ("contacts",)), document(Other={"type": "integer"}))])
    answer = merged["paths"]["/crm/contacts/list"]["get"]["responses"]["200"]["content"]["application/json"]
    assert answer["schema"] == {"$ref": "#/components/schemas/d1.Thing"}
    schemas = merged["components"]["schemas"]
    assert schemas["d1.Thing"]["properties"]["example"] == {"$ref": "#/components/schemas/d1.Other"}
    assert (schemas["d0.Other"], schemas["d1.Other"]) == ({"type": "string"}, {"type": "integer"})


def test_two_documents_of_one_call_are_refused() -> None:
    with pytest.raises(ValueError, match=r"two documents describe get /crm/\{objectType\}/list"):
        merge([(Source("one"), document()), (Source("other"), document())])


def test_a_document_is_found_whatever_its_rollout_is_called(tmp_path: Path) -> None:
    folder = tmp_path / "PublicApiSpecs" / "CRM" / "Things" / "Rollouts" / "424" / VERSION
    folder.mkdir(parents=True)
    (folder / "things.json").write_text(json.dumps(document()))
    source = Source("CRM/Things")
    assert [found for found, _ in read(tmp_path, [source])] == [source]
    with pytest.raises(LookupError, match="CRM/Others: 0 documents of 2026-09 instead of one"):
        list(read(tmp_path, [Source("CRM/Others")]))


def loosened(shows: str = "required property 'id'") -> Amendment:
    def apply(given: dict[str, Any]) -> int:
        return int(given["components"]["schemas"]["Thing"].pop("required", None) is not None)

    return Amendment("Thing: id is optional", "a page says so", shows, apply)


def test_an_amendment_changes_a_copy_and_fails_once_the_document_is_right() -> None:
    published = document()
    amended = amend(published, [loosened()])
    assert "required" in published["components"]["schemas"]["Thing"]
    assert "required" not in amended["components"]["schemas"]["Thing"]
    with pytest.raises(LookupError, match="needs no amendment of this any more: Thing: id is optional"):
        amend(amended, [loosened()])


def test_an_amendment_that_no_exchange_asks_for_is_named() -> None:
    findings = [Finding("GET /crm/contacts/list (200)", "response", "body", "must have required property 'id'")]
    assert unneeded(findings, [loosened()]) == []
    assert unneeded(findings, [loosened(shows="must be string")]) == ["Thing: id is optional"]


def test_a_finding_is_told_once_for_all_ids_and_positions(tmp_path: Path) -> None:
    report = Report()
    for ident, position in (("17", "0"), ("18", "1")):
        one = {
            "side": "response",
            "place": f"body.results.{position}.id",
            "message": f"results.{position}.id must be it",
        }
        told = {"method": "GET", "path": f"/crm/0-1/{ident}", "status": 200, "amended": [one], "published": []}
        report.take(told)
    report.write(tmp_path / "report")
    again = Report.read(tmp_path / "report")
    again.add(report)
    assert again.calls == {"GET /crm/0-1/*": 4}
    assert [str(each) for each in again.broken] == [
        "GET /crm/0-1/* (200): response body.results.*.id: results.*.id must be it"
    ]


def test_the_lock_file_of_the_judge_names_no_place_to_get_it() -> None:
    lock = (HERE / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    packages = json.loads(lock)["packages"]
    assert all("integrity" in package for name, package in packages.items() if name)
