"""Where HubSpot's document of 2026-09 is known to be wrong, each place by name, with what makes us sure.

An amendment changes the merged document. It must be needed: the document must still have the wrong place, and a run
must still break it as it was published (`shows` matches one of those findings). So none outlives its reason.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.openapi.documents import METHODS, Document
from tests.openapi.proxy import Finding


@dataclass(frozen=True)
class Amendment:
    """One known wrong place. `apply` changes the document in place and returns how many spots it changed."""

    name: str
    reason: str
    shows: str
    apply: Callable[[Document], int]


def amend(document: Document, amendments: Sequence[Amendment]) -> Document:
    """Return the document with every amendment. Raises LookupError for those that change nothing any more."""
    amended = copy.deepcopy(document)
    idle = [one.name for one in amendments if not one.apply(amended)]
    if idle:
        raise LookupError(f"the document needs no amendment of this any more: {'; '.join(idle)}")
    return amended


def unneeded(published: Iterable[Finding], amendments: Sequence[Amendment]) -> list[str]:
    """Return the names of the amendments that none of the findings against the published document asks for."""
    lines = [str(finding) for finding in published]
    return [one.name for one in amendments if not any(re.search(one.shows, line) for line in lines)]


def _schemas(document: Document, name: str) -> list[Document]:
    """Return a schema of every document that has it; merging put the document's own prefix before its name."""
    found = document["components"]["schemas"].items()
    return [schema for known, schema in found if known.rpartition(".")[2] == name]


def _optional(schema: str, field: str, reason: str) -> Amendment:
    """A field of a request that the document requires and HubSpot does not."""

    def apply(document: Document) -> int:
        changed = [one for one in _schemas(document, schema) if field in one.get("required", ())]
        for one in changed:
            one["required"] = [each for each in one["required"] if each != field]
        return len(changed)

    return Amendment(f"{schema}: {field} is optional", reason, rf"request .* required property '{field}'", apply)


def _nullable(schema: str, field: str, shows: str, reason: str) -> Amendment:
    """A field of an answer that HubSpot sends as null."""

    def apply(document: Document) -> int:
        fields: list[Any] = [one["properties"][field] for one in _schemas(document, schema)]
        changed = [one for one in fields if not one.get("nullable")]
        for one in changed:
            one["nullable"] = True
        return len(changed)

    return Amendment(f"{schema}: {field} may be null", reason, shows, apply)


def _also(path: str, status: str, like: str) -> Callable[[Document], int]:
    """Let the calls whose path matches answer `status` with what they answer as `like`."""

    def apply(document: Document) -> int:
        changed = 0
        for name, item in document["paths"].items():
            for method in set(item) & set(METHODS):
                responses = item[method]["responses"]
                if re.search(path, name) and like in responses and status not in responses:
                    responses[status] = responses[like]
                    changed += 1
        return changed

    return apply


def _partial(document: Document) -> int:
    batch = r"/batch/(create|read|update|upsert)$"
    changed = _also(batch, "207", "200")(document) + _also(batch, "207", "201")(document)
    for schema in _schemas(document, "StandardError") if changed else ():
        schema.pop("required", None)
        schema["properties"]["subCategory"] = {"type": "string"}
    return changed


def _sorts(document: Document) -> int:
    changed = 0
    for schema in _schemas(document, "PublicObjectSearchRequest"):
        if schema["properties"]["sorts"]["items"].get("type") == "string":
            sort = {name: {"type": "string"} for name in ("propertyName", "direction")}
            schema["properties"]["sorts"]["items"] = {"type": "object", "required": list(sort), "properties": sort}
            changed += 1
    return changed


def _answered(path: str, answer: Callable[[], Document]) -> Callable[[Document], int]:
    """Let a call whose success the document leaves out answer 200 with `answer`."""

    def apply(document: Document) -> int:
        responses = document["paths"][path]["post"]["responses"]
        if "200" in responses:
            return 0
        responses["200"] = {"description": "", **answer()}
        return 1

    return apply


def _token() -> Document:
    text, number = {"type": "string"}, {"type": "integer"}
    fields: Document = {"token_type": text, "access_token": text, "refresh_token": text, "expires_in": number}
    fields |= {"hub_id": number, "user_id": number, "scopes": {"type": "array", "items": text}}
    schema = {"type": "object", "required": list(fields), "properties": fields}
    return {"content": {"application/json": {"schema": schema}}}


SHORT = "HubSpot's pages show the call without it, and so did every older version."
AMENDMENTS = (
    _optional("PublicObjectSearchRequest", "after", SHORT),
    _optional("PublicObjectSearchRequest", "sorts", SHORT),
    _optional("BatchReadInputSimplePublicObjectId", "propertiesWithHistory", SHORT),
    _optional("SimplePublicObjectBatchInputForCreate", "associations", SHORT),
    Amendment(
        "PublicObjectSearchRequest: sorts are objects",
        'The page "Search the CRM" sorts by propertyName and direction; a text sorts upwards only.',
        r"request body\.sorts\.\*: .* must be string",
        _sorts,
    ),
    _nullable(
        "AssociationSpecWithLabel", "label", r"\.label: .* must be string", "Associations without a label say null."
    ),
    _nullable("PublicOwner", "userId", r"\.userId: .* must be integer", "A deactivated owner has no user any more."),
    Amendment(
        "batches: 207 when a part failed",
        'The page "Error handling" shows it with the results and errors side by side. No field of an error is sure '
        "to be there, and its subCategory is a text, as everywhere else; the older documents knew 207.",
        r"/batch/\w+ \(207\): response",
        _partial,
    ),
    Amendment(
        "associations: 201 when a batch was created",
        "The documents before 2026-09 had 201 and 207; this one knows a single status of each call.",
        r"/associations/\S+/batch/create \(201\): response",
        _also(r"^/crm/associations/.*/batch/create$", "201", "200"),
    ),
    Amendment(
        "the token's answer",
        "The document describes only errors of this call; the page about OAuth tokens shows the answer.",
        r"POST /oauth/2026-09/token \(200\): response",
        _answered("/oauth/2026-09/token", _token),
    ),
    Amendment(
        "the revocation's answer",
        "The document describes only errors of this call; a token that is revoked is 200 without a body.",
        r"POST /oauth/2026-09/token/revoke \(200\): response",
        _answered("/oauth/2026-09/token/revoke", dict),
    ),
)
