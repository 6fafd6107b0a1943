"""Single-record resources: describe, create, read, update, upsert, delete, updated/deleted, limits."""
# ruff: noqa: S608 - table and column names come from the schema, values are always parameters

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from .api import VERSIONS, Answer, Api, Call
from .clock import now, parse_datetime, stamp
from .describe import children, describe, summary
from .errors import SalesforceError
from .ids import to18
from .soql_plan import attributes, shown
from .store import quoted

if TYPE_CHECKING:
    from .org import Org
    from .schema import Field, Sobject

_SPAN = (
    "SELECT Id, SystemModstamp FROM {} WHERE SystemModstamp >= ? AND SystemModstamp < ? AND IsDeleted = {} "
    "ORDER BY SystemModstamp"
)


class Sobjects:
    """The resources under ``/sobjects``, and ``/limits``."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._org: Org = api.org
        one = "/sobjects/<name>"
        api.route("GET", "", self.resources)
        api.route("GET", "/limits", self.limits)
        api.route("GET", "/sobjects", self.index)
        api.route("POST", one, self.create)
        api.route("GET", one, self.basic)
        api.route("GET", f"{one}/describe", self.describe)
        api.route("GET", f"{one}/updated", self.updated)
        api.route("GET", f"{one}/deleted", self.deleted)
        api.route("GET", f"{one}/<record_id>", self.read)
        api.route("PATCH", f"{one}/<record_id>", self.update)
        api.route("DELETE", f"{one}/<record_id>", self.delete)
        api.route("GET", f"{one}/<field>/<value>", self.read_external)
        api.route("PATCH", f"{one}/<field>/<value>", self.upsert)
        api.route("DELETE", f"{one}/<field>/<value>", self.delete_external)

    def sobject(self, call: Call, name: str) -> Sobject:
        """The object of a path; NOT_FOUND when this user sees none of the name."""
        found = self._org.schema.get(name)
        if found.tooling or not self._org.people.allows(call.session.user_id, found.name, "Read"):
            raise SalesforceError("NOT_FOUND", "The requested resource does not exist")
        return found

    def resources(self, call: Call) -> Answer:
        """The list of resources of a version."""
        base = f"/services/data/v{call.version}"
        return Answer(
            200,
            {
                name: f"{base}/{name}"
                for name in ("sobjects", "query", "queryAll", "composite", "limits", "actions", "tooling")
            },
        )

    def limits(self, _call: Call) -> Answer:
        """The org's allowances and what is left."""
        org, settings = self._org, self._org.settings
        left = max(settings.daily_api_limit - org.calls_today, 0)
        events = max(settings.delivery_limit - org.bus.delivered, 0)
        return Answer(
            200,
            {
                "DailyApiRequests": {"Max": settings.daily_api_limit, "Remaining": left},
                "DailyDeliveredPlatformEvents": {"Max": settings.delivery_limit, "Remaining": events},
                "DataStorageMB": {"Max": 10_240, "Remaining": 10_000},
            },
        )

    def index(self, call: Call) -> Answer:
        """The global describe."""
        seen = [
            summary(item, call.version)
            for item in self._org.schema
            if not item.tooling and self._org.people.allows(call.session.user_id, item.name, "Read")
        ]
        return Answer(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": seen})

    def basic(self, call: Call, name: str) -> Answer:
        """A short describe."""
        return Answer(200, {"objectDescribe": summary(self.sobject(call, name), call.version), "recentItems": []})

    def describe(self, call: Call, name: str) -> Answer:
        """The full describe of one object, as far as this user may write it."""
        sobject = self.sobject(call, name)
        user, people = call.session.user_id, self._org.people
        related = children(self._org.schema, sobject, lambda name: people.allows(user, name, "Read"))
        body = describe(sobject, call.version, lambda field: people.hidden(user, sobject.name, field), related)
        rights = {"createable": "Create", "updateable": "Edit", "deletable": "Delete"}
        may = {flag: body[flag] and people.allows(user, sobject.name, verb) for flag, verb in rights.items()}
        return Answer(200, body | may)

    def create(self, call: Call, name: str) -> Answer:
        """Make a record."""
        sobject = self.sobject(call, name)
        record_id = self._org.records.create(sobject, _body(call), call.actor())
        location = f"/services/data/v{call.version}/sobjects/{sobject.name}/{record_id}"
        return Answer(201, {"id": record_id, "success": True, "errors": []}, {"Location": location})

    def read(self, call: Call, name: str, record_id: str) -> Answer:
        """One record, all fields or those of ``?fields=``."""
        sobject = self.sobject(call, name)
        row = self._row(sobject, record_id)
        fields = self.visible(call, sobject, call.query.get("fields"))
        return Answer(200, record(sobject, row, fields, call.version))

    def visible(self, call: Call, sobject: Sobject, names: str | list[str] | None) -> list[Field]:
        """The fields of these names (all without names) that the user sees; INVALID_FIELD for one they do not see."""
        compiler = self._api.compiler(call.session.user_id)
        if names is None:
            hidden = self._org.people.hidden
            return [f for f in sobject.fields.values() if not hidden(call.session.user_id, sobject.name, f.name)]
        wanted = names.split(",") if isinstance(names, str) else names
        return [compiler.field(sobject, name.strip()) for name in wanted]

    def _row(self, sobject: Sobject, record_id: str) -> dict[str, Any]:
        full = to18(record_id)
        row = self._org.store.row(sobject, full) if full else None
        if row is None:
            raise SalesforceError("NOT_FOUND", "The requested resource does not exist")
        if row.get("IsDeleted"):
            raise SalesforceError("ENTITY_IS_DELETED", "entity is deleted")
        return row

    def update(self, call: Call, name: str, record_id: str) -> Answer:
        """Change a record; with If-Unmodified-Since only when nobody has since."""
        sobject = self.sobject(call, name)
        full = to18(record_id)
        if full is None or full[:3] != sobject.prefix:
            raise SalesforceError("NOT_FOUND", "The requested resource does not exist")
        with self._org.records.unit(call.actor()):
            self._guard(call, sobject, full)
            self._org.records.update(sobject, full, _body(call), call.actor())
        return Answer(204)

    def _guard(self, call: Call, sobject: Sobject, record_id: str) -> None:
        since = call.headers.get("if-unmodified-since")
        row = self._org.store.row(sobject, record_id)
        if not since or row is None:
            return
        modified = parse_datetime(row["SystemModstamp"])
        # HTTP dates know whole seconds only, so a change within the same second passes.
        if modified is not None and modified.replace(microsecond=0) > parsedate_to_datetime(since):
            raise SalesforceError("PRECONDITION_FAILED", "The record was modified since the given time")

    def delete(self, call: Call, name: str, record_id: str) -> Answer:
        """Delete a record."""
        sobject = self.sobject(call, name)
        full = to18(record_id)
        if full is None or full[:3] != sobject.prefix:
            raise SalesforceError("NOT_FOUND", "The requested resource does not exist")
        self._org.records.delete(sobject, full, call.actor())
        return Answer(204)

    def _external(self, sobject: Sobject, field: str, value: str) -> str:
        found = self._org.records.find_external(sobject, field, value)
        if not found:
            raise SalesforceError("NOT_FOUND", "The requested resource does not exist")
        if len(found) > 1:
            raise SalesforceError("MULTIPLE_CHOICES", "several records", status=300, shape=found)
        return found[0]

    def read_external(self, call: Call, name: str, field: str, value: str) -> Answer:
        """One record by external id."""
        return self.read(call, name, self._external(self.sobject(call, name), field, value))

    def delete_external(self, call: Call, name: str, field: str, value: str) -> Answer:
        """Delete by external id."""
        return self.delete(call, name, self._external(self.sobject(call, name), field, value))

    def upsert(self, call: Call, name: str, field: str, value: str) -> Answer:
        """Update by external id, or create."""
        sobject = self.sobject(call, name)
        record_id, created = self._org.records.upsert(sobject, field, value, _body(call), call.actor())
        return Answer(201 if created else 200, {"id": record_id, "success": True, "errors": [], "created": created})

    def updated(self, call: Call, name: str) -> Answer:
        """The ids changed in a span of time."""
        sobject, start, end = self._span(call, name)
        rows = self._org.store.all(_SPAN.format(quoted(sobject.name), 0), (start, end))
        return Answer(200, {"ids": [row["Id"] for row in rows], "latestDateCovered": end})

    def deleted(self, call: Call, name: str) -> Answer:
        """The records deleted in a span of time."""
        sobject, start, end = self._span(call, name)
        rows = self._org.store.all(_SPAN.format(quoted(sobject.name), 1), (start, end))
        oldest = self._org.store.one(f"SELECT MIN(CreatedDate) AS first FROM {quoted(sobject.name)}")
        gone = [{"deletedDate": row["SystemModstamp"], "id": row["Id"]} for row in rows]
        first = (oldest["first"] if oldest else None) or start
        return Answer(200, {"deletedRecords": gone, "earliestDateAvailable": first, "latestDateCovered": end})

    def _span(self, call: Call, name: str) -> tuple[Sobject, str, str]:
        sobject = self.sobject(call, name)
        moments = [parse_datetime(call.query.get(key, "").replace(" ", "+")) for key in ("start", "end")]
        if moments[0] is None or moments[1] is None or "IsDeleted" not in sobject.fields:
            raise SalesforceError("INVALID_REPLICATION_DATE", "start and end are ISO 8601 datetimes")
        if moments[0] >= moments[1]:
            raise SalesforceError("INVALID_REPLICATION_DATE", "startDate must be before endDate")
        return sobject, stamp(moments[0]), stamp(min(moments[1], now()))


def versions() -> list[dict[str, str]]:
    """The body of ``/services/data``."""
    return [
        {"label": label, "url": f"/services/data/v{number}", "version": number} for number, label in VERSIONS.items()
    ]


def _body(call: Call) -> dict[str, Any]:
    if not isinstance(call.body, dict):
        raise SalesforceError(
            "JSON_PARSER_ERROR", "The HTTP entity body is required, but this request has no entity body."
        )
    return call.body


def record(sobject: Sobject, row: dict[str, Any], fields: list[Field], version: str) -> dict[str, Any]:
    """One stored row as a REST record."""
    body: dict[str, Any] = {"attributes": attributes(sobject.name, row["Id"], version)}
    for item in fields:
        if item.stored:
            body[item.name] = shown(item, row[item.name])
            continue
        prefix = item.name.removesuffix("Address")
        parts = {part.name.removeprefix(prefix): row[part.name] for part in sobject.parts(item.name)}
        lowered = {f"{name[0].lower()}{name[1:]}": value for name, value in parts.items()}
        body[item.name] = lowered if any(value is not None for value in lowered.values()) else None
    body.setdefault("Id", row["Id"])
    return body
