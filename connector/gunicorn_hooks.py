"""What gunicorn does before it forks its workers: load the application's modules once, for all of them.

The application itself is made in each worker, after the fork, so that no connection is shared. New code needs a new
master, not a reload (SIGHUP).
"""

from __future__ import annotations

import gc
import importlib
from typing import Any


def on_starting(_master: Any) -> None:
    """Load the modules, and keep the collector from walking through them, which would also unshare their memory."""
    gc.disable()
    importlib.import_module("connector.app")
    gc.enable()
    gc.freeze()
