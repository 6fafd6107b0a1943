"""The OpenAPI document, made from the operations and their models, and the page that shows it to people."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, render_template

from connector.api import replays
from connector.api.frame import CSV, OPERATIONS, PATH_LONGEST, Operation, api, book
from connector.api.problems import KINDS, MEDIA, Kind
from connector.api.words import ABOUT, PATH_VALUES

EVERYWHERE = (401, 403, 429, 503)
"""What any operation may answer: no key, not its scope, too many, something is away."""
WRITES = (400, 409, 422)
"""What any write may answer: a broken idempotency key, one at work, one used for something else."""
BODIES = (413, 415)
HEADERS: Mapping[int, Mapping[str, str]] = {
    401: {"WWW-Authenticate": "How to send a key."},
    429: {"Retry-After": "Seconds until it is worth asking again."},
    503: {"Retry-After": "Seconds until it is worth asking again."},
}
PATH_PATTERN = "^[!-.0-~]+$"
"""Printable ASCII without spaces and slashes."""


def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document. Needs an application that has the API."""
    return _document(tuple(OPERATIONS))


@functools.lru_cache(maxsize=1)
def _document(_known: tuple[str, ...]) -> dict[str, Any]:
    made: dict[str, Any] = book.spec
    made["info"]["description"] = ABOUT
    made["servers"] = [{"url": "/", "description": "Where this document came from."}]
    made["tags"] = sorted(made["tags"], key=lambda tag: str(tag["name"]))
    components = made["components"]
    components["schemas"] = dict(sorted(components["schemas"].items()))
    components["responses"] = {str(status): _problem(status) for status in sorted({each.status for each in KINDS})}
    components["parameters"] = _parameters()
    for methods in made["paths"].values():
        for told in methods.values():
            _complete(told, OPERATIONS[told["operationId"]])
    made["paths"] = dict(sorted(made["paths"].items()))
    return made


@api.get("/openapi.json")
def openapi() -> Response:
    """Hand out the document; it says nothing about anybody."""
    return jsonify(document())


@api.get("/docs")
def docs() -> str:
    """Show the document to people: no script, no other host."""
    found = document()
    groups: dict[str, list[tuple[str, str, dict[str, Any]]]] = {tag["name"]: [] for tag in found["tags"]}
    for path, methods in found["paths"].items():
        for method, told in methods.items():
            groups[told["tags"][0]].append((method.upper(), path, told))
    return render_template("api.html", document=found, groups=groups, kinds=KINDS, kind_of=_kind_of)


def _kind_of(schema: Mapping[str, Any]) -> str:
    """Return what a value is, in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "anyOf" in schema:
        return " | ".join(map(_kind_of, schema["anyOf"]))
    if schema.get("type") == "array":
        return f"list of {_kind_of(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type", "any"))


def statuses(known: Operation, *, has_path: bool) -> tuple[int, ...]:
    """Return the statuses that an operation may answer when it does not do as asked."""
    found = {*EVERYWHERE, *known.faults}
    if has_path:
        found.add(404)
    if known.changes:
        found.update(WRITES)
    if known.body:
        found.update(BODIES)
    if known.query:
        found.add(422)
    if known.guarded:
        found.add(412)
    return tuple(sorted(found))


def _complete(told: dict[str, Any], known: Operation) -> None:
    """Add what the models do not say: scope, statuses, headers, examples, and what the values of paths are."""
    paths = [each for each in told["parameters"] if each["in"] == "path"]
    for each in paths:
        each["description"], example = PATH_VALUES[each["name"]]
        each["schema"] = {"type": "string", "minLength": 1, "maxLength": PATH_LONGEST, "pattern": PATH_PATTERN}
        each["example"] = example
    good = told["responses"].pop(str(known.status), {"description": "Done."})
    good.setdefault("description", "Done.")
    if known.media == CSV:
        good["content"] = {CSV: {"schema": {"type": "string"}}}
    told["responses"] = {str(known.status): good} | {
        str(status): {"$ref": f"#/components/responses/{status}"} for status in statuses(known, has_path=bool(paths))
    }
    told["description"] = f"{told['description']}\n\nNeeds the scope `{known.scope}`.".strip()
    told["x-scope"] = known.scope
    if known.changes:
        told["parameters"].append({"$ref": "#/components/parameters/IdempotencyKey"})
    if known.guarded:
        told["parameters"].append({"$ref": "#/components/parameters/IfMatch"})
    body = told.get("requestBody")
    if body and known.body:
        body["required"] = any(each.is_required() for each in known.body.model_fields.values())


def _problem(status: int) -> dict[str, Any]:
    kinds = [each for each in KINDS if each.status == status]
    described = " ".join(f"{each.title}: {each.meaning}" for each in kinds)
    schema = {"$ref": "#/components/schemas/Problem"}
    made: dict[str, Any] = {
        "description": described,
        "content": {MEDIA: {"schema": schema, "examples": {each.slug: {"value": _example(each)} for each in kinds}}},
    }
    if headers := HEADERS.get(status):
        made["headers"] = {
            name: {"description": text, "schema": {"type": "string"}, "required": True}
            for name, text in headers.items()
        }
    return made


def _example(kind: Kind) -> dict[str, Any]:
    return {
        "type": f"https://switchyard.example/api/v1/docs#{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": kind.meaning,
        "instance": "urn:uuid:4b5c2a52-3f4e-4b0c-9d3b-1b2f6f4f8c11",
        "trace_id": "0123456789abcdef0123456789abcdef",
        "errors": [],
    }


def _parameters() -> dict[str, Any]:
    return {
        "IdempotencyKey": {
            "name": replays.HEADER,
            "in": "header",
            "required": False,
            "description": "Names this write, such as a UUID: sent again, it is answered as before and not done again.",
            "schema": {"type": "string", "minLength": 1, "maxLength": replays.LONGEST + 2, "pattern": "^[!-~]+$"},
            "example": "8e03978e-40d5-43dd-bc93-6894a57f9324",
        },
        "IfMatch": {
            "name": "If-Match",
            "in": "header",
            "required": False,
            "description": "The `ETag` that was read: when it is another by now, nothing is changed (412).",
            "schema": {"type": "string", "maxLength": 200, "pattern": "^[ -~]*$"},
            "example": '"v-3f2a"',
        },
    }
