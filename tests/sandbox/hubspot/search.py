"""The search endpoint: filter groups to SQL, limits, index lag.

Text is compared without case. NEQ and NOT_IN pass over records without a value [U]. A write is seen only after
`Settings.search_lag` seconds: until then the state before it is what search finds.
"""

from __future__ import annotations

import fnmatch
import re
from typing import TYPE_CHECKING, Any

from tests.sandbox.hubspot.errors import ApiError
from tests.sandbox.hubspot.records import Record, from_row
from tests.sandbox.hubspot.store import now_ms
from tests.sandbox.hubspot.values import comparable, moment_ms, text_of

if TYPE_CHECKING:
    from tests.sandbox.hubspot.hub import Hub
    from tests.sandbox.hubspot.standard import ObjectType, Property

PAGE, WINDOW, BODY = 200, 10_000, 3_000
GROUPS, FILTERS, ALL_FILTERS = 5, 6, 18
COMPARISONS = {"EQ": "=", "NEQ": "!=", "LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}
DEFAULT_TEXT = {
    "0-1": ("firstname", "lastname", "email", "phone", "company", "hs_additional_emails"),
    "0-2": ("name", "domain", "website", "phone"),
    "0-136": ("hs_lead_name",),
    "0-27": ("hs_task_subject", "hs_task_body"),
    "0-46": ("hs_note_body",),
}
Clause = tuple[str, list[Any]]


def has_token(value: str | None, pattern: str) -> bool:
    """Tell whether one word of `value`, or all of it, matches `pattern`; ``*`` stands for any characters."""
    if value is None:
        return False
    lowered, wanted = value.lower(), pattern.lower()
    words = re.findall(r"[^\W_]+", lowered)
    return fnmatch.fnmatchcase(lowered, wanted) or any(fnmatch.fnmatchcase(word, wanted) for word in words)


class Search:
    """Searches the records of one portal and object type."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        hub.store.teach("has_token", 2, has_token)

    def run(self, portal: int, kind: ObjectType, body: dict[str, Any]) -> tuple[int, list[Record], int | None]:
        """Return (total, the page's records, where the next page starts)."""
        groups = _groups(body)
        limit, after = _page(body)
        where, values = self._where(portal, kind, groups, str(body.get("query") or ""))
        source, head = self._source(portal, kind)
        order = self._order(portal, kind, body.get("sorts") or [])
        if _has_index(groups):
            # The plus keeps SQLite from walking the sort's index instead of the filter's.
            order = f"+{order}"
        rows = self._hub.store.read().execute(
            f"SELECT * FROM ({source}) WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?",  # noqa: S608
            [*head, *values, limit, after],
        )
        found = [from_row(row) for row in rows]
        if after == 0 and len(found) < limit:
            total = len(found)
        else:
            counted = self._hub.store.read().execute(
                f"SELECT count(*) FROM ({source}) WHERE {where}",  # noqa: S608
                [*head, *values],
            )
            total = int(counted.fetchone()[0])
        following = after + len(found)
        return total, found, following if following < total else None

    def _source(self, portal: int, kind: ObjectType) -> Clause:
        """Return what the index sees: the records, or their older selves where it lags behind."""
        now = now_ms()
        scope = [portal, kind.id]
        columns = "id, portal, type, props, created, updated, archived"
        plain = f"SELECT {columns} FROM records WHERE portal = ? AND type = ? AND archived = 0"  # noqa: S608
        reader = self._hub.store.read()
        lagging = "portal = ? AND type = ? AND until > ?"
        if not reader.execute(f"SELECT 1 FROM shadows WHERE {lagging} LIMIT 1", [*scope, now]).fetchone():  # noqa: S608
            return plain, [*scope]
        # Beside min(until), SQLite takes the other columns from that same row.
        union = (
            f"{plain} AND id NOT IN (SELECT id FROM shadows WHERE {lagging}) "  # noqa: S608
            f"UNION ALL SELECT {columns} FROM (SELECT *, min(until) FROM shadows WHERE {lagging} GROUP BY id) "
            "WHERE existed = 1 AND archived = 0"
        )
        return union, [*scope, *scope, now, *scope, now]

    def _where(self, portal: int, kind: ObjectType, groups: list[list[dict[str, Any]]], query: str) -> Clause:
        known = self._hub.properties.of(portal, kind.id)
        parts, values = [], []
        for group in groups:
            clauses = [self._filter(portal, kind, known, one) for one in group]
            parts.append("(" + " AND ".join(text for text, _ in clauses) + ")")
            values += [value for _, given in clauses for value in given]
        where = "(" + " OR ".join(parts) + ")" if parts else "1"
        for word in query.split():
            names = [name for name in DEFAULT_TEXT.get(kind.id, ()) if name in known] or ["hs_object_id"]
            where += " AND (" + " OR ".join(f"has_token({_column(kind, name)}, ?)" for name in names) + ")"
            values += [f"{word}*"] * len(names)
        return where, values

    def _filter(self, portal: int, kind: ObjectType, known: dict[str, Property], one: dict[str, Any]) -> Clause:
        name, operator = str(one.get("propertyName", "")), str(one.get("operator", ""))
        if name.startswith("associations."):
            return self._associated(portal, name.removeprefix("associations."), operator, one)
        if name not in known:
            raise ApiError(400, f"There was a problem with the request: property {name!r} does not exist")
        column = _column(kind, name)
        if operator in {"HAS_PROPERTY", "NOT_HAS_PROPERTY"}:
            return f"{column} IS {'NOT ' if operator == 'HAS_PROPERTY' else ''}NULL", []
        if operator in {"CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"}:
            negation = "NOT " if operator == "NOT_CONTAINS_TOKEN" else ""
            return f"{negation}has_token({column}, ?)", [_given(one, "value")]
        prop = known[name]
        left, mark = _sides(kind, prop, column)
        if operator in {"IN", "NOT_IN"}:
            listed = one.get("values")
            if not listed:
                raise ApiError(400, f"operator {operator} requires values")
            marks = ", ".join(mark for _ in listed)
            return f"{left} {'NOT IN' if operator == 'NOT_IN' else 'IN'} ({marks})", [
                _value(kind, prop, text_of(value)) for value in listed
            ]
        if operator == "BETWEEN":
            bounds = [_value(kind, prop, _given(one, key)) for key in ("value", "highValue")]
            return f"{left} BETWEEN {mark} AND {mark}", bounds
        if operator not in COMPARISONS:
            raise ApiError(400, f"Invalid input JSON: operator {operator!r} is not one of the known operators")
        return f"{left} {COMPARISONS[operator]} {mark}", [_value(kind, prop, _given(one, "value"))]

    def _associated(self, portal: int, name: str, operator: str, one: dict[str, Any]) -> Clause:
        other = self._hub.portals.object_type(portal, name)
        wanted = one.get("values") if operator == "IN" else [_given(one, "value")]
        if operator not in {"EQ", "IN"} or not wanted:
            raise ApiError(400, f"operator {operator!r} is not supported for associations")
        marks = ",".join("?" * len(wanted))
        return (
            f"id IN (SELECT to_id FROM assoc WHERE from_id IN ({marks}) AND from_type = ?)",  # noqa: S608
            [*(int(value) for value in wanted), other.id],
        )

    def _order(self, portal: int, kind: ObjectType, sorts: list[Any]) -> str:
        if len(sorts) > 1:
            raise ApiError(400, "Only one sort is allowed")
        if not sorts:
            return "created, id"
        sort = sorts[0]
        if isinstance(sort, str):
            name, down = sort.removeprefix("-"), sort.startswith("-")
        else:
            name, down = str(sort.get("propertyName")), sort.get("direction") == "DESCENDING"
        prop = self._hub.properties.of(portal, kind.id).get(name)
        if prop is None:
            raise ApiError(400, f"There was a problem with the request: property {name!r} does not exist")
        left, _ = _sides(kind, prop, _column(kind, name))
        direction = "DESC" if down else "ASC"
        return f"{left} {direction}, id {direction}"


def _groups(body: dict[str, Any]) -> list[list[dict[str, Any]]]:
    listed = body.get("filterGroups") or []
    groups = [group.get("filters") or [] for group in listed]
    if body.get("filters"):
        groups.append(body["filters"])
    if len(groups) > GROUPS:
        raise ApiError(400, f"A search can have at most {GROUPS} filterGroups")
    if any(len(group) > FILTERS for group in groups) or sum(map(len, groups)) > ALL_FILTERS:
        raise ApiError(400, f"At most {FILTERS} filters in a group and {ALL_FILTERS} in all")
    return [group for group in groups if group]


def _has_index(groups: list[list[dict[str, Any]]]) -> bool:
    def indexed(one: dict[str, Any]) -> bool:
        return one.get("propertyName") in {"domain", "email"} and one.get("operator") in {"EQ", "IN"}

    return bool(groups) and all(any(indexed(one) for one in group) for group in groups)


def _page(body: dict[str, Any]) -> tuple[int, int]:
    limit = int(body.get("limit") or 10)
    after = text_of(body.get("after")) or "0"
    if not 1 <= limit <= PAGE:
        raise ApiError(400, f"limit must be between 1 and {PAGE}")
    if not after.isdigit() or int(after) + limit > WINDOW:
        raise ApiError(400, f"A search returns at most {WINDOW} results")
    return limit, int(after)


def _given(one: dict[str, Any], key: str) -> str:
    text = text_of(one.get(key))
    if text == "":
        raise ApiError(400, f"operator {one.get('operator')} requires {key}")
    return text


def _column(kind: ObjectType, name: str) -> str:
    built_in = {"hs_object_id": "id", kind.created: "created", kind.updated: "updated"}
    # Names are those of known properties, so nothing can be smuggled into the statement.
    return built_in.get(name) or f"json_extract(props, '$.\"{name}\"')"


def _sides(kind: ObjectType, prop: Property, column: str) -> tuple[str, str]:
    """Return the stored side and the placeholder of a comparison."""
    if prop.name in {"hs_object_id", kind.created, kind.updated}:
        return column, "?"
    if prop.type == "number":
        return f"CAST({column} AS REAL)", "?"
    if prop.type in {"date", "datetime", "bool"}:
        return column, "?"
    return f"lower({column})", "lower(?)"


def _value(kind: ObjectType, prop: Property, text: str) -> Any:
    try:
        if prop.name == "hs_object_id":
            return int(text)
        if prop.name in {kind.created, kind.updated}:
            return moment_ms(text)
        return float(text) if prop.type == "number" else comparable(prop, text)
    except ValueError:
        raise ApiError(400, f"{text!r} is not a valid value for {prop.name}") from None
