"""Compiles a SOQL query to SQLite, with the checks that Salesforce makes."""
# ruff: noqa: S608 - table and column names come from the schema, values are always parameters

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .errors import SalesforceError
from .people import USER_PERMISSIONS
from .soql import Call, Comparison, Path, Query, Value
from .soql_children import compiled, split
from .soql_plan import Column, Plan
from .soql_values import filter_value
from .store import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from .schema import Field, Schema, Sobject
    from .soql import Condition

_MAX_OFFSET = 2000
_HINT = "If this is a custom {}, append '{}' to its name."
_SQL_OPERATORS = {"=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class Compiler:
    """Compiles queries for one user: hidden fields do not exist for them."""

    def __init__(
        self, schema: Schema, user_id: str, readable: Callable[[str], bool], hidden: Callable[[str, str], bool]
    ) -> None:
        self._schema = schema
        self._user_id = user_id
        self.readable = readable
        self._hidden = hidden

    def plan(self, query: Query, *, deleted: bool = False, tooling: bool = False) -> Plan:
        """Compile a query. `deleted` includes the recycle bin (queryAll)."""
        outer, inner = split(query)
        plan = _Scope(self, outer, deleted=deleted, tooling=tooling).plan()
        return replace(plan, children=tuple(compiled(self, plan.sobject.name, inner)))

    def children(self, query: Query, link: str) -> Plan:
        """Compile a subquery whose last parameter is the id that `link` points at."""
        return _Scope(self, query, deleted=False, tooling=False, link=link).plan()

    def sobject(self, name: str, *, tooling: bool = False) -> Sobject:
        """The object of a FROM clause; INVALID_TYPE when the user cannot see one of this name."""
        found = self._schema.find(name)
        if found is None or found.tooling != tooling or not self.readable(found.name):
            raise SalesforceError(
                "INVALID_TYPE", f"sObject type '{name}' is not supported. {_HINT.format('object', '__c')}"
            )
        return found

    def field(self, sobject: Sobject, name: str) -> Field:
        """A field that the user can see; INVALID_FIELD otherwise."""
        item = sobject.find(name)
        if item is None or self._hidden(sobject.name, item.name):
            message = f"No such column '{name}' on entity '{sobject.name}'. {_HINT.format('field', '__c')}"
            raise SalesforceError("INVALID_FIELD", message)
        return item

    def parent(self, sobject: Sobject, relationship: str) -> Field:
        """The reference field of a relationship; INVALID_FIELD otherwise."""
        item = sobject.parent(relationship)
        if item is None or self._hidden(sobject.name, item.name):
            hint = _HINT.format("relationship", "__r")
            raise SalesforceError(
                "INVALID_FIELD", f"Didn't understand relationship '{relationship}' in field path. {hint}"
            )
        return item

    def schema_object(self, name: str) -> Sobject:
        """Any object by name."""
        return self._schema.get(name)

    def source(self, sobject: Sobject) -> tuple[str, list[Any]]:
        """The SQL source of an object, with its parameters."""
        if sobject.name != "UserPermissionAccess":
            return quoted(sobject.name), []
        flags = ", ".join(f"MAX(p.Permissions{name}) AS Permissions{name}" for name in USER_PERMISSIONS)
        held = "SELECT PermissionSetId FROM PermissionSetAssignment WHERE AssigneeId = ?"
        return f"(SELECT ? AS Id, {flags} FROM PermissionSet p WHERE p.Id IN ({held}))", [self._user_id, self._user_id]


class _Scope:
    """One SELECT being compiled: its joins and parameters."""

    def __init__(
        self, compiler: Compiler, query: Query, *, deleted: bool, tooling: bool, link: str | None = None
    ) -> None:
        self.compiler = compiler
        self.query = query
        self.deleted = deleted
        self.link = link
        self.sobject = compiler.sobject(query.source, tooling=tooling)
        self.joins: dict[tuple[str, ...], tuple[str, Sobject, str]] = {}
        self.parents: dict[tuple[str, ...], tuple[str, str]] = {}
        self.parameters: list[Any] = []

    def plan(self) -> Plan:
        query = self.query
        aggregate = bool(query.group) or any(isinstance(item, Call) for item in query.items)
        chosen = [self._select(item) for item in query.items if not isinstance(item, Query)]
        columns = [column for column, _ in chosen]
        parts = [sql for _, sql in chosen]
        if not aggregate and query.items:
            parts += ['t."Id"', *(sql for _, sql in self.parents.values())]
        where = self._where()
        source, parameters = self.compiler.source(self.sobject)
        group = "".join(f", {self.column(path)[0]}" for path in query.group)[2:]
        order = ", ".join(
            self._order(path.path, descending=path.descending, last=path.nulls_last) for path in query.order
        )
        tail = f"FROM {source} t {self._join_sql()} WHERE {where}" + (f" GROUP BY {group}" if group else "")
        sql = f"SELECT {', '.join(parts) or 'COUNT(*)'} {tail}"
        if query.items and (order or not aggregate):
            sql += f" ORDER BY {order or 't.Id'}"
        if query.offset > _MAX_OFFSET:
            raise SalesforceError("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {_MAX_OFFSET}")
        return Plan(
            self.sobject,
            sql,
            f"SELECT COUNT(*) FROM (SELECT 1 {tail})" if group else f"SELECT COUNT(*) {tail}",
            parameters + self.parameters,
            columns,
            query.limit,
            query.offset,
            count_only=not query.items,
            aggregate=aggregate,
            parents={path: kind for path, (kind, _) in self.parents.items()},
        )

    def _select(self, item: Path | Call) -> tuple[Column, str]:
        if isinstance(item, Call):
            sql, field = self.column(item.path)
            function, inner = item.function, sql
            if function == "COUNT_DISTINCT":
                function, inner = "COUNT", f"DISTINCT {sql}"
            shaped = field if function in {"MIN", "MAX"} else None
            return Column((item.alias or self._implied(item),), shaped), f"{function}({inner})"
        sql, field = self.column(item, selecting=True)
        names = self._proper(item)
        if self.query.group and item not in self.query.group:
            raise SalesforceError("MALFORMED_QUERY", f"Field must be grouped or aggregated: {item}")
        return Column((*names, field.name), field), sql

    def _implied(self, item: Call) -> str:
        """The alias of an aggregate without one: ``expr0``, ``expr1``, counting only those."""
        nameless = [one for one in self.query.items if isinstance(one, Call) and one.alias is None]
        return f"expr{nameless.index(item)}"

    def _proper(self, path: Path) -> tuple[str, ...]:
        """The relationship names of a path as the schema writes them."""
        sobject, proper = self.sobject, []
        for name in self._names(path)[:-1]:
            item = self.compiler.parent(sobject, name)
            proper.append(item.relationship)
            if len(item.references) > 1:
                break
            sobject = self.compiler.schema_object(item.references[0])
        return tuple(proper)

    def _names(self, path: Path) -> tuple[str, ...]:
        names = path.names
        aliases = {(self.query.alias or "").lower(), self.sobject.name.lower()}
        return names[1:] if len(names) > 1 and names[0].lower() in aliases else names

    def column(self, path: Path, *, selecting: bool = False) -> tuple[str, Field]:
        """The SQL of a field path, joining parents as needed."""
        *relationships, name = self._names(path)
        table, sobject = "t", self.sobject
        trail: tuple[str, ...] = ()
        for relationship in relationships:
            link = self.compiler.parent(sobject, relationship)
            trail = (*trail, link.relationship)
            if len(link.references) > 1:
                return self._polymorphic(table, link, trail, name, selecting=selecting)
            table, sobject, key = self._join(table, link, trail)
            if selecting:
                self.parents.setdefault(trail, (sobject.name, key))
        item = self.compiler.field(sobject, name)
        if not item.stored:
            return self._compound(table, sobject, item), item
        return f"{table}.{quoted(item.name)}", item

    def _join(self, table: str, link: Field, trail: tuple[str, ...]) -> tuple[str, Sobject, str]:
        if trail not in self.joins:
            alias = f"j{len(self.joins)}"
            target = self.compiler.schema_object(link.references[0])
            join = f"LEFT JOIN {quoted(target.name)} {alias} ON {alias}.Id = {table}.{quoted(link.name)}"
            self.joins[trail] = (alias, target, join)
        alias, target, _ = self.joins[trail]
        return alias, target, f"{alias}.Id"

    def _polymorphic(
        self, table: str, link: Field, trail: tuple[str, ...], name: str, *, selecting: bool
    ) -> tuple[str, Field]:
        """A field of a parent that may be one of several objects (an owner is a user or a queue)."""
        key = f"{table}.{quoted(link.name)}"
        if selecting:
            self.parents.setdefault(trail, ("Name", key))
        targets = [self.compiler.schema_object(reference) for reference in link.references]
        if name.lower() == "type":
            cases = " ".join(
                f"WHEN {_prefix(target)} THEN '{'Queue' if target.name == 'Group' else target.name}'"
                for target in targets
            )
            kind = self.compiler.schema_object("Group").fields["Type"]
            return f"CASE substr({key}, 1, 3) {cases} END", kind
        found = [(target, item) for target in targets if (item := target.find(name)) is not None and item.stored]
        if not found:
            raise SalesforceError("INVALID_FIELD", f"No such column '{name}' on entity 'Name'.")
        choices = [
            f"(SELECT {quoted(item.name)} FROM {quoted(target.name)} WHERE Id = {key})" for target, item in found
        ]
        return (f"COALESCE({', '.join(choices)})" if len(choices) > 1 else choices[0]), found[0][1]

    def _compound(self, table: str, sobject: Sobject, item: Field) -> str:
        prefix = item.name.removesuffix("Address")
        pairs = []
        for part in sobject.parts(item.name):
            key = part.name.removeprefix(prefix)
            pairs.append(f"'{key[0].lower()}{key[1:]}', {table}.{quoted(part.name)}")
        filled = " OR ".join(f"{table}.{quoted(part.name)} IS NOT NULL" for part in sobject.parts(item.name))
        return f"CASE WHEN {filled} THEN json_object({', '.join(pairs)}) END"

    def _join_sql(self) -> str:
        return " ".join(join for _, _, join in self.joins.values())

    def _where(self) -> str:
        parts = []
        if "IsDeleted" in self.sobject.fields and not self.deleted:
            parts.append('t."IsDeleted" = 0')
        if self.query.where is not None:
            parts.append(self._condition(self.query.where))
        if self.link is not None:
            parts.append(f"t.{quoted(self.link)} = ?")
        return " AND ".join(parts) or "1"

    def _condition(self, condition: Condition) -> str:
        if isinstance(condition, Comparison):
            return self._comparison(condition)
        parts = [self._condition(part) for part in condition.parts]
        if condition.word == "NOT":
            return f"NOT IFNULL({parts[0]}, 0)"
        return "(" + f" {condition.word} ".join(parts) + ")"

    def _comparison(self, comparison: Comparison) -> str:
        sql, item = self.column(comparison.path)
        if item.long_text or not item.stored:
            message = f"field '{item.name}' can not be filtered in a query call"
            raise SalesforceError("INVALID_FIELD", message)
        if isinstance(comparison.right, Query):
            return self._semi_join(sql, comparison)
        if isinstance(comparison.right, tuple):
            return self._among(sql, item, comparison.operator, comparison.right)
        value = filter_value(item, comparison.right, comparison.operator)
        if comparison.operator == "LIKE":
            self.parameters.append(value)
            return f"{sql} LIKE ? ESCAPE '\\'"
        if comparison.right.kind == "null":
            if comparison.operator not in {"=", "!="}:
                raise SalesforceError("MALFORMED_QUERY", "null can only be compared with = and !=")
            return f"{sql} IS {'NOT ' if comparison.operator == '!=' else ''}NULL"
        if comparison.right.kind == "literal":
            return self._literal(sql, comparison.operator, value)
        self.parameters.append(value)
        operator = _SQL_OPERATORS[comparison.operator]
        # For SOQL nothing is unequal to something.
        return f"({sql} <> ? OR {sql} IS NULL)" if operator == "<>" else f"{sql} {operator} ?"

    def _literal(self, sql: str, operator: str, span: tuple[str, str]) -> str:
        start, end = span
        tests = {"=": f"({sql} >= ? AND {sql} < ?)", "!=": f"({sql} < ? OR {sql} >= ? OR {sql} IS NULL)"}
        if operator in tests:
            self.parameters += [start, end]
            return tests[operator]
        self.parameters.append(start if operator in {"<", ">="} else end)
        return f"{sql} {'<' if operator in {'<', '<='} else '>='} ?"

    def _among(self, sql: str, item: Field, operator: str, values: tuple[Value, ...]) -> str:
        known = [filter_value(item, value, "=") for value in values if value.kind != "null"]
        null = len(known) < len(values)
        self.parameters += known
        marks = ", ".join("?" for _ in known)
        if operator == "IN":
            return f"({sql} IN ({marks}) OR {sql} IS NULL)" if null else f"{sql} IN ({marks})"
        return (
            f"({sql} NOT IN ({marks}) AND {sql} IS NOT NULL)" if null else f"({sql} NOT IN ({marks}) OR {sql} IS NULL)"
        )

    def _semi_join(self, sql: str, comparison: Comparison) -> str:
        inner = comparison.right
        if not isinstance(inner, Query) or len(inner.items) != 1:
            raise SalesforceError("MALFORMED_QUERY", "a semi-join selects exactly one field")
        scope = _Scope(self.compiler, inner, deleted=self.deleted, tooling=False)
        column, item = scope.column(inner.items[0]) if isinstance(inner.items[0], Path) else ("", None)
        if item is None or item.type not in {"id", "reference"}:
            raise SalesforceError("MALFORMED_QUERY", "a semi-join selects an id or reference field")
        where = scope._where()
        source, parameters = self.compiler.source(scope.sobject)
        self.parameters += parameters + scope.parameters
        word = "IN" if comparison.operator == "IN" else "NOT IN"
        return (
            f"{sql} {word} (SELECT {column} FROM {source} t {scope._join_sql()} WHERE {where} AND {column} IS NOT NULL)"
        )

    def _order(self, path: Path, *, descending: bool, last: bool) -> str:
        sql, item = self.column(path)
        if item.long_text or not item.stored:
            raise SalesforceError("MALFORMED_QUERY", f"field '{item.name}' can not be sorted in a query call")
        return f"{sql} {'DESC' if descending else 'ASC'} NULLS {'LAST' if last else 'FIRST'}"


def _prefix(sobject: Sobject) -> str:
    return f"'{sobject.prefix}'"
