"""The event log that Pub/Sub reads: replay ids, retention, topics, and a bell that rings with every commit."""
# ruff: noqa: S608 - table and column names come from the schema, values are always parameters

from __future__ import annotations

import json
import struct
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .avro import avro_schema, encode, event_name, schema_id
from .events import Commit, Event, event_body, header

if TYPE_CHECKING:
    from collections.abc import Callable

    from .package import Channel
    from .schema import Schema, Sobject
    from .settings import Settings
    from .store import Store

_BASE = 2_861_866  # where a fresh org's numbers start: far from 0, so that nobody counts on small ones


def replay_id(seq: int) -> bytes:
    """The opaque ten bytes for a place in the log."""
    return struct.pack(">qh", seq, 0)


@dataclass(frozen=True)
class Topic:
    """What a subscription may hear: entity -> names of the fields that enrich its events."""

    name: str
    entities: dict[str, tuple[str, ...]]
    single: bool


@dataclass(frozen=True)
class Stored:
    """One event as read back for a topic."""

    seq: int
    entity: str
    uuid: str
    schema_id: str
    payload: bytes


class Bus:
    """The change-event log of the org."""

    def __init__(self, store: Store, schema: Schema, settings: Settings) -> None:
        self._store = store
        self._schema = schema
        self._settings = settings
        self._rang = False
        self._schemas: dict[str, tuple[int, str, str]] = {}
        self.bell = threading.Condition()
        self.channels: list[Channel] = []
        self.delivered = 0
        self.closed = False
        store.after_commit = self._after_commit

    def topic(self, name: str) -> Topic | None:
        """The topic of this name; None when there is none (names are case-sensitive)."""
        selected = dict.fromkeys(self._settings.selected_entities, ())
        if name == "/data/ChangeEvents":
            return Topic(name, dict(selected), single=False)
        for channel in self.channels:
            if name == f"/data/{channel.name}":
                return Topic(name, dict(channel.members), single=False)
        for sobject in self._schema:
            if name == f"/data/{event_name(sobject)}" and self.selected(sobject.name):
                return Topic(name, {sobject.name: ()}, single=True)
        return None

    def selected(self, entity: str) -> bool:
        """Whether changes of this object make events at all."""
        return entity in self._settings.selected_entities or any(entity in item.members for item in self.channels)

    def enriching(self) -> dict[str, set[str]]:
        """For each entity the stored fields that some channel adds to its events."""
        found: dict[str, set[str]] = {}
        for channel in self.channels:
            for entity, names in channel.members.items():
                sobject = self._schema.find(entity)
                if sobject is not None:
                    found.setdefault(entity, set()).update(n for name in names for n in _stored_names(sobject, name))
        return found

    def schema_of(self, sobject: Sobject) -> tuple[str, str]:
        """The id and text of the current Avro schema of an object's events."""
        kept = self._schemas.get(sobject.name)
        if kept is None or kept[0] != self._schema.version:
            text = avro_schema(sobject)
            kept = (self._schema.version, schema_id(text), text)
            with self._store.write() as connection:
                connection.execute("INSERT OR IGNORE INTO sys_schema VALUES (?, ?)", kept[1:])
            self._schemas[sobject.name] = kept
        return kept[1], kept[2]

    def schema_text(self, wanted: str) -> str | None:
        """The text of a schema that some event was or will be written with."""
        row = self._store.one("SELECT json FROM sys_schema WHERE id = ?", (wanted,))
        return str(row["json"]) if row else None

    def append(self, events: list[Event]) -> None:
        """Store events; the bell rings when the surrounding transaction commits."""
        if not events:
            return
        with self._store.write() as connection:
            seq = self.latest()
            rows = []
            for event in events:
                seq += 1 + seq % 3  # numbers have holes, as other topics of the org use the same ones
                identity, _ = self.schema_of(self._schema.get(event.entity))
                texts = (json.dumps(event.header), json.dumps(event.body), json.dumps(event.enriched))
                rows.append((seq, event.entity, time.time(), event.uuid, identity, *texts))
            connection.executemany("INSERT INTO sys_event VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
            self._rang = True

    def append_header(self, sobject: Sobject, kind: str, ids: list[str], commit: Commit) -> None:
        """Store an event without fields: a gap."""
        self.append([Event(sobject.name, header(sobject, kind, ids, commit, 1))])

    def _after_commit(self) -> None:
        if self._rang:
            self._rang = False
            self.ring()

    def ring(self) -> None:
        """Wake every stream."""
        with self.bell:
            self.bell.notify_all()

    def close(self) -> None:
        """End every stream."""
        self.closed = True
        self.ring()

    def latest(self) -> int:
        """The newest place in the log."""
        row = self._store.one("SELECT MAX(seq) AS last FROM sys_event")
        return max(self.floor(), row["last"] or 0) if row else self.floor()

    def floor(self) -> int:
        """The place before the oldest event that is still kept."""
        row = self._store.one("SELECT next FROM sys_sequence WHERE name = 'event_floor'")
        return int(row["next"]) if row else _BASE

    def expire(self, before: int) -> None:
        """Forget events up to and including a place; older replay ids are unknown from then on."""
        with self._store.write() as connection:
            connection.execute("DELETE FROM sys_event WHERE seq <= ?", (before,))
            connection.execute("INSERT OR REPLACE INTO sys_sequence VALUES ('event_floor', ?)", (before + 1,))

    def expire_old(self) -> None:
        """Forget what is older than the retention time."""
        limit = time.time() - self._settings.retention_seconds
        row = self._store.one("SELECT MAX(seq) AS last FROM sys_event WHERE at < ?", (limit,))
        if row and row["last"]:
            self.expire(row["last"])

    def place(self, identity: bytes) -> int | None:
        """The place that a replay id names; None when it is unknown, expired or not ours."""
        if len(identity) != 10 or identity[8:] != b"\0\0":
            return None
        seq = int(struct.unpack(">q", identity[:8])[0])
        return seq if self.floor() <= seq <= self.latest() else None

    def read(self, topic: Topic, after: int, limit: int, visible: Callable[[str], bool]) -> tuple[list[Stored], int]:
        """Up to `limit` events after a place that `visible` lets through, and the place that was read up to."""
        entities = [entity for entity in topic.entities if visible(entity)]
        latest = self.latest()
        marks = ", ".join("?" for _ in entities)
        rows = self._store.all(
            f"SELECT * FROM sys_event WHERE seq > ? AND seq <= ? AND entity IN ({marks}) ORDER BY seq LIMIT ?",
            (after, latest, *entities, limit),
        )
        events = [self._stored(row, topic) for row in rows]
        return events, (events[-1].seq if len(events) == limit else latest)

    def _stored(self, row: Any, topic: Topic) -> Stored:
        text = self.schema_text(row["schema_id"]) or ""
        head, body = json.loads(row["header"]), json.loads(row["body"])
        names = topic.entities[row["entity"]]
        sobject = self._schema.find(row["entity"])
        if names and sobject is not None and head["changeType"] in {"UPDATE", "DELETE", "UNDELETE"}:
            wanted = [item for name in names for item in _stored_names(sobject, name)]
            body = _merged(event_body(sobject, json.loads(row["enriched"]), wanted), body)
        return Stored(row["seq"], row["entity"], row["uuid"], row["schema_id"], encode(text, head, body))


def _stored_names(sobject: Sobject, name: str) -> list[str]:
    return [item.name for item in sobject.parts(name)] or [name]


def _merged(enriched: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """The body with enriching values where it has none of its own."""
    merged = {**enriched, **body}
    for name, value in body.items():
        if isinstance(value, dict) and isinstance(enriched.get(name), dict):
            merged[name] = {**enriched[name], **value}
    return merged
