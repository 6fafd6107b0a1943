"""An install with an index to measure: the product's own database, keys and index, nothing else running."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from cryptography.fernet import Fernet

from connector.index import Index
from connector.store import installs, migrate
from connector.store.base import Database
from connector.store.seal import KEY_BYTES, KeyRing, Seal
from jobs.backfill import SLICES, STAGED
from rules.matching.ranking import Shortlist
from rules.model import Record

PAGE = 2_000
"""Accounts a page of a scan holds (Salesforce; HubSpot's are smaller)."""


@dataclass(frozen=True)
class Place:
    """A connected install without records."""

    database: Database
    install_id: str
    seal: Seal
    path: Path | None

    def fill(self, records: Iterable[Record], *, tell: Callable[[int, float], None] | None = None) -> float:
        """Index records as a backfill does; return how many seconds that took, reading them aside."""
        spent, done = 0.0, 0
        rest = iter(records)
        while page := list(islice(rest, PAGE)):
            begun = time.perf_counter()
            with self.database.read() as connection:
                prepared = Index(connection, self.install_id, self.seal).prepare(page)
            with self.database.write() as connection:
                Index(connection, self.install_id, self.seal).write(prepared, staged=True)
            self._merge(STAGED)
            spent += time.perf_counter() - begun
            done += len(page)
            if tell:
                tell(done, spent)
        begun = time.perf_counter()
        self._merge(0)
        return spent + time.perf_counter() - begun

    def _merge(self, most: int) -> None:
        with self.database.read() as connection:
            left = Index(connection, self.install_id, self.seal).staged
        while left > most:
            for _ in range(SLICES):
                with self.database.write() as connection:
                    left = Index(connection, self.install_id, self.seal).merge()
                if left <= most:
                    break

    def shortlists(self, leads: Sequence[Record]) -> dict[str, Shortlist]:
        """Return the accounts that leads may belong to, as a drain asks for them."""
        with self.database.read() as connection:
            return Index(connection, self.install_id, self.seal).accounts(leads)

    @property
    def size(self) -> int | None:
        """Return the bytes of the database, where it is a file."""
        if self.path is None:
            return None
        self.database.forget()
        return self.path.stat().st_size


@contextlib.contextmanager
def made(url: str | None = None) -> Iterator[Place]:
    """Make an install in the database at `url`, or in a SQLite file that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="switchyard-bench-") as folder:
        path = Path(folder) / "bench.db"
        database = Database(url or f"sqlite:///{path}")
        try:
            migrate.upgrade(database)
            keyring = KeyRing(Fernet.generate_key().decode())
            with database.write() as connection:
                install, _ = installs.connect(
                    connection,
                    crm="salesforce",
                    tenant_id=f"bench-{time.time_ns()}",
                    name="Bench",
                    base_url="https://bench.example",
                    scopes=frozenset({"api"}),
                    new_key=keyring.new_key(),
                    now=datetime.now(UTC),
                )
            # Always the same key: tags of two cities may agree by chance, and two runs are to find the same.
            yield Place(database, install.id, Seal(b"bench".ljust(KEY_BYTES, b".")), None if url else path)
        finally:
            database.close()
