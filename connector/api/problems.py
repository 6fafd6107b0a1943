"""What the API answers when it cannot do as asked: problem details (RFC 9457), one kind for each cause."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import structlog
from flask import Flask, Response, current_app, g, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.exceptions import HTTPException

from connector import telemetry
from connector.desk import retelling
from connector.desk.faults import DeskError, NotThere, Overtaken, Unusable
from connector.desk.rulebook import Faulty, Red
from connector.errors import Later, Next, Revoked
from connector.store.seal import Unreadable
from rules.faults import Fault
from rules.trials.report import lines

log = structlog.get_logger()

PREFIX = "/api"
MEDIA = "application/problem+json"
DOCS = "SWITCHYARD_API_DOCS"
"""Under which name the application keeps the address of the page that explains the API."""
AWAY_SECONDS = 30
"""When to ask again if nobody knows better."""
MOST_SECONDS = 24 * 3600
MOST_FAULTS = 200
"""Faults that one answer tells."""


class FieldError(BaseModel):
    """One thing that is wrong with what was sent."""

    model_config = ConfigDict(extra="forbid")
    pointer: str = Field(
        default="",
        description="Where in the body, as a JSON pointer; empty when it is not about the body.",
        examples=["/mode"],
    )
    parameter: str = Field(default="", description="Which parameter of the query, or which header.")
    detail: str = Field(description="What is wrong, in a sentence.", examples=["Input should be 'act'"])
    record: str = Field(default="", description="The item of the rules it is in, where it is about their text.")
    line: int | None = Field(default=None, description="The line in that text, from 1.")
    column: int | None = Field(default=None, description="The column in that line, from 1.")


class Problem(BaseModel):
    """Why nothing was done. `type` names the cause for programs, `detail` tells people."""

    model_config = ConfigDict(extra="forbid")
    type: str = Field(description="Address of the cause's explanation; it never changes.")
    title: str = Field(description="The cause in a few words; the same for every problem of this type.")
    status: int = Field(description="The status of the answer.", ge=400, le=599)
    detail: str = Field(description="What happened and what to do next.")
    instance: str = Field(description="This one occurrence; a log line has it, too, where the fault is ours.")
    trace_id: str = Field(description="The id under which it is found in logs and traces.")
    errors: list[FieldError] = Field(default=[], description="Each thing that is wrong with what was sent.")


@dataclass(frozen=True, slots=True)
class Kind:
    """A cause: its name in addresses, the status, what it is called and what it means."""

    slug: str
    status: int
    title: str
    meaning: str


UNREADABLE = Kind("unreadable", 400, "Unreadable request", "Its JSON or a header is broken.")
NO_KEY = Kind("no-key", 401, "No valid key", "Send a key of this install: `Authorization: Bearer sy_...`.")
SCOPE = Kind("scope", 403, "The key may not do this", "The key is valid but was made without the right for this.")
NOT_THERE = Kind("not-there", 404, "Not found", "There is no such thing in this install.")
METHOD = Kind("method", 405, "Method not allowed", "`Allow` lists the methods of this address.")
CONFLICT = Kind("conflict", 409, "Not possible now", "The state of things does not allow it now. Nothing was changed.")
DISCONNECTED = Kind("disconnected", 409, "The CRM does not let us in", "An administrator must connect the CRM again.")
REFUSED = Kind("refused", 409, "The CRM refuses", "The CRM will not do this, however often it is asked.")
IN_PROGRESS = Kind(
    "in-progress", 409, "Still under way", "A request with this idempotency key is still being answered."
)
OVERTAKEN = Kind("overtaken", 412, "Changed meanwhile", "Read it again, then repeat.")
TOO_LARGE = Kind("too-large", 413, "Too large", "The body is larger than an answer could make use of.")
NOT_JSON = Kind("not-json", 415, "Not JSON", "Bodies are JSON: send `Content-Type: application/json`.")
INVALID = Kind("invalid", 422, "Does not fit", "It is not what the document says; `errors` says where.")
UNUSABLE = Kind(
    "unusable", 422, "Not usable", "It is what the document says, and yet cannot be done; `errors` says why."
)
REUSED = Kind("reused", 422, "Idempotency key used before", "This key came before with another request.")
TOO_MANY = Kind("too-many", 429, "Too many requests", "Wait as many seconds as `Retry-After` says.")
FAULT = Kind("fault", 500, "Fault of ours", "This is our fault. It was noted under the trace id.")
AWAY = Kind("away", 503, "Not available now", "The CRM or a part of Switchyard is away. Ask again after `Retry-After`.")
KINDS: tuple[Kind, ...] = (
    UNREADABLE, NO_KEY, SCOPE, NOT_THERE, METHOD, CONFLICT, DISCONNECTED, REFUSED, IN_PROGRESS, OVERTAKEN, TOO_LARGE,
    NOT_JSON, INVALID, UNUSABLE, REUSED, TOO_MANY, FAULT, AWAY,
)  # fmt: skip
_OF_STATUS = {400: UNREADABLE, 404: NOT_THERE, 405: METHOD, 413: TOO_LARGE, 415: NOT_JSON, 429: TOO_MANY, 503: AWAY}
SERVER = 500


class Trouble(Exception):  # noqa: N818 - it is what the caller has
    """Ends a request with a problem of `kind`."""

    def __init__(
        self,
        kind: Kind,
        detail: str = "",
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or kind.meaning)
        self.kind, self.errors, self.headers = kind, list(errors), dict(headers or {})


def explain(app: Flask) -> None:
    """Answer every error below /api with a problem; all else as `app` did until now."""
    elsewhere = {each: app.error_handler_spec[None][None].get(each) for each in (HTTPException, Unreadable)}

    def answer(error: Exception) -> ResponseReturnValue:
        if request.path.startswith(f"{PREFIX}/"):
            return told(error)
        handler = elsewhere[HTTPException if isinstance(error, HTTPException) else Unreadable]
        if handler is None:
            raise error
        return cast("ResponseReturnValue", handler(error))

    for each in elsewhere:
        app.register_error_handler(each, answer)


def told(error: Exception) -> Response:
    """Return the answer to an error: a problem with its status and the headers that go with it."""
    found = _trouble(error)
    trace = trace_id()
    kind, instance = found.kind, f"urn:uuid:{uuid.uuid4()}"
    if kind.status >= SERVER:
        log.warning("problem", kind=kind.slug, instance=instance, trace=trace)
    problem = Problem(
        type=f"{current_app.config[DOCS]}#{kind.slug}",
        title=kind.title,
        status=kind.status,
        detail=str(found),
        instance=instance,
        trace_id=trace,
        errors=found.errors,
    )
    headers = {"WWW-Authenticate": 'Bearer realm="switchyard"'} if kind is NO_KEY else {}
    return Response(problem.model_dump_json(), kind.status, {**headers, **found.headers}, content_type=MEDIA)


def trace_id() -> str:
    """Return the id under which this request is in the logs and in Sentry."""
    if "trace_id" not in g:
        g.trace_id = telemetry.trace_id(telemetry.traceparent()) or uuid.uuid4().hex
    return str(g.trace_id)


def _trouble(error: Exception) -> Trouble:
    match error:
        case Trouble():
            return error
        case DeskError():
            return _desk(error)
        case Later(seconds=seconds):
            return Trouble(AWAY, retelling.reason(str(error)), headers={"Retry-After": _wait(seconds)})
        case Revoked():
            return Trouble(DISCONNECTED, retelling.reason(str(error)))
        case Next():
            return Trouble(REFUSED, retelling.reason(str(error)))
        case Unreadable():
            log.error("unreadable", reason=str(error))
            return Trouble(AWAY, headers={"Retry-After": str(AWAY_SECONDS)})
        case HTTPException():
            return _http(error)
    raise error


def _desk(error: DeskError) -> Trouble:
    match error:
        case NotThere():
            return Trouble(NOT_THERE, str(error))
        case Faulty(faults=faults):
            return Trouble(UNUSABLE, str(error), errors=[_fault(each) for each in faults[:MOST_FAULTS]])
        case Red(report=report):
            missed = (FieldError(pointer="/text", detail=line) for each in report.red for line in lines(each))
            return Trouble(UNUSABLE, str(error), errors=list(missed)[:MOST_FAULTS])
        case Unusable(field=field):
            asked = request.method == "GET"
            pointer = f"/{field.replace('.', '/')}" if field and not asked else ""
            told = FieldError(pointer=pointer, parameter=field if asked else "", detail=str(error))
            return Trouble(UNUSABLE, str(error), errors=[told])
        case Overtaken():
            return Trouble(OVERTAKEN if "If-Match" in request.headers else CONFLICT, str(error))
    return Trouble(CONFLICT, str(error))


def _fault(fault: Fault) -> FieldError:
    told = f"{fault.message} {fault.remedy}".strip()
    return FieldError(pointer="/text", detail=told, record=fault.record, line=fault.line, column=fault.column)


def _http(error: HTTPException) -> Trouble:
    status = error.code or SERVER
    kind = _OF_STATUS.get(status, UNREADABLE if status < SERVER else FAULT)
    kept = {"Allow", "Retry-After"}
    headers = {name: value for name, value in error.get_headers(request.environ) if name in kept}
    if kind.status in {AWAY.status, TOO_MANY.status}:
        headers.setdefault("Retry-After", str(AWAY_SECONDS))
    return Trouble(kind, headers=headers)


def _wait(seconds: float) -> str:
    return str(max(1, min(MOST_SECONDS, round(seconds))))
