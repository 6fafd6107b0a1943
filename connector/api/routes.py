"""All operations together: import this, and the blueprint has every one of them."""

from __future__ import annotations

from connector.api import document, install
from connector.api.frame import api

__all__ = ["api", "document", "install"]
