"""query, queryAll, tooling/query and their paging."""

from __future__ import annotations

import re
import secrets
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from .api import Answer, Api, Call
from .errors import SalesforceError
from .soql import parse
from .soql_children import add

if TYPE_CHECKING:
    import sqlite3

    from .soql_plan import Plan
    from .store import Store

_SMALLEST, _LARGEST = 200, 2000
_KEPT_CURSORS = 20
_LONGEST = 100_000  # characters of SOQL


class Cursor:
    """An open result: a snapshot of its own, so that pages fit together while records change."""

    def __init__(self, store: Store, plan: Plan, total: int, batch: int) -> None:
        self.plan = plan
        self.total = total
        self.batch = batch
        self.id = f"01g{secrets.token_hex(6)}AAA"
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = store.connect()
        self._connection.execute("BEGIN")
        self._rows = self._connection.execute(_limited(plan), plan.parameters)
        self._place = 0

    def page(self, offset: int) -> list[Any]:
        """The rows from `offset`; any page can be asked for again until the cursor is closed."""
        with self._lock:
            if self._connection is None:
                raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")
            if offset != self._place:
                self._rows = self._connection.execute(_limited(self.plan), self.plan.parameters)
                self._rows.fetchmany(offset)
            rows = self._rows.fetchmany(self.batch)
            self._place = offset + len(rows)
            return rows

    def close(self) -> None:
        """Give the snapshot up."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None


class Queries:
    """The query resources."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._store = api.org.store
        self._cursors: OrderedDict[str, Cursor] = OrderedDict()
        self._lock = threading.Lock()
        api.route("GET", "/query", self.query)
        api.route("GET", "/queryAll", self.query_all)
        api.route("GET", "/tooling/query", self.tooling)
        api.route("GET", "/(?:query|queryAll)/<locator>", self.more)

    def query(self, call: Call) -> Answer:
        """Run a query over living records."""
        return self._run(call)

    def query_all(self, call: Call) -> Answer:
        """Run a query that sees the recycle bin too."""
        return self._run(call, deleted=True)

    def tooling(self, call: Call) -> Answer:
        """Run a query over tooling objects."""
        return self._run(call, tooling=True)

    def _run(self, call: Call, *, deleted: bool = False, tooling: bool = False) -> Answer:
        text = call.query.get("q", "")
        if not text.strip():
            raise SalesforceError("MALFORMED_QUERY", "A query string has to be specified")
        if len(text) > _LONGEST:
            raise SalesforceError("QUERY_TOO_COMPLICATED", "the query is longer than 100000 characters")
        plan = self._api.compiler(call.session.user_id).plan(parse(text), deleted=deleted, tooling=tooling)
        if plan.count_only:
            row = self._store.one(plan.sql, plan.parameters)
            return Answer(200, {"totalSize": row[0] if row else 0, "done": True, "records": []})
        batch = _batch_size(call)
        rows = self._store.reader().execute(_limited(plan), plan.parameters).fetchmany(batch + 1)
        if len(rows) <= batch:
            return Answer(200, {"totalSize": len(rows), "done": True, "records": self._records(plan, rows, call)})
        if plan.aggregate:
            text = "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch"
            raise SalesforceError("EXCEEDED_ID_LIMIT", text)
        return self._page(self._open(plan, batch), 0, call)

    def _open(self, plan: Plan, batch: int) -> Cursor:
        row = self._store.one(plan.count_sql, plan.parameters)
        total = max((row[0] if row else 0) - plan.offset, 0)
        cursor = Cursor(self._store, plan, total if plan.limit is None else min(total, plan.limit), batch)
        with self._lock:
            self._cursors[cursor.id] = cursor
            while len(self._cursors) > _KEPT_CURSORS:
                self._cursors.popitem(last=False)[1].close()
        return cursor

    def more(self, call: Call, locator: str) -> Answer:
        """The next page of a query."""
        match = re.fullmatch(r"(\w+)-(\d+)", locator)
        with self._lock:
            cursor = self._cursors.get(match[1]) if match else None
        if match is None or cursor is None:
            raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(cursor, int(match[2]), call)

    def _page(self, cursor: Cursor, offset: int, call: Call) -> Answer:
        rows = cursor.page(offset)
        end = offset + len(rows)
        body: dict[str, Any] = {"totalSize": cursor.total, "done": end >= cursor.total}
        if not body["done"]:
            body["nextRecordsUrl"] = f"/services/data/v{call.version}/query/{cursor.id}-{end}"
        body["records"] = self._records(cursor.plan, rows, call)
        return Answer(200, body)

    def _records(self, plan: Plan, rows: list[Any], call: Call) -> list[dict[str, Any]]:
        records = [plan.record(row, call.version) for row in rows]
        for row, record in zip(rows, records, strict=True):
            if plan.children:
                add(self._store, plan.children, record, plan.key(row), call.version)
        return records

    def close(self) -> None:
        """Close every cursor."""
        with self._lock:
            for cursor in self._cursors.values():
                cursor.close()
            self._cursors.clear()


def _batch_size(call: Call) -> int:
    match = re.search(r"batchSize=(\d+)", call.headers.get("sforce-query-options", ""))
    return min(max(int(match[1]), _SMALLEST), _LARGEST) if match else _LARGEST


def _limited(plan: Plan) -> str:
    if plan.limit is None and not plan.offset:
        return plan.sql
    return f"{plan.sql} LIMIT {-1 if plan.limit is None else plan.limit} OFFSET {plan.offset}"
