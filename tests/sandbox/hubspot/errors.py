"""The error bodies that HubSpot answers with.

The shape is ``{"status","message","category","correlationId","errors"?,"context"?}``, every field optional
(https://developers.hubspot.com/docs/api/error-handling).
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from flask import Response

NOT_FOUND_PAGE = (
    "<html>\n<head>\n<meta http-equiv='Content-Type' content='text/html;charset=ISO-8859-1'/>\n"
    "<title>Error {status}</title>\n</head>\n<body>\n<h2>HTTP ERROR: {status}</h2>\n</body>\n</html>\n"
)


class ApiError(Exception):
    """A refusal. `status` is the HTTP status, the rest is the body; `detail` is the body's ``errors`` list."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        category: str = "VALIDATION_ERROR",
        detail: list[dict[str, Any]] | None = None,
        context: dict[str, Any] | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.category = category
        self.detail = detail or []
        self.context = context or {}
        self.extra = extra or {}

    def body(self) -> dict[str, Any]:
        """Return the JSON body of a whole answer that failed."""
        body: dict[str, Any] = {"status": "error", "message": self.message, "correlationId": str(uuid.uuid4())}
        if self.detail:
            body["errors"] = self.detail
        if self.context:
            body["context"] = self.context
        if self.category:
            body["category"] = self.category
        body.update(self.extra)
        return body

    def part(self, trace_id: str | None = None) -> dict[str, Any]:
        """Return the entry of a 207 answer's ``errors``; `trace_id` is the input's ``objectWriteTraceId``."""
        context = dict(self.context)
        if trace_id is not None:
            context["objectWriteTraceId"] = [trace_id]
        part = {"status": "error", "category": self.category, "message": self.message, "context": context}
        return part | {"errors": self.detail} if self.detail else part


def html_error(status: int = 404) -> Response:
    """Answer as the edge does when no service knows the path: HTML, not JSON."""
    return Response(NOT_FOUND_PAGE.format(status=status), status=status, content_type="text/html;charset=iso-8859-1")


def not_found(ids: list[str]) -> ApiError:
    """A record (or several) does not exist."""
    message = "Object not found.  objectId are usually numeric."
    return ApiError(404, message, category="OBJECT_NOT_FOUND", context={"id": ids})


def some_not_found(kind: str, ids: list[str]) -> ApiError:
    """Some ids of a batch do not exist; `kind` is the upper-case singular name of the object."""
    message = f"Could not get some {kind} objects, they may be deleted or not exist. Check that ids are valid."
    return ApiError(404, message, category="OBJECT_NOT_FOUND", context={"ids": ids})


def invalid(problems: list[tuple[str, str, str]]) -> ApiError:
    """Values were refused. A problem is (code, property name, message); the message embeds them as JSON too."""
    listed = [
        {"isValid": False, "message": message, "error": code, "name": name, "localizedErrorMessage": message}
        for code, name, message in problems
    ]
    return ApiError(
        400,
        f"Property values were not valid: {json.dumps(listed, separators=(',', ':'))}",
        detail=[
            {"message": message, "code": code, "context": {"propertyName": [name]}} for code, name, message in problems
        ],
    )


def missing_scopes(scopes: list[str]) -> ApiError:
    """The token lacks the scopes that this endpoint needs."""
    message = (
        "This app hasn't been granted all required scopes to make this call. "
        "Read more about required scopes here: https://developers.hubspot.com/scopes."
    )
    detail = [
        {
            "message": "One or more of the following scopes are required.",
            "context": {"requiredGranularScopes": scopes},
        }
    ]
    links = {"links": {"scopes": "https://developers.hubspot.com/scopes"}}
    return ApiError(403, message, category="MISSING_SCOPES", detail=detail, extra=links)
