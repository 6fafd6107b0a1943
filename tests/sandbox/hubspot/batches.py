"""The batch endpoints of the objects API: at most 100 inputs.

A batch is all-or-nothing, unless every input has an ``objectWriteTraceId`` of its own: then what can be done is done,
and the answer is 207 with one error for each input that failed.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any

from flask import Response

from tests.sandbox.hubspot.errors import ApiError, some_not_found
from tests.sandbox.hubspot.gate import (
    RULED_VERSION,
    api_blueprint,
    batch_answer,
    caller,
    inputs,
    json_body,
    named_type,
)
from tests.sandbox.hubspot.objects import BASE, inline_links, shown, written
from tests.sandbox.hubspot.store import now_ms

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Blueprint

    from tests.sandbox.hubspot.hub import Hub
    from tests.sandbox.hubspot.standard import ObjectType

MOST = 100
MOST_WITH_HISTORY = 50


def batches_blueprint(hub: Hub) -> Blueprint:
    """Return the batch routes."""
    api = api_blueprint(hub, "batches")

    @api.post(f"{BASE}/batch/read")
    def read(version: str, name: str) -> Response:
        started = now_ms()
        kind = named_type(hub, name)
        body = json_body()
        listed = inputs(MOST_WITH_HISTORY if body.get("propertiesWithHistory") else MOST)
        idents = list(dict.fromkeys(str(one.get("id", "")) for one in listed))
        found = hub.records.find(caller().portal.id, kind.id, idents, body.get("idProperty"))
        # Two old ids of one merged record give that record once, under its new id.
        records = {record.id: record for record in found.values()}
        results = [shown(hub, kind, record, body.get("properties")) for record in records.values()]
        missing = [ident for ident in idents if ident not in found]
        if hub.settings.shuffle_results:
            random.shuffle(results)
        errors = [some_not_found(kind.singular.upper(), missing).part()] if missing else []
        return batch_answer(results, errors, started)

    @api.post(f"{BASE}/batch/create")
    def create(version: str, name: str) -> Response:
        kind = named_type(hub, name, write=True)

        def step(one: dict[str, Any]) -> dict[str, Any]:
            record = hub.records.create(
                caller().portal.id,
                kind,
                one.get("properties") or {},
                hub.events.app(),
                links=inline_links(one),
                ruled=version == RULED_VERSION,
            )
            return written(kind, record)

        return _run(hub, inputs(MOST), step, status=201)

    @api.post(f"{BASE}/batch/update")
    def update(version: str, name: str) -> Response:
        kind = named_type(hub, name, write=True)
        listed = inputs(MOST)
        _no_twins(listed)

        def step(one: dict[str, Any]) -> dict[str, Any]:
            ident = str(one["id"])
            # Unlike a single PATCH, a batch does not follow ids that were merged away.
            found = hub.records.find(caller().portal.id, kind.id, [ident], one.get("idProperty"), merged=False)
            if ident not in found:
                raise some_not_found(kind.singular.upper(), [ident])
            values = one.get("properties") or {}
            ruled = version == RULED_VERSION
            return written(kind, hub.records.update(found[ident], kind, values, hub.events.app(), ruled=ruled))

        return _run(hub, listed, step)

    @api.post(f"{BASE}/batch/upsert")
    def upsert(version: str, name: str) -> Response:
        kind = named_type(hub, name, write=True)
        listed = inputs(MOST)
        _no_twins(listed)

        def step(one: dict[str, Any]) -> dict[str, Any]:
            return _upsert(hub, kind, one, ruled=version == RULED_VERSION)

        # "Partial upserts are not supported when using email": such a batch succeeds or fails as a whole [U].
        whole = kind.id == "0-1" and any(one.get("idProperty") == "email" for one in listed)
        return _run(hub, listed, step, whole=whole)

    @api.post(f"{BASE}/batch/archive")
    def archive(version: str, name: str) -> tuple[str, int]:
        kind = named_type(hub, name, write=True)
        listed = inputs(MOST)
        portal = caller().portal.id
        with hub.store.write():
            for record in hub.records.find(portal, kind.id, [str(one.get("id", "")) for one in listed]).values():
                hub.records.archive(portal, kind.id, record.id, hub.events.app())
        return "", 204

    return api


def _upsert(hub: Hub, kind: ObjectType, one: dict[str, Any], *, ruled: bool) -> dict[str, Any]:
    ident, id_property = str(one["id"]), one.get("idProperty")
    if not id_property:
        raise ApiError(400, "idProperty must be given for every input of an upsert")
    portal = caller().portal.id
    values = {id_property: ident} | (one.get("properties") or {})
    found = hub.records.find(portal, kind.id, [ident], id_property).get(ident)
    if found is None:
        record = hub.records.create(portal, kind, values, hub.events.app(), ruled=ruled)
        return written(kind, record) | {"new": True}
    values = {name: value for name, value in values.items() if name != id_property} | {id_property: values[id_property]}
    return written(kind, hub.records.update(found, kind, values, hub.events.app(), ruled=ruled)) | {"new": False}


def _no_twins(listed: list[dict[str, Any]]) -> None:
    if any("id" not in one for one in listed):
        raise ApiError(400, "Invalid input JSON: every input needs an id")
    twins = [key for key, count in Counter(str(one["id"]).lower() for one in listed).items() if count > 1]
    if twins:
        raise ApiError(400, f"Duplicate IDs found in batch input: [{', '.join(twins)}]. IDs must be unique")


def _run(
    hub: Hub,
    listed: list[dict[str, Any]],
    step: Callable[[dict[str, Any]], dict[str, Any]],
    *,
    status: int = 200,
    whole: bool = False,
) -> Response:
    started = now_ms()
    traces = [one.get("objectWriteTraceId") for one in listed]
    partial = not whole and all(traces) and len(set(traces)) == len(traces)
    results: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    with hub.store.write():
        for one, trace in zip(listed, traces, strict=True):
            extra = {"objectWriteTraceId": trace} if trace else {}
            if not partial:
                results.append(step(one) | extra)
                continue
            try:
                with hub.store.savepoint():
                    results.append(step(one) | extra)
            except ApiError as error:
                errors.append(error.part(trace))
    if hub.settings.shuffle_results:
        random.shuffle(results)
    return batch_answer(results, errors, started, status=status)
