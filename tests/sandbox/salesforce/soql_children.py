"""Subqueries of a SELECT: the children of each record, by the name of the relationship from parent to child.

Source: SOQL guide "Using Relationship Queries": WHERE, ORDER BY and LIMIT of a subquery count for each parent; a
parent without such children has null, the others a query result of their own. One level is enough here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .errors import SalesforceError
from .soql import Query

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .soql_plan import Plan
    from .soql_sql import Compiler
    from .store import Store

RELATIONSHIPS = {
    ("Account", "contacts"): ("Contacts", "Contact", "AccountId"),
    ("Account", "opportunities"): ("Opportunities", "Opportunity", "AccountId"),
    ("Account", "tasks"): ("Tasks", "Task", "WhatId"),
    ("Account", "events"): ("Events", "Event", "WhatId"),
    ("Account", "childaccounts"): ("ChildAccounts", "Account", "ParentId"),
}


@dataclass(frozen=True)
class Children:
    """A compiled subquery: the relationship's name, and a plan whose last parameter is the parent's id."""

    name: str
    plan: Plan


def split(query: Query) -> tuple[Query, list[Query]]:
    """Take the subqueries out of a query. MALFORMED_QUERY when it is grouped or has nothing else."""
    inner = [item for item in query.items if isinstance(item, Query)]
    plain = tuple(item for item in query.items if not isinstance(item, Query))
    if inner and (query.group or not plain):
        raise SalesforceError("MALFORMED_QUERY", "subqueries stand beside the fields of a query without GROUP BY")
    return replace(query, items=plain), inner


def compiled(compiler: Compiler, parent: str, inner: Sequence[Query]) -> Iterator[Children]:
    """Compile the subqueries of a query on `parent`; INVALID_TYPE for an unknown or hidden relationship."""
    for query in inner:
        known = RELATIONSHIPS.get((parent, query.source.lower()))
        if known is None or not compiler.readable(known[1]):
            hint = "If you are attempting to use a custom relationship, be sure to append the '__r'."
            text = f"Didn't understand relationship '{query.source}' in FROM part of query call. {hint}"
            raise SalesforceError("INVALID_TYPE", text)
        name, child, link = known
        yield Children(name, compiler.children(replace(query, source=child), link))


def add(store: Store, children: Sequence[Children], record: dict[str, Any], parent_id: str, version: str) -> None:
    """Put a parent's children into its record."""
    for each in children:
        plan = each.plan
        sql = plan.sql + (f" LIMIT {plan.limit}" if plan.limit is not None else "")
        rows = store.reader().execute(sql, [*plan.parameters, parent_id]).fetchall()
        records = [plan.record(row, version) for row in rows]
        record[each.name] = {"totalSize": len(records), "done": True, "records": records} if records else None
