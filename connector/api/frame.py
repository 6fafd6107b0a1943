"""How an operation is declared, and what happens around each: key, limits, scope, body, repetition, answer, problems.

A view is a plain function: it gets the caller, the values of the path, and the checked query and body by name, and
returns a shape (or None for 204). What it says in its docstring is what the document says of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Literal, NoReturn, TypeAlias

from flask import Blueprint, Response, request
from pydantic import BaseModel, ValidationError
from spectree import Response as Answers
from spectree import SecurityScheme, SpecTree, Tag
from spectree.models import SecureType, SecuritySchemeData

from connector.api import replays
from connector.api.caller import Caller, admitted, may
from connector.api.problems import (
    INVALID,
    NOT_JSON,
    NOT_THERE,
    SCOPE,
    UNREADABLE,
    UNUSABLE,
    FieldError,
    Problem,
    Trouble,
    told,
)
from connector.api.shapes import Shape, Wish
from connector.desk.faults import DeskError
from connector.errors import Next
from connector.store.seal import Unreadable

VERSION = "1.0.0"
BODY_BYTES = 4 * 1024 * 1024
"""Largest body: a rule set of some thousand rules, or a table of some thousand leads."""
OK, NO_CONTENT = 200, 204
PATH_LONGEST = 120
JSON = "application/json"
CSV = "text/csv"
Method: TypeAlias = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
View: TypeAlias = Callable[..., Any]

api = Blueprint("api", __name__, url_prefix="/api/v1", template_folder="templates")


@dataclass(frozen=True, slots=True)
class Operation:
    """What is known of an operation. `faults` are the statuses it may answer besides those that all may.

    `once` are the texts of its answer that are told once: no answer that is kept has them.
    """

    id: str
    method: Method
    rule: str
    tag: str
    scope: str
    status: int
    media: str
    faults: tuple[int, ...]
    query: type[Wish] | None
    body: type[Wish] | None
    guarded: bool
    once: tuple[str, ...]

    @property
    def changes(self) -> bool:
        """Whether it changes something, so that repeating it matters."""
        return self.method != "GET"


@dataclass(frozen=True, slots=True)
class Answer:
    """A shape with headers of its own, or text that is no JSON."""

    told: Shape | str | None
    headers: Mapping[str, str] = field(default_factory=dict)


OPERATIONS: dict[str, Operation] = {}
"""Every operation by its id."""


def _refuse(_request: Any, _response: Any, error: Exception | None, _instance: Any, _models: Any) -> None:
    """Answer what does not fit its model with a problem that names each place."""
    if isinstance(error, ValidationError):
        _unusable(error)


book = SpecTree(
    "flask",
    mode="strict",
    annotations=False,
    before=_refuse,
    validation_error_model=Problem,
    naming_strategy=lambda model: model.__name__,
    nested_naming_strategy=lambda _parent, child: child,
    title="Switchyard",
    version=VERSION,
    security_schemes=[
        SecurityScheme(
            name="key",
            data=SecuritySchemeData(
                type=SecureType.HTTP,
                scheme="bearer",
                description="A key of one install, made in the console under Settings.",
            ),
        )
    ],
    security={"key": []},
)


def operation(
    method: Method,
    rule: str,
    *,
    tag: Tag,
    scope: str,
    returns: type[BaseModel] | None = None,
    status: int = 0,
    media: str = JSON,
    query: type[Wish] | None = None,
    body: type[Wish] | None = None,
    faults: tuple[int, ...] = (),
    guarded: bool = False,
    once: tuple[str, ...] = (),
) -> Callable[[View], View]:
    """Declare a view as an operation. `guarded`: it has an ETag, and If-Match keeps it from overwriting.

    `once`: these texts of its answer are secrets, and empty when a repeated request is answered again.
    """
    good = status or (OK if returns or media != JSON else NO_CONTENT)

    def declare(view: View) -> View:
        known = Operation(view.__name__, method, rule, tag.name, scope, good, media, faults, query, body, guarded, once)
        OPERATIONS[known.id] = known
        answers = Answers(**{f"HTTP_{good}": returns}) if returns else Answers(f"HTTP_{good}")
        checked = book.validate(
            query=query, json=body, resp=answers, tags=(tag,), operation_id=known.id, security={"key": []}
        )(_inner(view, known))
        guard = _guard(checked, known)
        api.add_url_rule(rule, known.id, guard, methods=[method], provide_automatic_options=False)
        return view

    return declare


def _inner(view: View, known: Operation) -> View:
    """Call the view with what was checked, and make an answer of what it returns."""

    @wraps(view)
    def called(caller: Caller, **path: str) -> Any:
        checked: Any = getattr(request, "context", None)
        given: dict[str, Any] = {}
        if known.query:
            given["query"] = checked.query
        if known.body:
            given["body"] = checked.json
        found = view(caller, **path, **given)
        answer = found if isinstance(found, Answer) else Answer(found)
        if isinstance(answer.told, str):
            return Response(answer.told, known.status, answer.headers, content_type=f"{known.media}; charset=utf-8")
        if answer.told is None:
            return Response(status=NO_CONTENT, headers=answer.headers)
        return Response(answer.told.model_dump_json(), known.status, answer.headers, content_type=JSON)

    return called


def _guard(checked: View, known: Operation) -> View:
    @wraps(checked)
    def guarded(**path: str) -> Response:
        try:
            caller = admitted()
            may(caller, known.scope)
            _look_at(path)
            if known.changes:
                _read_body(known)
                return replays.answered(caller, lambda: _response(checked(caller, **path)), once=known.once)
            return _response(checked(caller, **path))
        except (Trouble, DeskError, Next, Unreadable) as error:
            return told(error)

    return guarded


def _look_at(path: Mapping[str, str]) -> None:
    """Answer 404 for values of an address that can name nothing of ours, before any database sees them."""
    if any(not _sane(value) for value in path.values()):
        raise Trouble(NOT_THERE)


def _response(found: Any) -> Response:
    if not isinstance(found, Response):  # pragma: no cover - SpecTree hands on what the view gave it
        raise TypeError(f"an answer is no response: {type(found).__name__}")
    return found


def _read_body(known: Operation) -> None:
    """Check that the body is a JSON object, or that there is none where none is needed. Raises Trouble."""
    request.max_content_length = BODY_BYTES
    raw = request.get_data(cache=True)
    if not raw:
        if known.body is not None and request.mimetype not in {"", JSON}:
            raise Trouble(NOT_JSON)
        return
    if known.body is None:
        raise Trouble(UNREADABLE, "This request takes no body.")
    if request.mimetype != JSON:
        raise Trouble(NOT_JSON)
    try:
        found = json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Trouble(UNREADABLE, "The body is not valid JSON.") from None
    if not isinstance(found, dict):
        raise Trouble(INVALID, "The body must be a JSON object.", errors=[FieldError(detail="Must be an object.")])


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _sane(value: str) -> bool:
    return 0 < len(value) <= PATH_LONGEST and value.isprintable() and value.isascii() and " " not in value


def _unusable(error: ValidationError) -> NoReturn:
    """Tell where each fault is, never what was sent: that may be a lead's."""
    bodies = OPERATIONS[str(request.endpoint).rpartition(".")[2]].body
    in_body = bodies is not None and error.title == bodies.__name__
    found = []
    for each in error.errors(include_url=False, include_context=False, include_input=False):
        path = [str(part) for part in each["loc"] if part != "[key]"]
        pointer = "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in path) if in_body else ""
        found.append(FieldError(pointer=pointer, parameter="" if in_body else ".".join(path), detail=each["msg"]))
    # What our own words refuse fits the document all the same.
    kind = UNUSABLE if all(each["type"] == "value_error" for each in error.errors()) else INVALID
    first = found[0].pointer or found[0].parameter or "The request"
    raise Trouble(kind, f"{first}: {found[0].detail}.", errors=found)


__all__ = ["CSV", "OPERATIONS", "SCOPE", "Answer", "Operation", "api", "book", "operation"]
