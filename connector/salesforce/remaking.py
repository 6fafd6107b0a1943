"""Making a record anew that nobody can bring back: with its marker in one transaction, so it is made once.

A converted lead stays converted, and the recycle bin is emptied after 15 days: what was there then gets a new id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connector.errors import Later, Next, Refused
from connector.salesforce import graph, snapshot_parts
from connector.salesforce.answers import CANNOT_OWN, HALTED, Fault, faults, judge_row
from connector.salesforce.describe import Shapes
from connector.salesforce.fields import OWNER
from connector.salesforce.headers import HEADERS, ORIGIN_HEADERS
from connector.salesforce.merge_fields import WHOLE
from connector.salesforce.session import Session
from connector.salesforce.undo_orders import Undo

NODES = graph.NODES
_NO_OWNER = "{} is made anew without its owner, who cannot own it any more."


class Remaker:
    """Makes records anew in one org."""

    def __init__(self, session: Session, shapes: Shapes, *, version: str, namespace: str) -> None:
        self._session = session
        self._shapes = shapes
        self._root = f"/services/data/v{version}/sobjects"
        self._namespace = namespace

    def remake(self, wanted: Sequence[tuple[Undo, str]]) -> None:
        """Make these losers anew, 75 a call, and note in each order under which id they live from now on."""
        ownerless: list[tuple[Undo, str]] = []
        for place, found in self._sent(wanted, with_owner=True).items():
            order, old_id = wanted[place]
            if found and found[0].code in CANNOT_OWN:
                order.leave(_NO_OWNER.format(old_id))
                ownerless.append((order, old_id))
            else:
                _stop(order, old_id, found)
        for place, found in self._sent(ownerless, with_owner=False).items():
            _stop(*ownerless[place], found)

    def _sent(self, wanted: Sequence[tuple[Undo, str]], *, with_owner: bool) -> dict[int, tuple[Fault, ...]]:
        """Send one graph for each; return the errors of those that failed, by place."""
        graphs = [
            {"graphId": f"g{place}", "compositeRequest": self._nodes(order, old_id, with_owner=with_owner)}
            for place, (order, old_id) in enumerate(wanted)
        ]
        failed: dict[int, tuple[Fault, ...]] = {}
        for part in graph.calls(graphs):
            answer = self._session.call("POST", "composite/graph", json={"graphs": part})
            for each in answer["graphs"]:
                place = int(str(each["graphId"])[1:])
                rows = each["graphResponse"]["compositeResponse"]
                if each["isSuccessful"]:
                    order, old_id = wanted[place]
                    order.now[old_id] = str(rows[0]["body"]["id"])
                    order.changed = True
                else:
                    failed[place] = _errors(rows)
        return failed

    def _nodes(self, order: Undo, old_id: str, *, with_owner: bool) -> list[dict[str, Any]]:
        sobject = order.sobject(old_id)
        shape = self._shapes.get(sobject)
        known = shape.fields if shape else {}
        body = {
            # What people wrote must not speak to the graph: "@{made.id}" refers to another node.
            name: value.replace("@{", "@ {") if isinstance(value, str) else value
            for name, value in order.row(old_id).items()
            if name in known
            and known[name].createable
            and known[name].type not in WHOLE
            and (with_owner or name != OWNER)
        }
        marker = snapshot_parts.marker(order.action.of, old_id, "@{made.id}", self._namespace)
        kind = str(marker.pop("attributes")["type"])
        return [
            _node("made", f"{self._root}/{sobject}", body, HEADERS),
            _node("marker", f"{self._root}/{kind}", marker, ORIGIN_HEADERS),
        ]


def _node(reference: str, url: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
    return {"referenceId": reference, "method": "POST", "url": url, "body": dict(body), "httpHeaders": dict(headers)}


def _errors(rows: Sequence[Mapping[str, Any]]) -> tuple[Fault, ...]:
    return tuple(fault for row in rows for fault in faults(row.get("body")) if fault.code not in HALTED)


def _stop(order: Undo, old_id: str, found: Sequence[Fault]) -> None:
    verdict: Next = judge_row(found)
    order.stop(verdict if isinstance(verdict, Later) else Refused(f"{old_id} cannot be made anew: {verdict}"))
