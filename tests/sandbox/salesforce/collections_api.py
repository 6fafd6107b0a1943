"""sObject collections: up to 200 records in one call, answered row by row."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from .api import Answer, Api, Call
from .errors import SalesforceError
from .ids import to18
from .rest import record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .rest import Sobjects
    from .schema import Sobject

_MOST = 200
_MOST_READ = 2000
ROLLED_BACK = "ALL_OR_NONE_OPERATION_ROLLED_BACK"
_ROLLED_BACK_TEXT = "Record rolled back because not all records were valid and the request was using AllOrNone header"


class _RollBackError(Exception):
    """One row failed and the caller wants all or none."""


class Collections:
    """The resources under ``/composite/sobjects``."""

    def __init__(self, api: Api, sobjects: Sobjects) -> None:
        self._org = api.org
        self._sobjects = sobjects
        api.route("POST", "/composite/sobjects", self.create)
        api.route("PATCH", "/composite/sobjects", self.update)
        api.route("DELETE", "/composite/sobjects", self.delete)
        api.route("GET", "/composite/sobjects/<name>", self.read)
        api.route("POST", "/composite/sobjects/<name>", self.read)
        api.route("PATCH", "/composite/sobjects/<name>/<field>", self.upsert)

    def read(self, call: Call, name: str) -> Answer:
        """Records by id, in the order asked for; null where there is none."""
        sobject = self._sobjects.sobject(call, name)
        given = call.body if isinstance(call.body, dict) else {}
        ids = given.get("ids") or [item for item in call.query.get("ids", "").split(",") if item]
        names = given.get("fields") or [item for item in call.query.get("fields", "").split(",") if item]
        if not ids or not names:
            raise SalesforceError("MISSING_ARGUMENT", "ids and fields are required")
        if len(ids) > _MOST_READ:
            raise SalesforceError("EXCEEDED_ID_LIMIT", f"cannot retrieve more than {_MOST_READ} records in one call")
        fields = self._sobjects.visible(call, sobject, names)
        rows = [self._org.store.row(sobject, to18(item) or "") for item in ids]
        found = [
            record(sobject, row, fields, call.version) if row and not row.get("IsDeleted") else None for row in rows
        ]
        return Answer(200, found)

    def create(self, call: Call) -> Answer:
        """Make records."""
        records = _records(call)
        actor = call.actor()

        def one(given: dict[str, Any]) -> dict[str, Any]:
            return {
                "id": self._org.records.create(self._kind(given), given, actor),
                "success": True,
                "errors": [],
            }

        return self._run(call, records, one, all_or_none=_all_or_none(call))

    def update(self, call: Call) -> Answer:
        """Change records by id."""
        records = _records(call)
        actor = call.actor()

        def one(given: dict[str, Any]) -> dict[str, Any]:
            sobject = self._kind(given)
            record_id = to18(given.get("id") or given.get("Id"))
            if record_id is None or record_id[:3] != sobject.prefix:
                raise SalesforceError("MALFORMED_ID", "bad id", fields=("Id",))
            values = {name: value for name, value in given.items() if name.lower() != "id"}
            self._org.records.update(sobject, record_id, values, actor)
            return {"id": record_id, "success": True, "errors": []}

        return self._run(call, records, one, all_or_none=_all_or_none(call))

    def upsert(self, call: Call, name: str, field: str) -> Answer:
        """Create or change records by external id."""
        sobject = self._sobjects.sobject(call, name)
        records = _records(call)
        actor = call.actor()
        counted = Counter(_key(given, field) for given in records)

        def one(given: dict[str, Any]) -> dict[str, Any]:
            key = _key(given, field)
            if not key:
                raise SalesforceError("MISSING_ARGUMENT", f"{field} not specified")
            if counted[key] > 1:
                raise SalesforceError("DUPLICATE_VALUE", f"Duplicate external id specified: {key}", fields=(field,))
            record_id, created = self._org.records.upsert(sobject, field, str(key), given, actor)
            return {"id": record_id, "success": True, "errors": [], "created": created}

        return self._run(call, records, one, all_or_none=_all_or_none(call))

    def delete(self, call: Call) -> Answer:
        """Delete records by id."""
        ids = [item for item in call.query.get("ids", "").split(",") if item]
        if not ids or len(ids) > _MOST:
            raise SalesforceError("EXCEEDED_ID_LIMIT", f"between 1 and {_MOST} ids are required")
        actor = call.actor()

        def one(given: str) -> dict[str, Any]:
            record_id = to18(given)
            sobject = self._org.schema.by_prefix(record_id) if record_id else None
            if sobject is None or record_id is None:
                raise SalesforceError("MALFORMED_ID", f"malformed id {given}")
            self._org.records.delete(sobject, record_id, actor)
            return {"id": record_id, "success": True, "errors": []}

        return self._run(call, ids, one, all_or_none=call.query.get("allOrNone", "false").lower() == "true")

    def _kind(self, given: dict[str, Any]) -> Sobject:
        kind = (given.get("attributes") or {}).get("type")
        found = self._org.schema.find(kind or "")
        if found is None:
            raise SalesforceError("INVALID_TYPE", f"sObject type '{kind}' is not supported.")
        return found

    def _run(
        self, call: Call, rows: Sequence[Any], one: Callable[[Any], dict[str, Any]], *, all_or_none: bool
    ) -> Answer:
        answers: list[dict[str, Any]] = []
        try:
            with self._org.records.unit(call.actor()):
                answers += [self._row(given, one, call) for given in rows]
                if all_or_none:
                    _demand_success(answers)
        except _RollBackError:
            error = SalesforceError(ROLLED_BACK, _ROLLED_BACK_TEXT)
            answers = [error.row() if answer["success"] else answer for answer in answers]
        return Answer(200, answers)

    def _row(self, given: Any, one: Callable[[Any], dict[str, Any]], call: Call) -> dict[str, Any]:
        try:
            with self._org.records.unit(call.actor()):
                return one(given)
        except SalesforceError as error:
            if error.code == "JSON_PARSER_ERROR":
                raise  # a value of the wrong kind breaks the whole request: it is not even read
            return error.row()


def _demand_success(answers: list[dict[str, Any]]) -> None:
    if not all(answer["success"] for answer in answers):
        raise _RollBackError


def _key(given: dict[str, Any], field: str) -> Any:
    return next((value for name, value in given.items() if name.lower() == field.lower()), None)


def _all_or_none(call: Call) -> bool:
    return bool(call.body.get("allOrNone"))


def _records(call: Call) -> list[dict[str, Any]]:
    records = call.body.get("records") if isinstance(call.body, dict) else None
    if not isinstance(records, list) or not records:
        raise SalesforceError("MISSING_ARGUMENT", "records are required")
    if len(records) > _MOST:
        message = f"record limit reached. cannot submit more than {_MOST} records into this call"
        raise SalesforceError("EXCEEDED_ID_LIMIT", message)
    return records
