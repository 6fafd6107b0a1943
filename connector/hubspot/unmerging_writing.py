"""Writing back what a snapshot says, as far as HubSpot takes it: what it refuses of a record is left out and told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from connector.errors import Later
from connector.hubspot.answers import Fault
from connector.hubspot.batches import Batch, Done, Row
from connector.hubspot.fields import chunks
from connector.hubspot.properties import RESTORED

if TYPE_CHECKING:
    from connector.hubspot.batches import Verdict
    from connector.hubspot.client import HubSpotClient

    Json = Mapping[str, Any]

Values: TypeAlias = Mapping[str, Mapping[str, str]]
Refusals: TypeAlias = dict[str, list[str]]
Conflict: TypeAlias = Callable[[str, Fault], Sequence[str]]

WRITE_SIZE = 100
ROUNDS = 4
"""How often a record is sent again without what HubSpot refused of it."""


def update(client: HubSpotClient, object_type: str, changes: Values) -> Refusals:
    """Write properties of records by id, a hundred a call; return the names that HubSpot refused. May be repeated."""

    def send(values: Values) -> dict[str, Verdict]:
        rows = [
            Row(key, {"id": key, "objectWriteTraceId": key, "properties": values[key]}, frozenset({key}))
            for key in values
        ]
        return Batch(lambda inputs: client.update(object_type, inputs), _trace, repeatable=True).send(rows)

    return _patiently(changes, send, lambda _key, _fault: ())[1]


def create(
    client: HubSpotClient, object_type: str, wanted: Values, conflict: Conflict
) -> tuple[dict[str, str], Refusals]:
    """Make records by the key that each carries as RESTORED, a hundred a call; return their ids and what was refused.

    `conflict` names the properties that a refusal is about which names none. One that is there already is not made:
    then RESTORED stands among what was refused.
    """

    def send(values: Values) -> dict[str, Verdict]:
        rows = [Row(key, {"objectWriteTraceId": key, "properties": values[key]}, frozenset({key})) for key in values]
        return Batch(lambda inputs: client.create(object_type, inputs), _trace, repeatable=False).send(rows)

    return _patiently(wanted, send, conflict)


def _patiently(
    wanted: Values, send: Callable[[Values], dict[str, Verdict]], conflict: Conflict
) -> tuple[dict[str, str], Refusals]:
    """Send records again without the properties that HubSpot names in its refusal. Raises Later.

    Returns the ids of what was done, and the names that were refused: all where HubSpot names none.
    """
    rest: dict[str, Mapping[str, str]] = dict(wanted)
    done: dict[str, str] = {}
    refused: Refusals = {}
    for _ in range(ROUNDS):
        again: dict[str, Mapping[str, str]] = {}
        for some in chunks(list(rest), WRITE_SIZE):
            for key, verdict in send({key: rest[key] for key in some}).items():
                if isinstance(verdict, Later):
                    raise verdict
                if isinstance(verdict, Done):
                    done[key] = str(verdict.result.get("id"))
                    continue
                named = [each for each in verdict.properties if each in rest[key]] or list(conflict(key, verdict))
                refused.setdefault(key, []).extend(named or rest[key])
                if named and RESTORED not in named and len(named) < len(rest[key]):
                    again[key] = {name: value for name, value in rest[key].items() if name not in named}
        rest = again
    return done, refused


def _trace(result: Json) -> str:
    return str(result.get("objectWriteTraceId") or result.get("id"))
