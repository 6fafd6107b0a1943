"""``make revision M="what changes"``: write a migration from the difference between tables in code and the last one."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from connector.store import migrate
from connector.store.base import Database


def main(message: str) -> None:
    if not message.strip():
        sys.exit('Say what changes: make revision M="add a column for ..."')
    with tempfile.TemporaryDirectory() as directory:
        database = Database(f"sqlite:///{Path(directory) / 'scratch.sqlite'}")
        if migrate.newest():
            migrate.upgrade(database)
        migrate.revise(database, message)
        database.close()
    print("Wrote a migration; read it, then commit it.")


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
