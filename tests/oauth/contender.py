"""Another process that wants the same new token: ``python -m tests.oauth.contender <file>``.

The file is JSON: ``{settings, install, stale: [access token, base url], threads, die}``. It prints ``ready``, waits for
a line, then renews in that many threads and prints the access tokens it got. With `die` the process is killed between
the CRM's answer and the database.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from connector.crm import Token
from connector.settings import Settings
from connector.store import installs
from connector.store.base import Database
from connector.store.seal import KeyRing
from oauth.vault import Vault


class Doomed(Vault):
    """A vault whose process dies before it can store."""

    def keep(self, *_args: object, **_more: object) -> None:
        """Die as SIGKILL does: nothing is written, nothing is cleaned up."""
        os._exit(9)


def main() -> None:
    """Contend."""
    order = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    settings = Settings(**order["settings"])
    database = Database(settings.database)
    keyring = KeyRing(settings.encryption_keys.get_secret_value())
    kind = Doomed if order["die"] else Vault
    vault = kind(database, keyring, settings, lambda: datetime.now(UTC), holder=f"contender:{os.getpid()}")
    with database.read() as connection:
        install = installs.by_id(connection, order["install"])
    assert install is not None
    stale = Token(*order["stale"])
    print("ready", flush=True)
    sys.stdin.readline()
    with ThreadPoolExecutor(order["threads"]) as pool:
        asked = [pool.submit(vault.source(install).renew, stale) for _ in range(order["threads"])]
        print(json.dumps([each.result().access_token for each in asked]), flush=True)
    database.close()


if __name__ == "__main__":
    main()
