"""Routing Rule records: read whole, written in one batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.errors import Refused
from connector.hubspot.fields import chunks
from connector.hubspot.properties import (
    RULE_NAMES,
    TEXT_LIMIT,
    rule_fits,
    rule_properties,
    standing_properties,
    to_rule,
)
from connector.hubspot.reading import pages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.hubspot.client import HubSpotClient
    from connector.hubspot.objects import Places
    from connector.rows import RuleRow

WRITE_SIZE = 100


def rules(client: HubSpotClient, places: Places) -> tuple[RuleRow, ...]:
    """Return all rows by position, then id. Listed, not searched: a rule that was just saved must be there."""
    found = [to_rule(result) for result in pages(client, places.rule_type, RULE_NAMES)]
    return tuple(sorted(found, key=lambda row: (row.position, int(row.id or 0))))


def put_rules(client: HubSpotClient, places: Places, rows: Sequence[RuleRow]) -> tuple[str, ...]:
    """Create or update rows, a hundred a call, and return their ids in order. Raises Refused when one is refused.

    Without trace ids HubSpot creates all rows of a call or none.
    """
    for row in rows:
        if not rule_fits(row):
            raise Refused(f"The definition of {row.name} is longer than the {TEXT_LIMIT} characters HubSpot can hold")
    ids: dict[int, str] = {}
    for part in chunks([position for position, row in enumerate(rows) if row.id is None], WRITE_SIZE):
        answer = client.create(places.rule_type, [{"properties": rule_properties(rows[place])} for place in part])
        ids |= _match(answer, {place: rows[place] for place in part})
    for part in chunks([position for position, row in enumerate(rows) if row.id is not None], WRITE_SIZE):
        inputs = [{"id": rows[place].id, "properties": rule_properties(rows[place])} for place in part]
        done = {str(result["id"]) for result in client.update(places.rule_type, inputs).get("results") or ()}
        ids |= {place: str(rows[place].id) for place in part if rows[place].id in done}
    if missing := [row.name for place, row in enumerate(rows) if place not in ids]:
        raise Refused(f"HubSpot did not save {', '.join(missing)}; read the rules again and repeat")
    return tuple(ids[place] for place in range(len(rows)))


def mark_rules(client: HubSpotClient, places: Places, rows: Sequence[RuleRow]) -> None:
    """Write only error and version of these rows, a hundred a call."""
    for part in chunks(list(rows), WRITE_SIZE):
        inputs = [
            {"id": row.id, "properties": {name: rule_properties(row)[name] for name in ("error", "version")}}
            for row in part
        ]
        client.update(places.rule_type, inputs)


def mark_standings(client: HubSpotClient, places: Places, rows: Sequence[RuleRow]) -> None:
    """Write only what members of pools have received, a hundred rows a call."""
    for part in chunks(list(rows), WRITE_SIZE):
        client.update(places.rule_type, [{"id": row.id, "properties": standing_properties(row)} for row in part])


def _match(answer: Mapping[str, Any], wanted: Mapping[int, RuleRow]) -> dict[int, str]:
    """Find each created row's id by what was written, because the order of results is not promised."""
    left = dict(wanted)
    found: dict[int, str] = {}
    for result in answer.get("results") or ():
        made = _identity(to_rule(result))
        place = next((place for place, row in left.items() if _identity(row) == made), None)
        if place is not None:
            found[place] = str(result["id"])
            del left[place]
    return found


def _identity(row: RuleRow) -> tuple[str, str, int, str]:
    return (row.name.strip(), row.kind.strip(), row.position, row.definition.strip())
