"""Sends webhook events: batches of up to 100, signed, retried, ten at a time for each account.

A batch that is not answered with 2xx within 5 seconds is tried again up to ten times over 24 hours, with jitter and
``attemptNumber`` one higher. What waits in the file survives a restart, and a batch that was in flight is sent again.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

import urllib3

from tests.sandbox.hubspot.signature import signed_headers
from tests.sandbox.hubspot.store import now_ms

if TYPE_CHECKING:
    from tests.sandbox.hubspot.manifest import Manifest
    from tests.sandbox.hubspot.store import Store

MOST_EVENTS = 100
MOST_RETRIES = 10
# Doubling from a minute, ten retries reach over 17 of the 24 documented hours; the real steps are not published.
FIRST_RETRY_SECONDS = 60


@dataclass
class Behaviour:
    """How webhooks are delivered. Times in seconds.

    `url` is connected to; `public_url` is what is signed (None = the same). `window` collects events into a batch.
    `retry_scale` shrinks the hours between retries. `duplicate`: that many next batches are sent twice. `shuffle`:
    events leave out of order. `mix_portals`: one batch may hold events of several portals. `delay`: events wait that
    long. `held`: nothing is sent. `legacy`: which old signature comes along.
    """

    url: str | None = None
    public_url: str | None = None
    window: float = 0.03
    timeout: float = 5.0
    retry_scale: float = 0.001
    batch_size: int = MOST_EVENTS
    duplicate: int = 0
    shuffle: bool = False
    mix_portals: bool = False
    delay: float = 0.0
    held: bool = False
    legacy: str = "v1"


class Deliveries:
    """Packs stored events into batches and sends them from a thread of its own."""

    def __init__(self, store: Store, manifest: Manifest, secret: str) -> None:
        self._store = store
        self._secret = secret
        self._concurrency = manifest.concurrency
        self.behaviour = Behaviour(**store.recall("webhooks", {}))
        self._http = urllib3.PoolManager(num_pools=4, maxsize=32, retries=False)
        self._random = random.Random()
        self._flying: dict[int, int] = {}
        self._lock = threading.Lock()
        self._landed = threading.Event()
        self._landed.set()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(max_workers=32, thread_name_prefix="hubspot-webhook")
        self._thread = threading.Thread(target=self._run, name="hubspot-webhooks", daemon=True)
        store.after_commit.append(self._wake.set)
        self._thread.start()

    def change(self, values: dict[str, Any]) -> None:
        """Change how webhooks are delivered; ValueError for a name that does not exist."""
        unknown = set(values) - {known.name for known in fields(Behaviour)}
        if unknown:
            message = f"no such webhook setting: {sorted(unknown)}"
            raise ValueError(message)
        for name, value in values.items():
            setattr(self.behaviour, name, value)
        self._store.remember("webhooks", asdict(self.behaviour))

    def listed(self) -> list[dict[str, Any]]:
        """Return every batch, oldest first: state pending, delivered or failed, its attempts and events."""
        rows = self._store.read().execute("SELECT id, portal, state, due, attempts, events FROM deliveries ORDER BY id")
        return [
            {
                "id": number,
                "portalId": portal,
                "state": state,
                "due": due,
                "attempts": json.loads(attempts),
                "events": json.loads(events),
            }
            for number, portal, state, due, attempts, events in rows
        ]

    def waiting(self) -> int:
        """Return how many events and batches are still to be sent."""
        row = (
            self._store.read()
            .execute("SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM deliveries WHERE state = 'pending')")
            .fetchone()
        )
        return int(row[0])

    def forget(self) -> None:
        """Drop every batch and every event that waits."""
        with self._store.write() as tx:
            tx.execute("DELETE FROM events")
            tx.execute("DELETE FROM deliveries")

    def hurry(self) -> None:
        """Make everything that waits due now."""
        with self._store.write() as tx:
            tx.execute("UPDATE events SET due = 0")
            tx.execute("UPDATE deliveries SET due = 0 WHERE state = 'pending'")

    def reset(self) -> None:
        """Drop what waits, let what is under way end, and deliver as at the beginning (nowhere)."""
        self.behaviour.url = None
        self.forget()
        self._landed.wait(timeout=2 * self.behaviour.timeout)
        self.behaviour = Behaviour()
        self._store.remember("webhooks", asdict(self.behaviour))

    def stop(self) -> None:
        """Stop sending; what was not answered stays pending."""
        self._stopping.set()
        self._wake.set()
        self._thread.join(timeout=10)
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._http.clear()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(self._pause())
            self._wake.clear()
            if self._stopping.is_set() or self.behaviour.held or not self.behaviour.url:
                continue
            if self._count_due():
                time.sleep(self.behaviour.window)
                self._pack()
            self._launch()

    def _pause(self) -> float:
        row = (
            self._store.read()
            .execute(
                "SELECT min(due) FROM (SELECT min(due) AS due FROM events "
                "UNION ALL SELECT min(due) FROM deliveries WHERE state = 'pending')"
            )
            .fetchone()
        )
        # Batches in flight wake this thread when they are done, so a due one is no reason to spin.
        idle = row[0] is None or self.behaviour.held or not self.behaviour.url
        return 0.5 if idle else min(max(0.02, (row[0] - now_ms()) / 1000), 0.5)

    def _count_due(self) -> int:
        row = self._store.read().execute("SELECT EXISTS(SELECT 1 FROM events WHERE due <= ?)", (now_ms(),)).fetchone()
        return int(row[0])

    def _pack(self) -> None:
        how = self.behaviour
        with self._store.write() as tx:
            rows = tx.execute(
                "SELECT seq, portal, body FROM events WHERE due <= ? ORDER BY seq LIMIT 20000", (now_ms(),)
            ).fetchall()
            tx.executemany("DELETE FROM events WHERE seq = ?", [(row[0],) for row in rows])
            if how.shuffle:
                self._random.shuffle(rows)
            groups: dict[int, list[Any]] = {}
            for _, portal, body in rows:
                groups.setdefault(0 if how.mix_portals else portal, []).append((portal, json.loads(body)))
            for group in groups.values():
                size = min(how.batch_size, MOST_EVENTS)
                for start in range(0, len(group), size):
                    self._add(group[start : start + size])

    def _add(self, batch: list[tuple[int, dict[str, Any]]]) -> None:
        copies = 1
        if self.behaviour.duplicate > 0:
            self.behaviour.duplicate -= 1
            copies = 2
        events = json.dumps([body for _, body in batch])
        with self._store.write() as tx:
            for _ in range(copies):
                tx.execute(
                    "INSERT INTO deliveries(portal, events, state, due, attempts) VALUES(?, ?, 'pending', ?, '[]')",
                    (batch[0][0], events, now_ms()),
                )

    def _launch(self) -> None:
        query = (
            "SELECT id, portal, events, attempts FROM deliveries WHERE state = 'pending' AND due <= ? ORDER BY due, id"
        )
        # Read under the lock: a batch that is done leaves the flying ones only after its row says so.
        with self._lock:
            busy = Counter(self._flying.values())
            for number, portal, events, attempts in self._store.read().execute(query, (now_ms(),)).fetchmany(500):
                if number not in self._flying and busy[portal] < self._concurrency:
                    busy[portal] += 1
                    self._flying[number] = portal
                    self._landed.clear()
                    self._pool.submit(self._send, number, json.loads(events), json.loads(attempts))

    def _send(self, number: int, events: list[dict[str, Any]], attempts: list[dict[str, Any]]) -> None:
        started = time.time()
        status, error = self._post(json.dumps(events, separators=(",", ":")).encode())
        attempts.append({"at": started, "status": status, "error": error, "ms": (time.time() - started) * 1000})
        state, due = "delivered", 0
        if not 200 <= status < 300:
            retries = len(attempts) - 1
            state = "failed" if retries >= MOST_RETRIES else "pending"
            wait = FIRST_RETRY_SECONDS * 2**retries * self.behaviour.retry_scale * self._random.uniform(0.8, 1.2)
            due = now_ms() + int(wait * 1000)
            for event in events:
                event["attemptNumber"] += 1
        with self._store.write() as tx:
            tx.execute(
                "UPDATE deliveries SET state = ?, due = ?, attempts = ?, events = ? WHERE id = ?",
                (state, due, json.dumps(attempts), json.dumps(events), number),
            )
        with self._lock:
            del self._flying[number]
            if not self._flying:
                self._landed.set()
        self._wake.set()

    def _post(self, body: bytes) -> tuple[int, str]:
        how = self.behaviour
        url = how.url or ""
        signed = signed_headers(
            self._secret, "POST", how.public_url or url, body, timestamp=now_ms(), legacy=how.legacy
        )
        headers = {"Content-Type": "application/json", "Accept": "*/*", "User-Agent": "HubSpot Connect 2.0"} | signed
        timeout = urllib3.Timeout(total=how.timeout)
        try:
            answer = self._http.request("POST", url, body=body, headers=headers, timeout=timeout, redirect=False)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            return 0, type(error).__name__
        return answer.status, ""
