"""An app object read and written by our own names: HubSpot puts the app's prefix before each of its properties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.hubspot.client import HubSpotClient

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    Json = Mapping[str, Any]


class PrefixedClient(HubSpotClient):
    """The same connection; records of `types` have `prefix` before each property's name, but for HubSpot's own."""

    def __init__(self, client: HubSpotClient, prefix: str, types: Collection[str]) -> None:
        vars(self).update(vars(client))
        self._prefix, self._types = prefix, frozenset(types)

    def read(self, object_type: str, ids: Sequence[str], properties: Sequence[str], *, id_property: str = "") -> Json:
        """Read up to 100 records by id or a unique property."""
        if object_type not in self._types:
            return super().read(object_type, ids, properties, id_property=id_property)
        unique = self._theirs(id_property) if id_property else ""
        return self._answer(super().read(object_type, ids, [*map(self._theirs, properties)], id_property=unique))

    def create(self, object_type: str, inputs: Sequence[Json]) -> Json:
        """Create up to 100 records."""
        return self._answer(super().create(object_type, self._inputs(object_type, inputs)))

    def update(self, object_type: str, inputs: Sequence[Json]) -> Json:
        """Update up to 100 records."""
        return self._answer(super().update(object_type, self._inputs(object_type, inputs)))

    def page(self, object_type: str, properties: Sequence[str], *, limit: int, after: str | None = None) -> Json:
        """List up to 100 records by id."""
        names = [*map(self._theirs, properties)] if object_type in self._types else properties
        return self._answer(super().page(object_type, names, limit=limit, after=after))

    def _inputs(self, object_type: str, inputs: Sequence[Json]) -> Sequence[Json]:
        if object_type not in self._types:
            return inputs
        return [self._input(each) for each in inputs]

    def _input(self, given: Json) -> Json:
        unique = {"idProperty": self._theirs(given["idProperty"])} if "idProperty" in given else {}
        return {
            **given,
            **unique,
            "properties": {self._theirs(name): each for name, each in given["properties"].items()},
        }

    def _answer(self, answer: Json) -> Json:
        """Give results back under our names; no other object has a property that begins with the prefix."""
        found = [{**each, "properties": self._ours(each.get("properties") or {})} for each in _results(answer)]
        return {**answer, "results": found}

    def _theirs(self, name: str) -> str:
        return f"{self._prefix}{name}"

    def _ours(self, properties: Json) -> Json:
        return {name.removeprefix(self._prefix): value for name, value in properties.items()}


def _results(answer: Json) -> Sequence[Json]:
    return answer.get("results") or ()
