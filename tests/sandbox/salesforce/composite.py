"""composite and composite/graph: several calls in one, with references between them.

Subrequests inherit only Accept, Authorization and Content-Type from the outer call ("Composite Subrequest" of the
REST API guide): who wants ``Sforce-Auto-Assign`` or ``Sforce-Call-Options`` for a subrequest says so in its
``httpHeaders``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .api import Answer, Api, Call
from .errors import SalesforceError

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_SUBREQUESTS, _MOST_HEAVY, _MOST_GRAPHS, _MOST_NODES, _DEEPEST = 25, 5, 75, 500, 15
_HEAVY = re.compile(r"/services/data/v\d+\.\d/(query|queryAll|composite/sobjects)\b")
_NODE_URL = re.compile(r"/services/data/v\d+\.\d/sobjects/\w+(/[^/?]+){0,2}/?(\?.*)?\Z")
_REFERENCE = re.compile(r"@\{(\w+)((?:\.\w+|\[\d+\])+)\}")
_INHERITED = {"accept", "authorization", "content-type"}
_NAME = re.compile(r"\w+\Z")
HALTED = "PROCESSING_HALTED"
_HALTED_TEXT = "The transaction was rolled back since another operation in the same transaction failed."


class _HaltedError(Exception):
    """A subrequest failed in an all-or-none transaction."""


class Composites:
    """The resources ``/composite`` and ``/composite/graph``."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._records = api.org.records
        api.route("POST", "/composite", self.composite)
        api.route("POST", "/composite/graph", self.graph)

    def composite(self, call: Call) -> Answer:
        """Up to 25 subrequests, one after the other."""
        requests = _subrequests(call.body, "compositeRequest")
        heavy = sum(1 for item in requests if _HEAVY.match(str(item.get("url", ""))))
        if len(requests) > _MOST_SUBREQUESTS or heavy > _MOST_HEAVY:
            text = f"more than {_MOST_SUBREQUESTS} subrequests, or more than {_MOST_HEAVY} queries and collections"
            raise SalesforceError("LIMIT_EXCEEDED", text)
        if call.body.get("allOrNone"):
            _, results = self._together(requests, call)
        else:
            results = self._one_by_one(requests, call)
        return Answer(200, {"compositeResponse": results})

    def graph(self, call: Call) -> Answer:
        """Up to 75 graphs of 500 nodes in all; each graph happens whole or not at all."""
        graphs = call.body.get("graphs") if isinstance(call.body, dict) else None
        if not isinstance(graphs, list) or not graphs:
            raise SalesforceError("MISSING_ARGUMENT", "graphs are required")
        nodes = [_subrequests(graph, "compositeRequest") for graph in graphs]
        if len(graphs) > _MOST_GRAPHS or sum(map(len, nodes)) > _MOST_NODES:
            text = f"more than {_MOST_GRAPHS} graphs, or more than {_MOST_NODES} nodes in all"
            raise SalesforceError("LIMIT_EXCEEDED", text)
        _check_graphs(graphs, nodes)
        answers = []
        with self._api.org.store.write():
            for graph, requests in zip(graphs, nodes, strict=True):
                done, results = self._together(requests, call)
                response = {"compositeResponse": results}
                answers.append({"graphId": graph["graphId"], "graphResponse": response, "isSuccessful": done})
        return Answer(200, {"graphs": answers})

    def _together(self, requests: list[dict[str, Any]], outer: Call) -> tuple[bool, list[dict[str, Any]]]:
        """All subrequests in one transaction, or none."""
        results: list[dict[str, Any]] = []
        headers = {name.lower(): value for name, value in (requests[0].get("httpHeaders") or {}).items()}
        try:
            with self._records.unit(replace(outer, headers=headers).actor()):
                values: dict[str, Any] = {}
                for request in requests:
                    results.append(self._result(request, values, outer))
                    _demand_success(results[-1])
        except _HaltedError:
            failed = len(results) - 1
            halted = [_halted(request["referenceId"]) for request in requests]
            return False, [*halted[:failed], results[failed], *halted[failed + 1 :]]
        return True, results

    def _one_by_one(self, requests: list[dict[str, Any]], outer: Call) -> list[dict[str, Any]]:
        values: dict[str, Any] = {}
        return [self._result(request, values, outer) for request in requests]

    def _result(self, request: dict[str, Any], values: dict[str, Any], outer: Call) -> dict[str, Any]:
        try:
            answer = self._api.answer(self._subcall(request, values, outer))
        except SalesforceError as error:
            answer = Answer(error.status, error.body())
        if answer.status < 300:
            values[request["referenceId"]] = answer.body
        return {
            "body": answer.body,
            "httpHeaders": answer.headers,
            "httpStatusCode": answer.status,
            "referenceId": request["referenceId"],
        }

    def _subcall(self, request: dict[str, Any], values: Mapping[str, Any], outer: Call) -> Call:
        url = _resolved(request["url"], values)
        body = _resolved(request.get("body"), values)
        _known(url, body)
        return self._api.call(
            request["method"], url, headers=request.get("httpHeaders") or {}, body=body, session=outer.session
        )


def _demand_success(result: dict[str, Any]) -> None:
    if result["httpStatusCode"] >= 300:
        raise _HaltedError


def _known(url: str, body: Any) -> None:
    """Refuse references that nothing answered."""
    match = _REFERENCE.search(f"{url} {body}")
    if match is not None:
        raise SalesforceError(
            HALTED, f"Invalid reference specified. No value for {match[0][2:-1]} found in {match[1]}."
        )


def _resolved(value: Any, values: Mapping[str, Any]) -> Any:
    """`value` with every reference replaced by what it points at; unknown references stay."""
    if isinstance(value, dict):
        return {key: _resolved(item, values) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolved(item, values) for item in value]
    if not isinstance(value, str) or "@{" not in value:
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole is not None:
        found = _follow(values.get(whole[1]), whole[2])
        return value if found is None else found
    return _REFERENCE.sub(
        lambda m: str(found) if (found := _follow(values.get(m[1]), m[2])) is not None else m[0], value
    )


def _follow(value: Any, path: str) -> Any:
    for name, index in re.findall(r"\.(\w+)|\[(\d+)\]", path):
        if name:
            value = value.get(name) if isinstance(value, dict) else None
        else:
            value = value[int(index)] if isinstance(value, list) and int(index) < len(value) else None
    return value


def _halted(reference: str) -> dict[str, Any]:
    body = SalesforceError(HALTED, _HALTED_TEXT).body()
    return {"body": body, "httpHeaders": {}, "httpStatusCode": 400, "referenceId": reference}


def _subrequests(body: Any, key: str) -> list[dict[str, Any]]:
    requests = body.get(key) if isinstance(body, dict) else None
    if not isinstance(requests, list) or not requests:
        raise SalesforceError("MISSING_ARGUMENT", f"{key} is required")
    seen: set[str] = set()
    for request in requests:
        reference = str(request.get("referenceId", ""))
        if not _NAME.match(reference) or reference in seen:
            raise SalesforceError(
                "INVALID_INPUT", f"referenceId is missing, not unique or not alphanumeric: {reference}"
            )
        seen.add(reference)
        if not request.get("method") or not str(request.get("url", "")).startswith("/services/data/"):
            raise SalesforceError("INVALID_INPUT", f"method and url are required: {reference}")
        forbidden = _INHERITED & {name.lower() for name in request.get("httpHeaders") or {}}
        if forbidden:
            raise SalesforceError(
                "INVALID_INPUT", f"header not allowed in a subrequest: {', '.join(sorted(forbidden))}"
            )
    return requests


def _check_graphs(graphs: list[dict[str, Any]], nodes: list[list[dict[str, Any]]]) -> None:
    names = [str(graph.get("graphId", "")) for graph in graphs]
    if not all(map(_NAME.match, names)) or len(set(names)) < len(names):
        raise SalesforceError("INVALID_INPUT", "graphId is missing, not unique or not alphanumeric")
    for requests in nodes:
        depths: dict[str, int] = {}
        for request in requests:
            if not _NODE_URL.match(request["url"]) or request["method"] not in {"GET", "POST", "PATCH", "DELETE"}:
                raise SalesforceError("INVALID_INPUT", f"not allowed in a graph: {request['method']} {request['url']}")
            used = {match[1] for match in _REFERENCE.finditer(f"{request['url']} {request.get('body')}")}
            depths[request["referenceId"]] = 1 + max((depths.get(name, 0) for name in used), default=0)
        if max(depths.values()) > _DEEPEST:
            raise SalesforceError("LIMIT_EXCEEDED", f"a graph is deeper than {_DEEPEST}")
