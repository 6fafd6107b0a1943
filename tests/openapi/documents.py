"""From HubSpot's published documents to one that a validator can use. Pure but for `read`.

The documents are not licensed for redistribution: they are read from a folder that a setting names, and nothing of them
is kept here. As published they cannot be used together, because all objects' documents describe the same templated
paths with different shapes, and a validator stumbles over ``"example": null`` and errors of the type ``*/*``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Document = dict[str, Any]

VERSION = "2026-09"
METHODS = ("get", "put", "post", "patch", "delete")
# Below these words names stand, not words of OpenAPI: a property may well be called "example".
NAMED = {"paths", "properties", "schemas", "responses", "content", "parameters"}
DROPPED = {"example", "examples", "description", "summary", "operationId", "tags"}
TEMPLATE = "{objectType}"
BEARER = "bearer"


@dataclass(frozen=True)
class Source:
    """One published document: its folder, and the object types whose paths it describes (none: as its paths say)."""

    folder: str
    objects: tuple[str, ...] = ()


NEEDED = (
    Source("CRM/Objects"),
    Source("CRM/Contacts", ("contacts", "0-1")),
    Source("CRM/Companies", ("companies", "0-2")),
    Source("CRM/Deals", ("deals", "0-3")),
    Source("CRM/Leads", ("leads", "0-136")),
    Source("CRM/Tasks", ("tasks", "0-27")),
    Source("CRM/Notes", ("notes", "0-46")),
    Source("CRM/Associations"),
    Source("CRM/Associations Schema"),
    Source("CRM/Schemas"),
    Source("CRM/Crm Owners"),
    Source("CRM/Properties"),
    Source("CRM/Pipelines"),
    Source("CRM/Limits Tracking"),
    Source("CRM/App Uninstalls"),
    Source("Account/Account Info"),
    Source("Auth/Oauth"),
)


def read(collection: Path, sources: Sequence[Source] = NEEDED) -> Iterator[tuple[Source, Document]]:
    """Read the documents of today's API version. Raises LookupError when the folder does not hold one of them."""
    for source in sources:
        found = sorted((collection / "PublicApiSpecs" / source.folder).glob(f"Rollouts/*/{VERSION}/*.json"))
        if len(found) != 1:
            raise LookupError(f"{source.folder}: {len(found)} documents of {VERSION} instead of one, in {collection}")
        yield source, json.loads(found[0].read_text(encoding="utf-8"))


def merge(documents: Sequence[tuple[Source, Document]]) -> Document:
    """Return one clean document. Raises ValueError when two of them describe the same call of the same path."""
    paths: Document = {}
    components: Document = {"schemas": {}, "responses": {}}
    for position, (source, document) in enumerate(documents):
        prefix = f"d{position}."
        cleaned = _own_names(clean(document), prefix)
        for path, item in cleaned["paths"].items():
            for name, bound in _bound(path, item, source.objects):
                _add(paths.setdefault(name, {}), bound, name)
        for kind, known in components.items():
            given = cleaned.get("components", {}).get(kind, {})
            known.update({prefix + name: one for name, one in given.items()})
    components["securitySchemes"] = {BEARER: {"type": "http", "scheme": "bearer"}}
    return {
        "openapi": "3.0.1",
        "info": {"title": "merged", "version": VERSION},
        "servers": [{"url": "http://localhost"}],
        "paths": paths,
        "components": components,
    }


def clean(document: Mapping[str, Any]) -> Document:
    """Return a document without examples and prose, errors as JSON, and any token instead of a list of scopes."""
    cleaned: Document = _walk(document, named=False)
    responses = cleaned.get("components", {}).get("responses", {}).values()
    operations = [one for item in cleaned["paths"].values() for verb, one in item.items() if verb in METHODS]
    for response in [*responses, *(each for one in operations for each in one["responses"].values())]:
        if "*/*" in response.get("content", {}):
            response["content"] = {"application/json": response["content"]["*/*"]}
    for operation in operations:
        operation["security"] = [{BEARER: []}] if operation.get("security") else []
    return cleaned


def _walk(node: Any, *, named: bool) -> Any:
    if isinstance(node, list):
        return [_walk(each, named=False) for each in node]
    if not isinstance(node, Mapping):
        return node
    if named:
        return {name: _walk(each, named=False) for name, each in node.items()}
    # OpenAPI wants a description of every response.
    prose = {"description": ""} if "content" in node and "schema" not in node else {}
    kept = {key: _walk(each, named=key in NAMED) for key, each in node.items() if key not in DROPPED}
    return prose | kept


def _own_names(node: Any, prefix: str) -> Any:
    """Let references point to the document's own components, whose names get `prefix` in the merged one."""
    if isinstance(node, list):
        return [_own_names(each, prefix) for each in node]
    if not isinstance(node, dict):
        return node
    if isinstance(target := node.get("$ref"), str):
        start, _, name = target.rpartition("/")
        return {"$ref": f"{start}/{prefix}{name}"}
    return {key: _own_names(each, prefix) for key, each in node.items()}


def _bound(path: str, item: Document, objects: Sequence[str]) -> Iterator[tuple[str, Document]]:
    """Yield the path once for each object type that the document is about, with the type in the template's place."""
    if not objects or TEMPLATE not in path:
        yield path, item
        return
    bound = {
        method: operation
        | {"parameters": [one for one in operation.get("parameters", []) if one["name"] != "objectType"]}
        for method, operation in item.items()
    }
    for name in objects:
        yield path.replace(TEMPLATE, name), bound


def _add(known: Document, item: Document, path: str) -> None:
    twice = sorted(set(known) & set(item))
    if twice:
        raise ValueError(f"two documents describe {', '.join(twice)} {path}")
    known.update(item)
