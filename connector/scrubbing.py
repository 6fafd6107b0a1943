"""What of an event may leave for Sentry: a list of what is allowed, so that what a library adds tomorrow stays here.

Names of Sentry's event and span attributes as in its SDK documentation (develop.sentry.dev, event payloads).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from connector.errors import Next, Refused

TAGS = frozenset({"process", "install", "event", "decision", "ruleset", "run", "step"})
"""What support looks for; ids of ours and of records, never a value of a field."""
_PLAIN = (
    "event_id", "type", "timestamp", "start_timestamp", "platform", "level", "logger", "release", "environment", "dist",
    "transaction", "transaction_info", "sdk", "modules",
)  # fmt: skip
_TRACE = ("trace_id", "span_id", "parent_span_id", "op", "status", "origin", "sampled")
_SPAN = (*_TRACE, "start_timestamp", "timestamp", "same_process_as_parent")
_FRAME = ("filename", "function", "module", "lineno", "in_app", "pre_context", "context_line", "post_context")
_ERROR = ("type", "module", "thread_id")
_MECHANISM = ("type", "handled", "exception_id", "parent_id", "is_exception_group", "source")
_DATA = ("http.request.method", "http.response.status_code", "http.method", "reason", "db.system", "thread.name")
_CRUMB = ("type", "category", "level", "timestamp")
_TRACEBACK_BEGINS = "Traceback (most recent call last)"
_SQL = re.compile(r"^(?:SELECT|INSERT|UPDATE|DELETE|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|PRAGMA|WITH|SET)\b")


def event(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of an error or a transaction may leave."""
    kept = _only(found, _PLAIN)
    kept["contexts"] = {
        name: _only(found.get("contexts", {}).get(name, {}), wanted)
        for name, wanted in (("trace", _TRACE), ("runtime", ("name", "version")))
    }
    kept["tags"] = _only(found.get("tags") or {}, TAGS)
    if errors := (found.get("exception") or {}).get("values"):
        kept["exception"] = {"values": [_error(each) for each in errors]}
    if crumbs := (found.get("breadcrumbs") or {}).get("values"):
        kept["breadcrumbs"] = {"values": [breadcrumb(each) for each in crumbs]}
    if request := found.get("request"):
        # The transaction names the route; what a person typed behind the host may be anybody's name.
        kept["request"] = {"method": request.get("method", ""), "url": _host(request.get("url"))}
    if "logentry" in found:
        kept["logentry"] = {"message": str(found["logentry"].get("message", "")).partition(_TRACEBACK_BEGINS)[0]}
    if "spans" in found:
        kept["spans"] = [_span(each) for each in found["spans"]]
    return kept


def breadcrumb(found: Mapping[str, Any]) -> dict[str, Any]:
    """Keep that something was done, not what it was done with."""
    kept = _only(found, _CRUMB)
    data = found.get("data") or {}
    kept["data"] = _only(data, ("method", "status_code", "http.response.status_code"))
    if "url" in data:
        kept["data"]["url"] = _address(data["url"])
    return kept


def _error(found: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the kind and the place of an exception; what it says only when it is one of our sentences.

    A refusal is told in the CRM's own words, which may quote a field; another error may have come of one.
    """
    kept = _only(found, _ERROR)
    ours = found.get("module") == Next.__module__ and found.get("type") != Refused.__name__
    kept["value"] = found.get("value", "") if ours else ""
    kept["mechanism"] = _only(found.get("mechanism") or {}, _MECHANISM)
    frames = (found.get("stacktrace") or {}).get("frames", ())
    kept["stacktrace"] = {"frames": [_only(each, _FRAME) for each in frames]}
    return kept


def _span(found: Mapping[str, Any]) -> dict[str, Any]:
    """Keep when a call was made, to what address, and what became of it. Statements hold marks instead of values."""
    kept = _only(found, _SPAN)
    text = str(found.get("description") or "")
    kept["description"] = text if _SQL.match(text) else _address(text)
    kept["data"] = _only(found.get("data") or {}, _DATA)
    kept["tags"] = _only(found.get("tags") or {}, TAGS)
    return kept


def _host(text: object) -> str:
    """Return scheme and host of an address."""
    return "/".join(_address(text).split("/")[:3])


def _address(text: object) -> str:
    """Return an address without its query, where SOQL and searches stand."""
    return str(text or "").split("?")[0].split("#")[0]


def _only(found: Mapping[str, Any], wanted: Iterable[str]) -> dict[str, Any]:
    return {name: found[name] for name in wanted if name in found}
